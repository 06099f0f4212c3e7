/**
 * Messages in msgpack in which an array is a map, `{ "__ndarray__": true, "data", "dtype", "shape" }`, of openpi's wire and of vla-eval's. Pure.
 * Forms: Physical-Intelligence/openpi, packages/openpi-client, msgpack_numpy.py, whose reader takes such keys as bytes alone; and PyPI `vla-eval`
 * 0.8.0, protocol/numpy_codec.py, whose reader takes them as text alone.
 */
import { Packr, Unpackr } from 'msgpackr';
import { type NumpyArray, numpyArray } from './json-numpy.ts';

/** What may be sent: texts, numbers, arrays, and maps of these. */
export type Sendable = string | number | boolean | SentArray | SentMap;
export interface SentMap {
  readonly [name: string]: Sendable;
}
export interface SentArray {
  readonly data: Uint8Array | Float32Array;
  readonly shape: readonly number[];
}

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ mapsAsObjects: false, useRecords: false });
/** How the fields of an array are named. */
type ArrayKeys = 'bytes' | 'text';

const isArray = (value: SentArray | SentMap): value is SentArray => ArrayBuffer.isView(value.data);
const arrayMap = ({ data, shape }: SentArray, keys: ArrayKeys) => {
  const key = (text: string) => (keys === 'bytes' ? Buffer.from(text) : text);
  return new Map<Buffer | string, unknown>([
    [key('__ndarray__'), true],
    [key('data'), Buffer.from(data.buffer, data.byteOffset, data.byteLength)],
    [key('dtype'), data instanceof Float32Array ? '<f4' : '|u1'],
    [key('shape'), [...shape]],
  ]);
};

const mapOf = (message: SentMap, keys: ArrayKeys): Map<string, unknown> =>
  new Map(
    Object.entries(message).map(([name, value]): [string, unknown] => {
      if (typeof value !== 'object') return [name, value];
      return [name, isArray(value) ? arrayMap(value, keys) : mapOf(value, keys)];
    }),
  );

export const packed = (message: SentMap, keys: ArrayKeys = 'bytes'): Buffer => packr.pack(mapOf(message, keys));

/** What came: maps by text, arrays as numbers. Bytes that are no key stay bytes. */
export type Received =
  | string
  | number
  | boolean
  | bigint
  | null
  | undefined
  | Uint8Array
  | NumpyArray
  | Received[]
  | ReceivedMap;
export interface ReceivedMap {
  readonly [name: string]: Received;
}

/** @returns nothing for bytes that are no message. */
export function unpacked(bytes: Uint8Array): Received {
  try {
    return plain(unpackr.unpack(bytes));
  } catch {
    return undefined;
  }
}

const textOf = (name: unknown): string => (name instanceof Uint8Array ? Buffer.from(name).toString() : String(name));

function plain(value: unknown): Received {
  if (Array.isArray(value)) return value.map(plain);
  // Of other objects there are none on this wire: dates, extensions, a byte that is no type.
  if (typeof value === 'object' && value !== null && !(value instanceof Map) && !(value instanceof Uint8Array))
    return undefined;
  if (!(value instanceof Map)) return value as Received;
  const fields = new Map([...value].map(([name, held]) => [textOf(name), held]));
  if (fields.get('__npgeneric__') === true) return fields.get('data') as number;
  if (fields.get('__ndarray__') === true) {
    const data = fields.get('data');
    return data instanceof Uint8Array ? numpyArray(data, textOf(fields.get('dtype')), fields.get('shape')) : undefined;
  }
  return Object.fromEntries([...fields].map(([name, held]) => [name, plain(held)]));
}

export const isNumpy = (value: Received): value is NumpyArray =>
  typeof value === 'object' && value !== null && 'values' in value && 'shape' in value;

export const isMap = (value: Received): value is ReceivedMap =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Uint8Array) &&
  !isNumpy(value);
