/**
 * Takes one picture of a page with a sample of every frame, in parallel, and finds out what moved meanwhile.
 * Does not repeat itself and keeps nothing but the boxes of secrets: that is for `marks.ts`.
 */
import { monotonicNowMs } from '../../src/clock.ts';
import { PumiceError } from '../../src/errors.ts';
import { decodeImage, type RawImage } from '../../src/vision/index.ts';
import { bounded } from './bounded.ts';
import {
  borders,
  boxToPage,
  type Crossing,
  type Crossings,
  clipInFrame,
  crossingsOf,
  type PlacedMark,
  type Placement,
  placeFrames,
  placeMarks,
  toFrame,
  toPage,
} from './compose.ts';
import type { FrameWorlds } from './frame-worlds.ts';
import type { Box, FrameSample, LetThrough, VerifyAnswer } from './page/protocol.ts';
import type { FrameWorld } from './session.ts';

/** Cap on the picture, ms. Chosen: far above what a loaded machine needs; a page blocked by a dialog never answers. */
const PICTURE_CAP_MS = 5000;
/** Cap on the main frame's answers, ms. Chosen as the picture's. */
const MAIN_CAP_MS = 5000;
/** Cap on the answers of other frames, ms: a hung one costs this once, then it is left out until it answers. Chosen. */
const FRAME_CAP_MS = 1500;
/** Wait for the debugger's news, ms. */
const SETTLE_CAP_MS = 1500;

export interface Take {
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

/** An element whose look is secret, and where it was seen last, page px. */
export interface MaskedElement {
  readonly frameId: string;
  boxesPx: readonly Box[];
}

export const lostPage = (cause?: unknown) =>
  new PumiceError('browser/protocol', 'expected an answer of the page, got none: it navigates, hangs or is gone', {
    who: 'env browser',
    hint: 'Look again; open a page if this one crashed',
    retryable: true,
    cause,
  });

/** How long a frame may take for an answer. */
export const capOf = (frames: FrameWorlds, world: FrameWorld): number =>
  world.frameId === frames.mainFrameId ? MAIN_CAP_MS : FRAME_CAP_MS;

/** Changes when frames come, go or get another document. */
export const stateOfFrames = (frames: FrameWorlds): string =>
  frames
    .worlds()
    .map(({ frameId, contextId }) => `${frameId}:${contextId}`)
    .join();

/** Marks that cross a frame and are not let through. */
const stoppedBy = (crossing: Crossing, through: LetThrough | undefined): PlacedMark[] =>
  Object.entries(crossing.marks).flatMap(([innerId, marks]) => marks.filter((_, i) => !through?.[innerId]?.[i]));

/** @param masked - elements whose look is secret; their boxes are kept up to date. */
export function makeTaker(frames: FrameWorlds, masked: ReadonlyMap<string, MaskedElement>) {
  /** State of the frames for which all documents have been read once more. */
  let framesReread = '';

  async function sampleAll(text: boolean, signal: AbortSignal) {
    const samples = new Map<string, FrameSample>();
    const worlds = new Map<string, FrameWorld>();
    await Promise.all(
      frames.worlds().map(async (world) => {
        const sample = await frames.call(world, 'sample', [{ text }], { signal, capMs: capOf(frames, world) });
        if (!sample) return;
        samples.set(world.frameId, sample);
        worlds.set(world.frameId, world);
        if (sample.unreadSheets) frames.readSheets(world, sample.unreadSheets).catch(() => {});
      }),
    );
    if (!samples.has(frames.mainFrameId)) throw lostPage();
    return { samples, worlds };
  }

  /** Whether an iframe is in view that nobody has named yet, though news of it may still come. */
  async function isAwaitingFrames(samples: ReadonlyMap<string, FrameSample>, signal: AbortSignal): Promise<boolean> {
    const seen = [...samples.values()].flatMap((sample) => sample.frames);
    if (seen.every((frame) => frame.frameId !== undefined)) return false;
    const state = stateOfFrames(frames);
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

  async function take(text: boolean, signal: AbortSignal): Promise<Take> {
    const stampMs = monotonicNowMs();
    // Samples are asked for before the picture and checked after it, so that it shows what lies between two equal readings.
    const sampling = sampleAll(text, signal);
    const pictured = screenshot(signal);
    const decoded = pictured.then(decodeImage);
    decoded.catch(() => {});
    // Awaited below; when that fails first, this failure is heard by nobody.
    pictured.catch(() => {});
    const { samples, worlds } = await sampling;
    const placedFrames = placeFrames(samples, frames.mainFrameId);
    const byFrame = new Map(placedFrames.map((placement) => [placement.frameId, placement]));
    const marks = placeMarks(placedFrames);
    const crossings = crossingsOf(byFrame, marks);
    const covered = await coveredBy(crossings, worlds, marks, signal);
    await improvePoints(byFrame, worlds, covered, signal);
    await pictured;
    const isIncomplete = await isAwaitingFrames(samples, signal);
    const checked = await verifyAll(byFrame, worlds, marks, crossings, covered, signal);
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

  /** Marks that an outer frame does not let through. Asked while the picture is on its way. */
  async function coveredBy(
    crossings: Crossings,
    worlds: ReadonlyMap<string, FrameWorld>,
    marks: readonly PlacedMark[],
    signal: AbortSignal,
  ): Promise<ReadonlySet<PlacedMark>> {
    const covered = new Set(marks.filter((mark) => !mark.pointPx));
    await Promise.all(
      [...crossings].map(async ([frameId, crossing]) => {
        const world = worlds.get(frameId)!;
        const through = await frames.call(world, 'through', [crossing.points], { signal, capMs: capOf(frames, world) });
        for (const mark of stoppedBy(crossing, through)) covered.add(mark);
      }),
    );
    return covered;
  }

  async function verifyAll(
    byFrame: ReadonlyMap<string, Placement>,
    worlds: ReadonlyMap<string, FrameWorld>,
    marks: readonly PlacedMark[],
    crossings: Crossings,
    coveredBefore: ReadonlySet<PlacedMark>,
    signal: AbortSignal,
  ) {
    const answers = new Map<string, VerifyAnswer>();
    await Promise.all(
      [...byFrame.keys()].map(async (frameId) => {
        const world = worlds.get(frameId)!;
        const answer = await frames.call(world, 'verify', [], { signal, capMs: capOf(frames, world) });
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
    const covered = new Set<PlacedMark>();
    for (const [frameId, crossing] of crossings)
      for (const mark of stoppedBy(crossing, answers.get(frameId)?.through))
        if (!coveredBefore.has(mark)) covered.add(mark);
    const moved = new Set(
      marks.filter(
        (mark) =>
          covered.has(mark) ||
          shifted.has(mark.placement.frameId) ||
          movedIds.get(mark.placement.frameId)?.has(mark.sampled.id),
      ),
    );
    const maskBoxesPx = masksOf(byFrame, answers);
    const isChanged = [...answers.values()].some((answer) => answer.changed);
    return { moved, maskBoxesPx, isSteady: !isChanged && moved.size === 0 && shifted.size === 0 };
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
      const bound = { signal, capMs: capOf(frames, world) };
      const found = await frames.call(world, 'hitPoints', [ids, clipInFrame(placement)], bound);
      if (!found) continue;
      let tried = marks.flatMap((mark, i) => found[i]!.map((point) => ({ mark, pagePx: toPage(placement, point) })));
      for (const [outer, inner] of borders(byFrame, placement)) {
        const outerWorld = worlds.get(outer.frameId)!;
        const points = tried.map(({ pagePx }) => toFrame(inner, pagePx));
        const seen = await frames.call(outerWorld, 'project', [inner.frameId, points], {
          signal,
          capMs: capOf(frames, outerWorld),
        });
        tried = tried.filter((_, i) => seen?.points[i]);
      }
      for (const { mark, pagePx } of tried) mark.pointPx ??= pagePx;
    }
  }

  return take;
}
