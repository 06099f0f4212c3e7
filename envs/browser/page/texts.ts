/**
 * Reads the visible text of a frame, piece by piece with boxes.
 * Runs inside the page: self-contained, no imports at run time.
 */
import type { Dom, Root } from './dom.ts';
import type { Box, Point, SampledText } from './protocol.ts';

/** @param hits - whether a click at the point reaches the element. */
export function makeTextReader(
  dom: Dom,
  roots: ReadonlySet<Root>,
  hits: (element: Element, point: Point) => boolean,
): (view: Box) => SampledText[] {
  /** Chosen: a dense newspaper page shows some 600. */
  const MAX_PIECES = 2000;
  /** Chosen: a long paragraph. */
  const MAX_PIECE_CHARS = 1000;
  const SILENT_TAGS = /^(script|style|noscript|template|option|title)$/;

  function piece(node: Text, view: Box): SampledText | undefined {
    const text = node.data.replace(/\s+/g, ' ').trim();
    const parent = text ? dom.parent(node) : null;
    if (!parent) return undefined;
    const parentElement = dom.nodeType(parent) === 1 ? (parent as Element) : (parent as ShadowRoot).host;
    if (!parentElement || SILENT_TAGS.test(dom.localName(parentElement))) return undefined;
    let box: [number, number, number, number] | undefined;
    let isHit = false;
    for (const r of dom.textRects(node)) {
      const part = [
        Math.max(r.left, view[0]),
        Math.max(r.top, view[1]),
        Math.min(r.right, view[2]),
        Math.min(r.bottom, view[3]),
      ];
      const [x0, y0, x1, y1] = part as [number, number, number, number];
      if (x1 - x0 < 1 || y1 - y0 < 1) continue;
      box = box
        ? [Math.min(box[0], x0), Math.min(box[1], y0), Math.max(box[2], x1), Math.max(box[3], y1)]
        : [x0, y0, x1, y1];
      isHit ||= hits(parentElement, [(x0 + x1) / 2, (y0 + y1) / 2]) || hits(parentElement, [x0 + 1, (y0 + y1) / 2]);
    }
    if (!box || !dom.isVisible(parentElement, { opacityProperty: true, visibilityProperty: true })) return undefined;
    // Text that lets clicks through is visible though nothing can hit it.
    if (!isHit && getComputedStyle(parentElement).pointerEvents !== 'none') return undefined;
    return { text: text.slice(0, MAX_PIECE_CHARS), boxPx: box };
  }

  return (view) => {
    const pieces: SampledText[] = [];
    for (const root of roots) {
      const walker = dom.walk(root, NodeFilter.SHOW_TEXT);
      for (let n = walker.nextNode(); n && pieces.length < MAX_PIECES; n = walker.nextNode()) {
        const found = piece(n as Text, view);
        if (found) pieces.push(found);
      }
    }
    return pieces;
  };
}
