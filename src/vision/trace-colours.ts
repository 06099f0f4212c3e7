/** Colours of traces, shared by what draws them on pixels and on pages. Pure. */

/**
 * Colours that colour-blind eyes tell apart, and that black digits are read on. From the palette of Okabe and Ito (2008).
 * https://jfly.uni-koeln.de/color/
 */
const TRACE_COLOURS = [
  [86, 180, 233],
  [230, 159, 0],
  [0, 158, 115],
  [240, 228, 66],
  [204, 121, 167],
] as const;

/** The colour of a mark's trace: the same on every picture. */
export const traceColour = (markId: number): readonly [number, number, number] =>
  TRACE_COLOURS[Math.abs(Math.trunc(markId)) % TRACE_COLOURS.length] ?? TRACE_COLOURS[0];
