/**
 * Puts the samples of all frames together: one list of marks in the page's own CSS pixels, in reading order.
 * Pure; knows no browser.
 */
import type { Box, CrossingPoints, FrameSample, Point, SampledMark } from './page/protocol.ts';

/** Where a frame lies on the page. */
export interface Placement {
  readonly frameId: string;
  readonly parentId?: string;
  readonly sample: FrameSample;
  /** Page px = offset + scale x frame px. */
  readonly offsetPx: Point;
  readonly scale: number;
  /** What is to be seen of it, page px. */
  readonly clipPx: Box;
}

/** A mark on the page, not numbered yet. */
export interface PlacedMark {
  readonly placement: Placement;
  readonly sampled: SampledMark;
  /** Page px, clipped to what is to be seen. */
  readonly boxPx: Box;
  /** Page px; `undefined` while none is known that is in view. */
  pointPx: Point | undefined;
}

export const toPage = ({ offsetPx, scale }: Pick<Placement, 'offsetPx' | 'scale'>, [x, y]: Point): Point => [
  offsetPx[0] + scale * x,
  offsetPx[1] + scale * y,
];

export const toFrame = ({ offsetPx, scale }: Pick<Placement, 'offsetPx' | 'scale'>, [x, y]: Point): Point => [
  (x - offsetPx[0]) / scale,
  (y - offsetPx[1]) / scale,
];

/** A box of the frame on the page, clipped; `undefined` when nothing of it is to be seen. */
export function boxToPage(placement: Placement, box: Box): Box | undefined {
  const [x0, y0] = toPage(placement, [box[0], box[1]]);
  const [x1, y1] = toPage(placement, [box[2], box[3]]);
  const { clipPx } = placement;
  const clipped: Box = [
    Math.max(x0, clipPx[0]),
    Math.max(y0, clipPx[1]),
    Math.min(x1, clipPx[2]),
    Math.min(y1, clipPx[3]),
  ];
  return clipped[2] - clipped[0] >= 1 && clipped[3] - clipped[1] >= 1 ? clipped : undefined;
}

/** The part of the frame that is to be seen, in its own px. */
export function clipInFrame(placement: Placement): Box {
  const [x0, y0] = toFrame(placement, [placement.clipPx[0], placement.clipPx[1]]);
  const [x1, y1] = toFrame(placement, [placement.clipPx[2], placement.clipPx[3]]);
  return [x0, y0, x1, y1];
}

/** Places the main frame and all frames in view below it; parents before children. */
export function placeFrames(samples: ReadonlyMap<string, FrameSample>, mainFrameId: string): Placement[] {
  const placed: Placement[] = [];
  const place = (frameId: string, outer: Omit<Placement, 'frameId' | 'sample'>) => {
    const sample = samples.get(frameId);
    if (!sample) return;
    const placement: Placement = { frameId, sample, ...outer };
    placed.push(placement);
    for (const inner of sample.frames) {
      const clipPx = boxToPage(placement, inner.boxPx);
      // A frame cannot hold itself; a page of another process might say so.
      if (inner.frameId === undefined || !clipPx || placed.some((other) => other.frameId === inner.frameId)) continue;
      place(inner.frameId, {
        parentId: frameId,
        offsetPx: toPage(placement, [inner.boxPx[0], inner.boxPx[1]]),
        scale: placement.scale * inner.scale,
        clipPx,
      });
    }
  };
  const main = samples.get(mainFrameId);
  if (main) place(mainFrameId, { offsetPx: [0, 0], scale: 1, clipPx: [0, 0, main.widthPx, main.heightPx] });
  return placed;
}

export function placeMarks(placements: readonly Placement[]): PlacedMark[] {
  return placements.flatMap((placement) =>
    placement.sample.marks.flatMap((sampled): PlacedMark[] => {
      const boxPx = boxToPage(placement, sampled.boxPx);
      if (!boxPx) return [];
      const pointPx = toPage(placement, sampled.pointPx);
      const [x, y] = pointPx;
      const { clipPx } = placement;
      const isIn = x >= clipPx[0] && y >= clipPx[1] && x < clipPx[2] && y < clipPx[3];
      return [{ placement, sampled, boxPx, pointPx: isIn ? pointPx : undefined }];
    }),
  );
}

/** Frames that a point has to pass, from the mark's own frame outward: the inner frame of each border. */
export function* borders(
  placements: ReadonlyMap<string, Placement>,
  from: Placement,
): Generator<[Placement, Placement]> {
  let inner = from;
  while (inner.parentId !== undefined) {
    const outer = placements.get(inner.parentId);
    if (!outer) return;
    yield [outer, inner];
    inner = outer;
  }
}

/** What crosses one outer frame, by inner frame: points in its pixels, and the marks they are of in the same order. */
export interface Crossing {
  readonly points: CrossingPoints;
  readonly marks: Readonly<Record<string, readonly PlacedMark[]>>;
}
/** By outer frame. */
export type Crossings = ReadonlyMap<string, Crossing>;

/** What every frame has to look at. */
export function crossingsOf(placements: ReadonlyMap<string, Placement>, marks: readonly PlacedMark[]): Crossings {
  const perFrame = new Map<string, { points: Record<string, Point[]>; marks: Record<string, PlacedMark[]> }>();
  for (const mark of marks) {
    if (!mark.pointPx) continue;
    for (const [outer, inner] of borders(placements, mark.placement)) {
      let entry = perFrame.get(outer.frameId);
      if (!entry) {
        entry = { points: {}, marks: {} };
        perFrame.set(outer.frameId, entry);
      }
      entry.points[inner.frameId] ??= [];
      entry.points[inner.frameId]!.push(toFrame(inner, mark.pointPx));
      entry.marks[inner.frameId] ??= [];
      entry.marks[inner.frameId]!.push(mark);
    }
  }
  return perFrame;
}

/**
 * Reading order: rows from the top, each from the left. A mark joins a row when its middle lies within half the height of
 * the row's first mark. The same page gives the same numbers.
 */
export function inReadingOrder(marks: readonly PlacedMark[]): PlacedMark[] {
  const middle = ({ boxPx }: PlacedMark) => (boxPx[1] + boxPx[3]) / 2;
  const sorted = [...marks].sort(
    (a, b) => middle(a) - middle(b) || a.boxPx[0] - b.boxPx[0] || a.sampled.id - b.sampled.id,
  );
  const rows: PlacedMark[][] = [];
  for (const mark of sorted) {
    const row = rows.at(-1);
    const first = row?.[0];
    const reach = first ? Math.min(first.boxPx[3] - first.boxPx[1], mark.boxPx[3] - mark.boxPx[1]) / 2 : 0;
    if (row && first && middle(mark) - middle(first) <= reach) row.push(mark);
    else rows.push([mark]);
  }
  return rows.flatMap((row) => row.sort((a, b) => a.boxPx[0] - b.boxPx[0] || middle(a) - middle(b)));
}
