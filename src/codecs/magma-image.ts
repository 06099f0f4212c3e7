/**
 * What Magma's image processor makes of a picture, and how pictures with marks were drawn when it was trained: facts for whoever sends
 * it pictures. microsoft/Magma `e373780`, `magma/image_processing_magma.py`, `agents/ui_agent/util/som.py`, `agents/robot_traj`.
 */

/** Pictures are scaled to 0..1, then by these, the numbers of CLIP. Send RGB: the processor converts nothing. */
export const MAGMA_NORM = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
} as const;

/** An arm's picture is stretched to this before it is sent (bicubic, as PIL resizes), and so are pictures to trace marks on. */
export const MAGMA_ARM_PX = 256;

/** What was drawn: pages have red outlines and red labels with white numbers, arms red discs. */
export const MAGMA_MARKS = {
  page: { firstId: 0, outlineRgb: [255, 0, 0], outlinePx: 2, labelRgb: [255, 0, 0], textRgb: [255, 255, 255] },
  arm: { firstId: 1, discRgb: [255, 0, 0] },
} as const;

/** Least height and width of the digits on a page's label, px. */
export const magmaLabelTextPx = (widthPx: number, heightPx: number): number =>
  Math.min(30, 0.04 * Math.min(widthPx, heightPx));

export interface AnyresGrid {
  /** What the picture is stretched to; its shape is not kept. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Squares that it is cut into, row by row: the processor's `image_sizes`. */
  readonly rows: number;
  readonly columns: number;
}

/** Squares of `basePx`, at most `maxCrops` of them, so that most of the picture's pixels stay; of two as good, the one with less waste. */
export function anyresGrid(widthPx: number, heightPx: number, { basePx = 768, maxCrops = 1 } = {}): AnyresGrid {
  let best = { columns: 1, rows: 1, kept: -1, waste: Number.POSITIVE_INFINITY };
  for (let columns = 1; columns <= maxCrops; columns++)
    for (let rows = 1; rows <= Math.floor(maxCrops / columns); rows++) {
      const [toWidth, toHeight] = [columns * basePx, rows * basePx];
      const scale = Math.min(toWidth / widthPx, toHeight / heightPx);
      const kept = Math.min(Math.trunc(widthPx * scale) * Math.trunc(heightPx * scale), widthPx * heightPx);
      const waste = toWidth * toHeight - kept;
      if (kept > best.kept || (kept === best.kept && waste < best.waste)) best = { columns, rows, kept, waste };
    }
  return { widthPx: best.columns * basePx, heightPx: best.rows * basePx, rows: best.rows, columns: best.columns };
}
