/**
 * Draws numbered boxes on raw RGB: the set-of-mark picture that grounding models were trained on.
 * Outline red, label box red with white digits; of eight places around a box the label takes the one that hides least of
 * other boxes and labels. Follows Magma `util/som.py` (reference: magma.md 2), with digits of our own and smaller labels.
 * Knows nothing of where the boxes come from.
 */
import type { Frame, Mark } from '../types.ts';
import { digitCell, drawDigits, fillRect, labelSize, type Raster, type Rect } from './raster.ts';
import { requireRgb } from './require-rgb.ts';

const RED = [255, 0, 0] as const;
const WHITE = [255, 255, 255] as const;
const GREY = [128, 128, 128] as const;

/** Outline, image px at one image px per CSS px. As Magma draws it. */
const LINE_PX = 2;
/** Weight of the distance to the nearest other corner against overlap, from Magma `util/som.py`. */
const DISTANCE_WEIGHT = 0.0001;

function strokeRect(image: Raster, [x0, y0, x1, y1]: Rect, line: number): void {
  fillRect(image, [x0, y0, x1, y0 + line], RED);
  fillRect(image, [x0, y1 - line, x1, y1], RED);
  fillRect(image, [x0, y0, x0 + line, y1], RED);
  fillRect(image, [x1 - line, y0, x1, y1], RED);
}

/** The eight places of a label of `w x h` around a box: above, right, below, left, at either end. */
function places([x0, y0, x1, y1]: Rect, w: number, h: number): [number, number][] {
  return [
    [x0, y0 - h],
    [x1 - w, y0 - h],
    [x1, y0],
    [x1, y1 - h],
    [x1 - w, y1],
    [x0, y1],
    [x0 - w, y1 - h],
    [x0 - w, y0],
  ];
}

/** Rectangles in one typed array, four numbers each: the inner loop of placing runs over all of them. */
interface Obstacles {
  readonly sides: Int32Array;
  count: number;
}

function addObstacle(obstacles: Obstacles, rect: Rect): void {
  obstacles.sides.set(rect, 4 * obstacles.count++);
}

/**
 * How much a label at `[x, y, x + w, y + h]` is in the way: the worst overlap area, less a little for distance.
 * Ends early once it is worse than `best`.
 */
function cost(obstacles: Obstacles, own: number, x: number, y: number, w: number, h: number, best: number): number {
  const { sides, count } = obstacles;
  let worst = Number.NEGATIVE_INFINITY;
  for (let i = 0, at = 0; i < count; i++, at += 4) {
    if (i === own) continue;
    const gapX = Math.max(sides[at]! - (x + w), x - sides[at + 2]!);
    const gapY = Math.max(sides[at + 1]! - (y + h), y - sides[at + 3]!);
    let term: number;
    if (gapX < 0 && gapY < 0) {
      const overlapX = Math.min(x + w, sides[at + 2]!) - Math.max(x, sides[at]!);
      const overlapY = Math.min(y + h, sides[at + 3]!) - Math.max(y, sides[at + 1]!);
      term = overlapX * overlapY;
    } else {
      // Manhattan distance: the corner distance of the original without its root.
      term = -DISTANCE_WEIGHT * (Math.max(0, gapX) + Math.max(0, gapY));
    }
    if (term > worst) {
      worst = term;
      if (worst >= best) return worst;
    }
  }
  return worst;
}

function placeLabel(image: Raster, obstacles: Obstacles, own: number, box: Rect, w: number, h: number): Rect {
  let best = Number.POSITIVE_INFINITY;
  let chosen: Rect | undefined;
  for (const [x, y] of places(box, w, h)) {
    if (x < 0 || y < 0 || x + w > image.widthPx || y + h > image.heightPx) continue;
    const found = cost(obstacles, own, x, y, w, h, best);
    if (found >= best) continue;
    best = found;
    chosen = [x, y, x + w, y + h];
  }
  if (chosen) return chosen;
  // A box as large as the image leaves no room outside.
  const x = Math.max(0, Math.min(box[0], image.widthPx - w));
  const y = Math.max(0, Math.min(box[1], image.heightPx - h));
  return [x, y, x + w, y + h];
}

/** Draws boxes and numbers into `frame.data`, which must be rgb8 and the caller's own. Boxes are CSS px of the frame. */
export function drawMarks(frame: Frame, marks: readonly Pick<Mark, 'id' | 'boxPx'>[]): void {
  requireRgb(frame);
  const scaleX = frame.widthPx / (frame.cssWidthPx ?? frame.widthPx);
  const scaleY = frame.heightPx / (frame.cssHeightPx ?? frame.heightPx);
  const line = Math.max(1, Math.round(LINE_PX * scaleX));
  const cell = digitCell(frame);

  const obstacles: Obstacles = { sides: new Int32Array(8 * marks.length), count: 0 };
  const boxes = marks.map(({ boxPx: [x0, y0, x1, y1] }): Rect => {
    const rect: Rect = [
      Math.max(0, Math.round(x0 * scaleX)),
      Math.max(0, Math.round(y0 * scaleY)),
      Math.min(frame.widthPx, Math.round(x1 * scaleX)),
      Math.min(frame.heightPx, Math.round(y1 * scaleY)),
    ];
    addObstacle(obstacles, rect);
    return rect;
  });
  for (const box of boxes) strokeRect(frame, box, line);
  boxes.forEach((box, index) => {
    const { id } = marks[index]!;
    const label = placeLabel(frame, obstacles, index, box, ...labelSize(id, cell));
    addObstacle(obstacles, label);
    fillRect(frame, label, RED);
    drawDigits(frame, id, label, cell, WHITE);
  });
}

/** Paints boxes solid grey into `image.data`; boxes in image px, any fraction of a pixel counts as covered. */
export function paintOver(image: Raster, boxesPx: readonly Rect[]): void {
  for (const [x0, y0, x1, y1] of boxesPx)
    fillRect(image, [Math.floor(x0), Math.floor(y0), Math.ceil(x1), Math.ceil(y1)], GREY);
}
