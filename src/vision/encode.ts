/**
 * Turns a frame of any encoding into a JPEG one.
 * Does not know where frames come from or go to.
 */
import sharp from 'sharp';
import { PumiceError } from '../errors.ts';
import type { Frame } from '../types.ts';

/** JPEG quality. Chosen: marks and text of a page stay legible, at a third of the bytes of 95. */
const JPEG_QUALITY = 85;

/**
 * The same picture as a JPEG frame; a frame that is one already is returned as it is. Lossy for the others.
 * @throws PumiceError `vision/invalid` when `data` is not the picture that the frame says it is.
 */
export async function encodeJpeg(frame: Frame): Promise<Frame> {
  if (frame.encoding === 'jpeg') return frame;
  const { widthPx: width, heightPx: height } = frame;
  if (frame.encoding === 'rgb8' && frame.data.length !== width * height * 3)
    throw new PumiceError(
      'vision/invalid',
      `camera '${frame.camera}': rgb8 of ${width} x ${height} needs ${width * height * 3} bytes, has ${frame.data.length}`,
      { hint: 'Check the size that the env gives with its frames' },
    );
  try {
    const raw = frame.encoding === 'rgb8' ? { raw: { width, height, channels: 3 as const } } : {};
    const data = await sharp(frame.data, raw).jpeg({ quality: JPEG_QUALITY }).toBuffer();
    return { ...frame, data, encoding: 'jpeg' };
  } catch (cause) {
    throw new PumiceError('vision/invalid', `camera '${frame.camera}': the ${frame.encoding} data is not a picture`, {
      cause,
    });
  }
}
