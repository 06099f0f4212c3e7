/**
 * A model with ember's inputs and outputs in 4 kB: every output is a sum of weighted inputs. Written as ONNX (opset 17) by hand, so that no
 * test needs Python or trained weights. The mean colour of the picture steers it: see `WEIGHTS`.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TRAINED_WORDS } from 'pumice/envs/sim';

/** Mean colour 0..255, mean token, proprioception. */
const FEATURES = ['red', 'green', 'blue', 'token', 'x', 'y', 'z', 'sin', 'cos', 'tilt1', 'tilt2', 'open'] as const;
type Weights = Partial<Record<(typeof FEATURES)[number] | 'bias', number>>;

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
/** A red picture cannot be done, a blue one is done, a green one opens the hand; the target is at (red, green). */
const WEIGHTS = {
  action: chunk(ACTION),
  bins: chunk(BINS),
  points: [{ red: 1 / 255 }, { green: 1 / 255 }, { bias: 0.25 }, { bias: 0.75 }],
  done: [{ blue: 1, bias: -200 }],
  cannot: [{ red: 1, bias: -200 }],
} satisfies Record<string, Weights[]>;
const SHAPES = { action: [1, 4, 7], bins: [1, 4, 7], points: [1, 2, 2], done: [1], cannot: [1] } as const;
type Output = keyof typeof WEIGHTS;
const OUTPUTS = Object.keys(WEIGHTS) as Output[];

export const SCALE = [0.05, 0.05, 0.045, 0.2, 0.2, 0.25, 0.5];
export const OFFSET = [0, 0, 0, 0, 0, 0, 0.5];
export const VOCABULARY = ['<pad>', '<unknown>', ...TRAINED_WORDS];

/** Puts a model into a folder, as the training program and its card do. */
export function writeTinyEmber(
  folder: string,
  { outputs = OUTPUTS }: { readonly outputs?: readonly Output[] } = {},
): string {
  const weights = tinyOnnx(outputs);
  const sha256 = createHash('sha256').update(weights).digest('hex');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'ember.onnx'), weights);
  writeFileSync(join(folder, 'vocabulary.json'), JSON.stringify(VOCABULARY));
  writeFileSync(join(folder, 'stats.json'), JSON.stringify({ scale: SCALE, offset: OFFSET }));
  writeFileSync(join(folder, 'ember.json'), JSON.stringify({ weights: { bytes: weights.length, sha256 } }));
  return folder;
}

// Protocol buffers, and the messages of onnx.proto3 that are needed, by field number.

const FLOAT = 1;
const UINT8 = 2;
const INT64 = 7;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_INTS = 7;

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
const int = (field: number, value: number) => Buffer.from([...varint(field * 8), ...varint(value)]);
const bytes = (field: number, ...parts: readonly (Uint8Array | string)[]) => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array)));
  return Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(body.length)]), body]);
};

const attribute = (name: string, value: number | readonly number[]) =>
  typeof value === 'number'
    ? bytes(5, bytes(1, name), int(3, value), int(20, ATTRIBUTE_INT))
    : bytes(5, bytes(1, name), ...value.map((one) => int(8, one)), int(20, ATTRIBUTE_INTS));
const node = (
  kind: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Record<string, number | number[]> = {},
) =>
  bytes(
    1,
    ...inputs.map((name) => bytes(1, name)),
    ...outputs.map((name) => bytes(2, name)),
    bytes(4, kind),
    ...Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  );
const tensor = (name: string, type: number, shape: readonly number[], data: Float32Array | BigInt64Array) =>
  bytes(5, ...shape.map((size) => int(1, size)), int(2, type), bytes(8, name), bytes(9, new Uint8Array(data.buffer)));
const integers = (name: string, values: readonly number[]) =>
  tensor(name, INT64, [values.length], BigInt64Array.from(values, BigInt));
const value = (field: number, name: string, type: number, shape: readonly number[]) =>
  bytes(
    field,
    bytes(1, name),
    bytes(2, bytes(1, int(1, type), bytes(2, ...shape.map((size) => bytes(1, int(1, size)))))),
  );

function tinyOnnx(outputs: readonly Output[]): Buffer {
  const columns = OUTPUTS.flatMap((name): readonly Weights[] => WEIGHTS[name]);
  const matrix = Float32Array.from(FEATURES.flatMap((feature) => columns.map((column) => column[feature] ?? 0)));
  const graph = [
    node('Cast', ['image'], ['pixels'], { to: FLOAT }),
    node('ReduceMean', ['pixels'], ['colour'], { axes: [1, 2], keepdims: 0 }),
    node('Cast', ['tokens'], ['numbers'], { to: FLOAT }),
    node('ReduceMean', ['numbers'], ['token'], { axes: [1], keepdims: 1 }),
    node('Concat', ['colour', 'token', 'proprio'], ['features'], { axis: 1 }),
    node('Gemm', ['features', 'matrix', 'bias'], ['sums']),
    node(
      'Split',
      ['sums', 'sizes'],
      OUTPUTS.map((name) => `${name}-sums`),
      { axis: 1 },
    ),
    ...outputs.flatMap((name) => {
      const isSure = name === 'done' || name === 'cannot';
      const last = isSure
        ? node('Sigmoid', [`${name}-shaped`], [name])
        : node('Cast', [`${name}-shaped`], [name], { to: typeOf(name) });
      return [node('Reshape', [`${name}-sums`, `${name}-shape`], [`${name}-shaped`]), last];
    }),
    bytes(2, 'tiny'),
    tensor('matrix', FLOAT, [FEATURES.length, columns.length], matrix),
    tensor(
      'bias',
      FLOAT,
      [columns.length],
      Float32Array.from(columns, ({ bias = 0 }) => bias),
    ),
    integers(
      'sizes',
      OUTPUTS.map((name) => WEIGHTS[name].length),
    ),
    ...outputs.map((name) => integers(`${name}-shape`, SHAPES[name])),
    value(11, 'image', UINT8, [1, 128, 128, 3]),
    value(11, 'tokens', INT64, [1, 20]),
    value(11, 'proprio', FLOAT, [1, 8]),
    ...outputs.map((name) => value(12, name, typeOf(name), SHAPES[name])),
  ];
  return Buffer.concat([int(1, 8), bytes(7, ...graph), bytes(8, bytes(1, ''), int(2, 17))]);
}
const typeOf = (name: Output) => (name === 'bins' ? INT64 : FLOAT);
