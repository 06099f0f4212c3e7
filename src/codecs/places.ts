/** Places from the numbers that a model writes into pixels of the frame that the camera gave. */
import type { CoordinateSpace, Picture } from './reading.ts';

export type Pair = readonly [number, number];
export type Quad = readonly [number, number, number, number];

/** Largest number along each side, x first. */
function extentOf(space: CoordinateSpace, picture: Picture): Pair {
  if (space.kind === 'unit') return [1, 1];
  if (space.kind === 'grid') return [space.max ?? 1000, space.max ?? 1000];
  return [picture.sentWidthPx ?? picture.widthPx, picture.sentHeightPx ?? picture.heightPx];
}

const inOrder = ([first, second]: Pair, { axes }: CoordinateSpace): Pair =>
  axes === 'xy' ? [first, second] : [second, first];

/** Frame px of a point as the model wrote it. */
export function pointInFrame(said: Pair, space: CoordinateSpace, picture: Picture): Pair {
  const [x, y] = inOrder(said, space);
  const [width, height] = extentOf(space, picture);
  return [(x / width) * picture.widthPx, (y / height) * picture.heightPx];
}

/** Frame px `[x1, y1, x2, y2]` of a box as the model wrote it. */
export function boxInFrame([a, b, c, d]: Quad, space: CoordinateSpace, picture: Picture): Quad {
  return [...pointInFrame([a, b], space, picture), ...pointInFrame([c, d], space, picture)] as unknown as Quad;
}

/** Whether a place is within the numbers that the model was trained to write. */
export function isInSpace(said: Pair, space: CoordinateSpace, picture: Picture): boolean {
  const extent = extentOf(space, picture);
  return inOrder(said, space).every((value, axis) => value >= 0 && value <= extent[axis]!);
}

/** Whether a box is one: within the picture, the second corner right of the first and below it. */
export function isSoundBox(said: Quad, space: CoordinateSpace, picture: Picture): boolean {
  const [a, b, c, d] = said;
  return isInSpace([a, b], space, picture) && isInSpace([c, d], space, picture) && a < c && b < d;
}
