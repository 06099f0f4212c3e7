/**
 * Draws the marks of an observation as numbered boxes on its picture (set-of-mark) and encodes it.
 * Finds no marks itself: they come from the env. With several cameras, marks speak of the first frame.
 */
import { defineMarker, type Frame, type Mark, type Sensed } from 'pumice';
import { decodeFrame, drawMarks, encodeJpeg } from 'pumice/vision';
import { z } from 'zod';

async function markFrame(frame: Frame, marks: readonly Mark[]): Promise<Frame> {
  const raw = await decodeFrame(frame);
  // The data belongs to the observation.
  const marked: Frame = { ...raw, data: raw.data.slice(), marked: true };
  drawMarks(marked, marks);
  return marked;
}

export default defineMarker({
  summary: 'numbered boxes drawn on the picture (set-of-mark)',
  options: z.strictObject({
    /** JPEG quality, 1 to 100. */
    quality: z.int().min(1).max(100).default(80),
  }),
  create: ({ quality }) => ({
    name: 'som',
    mark: async (sensed: Sensed, { signal }) => {
      const [first, ...others] = sensed.frames;
      if (!first) return sensed;
      const marked = sensed.marks?.length && !first.marked ? await markFrame(first, sensed.marks) : first;
      signal.throwIfAborted();
      return { ...sensed, frames: await Promise.all([marked, ...others].map((frame) => encodeJpeg(frame, quality))) };
    },
  }),
});
