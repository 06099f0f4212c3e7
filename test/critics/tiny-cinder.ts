/** A model with cinder's inputs and outputs (`tiny-onnx.ts`): what it says no to is written in `HAZARDS`. */
import { TRAINED_WORDS } from 'pumice/envs/sim';
import { tinyOnnx, type Weights, writeTinyModel } from '../policies/tiny-onnx.ts';

const AXES = ['dx', 'dy', 'dz', 'droll', 'dpitch', 'dyaw', 'grip'];
const features = [0, 1, 2, 3].flatMap((step) => AXES.map((axis) => `${axis}${step}`));
const sum = (axis: string, weight: number): Weights =>
  Object.fromEntries([0, 1, 2, 3].map((step) => [`${axis}${step}`, weight]));

/** Each a logit: a blue picture is the wrong thing; down by more than 5 cm hits; forward by more than 10 cm leaves; a red picture has nothing of it. */
const HAZARDS: readonly Weights[] = [
  { blue: 1, bias: -200 },
  { ...sum('dz', -200), bias: -10 },
  { ...sum('dx', 200), commandedX: 0, bias: -20 },
  { red: 1, bias: -200 },
];
/** Sums of what is above: any of it, far enough, is a no. A hand that turns or shuts makes it unsure. */
const ANY: Weights = {
  ...sum('dz', -200),
  ...sum('dx', 100),
  ...sum('dyaw', 1),
  blue: 0.5,
  red: 0.5,
  bias: -65,
};
export const THRESHOLD = 0.4;
const INPUTS = [
  { name: 'proprio', shape: [1, 8], features: ['x', 'y', 'z', 'sin', 'cos', 'tilt1', 'tilt2', 'open'] },
  { name: 'commanded', shape: [1, 3], features: ['commandedX', 'commandedY', 'commandedZ'] },
  { name: 'chunk', shape: [1, 4, 7], features },
];

/** Puts a model into a folder, as the training program does. `any` replaces the weights of its score. */
export const writeTinyCinder = (
  folder: string,
  { any = ANY, card = {} }: { readonly any?: Weights; readonly card?: object } = {},
): string =>
  writeTinyModel(
    folder,
    'cinder',
    tinyOnnx(INPUTS, [
      { name: 'hazards', shape: [1, 4], weights: HAZARDS, as: 'probability' },
      { name: 'any', shape: [1], weights: [any], as: 'probability' },
    ]),
    {
      vocabulary: ['<pad>', '<unknown>', ...TRAINED_WORDS],
      card: { hazards: ['wrong-object', 'collision', 'off-table', 'infeasible'], threshold: THRESHOLD, ...card },
    },
  );
