/**
 * Asks the model that is being trained: one question a step over the standard streams, answered by `train.py`, which puts the
 * questions of all processes into one batch on the GPU. Blocking: a rollout has nothing else to do meanwhile.
 */
import { readSync, writeSync } from 'node:fs';
import { HORIZON, MOST_WORDS, NO_PROPRIO, PICTURE_PX } from '../input.ts';

const PICTURE_BYTES = PICTURE_PX * PICTURE_PX * 3;
/** A question: the picture, proprioception, tokens as floats. */
export const QUESTION_BYTES = PICTURE_BYTES + 4 * (NO_PROPRIO.length + MOST_WORDS);
/** An answer: two chunks (of numbers, of tokens), two points, done, cannot. */
const ANSWER_FLOATS = 2 * HORIZON * 7 + 4 + 2;

export interface StudentAnswer {
  readonly chunk: readonly (readonly number[])[];
  readonly tokenChunk: readonly (readonly number[])[];
  readonly pointsNorm: readonly number[];
  readonly done: number;
  readonly cannot: number;
}

/** @returns undefined when nobody answers any more. */
export function askStudent(picture: Uint8Array, proprio: readonly number[], tokens: readonly number[]) {
  const question = Buffer.alloc(QUESTION_BYTES);
  question.set(picture);
  for (const [at, value] of [...proprio, ...tokens].entries()) question.writeFloatLE(value, PICTURE_BYTES + 4 * at);
  for (let sent = 0; sent < question.length; ) sent += writeSync(1, question, sent);
  const answer = Buffer.alloc(4 * ANSWER_FLOATS);
  for (let got = 0; got < answer.length; ) {
    const more = readSync(0, answer, got, answer.length - got, null);
    if (more === 0) return undefined;
    got += more;
  }
  const floats = Array.from({ length: ANSWER_FLOATS }, (_, at) => answer.readFloatLE(4 * at));
  const chunkAt = (from: number) =>
    Array.from({ length: HORIZON }, (_, step) => floats.slice(from + 7 * step, from + 7 * (step + 1)));
  const rest = 2 * HORIZON * 7;
  return {
    chunk: chunkAt(0),
    tokenChunk: chunkAt(HORIZON * 7),
    pointsNorm: floats.slice(rest, rest + 4),
    done: floats[rest + 4]!,
    cannot: floats[rest + 5]!,
  } satisfies StudentAnswer;
}
