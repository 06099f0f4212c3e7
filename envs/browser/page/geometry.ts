/**
 * Where elements are, and where a click would reach them: boxes, image map areas, hit tests through shadow roots.
 * Runs inside the page: self-contained, no imports at run time.
 */
import type { Dom, Root } from './dom.ts';
import type { Box, Point } from './protocol.ts';

/** @param shadowOf - shadow root of an element, closed ones included. */
export function makeGeometry(dom: Dom, shadowOf: (element: Element) => ShadowRoot | null) {
  /** Smaller things cannot be pointed at, CSS px. */
  const MIN_SIZE_PX = 2;
  /** Difference below which a box counts as the same, CSS px. Chosen: half of what a model may be off. */
  const SAME_PX = 1;

  const roundBox = (b: { left: number; top: number; right: number; bottom: number }): Box => [
    Math.round(b.left * 100) / 100,
    Math.round(b.top * 100) / 100,
    Math.round(b.right * 100) / 100,
    Math.round(b.bottom * 100) / 100,
  ];
  const isSameBox = (a: Box, b: Box) => a.every((side, i) => Math.abs(side - b[i]!) <= SAME_PX);
  const isInside = ([x, y]: Point, clip: Box) => x >= clip[0] && y >= clip[1] && x < clip[2] && y < clip[3];
  const viewBox = (): Box => [0, 0, innerWidth, innerHeight];

  function areaRect(area: HTMLAreaElement): DOMRect | undefined {
    const map = dom.closest(area, 'map');
    const name = map && dom.attribute(map, 'name');
    const image = name && dom.find(dom.rootOf(area), `img[usemap="#${CSS.escape(name)}" i]`)[0];
    const n = area.coords.split(',').map(Number);
    if (!image || (area.shape !== 'default' && n.some(Number.isNaN))) return undefined;
    const b = dom.box(image);
    if (area.shape === 'default') return b;
    if (/^circ/.test(area.shape) && n.length >= 3)
      return new DOMRect(b.left + n[0]! - n[2]!, b.top + n[1]! - n[2]!, 2 * n[2]!, 2 * n[2]!);
    const xs = n.filter((_, i) => i % 2 === 0);
    const ys = n.filter((_, i) => i % 2 === 1);
    if (!ys.length) return undefined;
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    return new DOMRect(b.left + left, b.top + top, Math.max(...xs) - left, Math.max(...ys) - top);
  }

  /** Where an element is: its box, and the rectangles it really covers (a link may run over lines). */
  function extent(e: Element): { box: DOMRect; rects: ArrayLike<DOMRect> } | undefined {
    if (dom.localName(e) === 'area') {
      const rect = areaRect(e as HTMLAreaElement);
      return rect && { box: rect, rects: [rect] };
    }
    const rects = dom.rects(e);
    if (!rects.length && getComputedStyle(e).display !== 'contents') return undefined;
    const box = dom.box(e);
    if (box.width >= MIN_SIZE_PX && box.height >= MIN_SIZE_PX) return { box, rects: rects.length > 1 ? rects : [box] };
    // Floats, absolutely placed children and `display: contents` leave an element without a box of its own.
    const content = dom.firstChild(e) ? dom.contentBox(e) : box;
    return { box: content, rects: [content] };
  }

  // Hit tests.
  function flatParent(n: Node): Node | null {
    const slot = dom.nodeType(n) === 1 ? dom.assignedSlot(n as Element) : null;
    if (slot) return slot;
    const parent = dom.parent(n);
    if (!parent) return null;
    if (dom.nodeType(parent) === 11) return (parent as ShadowRoot).host ?? null;
    // `assignedSlot` is not told for closed roots.
    const root = dom.nodeType(parent) === 1 ? shadowOf(parent as Element) : null;
    if (root?.mode === 'closed')
      for (const closed of dom.find(root, 'slot'))
        if ((closed as HTMLSlotElement).assignedNodes().includes(n)) return closed;
    return parent;
  }
  /**
   * Whether a click at the point reaches the element. Its own root is asked, once: that answers with what lies there as seen
   * from the root, the host in place of what is inside of deeper roots.
   */
  function hits(e: Element, [x, y]: Point): boolean {
    for (let n: Node | null = dom.hit(dom.rootOf(e) as Root, x, y); n; n = flatParent(n)) if (n === e) return true;
    return false;
  }
  /** Points worth trying, best first: the middle of each rectangle, then off the middle, then near the corners. */
  function* pointsIn(rects: ArrayLike<DOMRect>, clip: Box): Generator<Point> {
    const shares: Point[] = [
      [0.5, 0.5],
      [0.85, 0.5],
      [0.15, 0.5],
      [0.5, 0.2],
      [0.5, 0.8],
    ];
    const corners: Point[] = [
      [0.12, 0.12],
      [0.88, 0.12],
      [0.12, 0.88],
      [0.88, 0.88],
    ];
    const parts: Box[] = [];
    for (let i = 0; i < Math.min(rects.length, 4); i++) {
      const r = rects[i]!;
      const part: Box = [
        Math.max(r.left, clip[0]),
        Math.max(r.top, clip[1]),
        Math.min(r.right, clip[2]),
        Math.min(r.bottom, clip[3]),
      ];
      if (part[2] - part[0] >= 1 && part[3] - part[1] >= 1) parts.push(part);
    }
    const at = (p: Box, [sx, sy]: Point): Point => [p[0] + (p[2] - p[0]) * sx, p[1] + (p[3] - p[1]) * sy];
    for (const part of parts) yield at(part, shares[0]!);
    for (const part of parts) for (const share of [...shares.slice(1), ...corners]) yield at(part, share);
  }
  function firstHit(e: Element, rects: ArrayLike<DOMRect>, clip: Box): Point | undefined {
    for (const point of pointsIn(rects, clip)) if (hits(e, point)) return point;
    return undefined;
  }
  function allHits(e: Element, clip: Box): Point[] {
    const where = extent(e);
    return where ? [...pointsIn(where.rects, clip)].filter((point) => hits(e, point)) : [];
  }

  function frameBox(e: Element): { boxPx: Box; scale: number } {
    const b = dom.box(e);
    const style = getComputedStyle(e);
    const [width, height] = [dom.clientWidth(e), dom.clientHeight(e)];
    const scale = (e as HTMLElement).offsetWidth ? b.width / (e as HTMLElement).offsetWidth : 1;
    const pad = (side: string) => Number.parseFloat(style.getPropertyValue(`padding-${side}`)) || 0;
    const left = b.left + (dom.clientLeft(e) + pad('left')) * scale;
    const top = b.top + (dom.clientTop(e) + pad('top')) * scale;
    const right = left + (width - pad('left') - pad('right')) * scale;
    const bottom = top + (height - pad('top') - pad('bottom')) * scale;
    return { boxPx: roundBox({ left, top, right, bottom }), scale };
  }

  return { MIN_SIZE_PX, extent, hits, firstHit, allHits, frameBox, roundBox, isSameBox, isInside, viewBox };
}
