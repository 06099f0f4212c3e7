/** Makes a picture the size that a model was trained on, and packs it without loss. With `decode.ts` and `encode.ts` the doors to `sharp`. */
import sharp from 'sharp';
import type { RawImage } from './decode.ts';
import { requireRgb } from './require-rgb.ts';

const open = ({ data, widthPx, heightPx }: RawImage) =>
  sharp(data, { raw: { width: widthPx, height: heightPx, channels: 3 } });

/**
 * A picture of another size by bicubic interpolation; its proportions change with the size asked for, as models want it that were
 * trained on `PIL.Image.resize`. Like it up to rounding of single values.
 *
 * @throws PumiceError `vision/invalid` when the data does not fit the declared size.
 */
export async function resizeCubic(image: RawImage, widthPx: number, heightPx: number): Promise<RawImage> {
  requireRgb(image);
  if (widthPx === image.widthPx && heightPx === image.heightPx) return image;
  const resized = open(image).resize(widthPx, heightPx, { fit: 'fill', kernel: 'cubic' }).removeAlpha().raw();
  const data = await resized.toBuffer();
  return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), widthPx, heightPx };
}

/** The picture as PNG. @throws PumiceError `vision/invalid` when the data does not fit the declared size. */
export async function encodePng(image: RawImage): Promise<Uint8Array> {
  requireRgb(image);
  return open(image).png({ compressionLevel: 3 }).toBuffer();
}
