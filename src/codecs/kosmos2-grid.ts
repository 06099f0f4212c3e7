/**
 * KOSMOS-2's places: a picture of 32 x 32 cells, each a token of its own; a box is named by its upper left and its lower right cell.
 * Read from transformers 5.23.0 `models/kosmos2/processing_kosmos2.py`; ids of microsoft/kosmos-2-patch14-224. Knows no text.
 */
import { PumiceError } from '../errors.ts';

/** Cells along a side. */
export const KOSMOS2_SIDE = 32;
export const KOSMOS2_CELLS = KOSMOS2_SIDE ** 2;

/** `[x1, y1, x2, y2]`, parts of the picture's width and height. */
export type NormBox = readonly [number, number, number, number];

/** Ids of the tokens that are not words. A cell's is `firstCell` and its number. */
export const KOSMOS2_IDS = {
  '<s>': 0,
  pad: 1,
  '</s>': 2,
  first_image_token: 4,
  '<image>': 64_003,
  '</image>': 64_004,
  '<phrase>': 64_007,
  '</phrase>': 64_008,
  '<object>': 64_009,
  '</object>': 64_010,
  '</delimiter_of_multi_objects/>': 64_011,
  '<grounding>': 64_012,
  firstCell: 64_013,
} as const;

const TAG_OF_ID = new Map<number, string>(
  Object.entries(KOSMOS2_IDS).flatMap(([tag, id]) => (tag.startsWith('<') ? [[id, tag] as const] : [])),
);
const CELL_TAG = /^<patch_index_(\d{4})>$/;

/** What an id stands for as text: a tag or a cell; undefined for words. */
export const kosmos2TagOfId = (id: number): string | undefined =>
  id >= KOSMOS2_IDS.firstCell && id < KOSMOS2_IDS.firstCell + KOSMOS2_CELLS
    ? cellTag(id - KOSMOS2_IDS.firstCell)
    : TAG_OF_ID.get(id);

/** The id of a tag or a cell. */
export function kosmos2IdOfTag(tag: string): number | undefined {
  const cell = CELL_TAG.exec(tag)?.[1];
  if (cell === undefined) return tag.startsWith('<') ? (KOSMOS2_IDS as Record<string, number>)[tag] : undefined;
  return Number(cell) < KOSMOS2_CELLS ? KOSMOS2_IDS.firstCell + Number(cell) : undefined;
}

/** A cell as text: four digits, a sign among them. */
export function cellTag(cell: number | bigint): string {
  const digits = String(cell);
  const sign = digits.startsWith('-') ? '-' : '';
  return `<patch_index_${sign}${digits.slice(sign.length).padStart(4 - sign.length, '0')}>`;
}

const refuse = (message: string) =>
  new PumiceError('decode/out-of-range', message, {
    who: 'codec kosmos2',
    hint: 'Give boxes as [x1, y1, x2, y2], 0 to 1 from the upper left, with x2 > x1 and y2 > y1',
  });

/**
 * The cells of a box: the one its upper left corner is in, and the last one that it reaches into. Not clamped to the grid, as the
 * original does not.
 *
 * @throws PumiceError `decode/out-of-range` for a box without area or with numbers that are not finite.
 */
export function cellsOfBox([x1, y1, x2, y2]: NormBox, side: number = KOSMOS2_SIDE): readonly [ul: number, lr: number] {
  const areNumbers = [x1, y1, x2, y2].every(Number.isFinite);
  if (!(areNumbers && x2 > x1 && y2 > y1))
    throw refuse(`expected a box with an area, got (${x1}, ${y1}, ${x2}, ${y2})`);
  const upperLeft = Math.floor(y1 * side) * side + Math.floor(x1 * side);
  const lowerRight = Math.ceil(y2 * side - 1) * side + Math.ceil(x2 * side - 1);
  // Python's integers know no -0.
  return [upperLeft + 0, lowerRight + 0];
}

/**
 * The box of two cells: their outer edges where they are one cell or lie in one row or column, else half a cell further in on every
 * side. So the whole picture comes back as 1/64 to 63/64. Any whole numbers are taken, as the original does.
 */
export function boxOfCells(ul: number | bigint, lr: number | bigint, side: number = KOSMOS2_SIDE): NormBox {
  const cell = 1 / side;
  const [left, top] = placeOf(BigInt(ul), BigInt(side));
  const [right, bottom] = placeOf(BigInt(lr), BigInt(side));
  const isLine = left === right || top === bottom;
  const [near, far] = isLine ? [0, cell] : [cell / 2, cell / 2];
  return [left * cell + near, top * cell + near, right * cell + far, bottom * cell + far];
}

/** Column and row, rounded down as Python's `%` and `//` do. */
function placeOf(index: bigint, side: bigint): readonly [column: number, row: number] {
  const column = ((index % side) + side) % side;
  return [Number(column), Number((index - column) / side)];
}
