/**
 * The pictures of a report as data URLs, small enough together for one page. One that is shown in many steps is worked on once.
 * Does not know what is on them.
 */
import type { Frame, StepRecord } from '../../types.ts';

/** Bytes of all pictures of a page together, as often as each is shown. Chosen: 700 screenshots of 70 KB; opens in a second. */
const PAGE_BYTES = 48 * 2 ** 20;
/** Widths that are tried when the pictures are too many, px. */
const SMALLER_WIDTHS_PX = [960, 640, 480, 320] as const;
/** Width of the pictures in the overview, px. Chosen: twice their size on the page, for dense screens. */
const THUMBNAIL_WIDTH_PX = 288;
/** Steps above which the overview has no pictures. Chosen: 300 of them are 3 MB. */
const MAX_THUMBNAILS = 300;

/** A picture as a URL; none where it was left out or is broken. */
type SourceOf = (frame: Frame) => string | undefined;

const dataUrl = ({ encoding, data }: Frame): string =>
  `data:image/${encoding};base64,${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')}`;

const smaller = async (frame: Frame, widthPx: number): Promise<Frame> =>
  (await import('../../vision/thumbnail.ts')).thumbnail(frame, widthPx);

/** A frame in a form that browsers show, of at most `maxBytes`. */
async function fitted(frame: Frame, maxBytes: number): Promise<Frame | undefined> {
  const shown = frame.encoding === 'rgb8' ? await (await import('../../vision/encode.ts')).encodeJpeg(frame) : frame;
  if (shown.data.length <= maxBytes) return shown;
  for (const widthPx of SMALLER_WIDTHS_PX) {
    // A picture that cannot be read is shown as it is or not at all; the rest of the report does not depend on it.
    const less = await smaller(shown, widthPx).catch(() => undefined);
    if (less && less.data.length <= maxBytes) return less;
  }
  return undefined;
}

/** Makes the pictures of these steps, and the small ones of their `firsts`. */
export async function makePictures(
  steps: readonly StepRecord[],
  firsts: readonly Frame[],
): Promise<{ readonly src: SourceOf; readonly thumbnailSrc: SourceOf }> {
  const frames = steps.flatMap((step) => step.observation?.frames ?? []);
  const bytes = frames.reduce((sum, frame) => sum + frame.data.length, 0);
  const maxBytes = bytes > PAGE_BYTES ? PAGE_BYTES / frames.length : Number.POSITIVE_INFINITY;
  const sources = await each(frames, (frame) => fitted(frame, maxBytes));
  const thumbnails = await each(steps.length > MAX_THUMBNAILS ? [] : firsts, (frame) =>
    smaller(frame, THUMBNAIL_WIDTH_PX).catch(() => undefined),
  );
  return { src: (frame) => sources.get(frame.data), thumbnailSrc: (frame) => thumbnails.get(frame.data) };
}

/** The URL of every different picture. */
async function each(
  frames: readonly Frame[],
  make: (frame: Frame) => Promise<Frame | undefined>,
): Promise<ReadonlyMap<Uint8Array, string>> {
  const different = new Map(frames.map((frame) => [frame.data, frame]));
  const made = new Map<Uint8Array, string>();
  for (const [data, frame] of different) {
    const picture = await make(frame);
    if (picture) made.set(data, dataUrl(picture));
  }
  return made;
}
