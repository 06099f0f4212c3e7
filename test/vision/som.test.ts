/** The set-of-mark marker, and what it decodes and encodes. */
import { firstValueFrom, from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import som from '../../policies/markers/som.ts';
import { PumiceError } from '../../src/errors.ts';
import type { Frame, Sensed } from '../../src/types.ts';
import { decodeFrame, decodeImage, encodeJpeg } from '../../src/vision/index.ts';

const context = { signal: new AbortController().signal, nowMs: () => 0, report: () => {} };
const marker = som.create({ quality: 80 });
const asked = { seq: 0, epoch: 0, instruction: '', history: [] };
const mark = (sensed: Sensed, signal = context.signal) =>
  firstValueFrom(from(marker.mark({ ...asked, ...sensed }, { ...context, signal })));

/** A smooth picture: JPEG keeps it. */
const picture = (): Frame => ({
  data: Uint8Array.from({ length: 320 * 240 * 3 }, (_, i) => [(Math.floor(i / 3) % 320) >> 1, 90, 160][i % 3]!),
  encoding: 'rgb8',
  widthPx: 320,
  heightPx: 240,
  cssWidthPx: 320,
  cssHeightPx: 240,
  dpr: 1,
  stampMs: 5,
  camera: 'page',
});
const sensed = (frame: Frame): Sensed => ({
  stampMs: 5,
  frames: [frame],
  marks: [{ id: 0, boxPx: [100, 100, 160, 140], pointPx: [130, 120], source: 'dom' }],
});
const near = (a: Uint8Array, b: Uint8Array, limit: number) =>
  a.length === b.length && a.reduce((sum, byte, i) => sum + Math.abs(byte - b[i]!), 0) / a.length < limit;

describe('the marker', () => {
  it('answers a JPEG of the same picture with boxes, marked as such, and leaves the bytes it was given as they were', async () => {
    const frame = picture();
    const before = frame.data.slice();
    const { frames } = await mark(sensed(frame));
    expect(frame.data).toEqual(before);
    const { data, ...rest } = frames[0]!;
    const { data: _, ...given } = frame;
    expect(rest).toEqual({ ...given, encoding: 'jpeg', marked: true });
    const back = await decodeImage(data);
    expect([back.widthPx, back.heightPx]).toEqual([320, 240]);
    const at = (120 * 320 + 100) * 3;
    expect(back.data[at]).toBeGreaterThan(180);
    expect(near(back.data, before, 8)).toBe(true);
  });

  it('draws on a picture that is encoded already, and leaves that as it was', async () => {
    const jpeg = await encodeJpeg(picture());
    const before = jpeg.data.slice();
    const { frames } = await mark(sensed(jpeg));
    expect(jpeg.data).toEqual(before);
    expect(frames[0]!.marked).toBe(true);
    expect(near((await decodeImage(frames[0]!.data)).data, picture().data, 8)).toBe(true);
  });

  it('draws nothing twice, and nothing without marks, but encodes every camera', async () => {
    const first = await mark(sensed(picture()));
    expect((await mark(first)).frames).toEqual(first.frames);
    const { frames } = await mark({ stampMs: 5, frames: [picture(), { ...picture(), camera: 'third' }] });
    expect(frames.map(({ encoding, marked, camera }) => [encoding, marked, camera])).toEqual([
      ['jpeg', undefined, 'page'],
      ['jpeg', undefined, 'third'],
    ]);
    expect((await mark({ stampMs: 5, frames: [] })).frames).toEqual([]);
  });

  it('does not encode after an abort', async () => {
    const abort = new AbortController();
    const marking = mark(sensed(picture()), abort.signal);
    abort.abort(new Error('stop'));
    await expect(marking).rejects.toThrow('stop');
  });
});

describe('decoding and encoding', () => {
  it('give the picture back, nearly, and raw pictures as they are', async () => {
    const frame = picture();
    expect(await decodeFrame(frame)).toBe(frame);
    const back = await decodeFrame(await encodeJpeg(frame));
    expect(back.encoding).toBe('rgb8');
    expect(near(back.data, frame.data, 3)).toBe(true);
  });

  it.each([
    ['bytes that are no image', () => decodeImage(Uint8Array.of(1, 2, 3))],
    ['no bytes', () => decodeImage(new Uint8Array())],
    ['a picture smaller than it says', () => encodeJpeg({ ...picture(), heightPx: 999 })],
  ])('refuse %s', async (_, work) => {
    const error = await work().catch((error) => error);
    expect(PumiceError.is(error, 'vision/invalid'), String(error)).toBe(true);
  });
});
