/**
 * What KOSMOS-2 answers to `<grounding><phrase> a cup</phrase>`: where it is, as pairs of cells of a grid of 32 by 32 over the whole
 * picture (Kosmos2Processor of transformers 5). Only what follows the phrase at once speaks of it.
 */

/** Sides of a box as shares of the picture: left, top, right, bottom. */
export type UnitBox = readonly [number, number, number, number];

const GRID = 32;
const OPEN = '<object>';
const CLOSE = '</object>';
const PAIR = /^<patch_index_(\d{4})><patch_index_(\d{4})>$/;

/** Whether more text would change nothing: the box is there, or something else is. */
export const isSettled = (text: string): boolean =>
  text.includes(CLOSE) || !(text.startsWith(OPEN) || OPEN.startsWith(text));

/** The boxes, or none where the answer has no place, or one that cannot be: upside down or outside of the grid. */
export function boxesOf(text: string): readonly UnitBox[] {
  const end = text.indexOf(CLOSE);
  if (!text.startsWith(OPEN) || end < 0) return [];
  const pairs = text.slice(OPEN.length, end).split('</delimiter_of_multi_objects/>');
  const boxes = pairs.map(boxOf);
  return boxes.every((box) => box !== undefined) ? boxes : [];
}

function boxOf(pair: string): UnitBox | undefined {
  const [, first, last] = PAIR.exec(pair) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (!(from < GRID * GRID && to < GRID * GRID)) return undefined;
  const [x0, y0, x1, y1] = [from % GRID, Math.floor(from / GRID), to % GRID, Math.floor(to / GRID)];
  if (x1 < x0 || y1 < y0) return undefined;
  // A box within one row or column covers whole cells; any other goes from the middle of a cell to the middle of another.
  const [near, far] = x0 === x1 || y0 === y1 ? [0, 1] : [0.5, 0.5];
  return [(x0 + near) / GRID, (y0 + near) / GRID, (x1 + far) / GRID, (y1 + far) / GRID];
}
