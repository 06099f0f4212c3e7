/** Writes CBOR (RFC 8949) as the canonical bridge does: whole maps, byte strings, and doubles in typed arrays (RFC 8746, tag 86). */
import type { Value } from './types.ts';

const BYTES = 2;
const TEXT = 3;
const LIST = 4;
const MAP = 5;
const TAG = 6;
const FLOAT64_LITTLE_ENDIAN = 86;

function head(major: number, count: number): Buffer {
  if (count < 24) return Buffer.from([(major << 5) | count]);
  if (count < 256) return Buffer.from([(major << 5) | 24, count]);
  const long = Buffer.alloc(5);
  long[0] = (major << 5) | 26;
  long.writeUInt32BE(count, 1);
  return long;
}

const float = (value: number): Buffer => {
  const bytes = Buffer.alloc(9);
  bytes[0] = (7 << 5) | 27;
  bytes.writeDoubleBE(value, 1);
  return bytes;
};

export function cbor(value: Value | undefined): Buffer {
  if (value instanceof Uint8Array) return Buffer.concat([head(BYTES, value.length), value]);
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    return Buffer.concat([head(TEXT, text.length), text]);
  }
  if (typeof value === 'boolean') return Buffer.from([value ? 0xf5 : 0xf4]);
  if (typeof value === 'number')
    return Number.isInteger(value) && value >= 0 && value < 2 ** 32 ? head(0, value) : float(value);
  if (Array.isArray(value)) {
    if (value.length > 0 && value.every((item) => typeof item === 'number')) {
      const bytes = Buffer.from(Float64Array.from(value).buffer);
      return Buffer.concat([head(TAG, FLOAT64_LITTLE_ENDIAN), head(BYTES, bytes.length), bytes]);
    }
    return Buffer.concat([head(LIST, value.length), ...value.map(cbor)]);
  }
  const entries = Object.entries(value ?? {});
  return Buffer.concat([head(MAP, entries.length), ...entries.flatMap(([key, inner]) => [cbor(key), cbor(inner)])]);
}
