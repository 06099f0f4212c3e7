/** A model with cinder's inputs and outputs (`tiny-onnx.ts`): what it says no to is written in `HAZARDS`. */
import { TRAINED_WORDS } from 'pumice/envs/sim';
import { tinyOnnx, type Weights, writeTinyModel } from '../policies/tiny-onnx.ts';

const AXES = ['dx', 'dy', 'dz', 'droll', 'dpitch', 'dyaw', 'grip'];
const features = [0, 1, 2, 3].flatMap((step) => AXES.map((axis) => `${axis}${step}`));
const sum = (axis: string, weight: number): Weights =>
  Object.fromEntries([0, 1, 2, 3].map((step) => [`${axis}${step}`, weight]));

/** Each a logit: a blue picture is the wrong thing; down by more than 2.5 cm hits; forward by more than 5 cm leaves; of red there is nothing. */
const HAZARDS: readonly Weights[] = [
  { blue: 1, bias: -200 },
  { ...sum('dz', -400), bias: -10 },
  { ...sum('dx', 400), bias: -20 },
  { red: 1, bias: -200 },
];
/** Any of them. Where the tool is, how it turns and what the hand does makes it a little less sure. */
const ANY: Weights = {
  ...sum('dz', -200),
  ...sum('dx', 100),
  ...sum('dyaw', 2),
  ...sum('grip', 0.1),
  ...{ red: 0.3, blue: 0.3, token: 0.01, y: 5, open: 1, commandedY: 10, bias: -66 },
};
/** The same of the motions alone, for pictures of the scene. */
export const MOTIONS: Weights = { ...sum('dz', -200), ...sum('dx', 100), bias: -3 };
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
