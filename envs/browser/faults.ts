/** Tells mistakes of ours from what a page or a browser does: pages go, hang and crash at any moment. */
import { PumiceError } from '../../src/errors.ts';

/** Whether an error is no page's doing: a mistake in the code, or one that was named already. */
export const isOurFault = (error: unknown): boolean =>
  PumiceError.is(error)
    ? error.code !== 'browser/protocol'
    : error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
