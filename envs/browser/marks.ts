/**
 * Takes a picture of a page together with the marks on it, such that both show the same instant: a sample of every frame
 * and a screenshot in parallel, then a check that nothing moved; again if it did, at last without what moves.
 * Draws nothing and acts on nothing. The measurements behind the order of calls: reference marks.md.
 */
import type { Page } from 'playwright';
import { monotonicNowMs } from '../../src/clock.ts';
import { PumiceError } from '../../src/errors.ts';
import type { Frame, Mark, UiState } from '../../src/types.ts';
import { decodeImage, paintOver, type RawImage } from '../../src/vision/index.ts';
import { bounded, boundedOr } from './bounded.ts';
import {
  borders,
  boxToPage,
  clipInFrame,
  inReadingOrder,
  type PlacedMark,
  type Placement,
  placeFrames,
  placeMarks,
  throughRequests,
  toFrame,
  toPage,
} from './compose.ts';
import { openFrameWorlds } from './frame-worlds.ts';
import type { Box, FrameSample, LostReason, Point, VerifyAnswer } from './page/protocol.ts';
import type { FrameWorld } from './session.ts';

export type { Box, LostReason, Point } from './page/protocol.ts';

/** Retakes before moving marks are dropped. Chosen: a page that steps each 50 ms needed 2 tries. */
const MAX_RETAKES = 3;
/** Cap on the picture, ms. Chosen: far above what a loaded machine needs; a page blocked by a dialog never answers. */
const PICTURE_CAP_MS = 5000;
/** Cap on the main frame's answers, ms. Chosen as the picture's. */
const MAIN_CAP_MS = 5000;
/** Cap on the answers of other frames, ms: a hung advertisement must not hold up the page. Chosen: ten times the usual. */
const FRAME_CAP_MS = 400;
/** Wait for the debugger's news before a capture, ms. */
const SETTLE_CAP_MS = 1500;
/** Wait for the main frame's index after a navigation, ms. */
const WORLD_CAP_MS = 3000;

export interface CaptureOptions {
  /** Whether visible text is read too. */
  readonly text: boolean;
  readonly signal: AbortSignal;
  /** Boxes to be painted grey besides those of masked elements, CSS px. */
  readonly maskBoxesPx?: readonly Box[];
}

/** Where the element of a mark is found again. */
export interface MarkKey {
  readonly frameId: string;
  readonly contextId: number;
  readonly elementId: number;
}

export interface Capture {
  /** rgb8, camera `page`. */
  readonly frame: Frame;
  readonly marks: readonly Mark[];
  /** By mark id. */
  readonly keys: readonly MarkKey[];
  /** Marks left out because they would not rest. */
  readonly unstable: number;
  readonly scroll: UiState['scroll'];
  readonly texts?: UiState['texts'];
}

export type Located =
  | {
      readonly found: true;
      readonly pointPx: Point;
      readonly boxPx: Box;
      readonly role?: string;
      readonly name?: string;
    }
  | { readonly found: false; readonly reason: LostReason };

export type MarkCollector = Awaited<ReturnType<typeof createMarkCollector>>;

interface Held {
  readonly placed: PlacedMark;
  readonly world: FrameWorld;
}

export async function createMarkCollector(page: Page) {
  const frames = await openFrameWorlds(page);
  /** Marks of the last capture, by id, and the frames they were placed in. */
  let held: readonly Held[] = [];
  let placements: ReadonlyMap<string, Placement> = new Map();
  /** Elements whose look is secret, and where they were seen last, page px. */
  const masked = new Map<string, { readonly frameId: string; boxesPx: Box[] }>();
  /** States of the frames for which listeners, and once more all documents, have been read. */
  let listenersRead = '';
  let framesReread = '';

  const capOf = (world: FrameWorld) => (world.frameId === frames.mainFrameId ? MAIN_CAP_MS : FRAME_CAP_MS);

  async function mainWorld(signal: AbortSignal | undefined): Promise<FrameWorld> {
    const find = () => frames.worlds().find((world) => world.frameId === frames.mainFrameId);
    const untilMs = monotonicNowMs() + WORLD_CAP_MS;
    for (let world = find(); ; world = find()) {
      if (world) return world;
      if (monotonicNowMs() > untilMs) break;
      await bounded('the page', frames.nextWorld(), { signal, capMs: WORLD_CAP_MS });
    }
    throw lostPage();
  }
  const lostPage = (cause?: unknown) =>
    new PumiceError('browser/protocol', 'expected an answer of the page, got none: it navigates, hangs or is gone', {
      who: 'env browser',
      hint: 'Look again; open a page if this one crashed',
      retryable: true,
      cause,
    });

  async function sampleAll(text: boolean, signal: AbortSignal) {
    const samples = new Map<string, FrameSample>();
    const worlds = new Map<string, FrameWorld>();
    await Promise.all(
      frames.worlds().map(async (world) => {
        const sample = await frames.call(world, 'sampleNext', [{ text }], { signal, capMs: capOf(world) });
        if (!sample) return;
        samples.set(world.frameId, sample);
        worlds.set(world.frameId, world);
        if (sample.unreadSheets) frames.readSheets(world, sample.unreadSheets).catch(() => {});
      }),
    );
    return { samples, worlds };
  }

  /** Whether an iframe is in view that nobody has named yet, though news of it may still come. */
  async function isAwaitingFrames(samples: ReadonlyMap<string, FrameSample>, signal: AbortSignal): Promise<boolean> {
    const seen = [...samples.values()].flatMap((sample) => sample.frames);
    if (seen.every((frame) => frame.frameId !== undefined)) return false;
    const state = stateOfFrames();
    if (state === framesReread) return false;
    framesReread = state;
    frames.reread();
    await frames.settle({ signal, capMs: SETTLE_CAP_MS });
    return true;
  }

  async function screenshot(signal: AbortSignal): Promise<Buffer> {
    const work = frames.main.send('Page.captureScreenshot', { format: 'png', optimizeForSpeed: true });
    const { data } = await bounded('a picture', work, { signal, capMs: PICTURE_CAP_MS });
    return Buffer.from(data, 'base64');
  }

  interface Take {
    readonly stampMs: number;
    readonly image: RawImage;
    readonly placements: ReadonlyMap<string, Placement>;
    readonly worlds: ReadonlyMap<string, FrameWorld>;
    readonly marks: readonly PlacedMark[];
    /** Marks that moved, vanished or were covered between sample and picture. */
    readonly moved: ReadonlySet<PlacedMark>;
    readonly isSteady: boolean;
    readonly maskBoxesPx: readonly Box[];
  }

  async function take(text: boolean, signal: AbortSignal): Promise<Take> {
    const stampMs = monotonicNowMs();
    const pictured = screenshot(signal);
    const sampling = sampleAll(text, signal);
    const decoded = pictured.then(decodeImage);
    decoded.catch(() => {});
    const [{ samples, worlds }] = await Promise.all([sampling, pictured]);
    if (!samples.has(frames.mainFrameId)) throw lostPage();
    const isIncomplete = await isAwaitingFrames(samples, signal);
    const placedFrames = placeFrames(samples, frames.mainFrameId);
    const byFrame = new Map(placedFrames.map((placement) => [placement.frameId, placement]));
    const marks = placeMarks(placedFrames);
    const checked = await verifyAll(byFrame, worlds, marks, signal);
    await improvePoints(byFrame, worlds, checked.covered, signal);
    return {
      stampMs,
      image: await decoded,
      placements: byFrame,
      worlds,
      marks,
      moved: checked.moved,
      isSteady: checked.isSteady && !isIncomplete,
      maskBoxesPx: checked.maskBoxesPx,
    };
  }

  async function verifyAll(
    byFrame: ReadonlyMap<string, Placement>,
    worlds: ReadonlyMap<string, FrameWorld>,
    marks: readonly PlacedMark[],
    signal: AbortSignal,
  ) {
    const crossings = throughRequests(byFrame, marks);
    const answers = new Map<string, VerifyAnswer>();
    await Promise.all(
      [...byFrame.keys()].map(async (frameId) => {
        const world = worlds.get(frameId)!;
        const request = { through: crossings.get(frameId)?.request ?? {} };
        const answer = await frames.call(world, 'verify', [request], { signal, capMs: capOf(world) });
        if (answer) answers.set(frameId, answer);
      }),
    );
    const movedIds = new Map([...answers].map(([frameId, { moved }]) => [frameId, new Set(moved)]));
    /** Frames whose own place is in doubt. */
    const shifted = new Set<string>();
    for (const [frameId, placement] of byFrame) {
      const parent = placement.parentId;
      if (parent !== undefined && (shifted.has(parent) || answers.get(parent)?.changed === 'frame'))
        shifted.add(frameId);
      if (!answers.has(frameId)) shifted.add(frameId);
    }
    const covered = new Set(marks.filter((mark) => !mark.pointPx));
    for (const [frameId, { marks: byInner }] of crossings)
      for (const [innerId, inner] of Object.entries(byInner))
        inner.forEach((mark, i) => {
          if (!answers.get(frameId)?.through[innerId]?.[i]) covered.add(mark);
        });
    const moved = new Set(
      marks.filter(
        ({ placement: { frameId }, sampled }) => shifted.has(frameId) || movedIds.get(frameId)?.has(sampled.id),
      ),
    );
    const maskBoxesPx = masksOf(byFrame, answers);
    const isChanged = [...answers.values()].some((answer) => answer.changed);
    return { covered, moved, maskBoxesPx, isSteady: !isChanged && moved.size === 0 && shifted.size === 0 };
  }

  /** Where secrets were before and after the picture; where they were last, when their frame does not answer. */
  function masksOf(byFrame: ReadonlyMap<string, Placement>, answers: ReadonlyMap<string, VerifyAnswer>): Box[] {
    const boxes: Box[] = [];
    const secretFrames = new Set([...masked.values()].map(({ frameId }) => frameId));
    for (const frameId of secretFrames) {
      const placement = byFrame.get(frameId);
      const last = [...masked.values()].filter((mask) => mask.frameId === frameId);
      if (!placement) {
        boxes.push(...last.flatMap((mask) => mask.boxesPx));
        continue;
      }
      const found = [...placement.sample.masks, ...(answers.get(frameId)?.masks ?? [])].flatMap((box) => {
        const onPage = boxToPage(placement, box);
        return onPage ? [onPage] : [];
      });
      for (const mask of last) mask.boxesPx = found;
      boxes.push(...found);
    }
    return boxes;
  }

  /** For marks whose first point is covered by an outer frame: any other point that is not. */
  async function improvePoints(
    byFrame: ReadonlyMap<string, Placement>,
    worlds: ReadonlyMap<string, FrameWorld>,
    covered: ReadonlySet<PlacedMark>,
    signal: AbortSignal,
  ) {
    const groups = new Map<Placement, PlacedMark[]>();
    for (const mark of covered) {
      mark.pointPx = undefined;
      groups.set(mark.placement, [...(groups.get(mark.placement) ?? []), mark]);
    }
    for (const [placement, marks] of groups) {
      const world = worlds.get(placement.frameId)!;
      const ids = marks.map(({ sampled }) => sampled.id);
      const bound = { signal, capMs: capOf(world) };
      const found = await frames.call(world, 'hitPoints', [ids, clipInFrame(placement)], bound);
      if (!found) continue;
      let tried = marks.flatMap((mark, i) => found[i]!.map((point) => ({ mark, pagePx: toPage(placement, point) })));
      for (const [outer, inner] of borders(byFrame, placement)) {
        const outerWorld = worlds.get(outer.frameId)!;
        const points = tried.map(({ pagePx }) => toFrame(inner, pagePx));
        const seen = await frames.call(outerWorld, 'project', [inner.frameId, points], {
          signal,
          capMs: capOf(outerWorld),
        });
        tried = tried.filter((_, i) => seen?.points[i]);
      }
      for (const { mark, pagePx } of tried) mark.pointPx ??= pagePx;
    }
  }

  const stateOfFrames = () =>
    frames
      .worlds()
      .map(({ frameId, contextId }) => `${frameId}:${contextId}`)
      .join();

  /** Before the first look at a document: what the debugger alone knows must have reached the index. */
  async function prepare(signal: AbortSignal) {
    await mainWorld(signal);
    await frames.settle({ signal, capMs: SETTLE_CAP_MS });
    const state = stateOfFrames();
    if (state === listenersRead) return;
    listenersRead = state;
    await boundedOr(frames.refreshListeners(), { signal, capMs: SETTLE_CAP_MS });
  }

  async function capture({ text, signal, maskBoxesPx = [] }: CaptureOptions): Promise<Capture> {
    let taken: Take | undefined;
    let problem: unknown;
    for (let attempt = 0; attempt <= MAX_RETAKES; attempt++) {
      try {
        await prepare(signal);
        taken = await take(text, signal);
        if (taken.isSteady) break;
      } catch (error) {
        signal.throwIfAborted();
        // A navigation cuts every call; the next attempt sees the new document.
        problem = error;
      }
    }
    if (!taken) throw PumiceError.is(problem) ? problem : lostPage(problem);
    return finish(taken, [...maskBoxesPx, ...taken.maskBoxesPx]);
  }

  function finish(taken: Take, maskBoxesPx: readonly Box[]): Capture {
    const main = taken.placements.get(frames.mainFrameId)!;
    const { image } = taken;
    const { widthPx: cssWidthPx, heightPx: cssHeightPx, dpr, scroll } = main.sample;
    const scaleX = image.widthPx / cssWidthPx;
    const scaleY = image.heightPx / cssHeightPx;
    paintOver(
      image,
      maskBoxesPx.map(([x0, y0, x1, y1]) => [x0 * scaleX - 1, y0 * scaleY - 1, x1 * scaleX + 1, y1 * scaleY + 1]),
    );
    const steady = taken.marks.filter((mark) => mark.pointPx && !taken.moved.has(mark));
    const ordered = inReadingOrder(steady);
    held = ordered.map((placed) => ({ placed, world: taken.worlds.get(placed.placement.frameId)! }));
    placements = taken.placements;
    const texts = [...taken.placements.values()].flatMap(textsOf);
    return {
      frame: {
        ...image,
        encoding: 'rgb8',
        cssWidthPx,
        cssHeightPx,
        dpr,
        stampMs: taken.stampMs,
        camera: 'page',
      },
      marks: ordered.map(toMark),
      keys: held.map(({ placed, world: { frameId, contextId } }) => ({
        frameId,
        contextId,
        elementId: placed.sampled.id,
      })),
      unstable: taken.moved.size,
      scroll,
      ...(main.sample.texts && { texts: texts.sort((a, b) => a.boxPx[1] - b.boxPx[1] || a.boxPx[0] - b.boxPx[0]) }),
    };
  }

  return {
    capture,
    /** Finds the element of a mark of the last capture again, and a point where a click reaches it now. */
    locate: async (markId: number, signal?: AbortSignal): Promise<Located> => {
      const target = held[markId];
      if (!target) return { found: false, reason: 'gone' };
      const { placed, world } = target;
      if (!frames.worlds().includes(world)) return { found: false, reason: 'gone' };
      const at = await frames.call(world, 'locate', [placed.sampled.id], { signal, capMs: capOf(world) });
      if (!at) return { found: false, reason: 'gone' };
      if (!at.found) return at;
      let points: (Point | null)[] = [...at.points];
      let box: Box = at.boxPx;
      for (const [outer, inner] of borders(placements, placed.placement)) {
        const outerWorld = frames.worlds().find(({ frameId }) => frameId === outer.frameId);
        const tried = points.filter((point) => point !== null);
        const bound = { signal, capMs: MAIN_CAP_MS };
        const seen = outerWorld && (await frames.call(outerWorld, 'project', [inner.frameId, tried], bound));
        if (!seen) return { found: false, reason: 'gone' };
        const place = { offsetPx: [seen.boxPx[0], seen.boxPx[1]] as Point, scale: seen.scale };
        box = [...toPage(place, [box[0], box[1]]), ...toPage(place, [box[2], box[3]])] as unknown as Box;
        points = [...seen.points];
      }
      const pointPx = points.find((point) => point !== null);
      if (!pointPx) return { found: false, reason: 'covered' };
      return { found: true, pointPx, boxPx: box, ...(at.role && { role: at.role }), ...(at.name && { name: at.name }) };
    },
    /** From the next capture on, the element's box is grey and its value is not told. */
    maskElement: async (markId: number, signal?: AbortSignal): Promise<boolean> => {
      const target = held[markId];
      if (!target) return false;
      const { placed, world } = target;
      const key = `${world.frameId}:${world.contextId}:${placed.sampled.id}`;
      masked.set(key, { frameId: world.frameId, boxesPx: [placed.boxPx] });
      return (await frames.call(world, 'mask', [placed.sampled.id], { signal, capMs: capOf(world) })) ?? false;
    },
    dispose: () => frames.close(),
  };
}

function toMark({ placement, sampled, boxPx, pointPx }: PlacedMark, id: number): Mark {
  const { id: _, boxPx: _box, pointPx: _point, ...description } = sampled;
  return {
    ...description,
    id,
    boxPx: [...boxPx],
    pointPx: [...pointPx!],
    source: 'dom',
    document: placement.frameId,
    origin: placement.sample.origin,
  };
}

function textsOf(placement: Placement): NonNullable<UiState['texts']>[number][] {
  return (placement.sample.texts ?? []).flatMap(({ text, boxPx }) => {
    const box = boxToPage(placement, boxPx);
    return box ? [{ text, boxPx: [...box] as const }] : [];
  });
}
