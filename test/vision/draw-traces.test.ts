/** Traces of marks on a picture. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame, Trace } from '../../src/types.ts';
import { DIGITS } from '../../src/vision/digits.ts';
import { drawTraces } from '../../src/vision/index.ts';
import { traceColour } from '../../src/vision/trace-colours.ts';

type Drawn = Pick<Trace, 'markId' | 'pointsPx'>;

const blank = (widthPx: number, heightPx: number, scale = 1, shade = 0): Frame => ({
  data: new Uint8Array(widthPx * heightPx * 3).fill(shade),
  encoding: 'rgb8',
  widthPx,
  heightPx,
  cssWidthPx: widthPx / scale,
  cssHeightPx: heightPx / scale,
  stampMs: 0,
  camera: 'third',
});
const pixel = (frame: Frame, x: number, y: number) => [
  ...frame.data.subarray((y * frame.widthPx + x) * 3).subarray(0, 3),
];
const brightness = (frame: Frame, x: number, y: number) => Math.max(...pixel(frame, x, y));
const drawn = (frame: Frame, ...traces: Drawn[]): Frame => {
  drawTraces(frame, traces);
  return frame;
};

const straight: Drawn = {
  markId: 3,
  pointsPx: [
    [20, 100],
    [110, 100],
    [200, 100],
  ],
};

describe('a drawn trace', () => {
  it('is a line of the colour of its mark that grows stronger towards a disc at its last point', () => {
    const frame = drawn(blank(300, 200), straight);
    expect(pixel(frame, 199, 99)).toEqual([...traceColour(3)]);
    expect(pixel(frame, 199, 97)).toEqual([...traceColour(3)]);
    const along = [25, 60, 95, 130, 165].map((x) => brightness(frame, x, 99));
    expect(along).toEqual([...along].sort((a, b) => a - b));
    expect(along[0]).toBeGreaterThan(50);
    expect(along[4]).toBeGreaterThan(1.5 * along[0]!);
    // Beside the line nothing is drawn.
    expect(pixel(frame, 110, 92)).toEqual([0, 0, 0]);
    expect(pixel(frame, 10, 100)).toEqual([0, 0, 0]);
  });

  it('has a light edge, so that it shows on its own colour too', () => {
    const frame = blank(600, 400);
    for (let at = 0; at < frame.data.length; at += 3) frame.data.set(traceColour(3), at);
    drawTraces(frame, [straight]);
    // The disc has a radius of 6.4 px and an edge of 1.6 px.
    expect(Math.min(...pixel(frame, 199, 92))).toBeGreaterThan(200);
  });

  it('shows the number of its mark: the black cells of its label are those of its digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9999 }), (markId) => {
        const frame = drawn(blank(300, 200, 1, 120), { ...straight, markId });
        const cells = [...String(markId)].flatMap((digit) =>
          DIGITS[Number(digit)]!.map((bits) => bits.toString(2).replaceAll('0', '').length),
        );
        let black = 0;
        for (let at = 0; at < frame.data.length; at += 3) if (frame.data[at] === 0 && frame.data[at + 1] === 0) black++;
        expect(black).toBe(cells.reduce((sum, ones) => sum + ones, 0));
      }),
      { numRuns: 50 },
    );
  });

  it('is drawn where its points are in the picture when that has more pixels than the page', () => {
    const frame = drawn(blank(600, 400, 2), straight);
    expect(pixel(frame, 399, 199)).toEqual([...traceColour(3)]);
    expect(brightness(frame, 199, 99)).toBe(0);
  });

  it('of one point is the disc alone, and of no point that is a number nothing', () => {
    expect(pixel(drawn(blank(300, 200), { markId: 3, pointsPx: [[50, 60]] }), 49, 59)).toEqual([...traceColour(3)]);
    const none = drawn(blank(300, 200), { markId: 3, pointsPx: [] }, { markId: 4, pointsPx: [[Number.NaN, 5]] });
    expect(none.data.every((byte) => byte === 0)).toBe(true);
  });

  it('never changes bytes before or after the picture, nor fails, wherever its points are', () => {
    const place = fc.oneof(fc.double(), fc.integer({ min: -50, max: 250 }));
    const trace = fc.record({ markId: fc.nat(), pointsPx: fc.array(fc.tuple(place, place), { maxLength: 6 }) });
    let changed = 0;
    fc.assert(
      fc.property(fc.array(trace, { maxLength: 3 }), (traces) => {
        const all = new Uint8Array(90 * 70 * 3 + 200).fill(9);
        drawTraces({ ...blank(90, 70), data: all.subarray(100, 100 + 90 * 70 * 3) }, traces);
        const outside = [...all.subarray(0, 100), ...all.subarray(-100)];
        expect(outside.every((byte) => byte === 9)).toBe(true);
        if (all.some((byte) => byte !== 9)) changed++;
      }),
      { numRuns: 100 },
    );
    // Not because nothing is ever drawn.
    expect(changed).toBeGreaterThan(50);
  });

  it('looks as it did: the pixels of a fixed picture with fixed traces', () => {
    const curve = (markId: number): Drawn => ({
      markId,
      pointsPx: Array.from({ length: 12 }, (_, t) => [
        40 + 40 * t,
        180 + (90 * Math.round(3 * Math.sin(t / 2 + markId))) / 3,
      ]),
    });
    const frame = drawn(blank(640, 360, 1, 200), curve(0), curve(1), curve(12));
    expect(createHash('sha256').update(frame.data).digest('hex').slice(0, 16)).toBe('cd15da2c82131471');
  });

  it('is refused on a picture that is not raw, or not as large as it says', () => {
    expect(() => drawTraces({ ...blank(10, 10), heightPx: 11 }, [])).toThrow(
      /expected 10 x 11 x 3 = 330 bytes, got 300/,
    );
  });
});
