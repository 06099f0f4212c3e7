/** Clips of frames, packed by the true encoder on its thread; files are read by a reader of MP4 of our own. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { profileOf } from '../../src/models/profiles.ts';
import { chatRequestOf } from '../../src/models/request.ts';
import { chooseFrames, clipOf } from '../../src/models/video.ts';
import type { Frame } from '../../src/types.ts';
import { decodeImage, encodeJpeg, STAMP_BAR_PX, stampBelow } from '../../src/vision/index.ts';
import { readMp4 } from '../record/mp4.ts';

const grey = (stampMs: number, widthPx = 64, heightPx = 48): Frame => ({
  data: new Uint8Array(3 * widthPx * heightPx).fill((stampMs / 10) % 256),
  encoding: 'rgb8',
  widthPx,
  heightPx,
  stampMs,
  camera: 'third',
});
/** As a camera of 10 Hz gives them. */
const ring = (seconds: number, size?: readonly [number, number]) =>
  Array.from({ length: seconds * 10 + 1 }, (_, at) => grey(1000 + at * 100, ...(size ?? [])));

const reason2 = profileOf('cosmos-reason2');

test('a clip is one MP4 at the rate of the family, and every frame in it says when it was taken', async () => {
  const clip = await clipOf(ring(3), reason2);
  expect(clip).toMatchObject({ fps: 4, startMs: 1000, sentWidthPx: 64, sentHeightPx: 48 });
  expect(clip.stampsMs).toEqual([1000, 1200, 1500, 1700, 2000, 2200, 2500, 2700, 3000, 3200, 3500, 3700, 4000]);
  if (!('mp4' in clip.video)) return expect.fail('expected an MP4');
  expect(readMp4(Buffer.from(clip.video.mp4))).toMatchObject({
    widthPx: 64,
    heightPx: 48,
    pictures: 13,
    durationS: 13 / 4,
  });
  const { messages } = chatRequestOf(reason2, { text: 'what happens?', video: clip.video });
  expect(JSON.stringify(messages)).toContain('data:video/mp4;base64,');
});

test('encoded frames are taken too, and odd sides lose a line', async () => {
  const jpegs = await Promise.all(ring(1, [65, 49]).map((frame) => encodeJpeg(frame)));
  const { video, sentWidthPx, sentHeightPx } = await clipOf(jpegs, reason2);
  expect([sentWidthPx, sentHeightPx]).toEqual([64, 48]);
  expect(readMp4(Buffer.from((video as { mp4: Uint8Array }).mp4)).pictures).toBe(5);
});

test('a family that reads times from digits is sent frames with a bar, in the size that its server leaves alone', async () => {
  const clip = await clipOf(ring(1, [100, 75]), profileOf('cosmos-reason1'));
  if (!('jpegs' in clip.video)) return expect.fail('expected JPEGs');
  expect(clip.video.jpegs).toHaveLength(5);
  expect([clip.sentWidthPx % 28, clip.sentHeightPx % 28]).toEqual([0, 0]);
  const { widthPx, heightPx, data } = await decodeImage(clip.video.jpegs[1]!);
  expect([widthPx, heightPx]).toEqual([clip.sentWidthPx, clip.sentHeightPx + STAMP_BAR_PX]);
  const bar = data.subarray(3 * widthPx * (clip.sentHeightPx + 4), 3 * widthPx * (heightPx - 4));
  expect(Math.max(...bar)).toBeGreaterThan(200);
});

/** The bar, read back as a drawing. */
function barOf(seconds: number, nth: number): string[] {
  const { data, widthPx } = stampBelow(grey(0, 160, 4), seconds, nth);
  return Array.from({ length: 7 }, (_, row) =>
    Array.from({ length: 80 }, (_, x) => (data[3 * (widthPx * (4 + 7 + 2 * row) + 2 * x)] ? '#' : ' '))
      .join('')
      .trimEnd(),
  );
}

test('a time is written in hundredths under the picture, odd ones in the right half', () => {
  expect(barOf(0.25, 0)).toEqual([
    '  ###         ###  #####',
    ' #   #       #   # #',
    ' #   #           # ####   ###',
    ' #   #         ##      # #',
    ' #   #        #        #  ###',
    ' #   #   ##  #     #   #     #',
    '  ###    ##  #####  ###   ###',
  ]);
  expect(barOf(0.25, 1)[0]).toBe(`${' '.repeat(40)}  ###         ###  #####`);
});

test('all frames of a clip together stay below the bound of the family', async () => {
  const bounded = { ...reason2.media, video: { ...reason2.media.video!, totalPx: 5 * 32 * 24 } };
  const { sentWidthPx, sentHeightPx } = await clipOf(ring(1), { media: bounded });
  expect(sentWidthPx * sentHeightPx).toBeLessThanOrEqual(32 * 24);
  expect(sentWidthPx).toBeGreaterThan(24);
});

test('frames stand at even instants, end with the newest, are never of the future, and there are never too many', () => {
  const gaps = fc.array(fc.double({ min: 0, max: 3000, noNaN: true }), { minLength: 0, maxLength: 60 });
  const rule = fc.record({
    fps: fc.double({ min: 0.2, max: 30, noNaN: true }),
    maxS: fc.option(fc.double({ min: 0.5, max: 30, noNaN: true }), { nil: undefined }),
    maxFrames: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(gaps, rule, (between, { fps, maxS, maxFrames }) => {
      let stampMs = 500;
      const frames = [0, ...between].map((gap) => {
        stampMs += gap;
        return grey(stampMs, 2, 2);
      });
      const { chosen, startMs } = chooseFrames(frames, {
        fps,
        ...(maxS !== undefined && { maxS }),
        ...(maxFrames !== undefined && { maxFrames }),
      });
      expect(chosen.at(-1)!.stampMs).toBe(stampMs);
      expect(startMs).toBeGreaterThanOrEqual(500 - 1);
      expect(chosen.length).toBeLessThanOrEqual(maxFrames ?? Number.POSITIVE_INFINITY);
      if (maxS !== undefined) expect(chosen.length).toBeLessThanOrEqual(Math.max(1, maxS * fps + 1e-3));
      chosen.forEach((frame, nth) => {
        const instant = startMs + (nth * 1000) / fps;
        expect(frame.stampMs).toBeLessThanOrEqual(instant + 1);
        const after = frames[frames.lastIndexOf(frame) + 1];
        if (after) expect(after.stampMs).toBeGreaterThan(instant - 1);
      });
    }),
  );
  // The property is not met by a choice that ignores the clock.
  const frames = [grey(0), grey(10), grey(4000)];
  expect(chooseFrames(frames, { fps: 1 }).chosen.map((frame) => frame.stampMs)).toEqual([0, 10, 10, 10, 4000]);
});

test('a still camera gives a clip too', async () => {
  const clip = await clipOf([grey(50)], reason2);
  expect(clip).toMatchObject({ startMs: 50, stampsMs: [50] });
});

test('while a clip is packed, the main thread goes on; a stop ends the wait at once, and the next clip is whole', async () => {
  const abort = new AbortController();
  const frames = ring(12, [320, 240]);
  const packing = clipOf(frames, reason2, abort.signal);
  const turns = { count: 0 };
  const beat = setInterval(() => {
    if (++turns.count === 3) abort.abort(new Error('enough'));
  }, 1);
  await expect(packing).rejects.toThrow('enough');
  clearInterval(beat);
  const clips = await Promise.all([clipOf(ring(1), reason2), clipOf(ring(2), reason2)]);
  expect(clips.map(({ video }) => readMp4(Buffer.from((video as { mp4: Uint8Array }).mp4)).pictures)).toEqual([5, 9]);
});

test.each([
  ['no frames', [], 'cosmos-reason2', 'config/misfit'],
  ['a family without video', [grey(0)], 'kosmos2', 'config/misfit'],
  ['bytes that are no picture', [{ ...grey(0), encoding: 'jpeg' as const }], 'cosmos-reason2', 'vision/invalid'],
] as const)('%s is an error that says so', async (_what, frames, family, code) => {
  await expect(clipOf(frames, profileOf(family))).rejects.toMatchObject({ code });
});
