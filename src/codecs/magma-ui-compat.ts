/**
 * How Magma's demo of pages reads an answer, oddities included (microsoft/Magma `e373780`, `agents/ui_agent/util/process_utils.py` and
 * `app.py` process). An unknown mark's number counts as a third number, so that the coordinate beside it is lost; a word with "box"
 * in it takes the way of boxes; nothing is checked to lie on the page.
 */
import { asciiDigits } from './python-digits.ts';

/** Where the demo would point: a mark's box by its number, or a point in 0..1 (or outside, as the model wrote it). */
export type DemoTarget =
  | { readonly kind: 'mark'; readonly markId: string }
  | { readonly kind: 'point'; readonly pointNorm: readonly [number, number] }
  | { readonly kind: 'none' };

/** The number behind the first `Mark: `, without leading zeros. */
export function markIdIn(text: string): string | undefined {
  return /Mark: (\d+)/.exec(asciiDigits(text))?.[1]?.replace(/^0+(?=\d)/, '');
}

/** Corners of all boxes in the way of Qwen, two for each, in thousandths. */
export function boxCornersIn(text: string): [number, number][] {
  const boxes = asciiDigits(text).matchAll(/<box>\((\d+),(\d+)\),\((\d+),(\d+)\)<\/box>/g);
  return [...boxes].flatMap(([, ...numbers]) => {
    const [x1, y1, x2, y2] = numbers.map(Number) as [number, number, number, number];
    return [[x1, y1] as [number, number], [x2, y2] as [number, number]];
  });
}

/** Two numbers are a point, four are a box whose middle it is, any other count is nothing. `.5` reads as 5. */
export function pointIn(text: string): [number, number] | undefined {
  const numbers = (asciiDigits(text).match(/-?\d+\.?\d*/g) ?? []).map(Number);
  if (numbers.length === 2) return numbers as [number, number];
  if (numbers.length !== 4) return undefined;
  const [x1, y1, x2, y2] = numbers as [number, number, number, number];
  return [(x1 + x2) / 2, (y1 + y2) / 2];
}

export function demoTarget(text: string, isMark: (markId: string) => boolean): DemoTarget {
  const markId = markIdIn(text);
  if (markId !== undefined && isMark(markId)) return { kind: 'mark', markId };
  const pointNorm = text.includes('box') ? middleOfFirstBox(text) : pointIn(text);
  return pointNorm ? { kind: 'point', pointNorm } : { kind: 'none' };
}

function middleOfFirstBox(text: string): [number, number] | undefined {
  const [from, to] = boxCornersIn(text);
  return from && to && [(from[0] + to[0]) / 2 / 1000, (from[1] + to[1]) / 2 / 1000];
}
