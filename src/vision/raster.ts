/**
 * The few strokes that drawings on raw RGB are made of: filled boxes and digits. Writes into the picture that it is given.
 */
import { DIGIT_HEIGHT, DIGIT_WIDTH, DIGITS } from './digits.ts';

export type Rgb = readonly [number, number, number];
/** `[x0, y0, x1, y1)`, image px. */
export type Rect = readonly [number, number, number, number];
/** Row-major H x W x 3. */
export type Raster = { readonly data: Uint8Array; readonly widthPx: number; readonly heightPx: number };

/** Height of a digit as a share of the image's shorter side. Chosen: 14 px at 720, legible, and hides half of what Magma's does. */
const DIGIT_SHARE = 0.02;

/** Side of one cell of a digit on a picture of this size, px. */
export const digitCell = ({ widthPx, heightPx }: Raster): number =>
  Math.max(1, Math.round((DIGIT_SHARE * Math.min(widthPx, heightPx)) / DIGIT_HEIGHT));

/** Size of a number with one cell around it, px. */
export const labelSize = (value: number, cell: number): readonly [width: number, height: number] => [
  (String(value).length * (DIGIT_WIDTH + 1) + 1) * cell,
  (DIGIT_HEIGHT + 2) * cell,
];

/** Fills a box, clipped to the image. */
export function fillRect(image: Raster, rect: Rect, [r, g, b]: Rgb): void {
  const x0 = Math.max(0, rect[0]);
  const x1 = Math.min(image.widthPx, rect[2]);
  const y0 = Math.max(0, rect[1]);
  const y1 = Math.min(image.heightPx, rect[3]);
  const { data } = image;
  for (let y = y0; y < y1; y++) {
    const end = (y * image.widthPx + x1) * 3;
    for (let at = (y * image.widthPx + x0) * 3; at < end; at += 3) {
      data[at] = r;
      data[at + 1] = g;
      data[at + 2] = b;
    }
  }
}

/** Draws the digits of a number, one cell from the left and top of a label. */
export function drawDigits(image: Raster, value: number, [x0, y0]: readonly number[], cell: number, colour: Rgb): void {
  let left = x0! + cell;
  for (const digit of String(value)) {
    DIGITS[Number(digit)]!.forEach((bits, row) => {
      for (let column = 0; column < DIGIT_WIDTH; column++) {
        if (!(bits & (1 << (DIGIT_WIDTH - 1 - column)))) continue;
        const x = left + column * cell;
        const y = y0! + (1 + row) * cell;
        fillRect(image, [x, y, x + cell, y + cell], colour);
      }
    });
    left += (DIGIT_WIDTH + 1) * cell;
  }
}
