/** What ember's numbers mean: actions, a trace, words for people, and whether it is over. Pure. */
import type { Action, Frame, Trace } from 'pumice';
import { decodeActionNumbers, LLAMA3_VOCAB_SIZE, tokenOfBin } from 'pumice/codecs';
import type { Random } from '../shared/random.ts';
import type { EmberOutput } from './engine.ts';
import { HORIZON } from './input.ts';
import { AXES, type EmberModel } from './model.ts';
import type { Sentence } from './sentence.ts';

/** The frame that it was trained in: the foot of the arm, x forward, y left, z up. */
export const FRAME_ID = 'base';
/** Time between the actions of a chunk, ms: it was trained at 5 Hz. */
export const DT_MS = 200;
/** Opening from which on the hand opens. Both heads blur the moment of closing, and a hand half closed holds nothing. */
const OPEN_FROM = 0.5;

/** The numbers of each action of the chunk, `[4, 7]`. */
export const chunkOfNumbers = ({ action }: EmberOutput): number[][] => rows(action);

/** The same by way of tokens, as Magma says and decodes them; also the ids. */
export function chunkOfTokens({ bins }: EmberOutput, { stats }: EmberModel): { ids: number[][]; chunk: number[][] } {
  const ids = rows(bins).map((row) => row.map((bin) => tokenOfBin(bin, LLAMA3_VOCAB_SIZE)));
  return { ids, chunk: ids.map((seven) => decodeActionNumbers(seven, { vocabSize: LLAMA3_VOCAB_SIZE, stats })) };
}

const rows = (flat: readonly number[]): number[][] =>
  Array.from({ length: HORIZON }, (_, step) => flat.slice(AXES * step, AXES * (step + 1)));

/** One action of the chunk, moved a little at random. */
export function actionOf(numbers: readonly number[], ditherM: number, random: Random): Action {
  const [x, y, z, roll, pitch, yaw, grip] = numbers as [number, number, number, number, number, number, number];
  const dithered = (valueM: number) => valueM + ditherM * random.normal();
  return {
    kind: 'eef-delta',
    frameId: FRAME_ID,
    dPosM: [dithered(x), dithered(y), dithered(z)],
    dRpyRad: [roll, pitch, yaw],
    gripperOpen: grip > OPEN_FROM ? 1 : 0,
  };
}

/** Where it sees the target, and where that is to go: one trace in CSS pixels of the frame. */
export function traceOf({ points }: EmberOutput, { hasDestination }: Sentence, frame: Frame): Trace {
  const width = frame.cssWidthPx ?? frame.widthPx;
  const height = frame.cssHeightPx ?? frame.heightPx;
  const at = (from: number) => [points[from]! * width, points[from + 1]! * height] as const;
  return { markId: 1, pointsPx: hasDestination ? [at(0), at(2)] : [at(0)], stepMs: DT_MS };
}

/** What it sees and holds likely, in one line. */
export function thoughtOf(output: EmberOutput, sentence: Sentence, { pointsPx: [target, destination] }: Trace): string {
  const place = ([x, y]: readonly [number, number]) => `(${Math.round(x)}, ${Math.round(y)})`;
  const words = sentence.unknown.map((word) => `'${word}'`).join(', ');
  const parts = [
    `target at ${place(target!)}${destination ? `, destination ${place(destination)}` : ''}`,
    `done ${output.done.toFixed(2)}, cannot ${output.cannot.toFixed(2)}`,
    ...(sentence.unknown.length > 0 ? [`does not know ${words}`] : []),
    ...(sentence.cut.length > 0 ? [`does not read from '${sentence.cut[0]}' on`] : []),
  ];
  return parts.join('; ');
}

/** Probability from which on ember says so. */
const SURE = 0.5;
/** Looks in a row that must say so. One more than a judge of the tasks wants to see the goal held. */
const SURE_LOOKS = 4;

/** Counts looks that say that it is over. One look may err; an episode that was ended is not begun again. */
export function createEnding() {
  let [done, cannot] = [0, 0];
  let of = '';
  return {
    clear: () => {
      [done, cannot, of] = [0, 0, ''];
    },
    /** @param instruction - another one than before begins the count anew. */
    look: (output: EmberOutput, instruction: string): Action | undefined => {
      if (instruction !== of) [done, cannot, of] = [0, 0, instruction];
      done = output.done > SURE ? done + 1 : 0;
      cannot = output.cannot > SURE ? cannot + 1 : 0;
      if (done >= SURE_LOOKS) return { kind: 'done', outcome: 'success' };
      if (cannot < SURE_LOOKS) return undefined;
      const answer = `ember sees nothing that '${instruction}' could mean (${SURE_LOOKS} looks, the last ${output.cannot.toFixed(2)} sure)`;
      return { kind: 'done', outcome: 'failure', answer };
    },
  };
}
