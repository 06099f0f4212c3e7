/**
 * Bounds on what another process may take: no call to a page outlives its signal or its cap.
 */
import { sleep } from '../../src/clock.ts';
import { PumiceError } from '../../src/errors.ts';

export interface Bound {
  readonly signal?: AbortSignal | undefined;
  readonly capMs: number;
}

/**
 * The answer of `work`, or a rejection as soon as the signal is aborted or `capMs` is over. The work itself goes on unheard.
 *
 * @throws the signal's reason; PumiceError `browser/protocol` when late.
 */
export async function bounded<T>(what: string, work: Promise<T>, { signal, capMs }: Bound): Promise<T> {
  // Its failure may come after we stopped listening.
  work.catch(() => {});
  signal?.throwIfAborted();
  const over = new AbortController();
  const abort = () => over.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const late = sleep(capMs, over.signal).then(() => {
    throw new PumiceError('browser/protocol', `expected ${what} within ${capMs} ms, got no answer`, {
      who: 'env browser',
      hint: 'Check whether the page is blocked by a script or a dialog',
      retryable: true,
    });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    signal?.removeEventListener('abort', abort);
    over.abort();
    late.catch(() => {});
  }
}

/** As `bounded`, but answers `undefined` when the work failed or was late. Only the signal makes it throw. */
export async function boundedOr<T>(work: Promise<T>, bound: Bound): Promise<T | undefined> {
  try {
    return await bounded('an answer', work, bound);
  } catch {
    bound.signal?.throwIfAborted();
    return undefined;
  }
}
