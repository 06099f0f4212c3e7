/** Arrays in JSON as PyPI `json-numpy` writes them: `{ "__numpy__": base64 of the bytes, "dtype": "<f8", "shape": [7] }`. Pure. */

export interface NumpyArray {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

interface Kind {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
}
const little = true;
/** What models answer with. Big-endian, objects and complex numbers are none of it. */
const KINDS: Readonly<Record<string, Kind>> = {
  '|u1': { bytes: 1, read: (view, at) => view.getUint8(at) },
  '|i1': { bytes: 1, read: (view, at) => view.getInt8(at) },
  '<i2': { bytes: 2, read: (view, at) => view.getInt16(at, little) },
  '<i4': { bytes: 4, read: (view, at) => view.getInt32(at, little) },
  '<i8': { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, little)) },
  '<f4': { bytes: 4, read: (view, at) => view.getFloat32(at, little) },
  '<f8': { bytes: 8, read: (view, at) => view.getFloat64(at, little) },
};

/** The numbers of raw bytes in C order; nothing for a type that is not known, or where bytes and shape do not fit each other. */
export function numpyArray(bytes: Uint8Array, dtype: unknown, shape: unknown): NumpyArray | undefined {
  const kind = typeof dtype === 'string' ? KINDS[dtype] : undefined;
  if (!kind || !Array.isArray(shape) || !shape.every((side) => Number.isInteger(side) && side >= 0)) return undefined;
  const count = shape.reduce((product: number, side: number) => product * side, 1);
  if (count * kind.bytes !== bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // A picture has 200,000 of them, for which `Array.from` takes some five times as long.
  const values = new Array<number>(count);
  for (let at = 0; at < count; at += 1) values[at] = kind.read(view, at * kind.bytes);
  return { shape, values };
}

/** An array as it came, or a plain list of numbers. */
export function arrayIn(value: unknown): NumpyArray | undefined {
  if (Array.isArray(value))
    return value.every((one) => typeof one === 'number') ? { shape: [value.length], values: value } : undefined;
  if (typeof value !== 'object' || value === null || !('__numpy__' in value)) return undefined;
  const { __numpy__: data, dtype, shape } = value as { __numpy__: unknown; dtype?: unknown; shape?: unknown };
  if (typeof data !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(data)) return undefined;
  return numpyArray(Buffer.from(data, 'base64'), dtype, shape);
}
