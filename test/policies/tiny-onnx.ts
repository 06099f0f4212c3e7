/**
 * Networks of some kB in which every output is a sum of weighted inputs. Written as ONNX (opset 17) by hand, so that no test needs Python
 * or trained weights. Of a picture they see the mean colour, of a sentence the mean token.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Mean colour 0..255 and mean token; of the other inputs each number by its name. */
export type Weights = Readonly<Record<string, number>>;

export interface TinyInput {
  readonly name: string;
  readonly shape: readonly number[];
  /** What its numbers are called in weights. */
  readonly features: readonly string[];
}
export interface TinyOutput {
  readonly name: string;
  readonly shape: readonly number[];
  readonly weights: readonly Weights[];
  /** A sigmoid of the sum, or whole numbers; the sum itself without. */
  readonly as?: 'probability' | 'integers';
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

export function tinyOnnx(inputs: readonly TinyInput[], outputs: readonly TinyOutput[]): Buffer {
  const features = ['red', 'green', 'blue', 'token', ...inputs.flatMap((input) => input.features)];
  const columns = outputs.flatMap(({ weights }) => weights);
  const matrix = Float32Array.from(features.flatMap((feature) => columns.map((column) => column[feature] ?? 0)));
  const graph = [
    node('Cast', ['image'], ['pixels'], { to: FLOAT }),
    node('ReduceMean', ['pixels'], ['colour'], { axes: [1, 2], keepdims: 0 }),
    node('Cast', ['tokens'], ['numbers'], { to: FLOAT }),
    node('ReduceMean', ['numbers'], ['token'], { axes: [1], keepdims: 1 }),
    ...inputs.map(({ name }) => node('Flatten', [name], [`${name}-flat`], { axis: 1 })),
    node('Concat', ['colour', 'token', ...inputs.map(({ name }) => `${name}-flat`)], ['features'], { axis: 1 }),
    node('Gemm', ['features', 'matrix', 'bias'], ['sums']),
    node(
      'Split',
      ['sums', 'sizes'],
      outputs.map(({ name }) => `${name}-sums`),
      { axis: 1 },
    ),
    ...outputs.flatMap((output) => {
      const { name, as } = output;
      const last =
        as === 'probability'
          ? node('Sigmoid', [`${name}-shaped`], [name])
          : node('Cast', [`${name}-shaped`], [name], { to: typeOf(output) });
      return [node('Reshape', [`${name}-sums`, `${name}-shape`], [`${name}-shaped`]), last];
    }),
    bytes(2, 'tiny'),
    tensor('matrix', FLOAT, [features.length, columns.length], matrix),
    tensor(
      'bias',
      FLOAT,
      [columns.length],
      Float32Array.from(columns, ({ bias = 0 }) => bias),
    ),
    integers(
      'sizes',
      outputs.map(({ weights }) => weights.length),
    ),
    ...outputs.map(({ name, shape }) => integers(`${name}-shape`, shape)),
    value(11, 'image', UINT8, [1, 128, 128, 3]),
    value(11, 'tokens', INT64, [1, 20]),
    ...inputs.map(({ name, shape }) => value(11, name, FLOAT, shape)),
    ...outputs.map((output) => value(12, output.name, typeOf(output), output.shape)),
  ];
  return Buffer.concat([int(1, 8), bytes(7, ...graph), bytes(8, bytes(1, ''), int(2, 17))]);
}
const typeOf = ({ as }: TinyOutput) => (as === 'integers' ? INT64 : FLOAT);

/** Puts weights into a folder, with a card of them and further files of JSON beside. */
export function writeTinyModel(
  folder: string,
  name: string,
  weights: Uint8Array,
  { card = {}, ...others }: { readonly card?: object } & Readonly<Record<string, unknown>>,
): string {
  const sha256 = createHash('sha256').update(weights).digest('hex');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.onnx`), weights);
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ weights: { bytes: weights.length, sha256 }, ...card }));
  for (const [file, value] of Object.entries(others))
    writeFileSync(join(folder, `${file}.json`), JSON.stringify(value));
  return folder;
}
