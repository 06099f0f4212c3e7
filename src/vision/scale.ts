/**
 * A frame as raw RGB at another size, decoded and scaled in one go.
 */
import sharp from 'sharp';
import { PumiceError } from '../errors.ts';
import type { Frame } from '../types.ts';
import { requireRgb } from './require-rgb.ts';

sharp.cache(false);

/**
 * The frame as rgb8 of exactly `widthPx x heightPx`, the caller's own; its size in CSS pixels, the unit of marks, stays what it is.
 *
 * @throws PumiceError `vision/invalid` for bytes that are no image.
 */
export async function scaleToRgb(frame: Frame, widthPx: number, heightPx: number): Promise<Frame> {
  if (frame.encoding === 'rgb8') requireRgb(frame);
  const raw = { width: frame.widthPx, height: frame.heightPx, channels: 3 as const };
  // Enlarged pixels gain nothing from a sharper kernel, which takes half as long again.
  const kernel = widthPx > frame.widthPx ? 'linear' : 'lanczos3';
  try {
    const { data } = await sharp(frame.data, frame.encoding === 'rgb8' ? { raw } : {})
      .removeAlpha()
      .toColourspace('srgb')
      .resize(widthPx, heightPx, { fit: 'fill', kernel })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { cssWidthPx = frame.widthPx, cssHeightPx = frame.heightPx } = frame;
    const sized = { ...frame, encoding: 'rgb8' as const, widthPx, heightPx, cssWidthPx, cssHeightPx };
    const image = { ...sized, data: new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.length) };
    requireRgb(image);
    return image;
  } catch (cause) {
    const message = `expected a JPEG or PNG image, got ${frame.data.length} bytes that do not decode to one`;
    throw new PumiceError('vision/invalid', message, { who: 'vision', cause });
  }
}
