/**
 * The index of one frame: which elements can be acted on right now, where, and what they say they are.
 * Runs in an isolated world of each frame; the page cannot see or call it. Knows nothing of other frames: boxes are CSS
 * pixels of this frame's own viewport; `compose.ts` puts frames together.
 * Self-contained: its parts are injected beside it (`source.ts`), no imports at run time.
 */
import type { makeCandidates } from './candidates.ts';
import type { makeClues } from './clues.ts';
import type { makeDescribe } from './describe.ts';
import type { takeDom } from './dom.ts';
import type { makeGeometry } from './geometry.ts';
import type {
  Box,
  CrossingPoints,
  FrameIndex,
  FrameIndexIntake,
  FrameLocation,
  FrameSample,
  LetThrough,
  LostReason,
  Point,
  Projection,
  SampledFrame,
  SampledMark,
  VerifyAnswer,
} from './protocol.ts';
import type { makeTextReader } from './texts.ts';

export interface IndexParts {
  readonly takeDom: typeof takeDom;
  readonly makeCandidates: typeof makeCandidates;
  readonly makeClues: typeof makeClues;
  readonly makeDescribe: typeof makeDescribe;
  readonly makeGeometry: typeof makeGeometry;
  readonly makeTextReader: typeof makeTextReader;
  /** Tells the collector that something changed. */
  readonly notify: () => void;
}

export function markIndex(parts: IndexParts): FrameIndex & FrameIndexIntake {
  /** Handles kept before the dead ones are dropped. Chosen. */
  const MAX_HANDLES = 5000;
  /** Marks of one frame. Chosen: far above what a picture can carry numbers of, and quick to draw and to send. */
  const MAX_MARKS = 1000;
  /** A click on what is inside these acts on them. */
  const WHOLE =
    'a[href],button,summary,label,[role~=button],[role~=link],[role~=menuitem],[role~=tab],[role~=option],[role~=switch]';

  interface Held {
    readonly element: Element;
    readonly mark: SampledMark;
  }
  const dom = parts.takeDom();
  const candidates = parts.makeCandidates(dom, parts.notify);
  const { describe, roleOf, nameOf } = parts.makeDescribe(dom, candidates.shadowOf);
  const cluesOf = parts.makeClues(dom);
  const geometry = parts.makeGeometry(dom, candidates.shadowOf);
  const { MIN_SIZE_PX, extent, hits, firstHit, allHits, frameBox, roundBox, isSameBox, isInside, viewBox } = geometry;
  const readTexts = parts.makeTextReader(dom, candidates.roots, hits);

  const idOf = new WeakMap<Element, number>();
  const elementOf = new Map<number, WeakRef<Element>>();
  /** Role, name, and where it leads or sends to, as told in the newest sample, by id. */
  const toldOf = new Map<number, string>();
  const frameIdOf = new WeakMap<Element, string>();
  const masked = new Set<Element>();
  let nextId = 1;
  let last = {
    held: [] as Held[],
    frames: [] as { element: Element; frame: SampledFrame }[],
    scrollX: 0,
    scrollY: 0,
    version: -1,
    crossing: {} as CrossingPoints,
    through: {} as LetThrough,
  };

  // What counts as a mark.
  function isDisabled(e: Element): boolean {
    if (dom.matches(e, ':disabled') || dom.closest(e, '[aria-disabled=true]')) return true;
    const control = dom.isLabel(e) ? e.control : null;
    return control !== null && dom.matches(control, ':disabled');
  }
  function isActionable(e: Element, box: DOMRect): boolean {
    const tag = dom.localName(e);
    if (tag === 'html' || tag === 'body') return false;
    if (tag === 'label' ? (e as HTMLLabelElement).control : candidates.isSemantic(e)) return true;
    const isPointing = candidates.isPointing(e);
    if (candidates.isListening(e)) {
      if (isPointing || tag === 'canvas') return true;
      // One listener for many things inside, or for clicks beside them: no target of its own.
      const share = (box.width * box.height) / (innerWidth * innerHeight);
      const below = candidates.countBelow(e, 3);
      return share < 0.8 && (below === 0 || (below < 3 && share < 0.25));
    }
    const parent = dom.parent(e);
    return isPointing && !(parent && dom.nodeType(parent) === 1 && dom.closest(parent as Element, WHOLE));
  }
  function isShown(e: Element): boolean {
    if (dom.localName(e) === 'area') return true;
    // A real control is often laid, fully transparent, over the drawing that stands for it.
    const isOverlay = dom.isInput(e) && /^(checkbox|radio|file|range)$/.test(e.type);
    if (dom.isVisible(e, { opacityProperty: !isOverlay, visibilityProperty: true })) return true;
    return getComputedStyle(e).display === 'contents';
  }
  function measure(e: Element, view: Box): { box: DOMRect; point: Point } | undefined {
    const where = extent(e);
    if (!where) return undefined;
    const { box, rects } = where;
    if (box.width < MIN_SIZE_PX || box.height < MIN_SIZE_PX) return undefined;
    if (box.right <= view[0] || box.bottom <= view[1] || box.left >= view[2] || box.top >= view[3]) return undefined;
    if (isDisabled(e) || !isActionable(e, box) || !isShown(e)) return undefined;
    const point = firstHit(e, rects, view);
    return point && { box, point };
  }

  function handle(e: Element): number {
    let id = idOf.get(e);
    if (id === undefined) {
      id = nextId++;
      idOf.set(e, id);
      elementOf.set(id, new WeakRef(e));
      if (elementOf.size > MAX_HANDLES)
        for (const [old, reference] of elementOf)
          if (!reference.deref()) {
            elementOf.delete(old);
            toldOf.delete(old);
          }
    }
    return id;
  }
  const telling = (role: string | undefined, name: string | undefined, clues: SampledMark['clues']) =>
    [role, name, clues?.href, clues?.form?.method, clues?.form?.url].join('\n');

  function sampleMark(e: Element, view: Box): SampledMark | undefined {
    const where = measure(e, view);
    if (!where) return undefined;
    const id = handle(e);
    const description = describe(e, masked.has(e));
    const clues = cluesOf(e, description.name ?? '');
    toldOf.set(id, telling(description.role, description.name, clues));
    const [x, y] = where.point;
    const pointPx: Point = [Math.round(x * 100) / 100, Math.round(y * 100) / 100];
    return { id, boxPx: roundBox(where.box), pointPx, ...description, ...(clues && { clues }) };
  }

  function sampleFrames(view: Box): { element: Element; frame: SampledFrame }[] {
    const found: { element: Element; frame: SampledFrame }[] = [];
    for (const element of candidates.iframes) {
      if (!dom.isConnected(element)) continue;
      const { boxPx, scale } = frameBox(element);
      const isOut = boxPx[2] <= view[0] || boxPx[3] <= view[1] || boxPx[0] >= view[2] || boxPx[1] >= view[3];
      if (
        isOut ||
        boxPx[2] - boxPx[0] < 4 ||
        boxPx[3] - boxPx[1] < 4 ||
        !dom.isVisible(element, { visibilityProperty: true })
      )
        continue;
      const frameId = frameIdOf.get(element);
      found.push({ element, frame: frameId === undefined ? { boxPx, scale } : { frameId, boxPx, scale } });
    }
    return found;
  }
  function maskBoxes(): Box[] {
    const boxes: Box[] = [];
    for (const e of masked) {
      const where = dom.isConnected(e) ? extent(e) : undefined;
      if (where) boxes.push(roundBox(where.box));
    }
    return boxes;
  }

  function sample({ text }: { readonly text: boolean }): FrameSample {
    candidates.settle();
    candidates.takeAdded();
    const view = viewBox();
    const held: Held[] = [];
    for (const element of candidates.inReach()) {
      if (held.length === MAX_MARKS) break;
      const mark = sampleMark(element, view);
      if (mark) held.push({ element, mark });
    }
    const frames = sampleFrames(view);
    last = { held, frames, scrollX, scrollY, version: candidates.version(), crossing: {}, through: {} };
    const page = document.scrollingElement ??
      document.documentElement ?? { scrollWidth: 0, scrollHeight: 0, clientWidth: 0, clientHeight: 0 };
    const unreadSheets = candidates.takeUnreadSheets();
    return {
      version: last.version,
      origin: globalThis.origin,
      widthPx: innerWidth,
      heightPx: innerHeight,
      dpr: devicePixelRatio,
      scroll: {
        xPx: scrollX,
        yPx: scrollY,
        maxXPx: Math.max(0, page.scrollWidth - page.clientWidth),
        maxYPx: Math.max(0, page.scrollHeight - page.clientHeight),
      },
      marks: held.map(({ mark }) => mark),
      frames: frames.map(({ frame }) => frame),
      masks: maskBoxes(),
      ...(text && { texts: readTexts(view) }),
      ...(unreadSheets.length && { unreadSheets }),
    };
  }

  function through(crossing: CrossingPoints): LetThrough {
    const answer: Record<string, boolean[]> = {};
    for (const [frameId, points] of Object.entries(crossing))
      answer[frameId] = project(frameId, points)?.points.map((point) => point !== null) ?? [];
    last.crossing = crossing;
    last.through = answer;
    return answer;
  }

  function verify(): VerifyAnswer {
    candidates.settle();
    const isSameVersion = candidates.version() === last.version;
    const moved: number[] = [];
    for (const { element, mark } of last.held) {
      const where = dom.isConnected(element) ? extent(element) : undefined;
      const isThere = where !== undefined && isSameBox(roundBox(where.box), mark.boxPx);
      if (!isThere || !(isSameVersion || hits(element, mark.pointPx))) moved.push(mark.id);
    }
    const view = viewBox();
    let changed: VerifyAnswer['changed'];
    if (candidates.takeAdded().some((e) => dom.isConnected(e) && measure(e, view))) changed = 'new';
    if (last.frames.some(({ element, frame }) => !isSameBox(frameBox(element).boxPx, frame.boxPx))) changed = 'frame';
    if (scrollX !== last.scrollX || scrollY !== last.scrollY) changed = 'scroll';
    // As with the marks of this frame: without a change that is known of, what lay over them has not changed either.
    const isLetThroughAsBefore = isSameVersion && changed === undefined;
    const crossed = isLetThroughAsBefore ? last.through : through(last.crossing);
    return { ...(changed && { changed }), moved, masks: maskBoxes(), through: crossed };
  }

  function project(frameId: string, points: readonly Point[]): Projection | null {
    for (const e of candidates.iframes) {
      if (frameIdOf.get(e) !== frameId || !dom.isConnected(e)) continue;
      const { boxPx, scale } = frameBox(e);
      const view = viewBox();
      const outer = points.map(([x, y]): Point => [boxPx[0] + x * scale, boxPx[1] + y * scale]);
      return { boxPx, scale, points: outer.map((point) => (isInside(point, view) && hits(e, point) ? point : null)) };
    }
    return null;
  }

  function locate(id: number): FrameLocation {
    const lost = (reason: LostReason) => ({ found: false, reason }) as const;
    candidates.settle();
    const e = elementOf.get(id)?.deref();
    const where = e && dom.isConnected(e) ? extent(e) : undefined;
    if (!e || !where) return lost('gone');
    const box = roundBox(where.box);
    const view = viewBox();
    if (box[2] <= 0 || box[3] <= 0 || box[0] >= view[2] || box[1] >= view[3]) return lost('out-of-view');
    if (isDisabled(e)) return lost('disabled');
    const role = roleOf(e);
    const name = nameOf(e);
    if (telling(role, name || undefined, cluesOf(e, name)) !== toldOf.get(id)) return lost('changed');
    const points = isShown(e) ? allHits(e, view) : [];
    if (!points.length) return lost('covered');
    return { found: true, boxPx: box, points, ...(role && { role }), ...(name && { name }) };
  }

  /** Answers for each node whether it is of this frame. */
  function takeOwn(nodes: readonly unknown[], take: (element: Element) => void): boolean[] {
    return nodes.map((node) => {
      if (!dom.isOwn(node)) return false;
      if (dom.nodeType(node) === 1) take(node as Element);
      return true;
    });
  }

  candidates.addDocument();
  return {
    sample,
    through,
    verify,
    locate,
    project,
    hitPoints: (ids, clipPx) =>
      ids.map((id) => {
        const e = elementOf.get(id)?.deref();
        return e && dom.isConnected(e) ? allHits(e, clipPx) : [];
      }),
    mask: (id) => {
      const e = elementOf.get(id)?.deref();
      if (e) masked.add(e);
      return e !== undefined;
    },
    readSheet: candidates.readSheet,
    armChange: candidates.armChange,
    addRoot: (root) => {
      if (!dom.isOwn(root) || dom.nodeType(root) !== 11) return false;
      candidates.addRoot(root as ShadowRoot);
      return true;
    },
    addFrame: (element, frameId) => {
      if (!dom.isOwn(element) || dom.nodeType(element) !== 1) return false;
      frameIdOf.set(element as Element, frameId);
      candidates.iframes.add(element as Element);
      return true;
    },
    addListening: (nodes) => takeOwn(nodes, candidates.addListening),
    removeListening: (nodes) => takeOwn(nodes, candidates.removeListening),
    rescanRoots: candidates.rescanRoots,
  };
}
