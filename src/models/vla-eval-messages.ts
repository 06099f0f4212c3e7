/**
 * Messages of vla-eval's wire: `{ type, payload, seq, timestamp }` in msgpack, arrays with keys of text, pictures as PNG unless told otherwise.
 * Knows no connection. Form: PyPI `vla-eval` 0.8.0, protocol/messages.py, numpy_codec.py, image_codec.py.
 */
import { monotonicNowMs, wallMs } from '../clock.ts';
import type { RawImage } from '../vision/index.ts';
import { type NumpyArray, numpyArray } from './json-numpy.ts';
import { isMap, isNumpy, packed, type Received, type ReceivedMap, type SentMap, unpacked } from './msgpack-numpy.ts';

/** What a client of the wire sends. */
const CLIENT_TYPES = ['hello', 'episode_start', 'observation', 'episode_end', 'error'] as const;

export interface VlaEvalMessage {
  readonly type: (typeof CLIENT_TYPES)[number];
  readonly payload: ReceivedMap;
  /** Counts up; an answer has that of its question. */
  readonly seq: number;
}

/** @returns the message of a client, or in words why it is none. */
export function readMessage(bytes: Uint8Array): VlaEvalMessage | string {
  const message = unpacked(bytes);
  if (!isMap(message)) return `expected a map in msgpack, got ${bytes.length} bytes that are none`;
  const missing = ['type', 'payload', 'seq', 'timestamp'].filter((field) => !Object.hasOwn(message, field));
  if (missing.length > 0) return `expected type, payload, seq and timestamp, got none as ${missing.join(', ')}`;
  const { payload, seq, timestamp } = message;
  const type = CLIENT_TYPES.find((known) => known === message.type);
  if (!type) return `expected one of ${CLIENT_TYPES.join(', ')} as type, got ${JSON.stringify(message.type)}`;
  if (!isMap(payload)) return `expected a map as the payload of ${type}, got ${kindOf(payload)}`;
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 0)
    return `expected a whole number from 0 as seq, got ${typeof seq === 'number' ? seq : kindOf(seq)}`;
  if (typeof timestamp !== 'number' || !Number.isFinite(timestamp))
    return `expected seconds as timestamp, got ${kindOf(timestamp)}`;
  return { type, payload, seq };
}

/** @param seq - of the message that is answered. */
export const writeMessage = (
  type: 'hello' | 'action' | 'error',
  payload: SentMap,
  seq: number,
  timestampS = wallMs(monotonicNowMs()) / 1000,
): Buffer => packed({ type, payload, seq, timestamp: timestampS }, 'text');

/** Of one picture. Chosen: four times what a camera of a benchmark has. */
const MOST_PIXELS = 2048 * 2048;

/** The pixels of a picture `[height, width, 3]` in RGB; nothing for what is none, or is another one than it says. */
export async function readPicture(sent: Received): Promise<RawImage | undefined> {
  if (isNumpy(sent)) return pixelsOf(sent);
  if (!isMap(sent) || sent.__image__ !== true || !(sent.data instanceof Uint8Array)) return undefined;
  const { data, format, dtype, shape } = sent;
  if (format === 'raw') {
    const array = numpyArray(data, dtype, shape);
    return array && pixelsOf(array);
  }
  const [heightPx, widthPx, channels] = Array.isArray(shape) ? shape : [];
  if ((format !== 'png' && format !== 'jpeg') || channels !== 3) return undefined;
  const { decodeImage } = await import('../vision/index.ts');
  const image = await decodeImage(data, MOST_PIXELS).catch(() => undefined);
  return image?.heightPx === heightPx && image?.widthPx === widthPx ? image : undefined;
}

/** Nothing for an array that is no picture of bytes. */
export function pixelsOf({ shape, values }: NumpyArray): RawImage | undefined {
  const [heightPx, widthPx, channels] = shape;
  const isPicture = shape.length === 3 && channels === 3 && heightPx && widthPx && heightPx * widthPx <= MOST_PIXELS;
  if (!isPicture || values.length !== heightPx * widthPx * channels) return undefined;
  if (!values.every((value) => Number.isInteger(value) && value >= 0 && value < 256)) return undefined;
  return { heightPx, widthPx, data: Uint8Array.from(values) };
}

/** What came, in words for whoever sent it. */
export const kindOf = (value: Received): string => {
  if (value === undefined || value === null) return 'nothing';
  if (isNumpy(value)) return `an array [${value.shape.join(', ')}]`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (isMap(value)) return `a map of ${Object.keys(value).join(', ') || 'nothing'}`;
  return typeof value;
};
