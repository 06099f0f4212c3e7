/**
 * Takes a picture of a page together with the marks on it, such that both show the same instant: a sample of every frame
 * and a screenshot in parallel, then a check that nothing moved; again if it did, at last without what moves.
 * Draws nothing and acts on nothing. The measurements behind the order of calls: reference marks.md.
 */
import { setMaxListeners } from 'node:events';
import type { Page } from 'playwright';
import { monotonicNowMs } from '../../src/clock.ts';
import { PumiceError } from '../../src/errors.ts';
import type { Frame, Mark, UiState } from '../../src/types.ts';
import { paintOver } from '../../src/vision/index.ts';
import { bounded, boundedOr } from './bounded.ts';
import { borders, boxToPage, inReadingOrder, type PlacedMark, type Placement, toPage } from './compose.ts';
import { openFrameWorlds } from './frame-worlds.ts';
import type { Box, LostReason, Point } from './page/protocol.ts';
import type { FrameWorld } from './session.ts';
import { capOf, lostPage, type MaskedElement, makeTaker, stateOfFrames, type Take } from './take.ts';

export type { Box, LostReason, Point } from './page/protocol.ts';

/** Retakes before moving marks are dropped. Chosen: a page that steps each 50 ms needed 2 tries. */
const MAX_RETAKES = 3;
/** Time after which no other attempt begins, ms: a page that is blocked stays so. Chosen: below the cap of one answer. */
const RETAKES_CAP_MS = 4000;
/** Wait for the debugger's news before a capture, ms. Chosen. */
const SETTLE_CAP_MS = 1500;
/** Wait for the main frame's index after a navigation, or while it is busy, ms. Chosen. */
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
  const masked = new Map<string, MaskedElement>();
  /** State of the frames for which listeners have been read. */
  let listenersRead = '';

  const take = makeTaker(frames, masked);

  async function mainWorld(signal: AbortSignal | undefined): Promise<FrameWorld> {
    // While an answer is out, the page is busy: it may still come.
    const find = () => frames.worlds().find((world) => world.frameId === frames.mainFrameId && !world.late);
    const untilMs = monotonicNowMs() + WORLD_CAP_MS;
    for (let world = find(); ; world = find()) {
      if (world) return world;
      if (monotonicNowMs() > untilMs) break;
      await bounded('the page', frames.nextWorld(), { signal, capMs: WORLD_CAP_MS });
    }
    throw lostPage();
  }

  /** Before the first look at a document: what the debugger alone knows must have reached the index. */
  async function prepare(signal: AbortSignal) {
    await mainWorld(signal);
    await frames.settle({ signal, capMs: SETTLE_CAP_MS });
    const state = stateOfFrames(frames);
    if (state === listenersRead) return;
    listenersRead = state;
    await boundedOr(frames.refreshListeners(), { signal, capMs: SETTLE_CAP_MS });
  }

  async function capture({ text, maskBoxesPx = [], ...options }: CaptureOptions): Promise<Capture> {
    const signal = ownSignal(options.signal);
    const takes: Take[] = [];
    let problem: unknown;
    const lastStartMs = monotonicNowMs() + RETAKES_CAP_MS;
    for (let attempt = 0; attempt <= MAX_RETAKES && monotonicNowMs() < lastStartMs; attempt++) {
      try {
        await prepare(signal);
        takes.push(await take(text, signal));
        if (takes.at(-1)!.isSteady) break;
      } catch (error) {
        signal.throwIfAborted();
        // A navigation cuts every call; the next attempt sees the new document.
        problem = error;
      }
    }
    const taken = takes.at(-1);
    if (!taken) throw PumiceError.is(problem) ? problem : lostPage(problem);
    const resting = taken.isSteady ? taken.marks : restingIn(takes);
    return finish(taken, resting, [...maskBoxesPx, ...taken.maskBoxesPx]);
  }

  function finish(taken: Take, resting: readonly PlacedMark[], maskBoxesPx: readonly Box[]): Capture {
    const main = taken.placements.get(frames.mainFrameId)!;
    const { image } = taken;
    const { widthPx: cssWidthPx, heightPx: cssHeightPx, dpr, scroll } = main.sample;
    const scaleX = image.widthPx / cssWidthPx;
    const scaleY = image.heightPx / cssHeightPx;
    paintOver(
      image,
      maskBoxesPx.map(([x0, y0, x1, y1]) => [x0 * scaleX - 1, y0 * scaleY - 1, x1 * scaleX + 1, y1 * scaleY + 1]),
    );
    const ordered = inReadingOrder(resting.filter((mark) => mark.pointPx));
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
      unstable: taken.marks.length - resting.length,
      scroll,
      ...(main.sample.texts && { texts: texts.sort((a, b) => a.boxPx[1] - b.boxPx[1] || a.boxPx[0] - b.boxPx[0]) }),
    };
  }

  return {
    capture,
    /** Finds the element of a mark of the last capture again, and a point where a click reaches it now. */
    locate: async (markId: number, outer?: AbortSignal): Promise<Located> => {
      const signal = outer && ownSignal(outer);
      const target = held[markId];
      if (!target) return { found: false, reason: 'gone' };
      const { placed, world } = target;
      if (!frames.worlds().includes(world)) return { found: false, reason: 'gone' };
      const at = await frames.call(world, 'locate', [placed.sampled.id], { signal, capMs: capOf(frames, world) });
      if (!at) return { found: false, reason: 'gone' };
      if (!at.found) return at;
      let points: (Point | null)[] = [...at.points];
      let box: Box = at.boxPx;
      for (const [outer, inner] of borders(placements, placed.placement)) {
        const outerWorld = frames.worlds().find(({ frameId }) => frameId === outer.frameId);
        const tried = points.filter((point) => point !== null);
        const bound = outerWorld && { signal, capMs: capOf(frames, outerWorld) };
        const seen = bound && (await frames.call(outerWorld, 'project', [inner.frameId, tried], bound));
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
      return (await frames.call(world, 'mask', [placed.sampled.id], { signal, capMs: capOf(frames, world) })) ?? false;
    },
    dispose: () => frames.close(),
  };
}

/** A signal that follows another and takes any number of listeners: each call to the page adds one for as long as it lasts. */
function ownSignal(signal: AbortSignal): AbortSignal {
  const own = AbortSignal.any([signal]);
  setMaxListeners(0, own);
  return own;
}

/**
 * Marks of the last of several takes that were where they are in every take. On a page that never rests, to be in the same
 * place before and after the picture is not enough: it may have been elsewhere in between.
 */
function restingIn(takes: readonly Take[]): readonly PlacedMark[] {
  const keyOf = ({ placement, sampled, boxPx }: PlacedMark) => `${placement.frameId}:${sampled.id}:${boxPx}`;
  const seen = takes.map(({ marks, moved }) => new Set(marks.filter((mark) => !moved.has(mark)).map(keyOf)));
  return takes.at(-1)!.marks.filter((mark) => seen.every((keys) => keys.has(keyOf(mark))));
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
