/** Numbered boxes on a picture. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame, Mark } from '../../src/types.ts';
import { DIGIT_HEIGHT, DIGIT_WIDTH, DIGITS } from '../../src/vision/digits.ts';
import { drawMarks, paintOver } from '../../src/vision/index.ts';

type Drawn = Pick<Mark, 'id' | 'boxPx'>;

const blank = (widthPx: number, heightPx: number, scale = 1, shade = 0): Frame => ({
  data: new Uint8Array(widthPx * heightPx * 3).fill(shade),
  encoding: 'rgb8',
  widthPx,
  heightPx,
  cssWidthPx: widthPx / scale,
  cssHeightPx: heightPx / scale,
  stampMs: 0,
  camera: 'page',
});
const pixel = (frame: Frame, x: number, y: number) => [
  ...frame.data.subarray((y * frame.widthPx + x) * 3).subarray(0, 3),
];
const RED = [255, 0, 0];
const WHITE = [255, 255, 255];
const count = (frame: Frame, color: readonly number[]) => {
  let found = 0;
  for (let at = 0; at < frame.data.length; at += 3) if (color.every((part, i) => frame.data[at + i] === part)) found++;
  return found;
};
const hash = (frame: Frame) => createHash('sha256').update(frame.data).digest('hex').slice(0, 16);

describe('the shapes of the digits', () => {
  it('are ten, each of seven rows of five cells', () => {
    expect(DIGITS).toHaveLength(10);
    for (const rows of DIGITS) {
      expect(rows).toHaveLength(DIGIT_HEIGHT);
      for (const bits of rows) expect(bits).toBeLessThan(2 ** DIGIT_WIDTH);
    }
  });

  it('differ from each other in at least three cells, whichever way one is moved by a cell', () => {
    const cells = (digit: number, dx: number, dy: number) =>
      Array.from({ length: 9 * 7 }, (_, i) => {
        const [x, y] = [(i % 7) - 1 - dx, Math.floor(i / 7) - 1 - dy];
        return x >= 0 && x < 5 && y >= 0 && y < 7 && (DIGITS[digit]![y]! & (1 << (4 - x))) !== 0;
      });
    for (let a = 0; a < 10; a++)
      for (let b = 0; b < a; b++)
        for (const dx of [-1, 0, 1])
          for (const dy of [-1, 0, 1]) {
            const one = cells(a, 0, 0);
            const differing = cells(b, dx, dy).filter((cell, i) => cell !== one[i]).length;
            expect(differing, `${a} and ${b} moved by ${dx}, ${dy}`).toBeGreaterThanOrEqual(3);
          }
  });
});

describe('a drawn mark', () => {
  it('is a red outline of the box with the picture untouched inside, and a red label with white digits', () => {
    const frame = blank(300, 200);
    drawMarks(frame, [{ id: 7, boxPx: [100, 80, 160, 120] }]);
    for (const [x, y] of [
      [100, 80],
      [101, 81],
      [159, 119],
      [158, 100],
    ] as const)
      expect(pixel(frame, x, y)).toEqual(RED);
    expect(pixel(frame, 103, 83)).toEqual([0, 0, 0]);
    expect(pixel(frame, 130, 100)).toEqual([0, 0, 0]);
    expect(count(frame, WHITE)).toBeGreaterThan(0);
  });

  it('is drawn where the box is in the picture when that has more pixels than the page', () => {
    const frame = blank(600, 400, 2);
    drawMarks(frame, [{ id: 0, boxPx: [100, 80, 160, 120] }]);
    expect(pixel(frame, 200, 160)).toEqual(RED);
    expect(pixel(frame, 319, 239)).toEqual(RED);
    expect(pixel(frame, 260, 200)).toEqual([0, 0, 0]);
  });

  it('shows its number: the white cells of its label are those of its digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9999 }), (id) => {
        const frame = blank(300, 200);
        drawMarks(frame, [{ id, boxPx: [100, 80, 160, 120] }]);
        const cells = [...String(id)].flatMap((digit) =>
          DIGITS[Number(digit)]!.map((bits) => bits.toString(2).replaceAll('0', '').length),
        );
        const cell = Math.round((0.02 * 200) / 7) || 1;
        expect(count(frame, WHITE)).toBe(cells.reduce((sum, ones) => sum + ones, 0) * cell * cell);
      }),
      { numRuns: 50 },
    );
  });

  const box = fc
    .tuple(
      fc.integer({ min: 0, max: 318 }),
      fc.integer({ min: 0, max: 238 }),
      fc.integer({ min: 1, max: 320 }),
      fc.integer({ min: 1, max: 240 }),
    )
    .map(([x, y, w, h]): Drawn['boxPx'] => [x, y, Math.min(320, x + w), Math.min(240, y + h)]);

  it('never changes bytes before or after the picture, nor fails, wherever the boxes are', () => {
    fc.assert(
      fc.property(fc.array(box, { maxLength: 40 }), (boxes) => {
        const all = new Uint8Array(320 * 240 * 3 + 200).fill(9);
        const frame = { ...blank(320, 240), data: all.subarray(100, 100 + 320 * 240 * 3) };
        drawMarks(
          frame,
          boxes.map((boxPx, id) => ({ id, boxPx })),
        );
        expect(all.subarray(0, 100).every((byte) => byte === 9) && all.subarray(-100).every((byte) => byte === 9)).toBe(
          true,
        );
      }),
      { numRuns: 100 },
    );
  });

  it('has its whole label inside the picture, at every edge and with a box as large as the picture', () => {
    const places: Drawn['boxPx'][] = [
      [0, 0, 20, 10],
      [300, 0, 320, 10],
      [0, 230, 20, 240],
      [300, 230, 320, 240],
      [0, 0, 320, 240],
    ];
    const whole = (boxPx: Drawn['boxPx']) => {
      const frame = blank(320, 240);
      drawMarks(frame, [{ id: 88, boxPx }]);
      return count(frame, WHITE);
    };
    const expected = whole([150, 100, 170, 110]);
    for (const boxPx of places) expect(whole(boxPx), String(boxPx)).toBe(expected);
  });

  it('lets labels of neighbours be read: no label covers digits of another when there is room', () => {
    const marks = Array.from({ length: 30 }, (_, id) => {
      const [x, y] = [20 + (id % 6) * 100, 30 + Math.floor(id / 6) * 70];
      return { id, boxPx: [x, y, x + 60, y + 24] as Drawn['boxPx'] };
    });
    const together = blank(640, 400);
    drawMarks(together, marks);
    const alone = marks.map((mark) => {
      const frame = blank(640, 400);
      drawMarks(frame, [mark]);
      return count(frame, WHITE);
    });
    expect(count(together, WHITE)).toBe(alone.reduce((sum, ones) => sum + ones, 0));
  });

  it('looks as it did: the pixels of a fixed picture with fixed marks', () => {
    const frame = blank(640, 360, 1, 200);
    drawMarks(
      frame,
      Array.from({ length: 120 }, (_, id) => {
        const [x, y] = [(id * 53) % 600, (id * 31) % 330];
        return { id, boxPx: [x, y, x + 20 + (id % 7) * 9, y + 12 + (id % 3) * 8] as Drawn['boxPx'] };
      }),
    );
    expect(hash(frame)).toBe('d360e02111ebf304');
  });

  it('is refused on a picture that is not raw, or not as large as it says', () => {
    expect(() => drawMarks({ ...blank(10, 10), heightPx: 11 }, [])).toThrow(
      /expected 10 x 11 x 3 = 330 bytes, got 300/,
    );
  });
});

it('what is painted over is grey, any part of a pixel counts, and what is outside does not matter', () => {
  const frame = blank(20, 20);
  paintOver(frame, [
    [2.9, 3, 5.1, 6],
    [-5, -5, 1, 1],
    [18, 18, 50, 50],
  ]);
  for (const [x, y] of [
    [2, 3],
    [5, 5],
    [0, 0],
    [19, 19],
  ] as const)
    expect(pixel(frame, x, y)).toEqual([128, 128, 128]);
  for (const [x, y] of [
    [1, 3],
    [6, 5],
    [2, 6],
    [1, 1],
    [17, 18],
  ] as const)
    expect(pixel(frame, x, y)).toEqual([0, 0, 0]);
});
