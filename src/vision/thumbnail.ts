/**
 * A small JPEG of a frame, for strips and lists.
 * Does not know where it is shown.
 */
import sharp from 'sharp';
import type { Frame } from '../types.ts';
import { encodeJpeg } from './encode.ts';

/** JPEG quality. Chosen: blocks do not show at this size. */
const THUMBNAIL_QUALITY = 72;

/** The frame at `widthPx`, or as it is when narrower. @throws PumiceError `vision/invalid`. */
export async function thumbnail(frame: Frame, widthPx: number): Promise<Frame> {
  const jpeg = await encodeJpeg(frame);
  const { data, info } = await sharp(jpeg.data)
    .resize({ width: widthPx, withoutEnlargement: true })
    .jpeg({ quality: THUMBNAIL_QUALITY })
    .toBuffer({ resolveWithObject: true });
  return { ...jpeg, data, widthPx: info.width, heightPx: info.height };
}
