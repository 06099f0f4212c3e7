/**
 * What a video of an episode shows: one picture a step, the cameras side by side, above them a strip with the number of the step and
 * all steps in the colours of their verdicts (players lay their buttons over what is below). Pure; knows neither how it is drawn nor how it is encoded.
 */
import { PumiceError } from '../../errors.ts';
import type { Frame, Mark, StepRecord, Trace } from '../../types.ts';
import type { Episode } from '../reader.ts';
import { framesOf, phaseMs, quantile, sceneOf, type Telling, tellStep } from '../report/view.ts';

/** Height of the pictures, px. Chosen: numbers of marks are legible, and a page is not larger than it was. */
const MIN_HEIGHT_PX = 540;
const MAX_HEIGHT_PX = 720;
/** Most that all pictures of a step are wide together, px. Chosen: what the encoder does in a few ms. */
const MAX_WIDTH_PX = 1280;
const MAX_CAMERAS = 4;
/** Longest side of a picture's place by its shortest. A longer picture has dark edges. */
const MAX_RATIO = 4;
/** Height of the strip, px. */
export const STRIP_PX = 32;
/** Steps shown a second: as many as there were, within what eyes can follow. */
const MIN_RATE_HZ = 1;
const MAX_RATE_HZ = 5;
/** A longer episode is shown faster, up to what players show, s and 1/s. */
const WANTED_S = 60;
const FASTEST_HZ = 30;

/** Where a camera's pictures go, px of the video. */
export interface Pane {
  readonly camera: string;
  readonly leftPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** What is the same in all pictures. Plain data, which crosses to another thread. */
export interface Layout {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly panes: readonly Pane[];
  readonly rateHz: number;
  /** Whose colour each step has on the strip. */
  readonly strip: readonly Telling['colour'][];
}

/** One picture of the video. Marks and traces belong to the first frame. */
export interface Scene {
  /** Position of the step on the strip. */
  readonly position: number;
  /** Number of the step. */
  readonly index: number;
  readonly frames: readonly Frame[];
  readonly marks: readonly Mark[];
  readonly traces: readonly Trace[];
}

export interface Storyboard {
  readonly layout: Layout;
  readonly scenes: readonly Scene[];
}

/** @throws PumiceError `record/invalid` when no step has a picture. */
export function storyboardOf({ steps }: Episode): Storyboard {
  const scenes = steps.map((record, position): Scene => {
    return { position, index: record.index, frames: framesOf(record), ...sceneOf(record) };
  });
  const panes = panesOf(scenes);
  const heightPx = Math.max(0, ...panes.map((pane) => pane.heightPx));
  if (heightPx === 0)
    throw new PumiceError('record/invalid', `a video needs steps with pictures, and none of ${steps.length} has one`, {
      who: 'video',
      hint: 'Record with a camera, or make the report without a video',
    });
  const widthPx = panes.reduce((sum, pane) => sum + pane.widthPx, 0);
  const strip = steps.map((record) => tellStep(record).colour);
  return { layout: { widthPx, heightPx: heightPx + STRIP_PX, panes, rateHz: rateOf(steps), strip }, scenes };
}

/** Places for the cameras, the main one first, all of one height. */
function panesOf(scenes: readonly Scene[]): readonly Pane[] {
  const firsts = new Map<string, Frame>();
  for (const frame of scenes.flatMap(({ frames }) => frames))
    if (!firsts.has(frame.camera)) firsts.set(frame.camera, frame);
  const frames = [...firsts.values()].slice(0, MAX_CAMERAS);
  const tallest = Math.max(0, ...frames.map((frame) => frame.heightPx));
  const wanted = Math.max(MIN_HEIGHT_PX, Math.min(MAX_HEIGHT_PX, tallest));
  const ratios = frames.map(({ widthPx, heightPx }) =>
    Math.min(MAX_RATIO, Math.max(1 / MAX_RATIO, widthPx / heightPx)),
  );
  const ratio = ratios.reduce((sum, each) => sum + each, 0);
  const heightPx = even(Math.min(wanted, MAX_WIDTH_PX / ratio));
  let leftPx = 0;
  return frames.map(({ camera }, at) => {
    const pane = { camera, leftPx, widthPx: even(heightPx * ratios[at]!), heightPx };
    leftPx += pane.widthPx;
    return pane;
  });
}

/** The encoder takes pairs of pixels. */
const even = (pixels: number): number => Math.max(2, 2 * Math.round(pixels / 2));

function rateOf(steps: readonly StepRecord[]): number {
  const stepS =
    quantile(
      steps.map((record) => phaseMs(record, 'total')),
      0.5,
    ) / 1000;
  const asItWas = Math.round(Math.max(MIN_RATE_HZ, Math.min(MAX_RATE_HZ, 1 / Math.max(1e-3, stepS))));
  return Math.min(FASTEST_HZ, Math.max(asItWas, Math.ceil(steps.length / WANTED_S)));
}
