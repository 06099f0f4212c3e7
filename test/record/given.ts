/** What the tests of records share. */
import { stat } from 'node:fs/promises';
import { PumiceError } from '../../src/errors.ts';
import { recorder } from '../../src/record/index.ts';
import type { StepRecord } from '../../src/types.ts';
import { sampleEnd, sampleFacts } from './sample.ts';

/** Records an episode and answers the size of the file after each step. */
export async function record(path: string, steps: readonly StepRecord[]): Promise<readonly number[]> {
  const sink = recorder({ file: path });
  await sink.open!(sampleFacts);
  const sizes: number[] = [];
  for (const step of steps) {
    await sink.write(step);
    sizes.push((await stat(path)).size);
  }
  await sink.close(sampleEnd);
  return sizes;
}

/** Pictures compared as plain arrays of bytes, wherever their memory comes from. */
export const comparable = (steps: readonly StepRecord[]): unknown =>
  JSON.parse(
    JSON.stringify(steps, (_key, value) => {
      if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
      return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
    }),
  );

/** The error of work that must fail with one of ours. */
export async function codeOf(work: Promise<unknown>): Promise<PumiceError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!PumiceError.is(error)) throw new Error(`expected a PumiceError, got ${String(error)}`);
  return error;
}
