/** A model with ember's inputs and outputs (`tiny-onnx.ts`). The mean colour of the picture steers it: see `OUTPUTS`. */
import { TRAINED_WORDS } from 'pumice/envs/sim';
import { type TinyOutput, tinyOnnx, type Weights, writeTinyModel } from './tiny-onnx.ts';

/** Each number of a chunk, by step. */
const ACTION: readonly ((step: number) => Weights)[] = [
  (step) => ({ bias: 0.01 * (step + 1) }),
  () => ({ y: 0.1 }),
  () => ({ token: 0.001 }),
  () => ({}),
  () => ({}),
  () => ({ sin: 0.1 }),
  () => ({ green: 1 / 255 }),
];
const BINS: readonly ((step: number) => Weights)[] = [
  (step) => ({ bias: 127 + 10 * (step + 1) }),
  ...Array(5).fill(() => ({ bias: 127 })),
  () => ({ green: 254 / 255 }),
];
const chunk = (axes: readonly ((step: number) => Weights)[]) =>
  [0, 1, 2, 3].flatMap((step) => axes.map((axis) => axis(step)));
const PROPRIO = {
  name: 'proprio',
  shape: [1, 8],
  features: ['x', 'y', 'z', 'sin', 'cos', 'tilt1', 'tilt2', 'open'],
};
/** A red picture cannot be done, a blue one is done, a green one opens the hand; the target is at (red, green). */
const OUTPUTS: readonly TinyOutput[] = [
  { name: 'action', shape: [1, 4, 7], weights: chunk(ACTION) },
  { name: 'bins', shape: [1, 4, 7], weights: chunk(BINS), as: 'integers' },
  { name: 'points', shape: [1, 2, 2], weights: [{ red: 1 / 255 }, { green: 1 / 255 }, { bias: 0.25 }, { bias: 0.75 }] },
  { name: 'done', shape: [1], weights: [{ blue: 1, bias: -200 }], as: 'probability' },
  { name: 'cannot', shape: [1], weights: [{ red: 1, bias: -200 }], as: 'probability' },
];

export const SCALE = [0.05, 0.05, 0.045, 0.2, 0.2, 0.25, 0.5];
export const OFFSET = [0, 0, 0, 0, 0, 0, 0.5];
export const VOCABULARY = ['<pad>', '<unknown>', ...TRAINED_WORDS];

/** Puts a model into a folder, as the training program and its card do. */
export const writeTinyEmber = (folder: string, { without }: { readonly without?: string } = {}): string =>
  writeTinyModel(
    folder,
    'ember',
    tinyOnnx(
      [PROPRIO],
      OUTPUTS.filter(({ name }) => name !== without),
    ),
    { vocabulary: VOCABULARY, stats: { scale: SCALE, offset: OFFSET } },
  );
