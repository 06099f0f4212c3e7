/**
 * Arrays in JSON as Python's `json_numpy` 1.0 writes them, `{"__numpy__": base64, "dtype": "|u1", "shape": [h, w, 3]}`: pictures are
 * sent so, and numbers come back so. Pure.
 */
import { z } from 'zod';

const arraySchema = z.object({
  __numpy__: z.string(),
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
});

/** Bytes as an array of `uint8`. */
export const numpyBytes = (data: Uint8Array, shape: readonly number[]) => ({
  __numpy__: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
  dtype: '|u1',
  shape,
});

const READ: Readonly<Record<string, readonly [bytes: number, read: (view: DataView, at: number) => number]>> = {
  '<f8': [8, (view, at) => view.getFloat64(at, true)],
  '<f4': [4, (view, at) => view.getFloat32(at, true)],
  '<i8': [8, (view, at) => Number(view.getBigInt64(at, true))],
  '<i4': [4, (view, at) => view.getInt32(at, true)],
  '|u1': [1, (view, at) => view.getUint8(at)],
};

/** The numbers of an array, flat; also of a plain list. Undefined for what is neither. */
export function numbersOf(value: unknown): number[] | undefined {
  const list = z.array(z.number()).safeParse(value);
  if (list.success) return list.data;
  const parsed = arraySchema.safeParse(value);
  const form = parsed.success ? READ[parsed.data.dtype] : undefined;
  if (!parsed.success || !form) return undefined;
  const bytes = Buffer.from(parsed.data.__numpy__, 'base64');
  const [size, read] = form;
  const count = parsed.data.shape.reduce((product, side) => product * side, 1);
  if (bytes.length !== count * size) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: count }, (_, at) => read(view, at * size));
}
