/**
 * Writes a time under a picture, for models that read times from digits in it: a black bar with white numbers, as
 * cosmos-reason1 3e7f1cb `cosmos_reason1_utils/vision.py` adds it (28 px high, digits of 20 px type, left and right half by turns),
 * with digits of our own. Knows nothing of clips.
 */
import type { RawImage } from './decode.ts';
import { DIGIT_HEIGHT, DIGIT_WIDTH, DIGITS } from './digits.ts';
import { fillRect, type Raster } from './raster.ts';
import { requireRgb } from './require-rgb.ts';

/** Height of the bar, px. A multiple of 28, the patch of the models that are shown it. */
export const STAMP_BAR_PX = 28;
/** Side of a cell, px: a digit is 10 x 14, as in DejaVu Sans Mono at 20 px. */
const CELL_PX = 2;
const WHITE = [255, 255, 255] as const;
const POINT = [0, 0, 0, 0, 0, 0b00110, 0b00110];
const S = [0, 0, 0b01110, 0b10000, 0b01110, 0b00001, 0b01110];

/** A picture with `seconds`, in hundredths, on a bar below it; odd ones stand in the right half. */
export function stampBelow(image: RawImage, seconds: number, nth: number): RawImage {
  requireRgb(image);
  const { widthPx } = image;
  const heightPx = image.heightPx + STAMP_BAR_PX;
  const data = new Uint8Array(3 * widthPx * heightPx);
  data.set(image.data);
  const stamped = { data, widthPx, heightPx };
  const left = nth % 2 === 0 ? 0 : Math.floor(widthPx / 2);
  const top = image.heightPx + Math.floor((STAMP_BAR_PX - DIGIT_HEIGHT * CELL_PX) / 2);
  [...`${seconds.toFixed(2)}s`].forEach((letter, at) => {
    const rows = letter === '.' ? POINT : letter === 's' ? S : DIGITS[Number(letter)]!;
    drawLetter(stamped, rows, left + CELL_PX * (1 + at * (DIGIT_WIDTH + 1)), top);
  });
  return stamped;
}

function drawLetter(image: Raster, rows: readonly number[], left: number, top: number): void {
  rows.forEach((bits, row) => {
    for (let column = 0; column < DIGIT_WIDTH; column++) {
      if (!(bits & (1 << (DIGIT_WIDTH - 1 - column)))) continue;
      const [x, y] = [left + column * CELL_PX, top + row * CELL_PX];
      fillRect(image, [x, y, x + CELL_PX, y + CELL_PX], WHITE);
    }
  });
}
