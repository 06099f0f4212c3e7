/**
 * Turns JPEG and PNG bytes into raw RGB. The one place, with `encode.ts`, that opens `sharp`.
 */
import sharp from 'sharp';
import { PumiceError } from '../errors.ts';
import type { Frame } from '../types.ts';

// Frames are decoded once: a cache would only hold memory.
sharp.cache(false);

export interface RawImage {
  /** Row-major H x W x 3; owned by the caller. */
  readonly data: Frame['data'];
  readonly widthPx: number;
  readonly heightPx: number;
}

/**
 * Decodes an encoded image into rgb8; transparency is dropped, not blended.
 *
 * @param mostPixels - what is larger is no image: few bytes may say that they are a huge one.
 * @throws PumiceError `vision/invalid` for bytes that are no image.
 */
export async function decodeImage(bytes: Uint8Array, mostPixels?: number): Promise<RawImage> {
  try {
    const image = sharp(bytes, mostPixels === undefined ? {} : { limitInputPixels: mostPixels })
      .removeAlpha()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' });
    const { data, info } = await image.toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`${info.channels} channels`);
    return {
      data: new Uint8Array(data.buffer, data.byteOffset, data.length),
      widthPx: info.width,
      heightPx: info.height,
    };
  } catch (cause) {
    const message = `expected a JPEG or PNG image of three channels, got ${bytes.length} bytes that do not decode to it`;
    throw new PumiceError('vision/invalid', message, { who: 'vision', cause });
  }
}

/** The same frame as rgb8; one that is rgb8 already is returned as it is. */
export async function decodeFrame(frame: Frame): Promise<Frame> {
  if (frame.encoding === 'rgb8') return frame;
  return { ...frame, ...(await decodeImage(frame.data)), encoding: 'rgb8' };
}
