/**
 * A camera's picture as a family wants it: resized by its rule and packed in its format, with both sizes for the decoder, since the
 * model writes places on what it was sent. Padding is as openpi-client's `image_tools.resize_with_pad`, but interpolates in cubes.
 */
import type { Picture } from '../codecs/index.ts';
import { smartResize } from '../codecs/smart-resize.ts';
import { PumiceError } from '../errors.ts';
import type { RawImage } from '../vision/index.ts';
import type { ModelProfile, Resize } from './profile.ts';
import type { SentImage } from './request.ts';

export interface SentPicture {
  /** For a question of a chat; absent where the family takes raw pixels. */
  readonly image?: SentImage;
  /** The pixels as they are sent. */
  readonly raw: RawImage;
  /** For decoders of places. */
  readonly picture: Picture;
}

/** @throws PumiceError `config/misfit` for a family that takes no pictures; `config/invalid` for a sliver; `vision/invalid`. */
export async function sentPicture({ family, media }: ModelProfile, frame: RawImage): Promise<SentPicture> {
  if (!media.image)
    throw new PumiceError('config/misfit', 'takes no pictures', { who: `profile ${family}`, hint: 'Send it a video' });
  const { resize, format } = media.image;
  const raw = await resized(frame, resize);
  const { widthPx, heightPx } = frame;
  const picture = { widthPx, heightPx, sentWidthPx: raw.widthPx, sentHeightPx: raw.heightPx };
  if (format === 'rgb8') return { raw, picture };
  const { encodeJpeg, encodePng } = await import('../vision/index.ts');
  const asFrame = { ...raw, encoding: 'rgb8' as const, stampMs: 0, camera: 'sent' };
  const data = format === 'png' ? await encodePng(raw) : (await encodeJpeg(asFrame)).data;
  return { image: { data, format }, raw, picture };
}

async function resized(frame: RawImage, resize: Resize): Promise<RawImage> {
  const { resizeCubic } = await import('../vision/index.ts');
  switch (resize.rule) {
    case 'as-is':
      return frame;
    case 'exact':
      return resizeCubic(frame, resize.widthPx, resize.heightPx);
    case 'smart': {
      const { factor, minPx: minPixels, maxPx: maxPixels } = resize;
      const { widthPx, heightPx } = smartResize(frame, { factor, minPixels, maxPixels });
      return resizeCubic(frame, widthPx, heightPx);
    }
    case 'pad':
      return padded(frame, resize, resizeCubic);
  }
}

async function padded(
  frame: RawImage,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
  scale: (image: RawImage, widthPx: number, heightPx: number) => Promise<RawImage>,
): Promise<RawImage> {
  const ratio = Math.max(frame.widthPx / widthPx, frame.heightPx / heightPx);
  const side = (px: number) => Math.max(1, Math.trunc(px / ratio));
  const inner = await scale(frame, side(frame.widthPx), side(frame.heightPx));
  const left = Math.trunc((widthPx - inner.widthPx) / 2);
  const top = Math.trunc((heightPx - inner.heightPx) / 2);
  const data = new Uint8Array(3 * widthPx * heightPx);
  for (let y = 0; y < inner.heightPx; y++) {
    const line = inner.data.subarray(3 * y * inner.widthPx, 3 * (y + 1) * inner.widthPx);
    data.set(line, 3 * ((top + y) * widthPx + left));
  }
  return { data, widthPx, heightPx };
}
