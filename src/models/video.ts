/**
 * From the frames that a loop kept to the clip that a model is shown: frames at the family's rate, resized by its rule, with times
 * burnt in where it reads them there, as one MP4 or as JPEGs. Says at what time each frame was taken, so that what a model says of
 * the clip can be put on the runtime's clock. Pictures are decoded, scaled and packed off the main thread.
 */
import { smartResize } from '../codecs/index.ts';
import { PumiceError } from '../errors.ts';
import type { Frame } from '../types.ts';
import { packClip } from './clip-packer.ts';
import type { ModelProfile, Resize } from './profile.ts';
import type { SentVideo } from './request.ts';

export interface Clip {
  readonly video: SentVideo;
  /** When each frame of the clip was taken, ms. A frame that stands for several instants is there several times. */
  readonly stampsMs: readonly number[];
  /** The instant at which the clip begins, ms: second `s` of the clip is `startMs + 1000 s`. */
  readonly startMs: number;
  readonly fps: number;
  /** Of the frames as they were, and as they are sent, without a bar below. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly sentWidthPx: number;
  readonly sentHeightPx: number;
}
type VideoRule = NonNullable<ModelProfile['media']['video']>;

const who = 'model video';
const misfit = (message: string, hint: string) => new PumiceError('config/misfit', message, { who, hint });

/**
 * The clip that ends with the newest frame.
 *
 * @param frames - of one camera, oldest first.
 * @throws PumiceError `config/misfit` without frames or for a family without video, `vision/invalid`, `record/video`; the signal's reason.
 */
export async function clipOf(
  frames: readonly Frame[],
  { media }: Pick<ModelProfile, 'media'>,
  signal?: AbortSignal,
): Promise<Clip> {
  const { video: rule } = media;
  const last = frames.at(-1);
  if (!rule) throw misfit('the family takes no video', 'Send a picture, or use a family that does');
  if (!last) throw misfit('expected frames for a clip, got none', 'Ask again when a camera has given some');
  const { chosen, startMs } = chooseFrames(frames, rule);
  const size = sizeOf(last, media.image?.resize ?? { rule: 'as-is' }, rule, chosen.length);
  const pictures = await drawn(chosen, size, rule, signal);
  const { encodeJpeg } = await import('../vision/index.ts');
  const jpeg = async (picture: Frame) => (await encodeJpeg(picture)).data;
  const { widthPx, heightPx } = pictures[0]!;
  const video: SentVideo =
    rule.as === 'mp4'
      ? { mp4: await packClip({ widthPx, heightPx, fps: rule.fps, pictures: ownData(pictures) }, signal) }
      : { jpegs: await Promise.all(pictures.map(jpeg)), fps: rule.fps };
  signal?.throwIfAborted();
  return {
    video,
    stampsMs: chosen.map(({ stampMs }) => stampMs),
    startMs,
    fps: rule.fps,
    widthPx: last.widthPx,
    heightPx: last.heightPx,
    sentWidthPx: size.widthPx,
    sentHeightPx: size.heightPx,
  };
}

/**
 * The frames that were current at instants `1 / fps` apart, counted back from the newest: the end is what a question is about. No
 * instant lies before the first frame.
 */
export function chooseFrames(
  frames: readonly Frame[],
  { fps, maxS, maxFrames }: Pick<VideoRule, 'fps' | 'maxS' | 'maxFrames'>,
): { readonly chosen: readonly Frame[]; readonly startMs: number } {
  const first = frames[0]!.stampMs;
  const end = frames.at(-1)!.stampMs;
  const periodMs = 1000 / fps;
  const seconds = Math.min((end - first) / 1000, maxS ?? Number.POSITIVE_INFINITY);
  // A hair more, for frames that come just at these instants.
  const fits = Math.floor(seconds * fps + 1e-6) + 1;
  // A clip of `maxS` seconds holds that many frames, not one more.
  const count = Math.max(
    1,
    Math.min(fits, maxFrames ?? fits, maxS === undefined ? fits : Math.floor(maxS * fps + 1e-6)),
  );
  const startMs = end - (count - 1) * periodMs;
  let at = 0;
  const chosen = Array.from({ length: count }, (_, nth) => {
    const instant = startMs + nth * periodMs + 1e-3;
    while (at + 1 < frames.length && frames[at + 1]!.stampMs <= instant) at++;
    return frames[at]!;
  });
  return { chosen, startMs };
}

interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** The size of each frame as it is sent. Video is packed in blocks of two: odd sides lose a line. */
function sizeOf({ widthPx, heightPx }: Frame, resize: Resize, { totalPx }: VideoRule, count: number): Size {
  if (resize.rule === 'exact') return { widthPx: resize.widthPx, heightPx: resize.heightPx };
  const share = totalPx === undefined ? Number.POSITIVE_INFINITY : totalPx / count;
  if (resize.rule === 'smart') {
    const { factor, minPx } = resize;
    const maxPixels = Math.max(minPx, Math.min(resize.maxPx, share));
    return smartResize({ widthPx, heightPx }, { factor, minPixels: minPx, maxPixels });
  }
  const room = resize.rule === 'pad' ? Math.min(resize.widthPx / widthPx, resize.heightPx / heightPx) : 1;
  const shrink = Math.min(1, room, Math.sqrt(share / (widthPx * heightPx)));
  const even = (side: number) => Math.max(2, 2 * Math.floor((side * shrink) / 2));
  return { widthPx: even(widthPx), heightPx: even(heightPx) };
}

/** Each frame once, decoded and scaled; then as often as it was chosen. */
async function drawn(
  chosen: readonly Frame[],
  { widthPx, heightPx }: Size,
  { stamps, fps }: VideoRule,
  signal: AbortSignal | undefined,
): Promise<readonly Frame[]> {
  const { scaleToRgb, stampBelow } = await import('../vision/index.ts');
  const scaled = new Map<Frame, Frame>();
  for (const frame of chosen) {
    signal?.throwIfAborted();
    if (!scaled.has(frame)) scaled.set(frame, await scaleToRgb(frame, widthPx, heightPx));
  }
  return chosen.map((frame, nth) => {
    const picture = scaled.get(frame)!;
    return stamps === 'burnt-in' ? { ...picture, ...stampBelow(picture, nth / fps, nth) } : picture;
  });
}

/** A thread takes what it is given: each picture needs bytes of its own. */
const ownData = (pictures: readonly Frame[]) => pictures.map(({ data }) => new Uint8Array(data));
