/**
 * Which frames of a video Qwen3-VL's kin (Cosmos-Reason2, Cosmos 3) is shown, how large, and which times the server writes before
 * them: those are the clock that the model's own times are read by.
 * Computes as transformers 5.23.0 does (`qwen3_vl/video_processing_qwen3_vl.py`, `processing_qwen3_vl.py`), without its cap per frame.
 */
import { PumiceError } from '../errors.ts';
import { roundHalfEven, toTenths } from './python.ts';
import { requirePicture, type Size } from './smart-resize.ts';
import type { Clip } from './video-frames.ts';

export interface Qwen3Sampling {
  /** Default 2. Not together with `frames`. */
  readonly fps?: number;
  readonly frames?: number;
}

/** `size` of `mm_processor_kwargs`: bounds over time and area together, not of one frame. */
export interface Qwen3Bounds {
  readonly shortestEdge: number;
  readonly longestEdge: number;
}

const DEFAULT_FPS = 2;
const MIN_FRAMES = 4;
const MAX_FRAMES = 768;
const PAIR = 2;
const PATCH_PX = 16;
const FACTOR = 2 * PATCH_PX;

const invalid = (message: string) =>
  new PumiceError('config/invalid', message, { who: 'codec qwen3-video', hint: 'Change the options of the video' });

/** Indices of the frames that are shown. @throws PumiceError `config/invalid` where both are asked for, or nothing is there. */
export function qwen3Frames({ totalFrames, fps: clipFps }: Clip, { fps, frames }: Qwen3Sampling = {}): number[] {
  if (fps !== undefined && frames !== undefined) throw invalid('expected fps or frames, got both');
  if (!(totalFrames > 0 && clipFps > 0))
    throw invalid(`expected a video, got ${totalFrames} frames at ${clipFps} per second`);
  const byRate = Math.trunc((totalFrames / clipFps) * (fps ?? DEFAULT_FPS));
  const count = frames ?? Math.min(Math.max(byRate, MIN_FRAMES), MAX_FRAMES, totalFrames);
  if (!(Number.isInteger(count) && count >= 0)) throw invalid(`expected a number of frames, got ${count}`);
  const last = totalFrames - 1;
  const step = last / (count - 1);
  return Array.from({ length: count }, (_, at) => roundHalfEven(at === 0 ? 0 : at === count - 1 ? last : at * step));
}

/** Seconds that stand for each pair of frames: the middle between the two. The last frame is doubled where it is alone. */
export function qwen3Times(indices: readonly number[], clipFps: number): number[] {
  return Array.from({ length: Math.ceil(indices.length / PAIR) }, (_, pair) => {
    const first = indices[pair * PAIR]!;
    const second = indices[pair * PAIR + 1] ?? first;
    return (first / clipFps + second / clipFps) / 2;
  });
}

/** What the server writes before a pair of frames. */
export const qwen3TimeText = (timeS: number): string => `<${toTenths(timeS)} seconds>`;

/** To which size each frame is resized. @throws PumiceError `config/invalid` for fewer than two frames, or a sliver. */
export function qwen3FrameSize(frame: Size, frames: number, { shortestEdge, longestEdge }: Qwen3Bounds): Size {
  if (!(frames >= PAIR)) throw invalid(`expected at least ${PAIR} frames, got ${frames}`);
  const { heightPx, widthPx } = atLeastOneSquare(frame);
  requirePicture({ heightPx, widthPx });
  const rounded = both((side) => roundHalfEven(side / FACTOR) * FACTOR);
  const volume = roundHalfEven(frames / PAIR) * PAIR * rounded.heightPx * rounded.widthPx;
  if (volume > longestEdge) {
    const shrink = Math.sqrt((frames * heightPx * widthPx) / longestEdge);
    return both((side) => Math.max(FACTOR, Math.floor(side / shrink / FACTOR) * FACTOR));
  }
  if (volume >= shortestEdge) return rounded;
  const grow = Math.sqrt(shortestEdge / (frames * heightPx * widthPx));
  return both((side) => Math.ceil((side * grow) / FACTOR) * FACTOR);

  function both(change: (sidePx: number) => number): Size {
    return { heightPx: change(heightPx), widthPx: change(widthPx) };
  }
}

function atLeastOneSquare({ heightPx, widthPx }: Size): Size {
  if (!(heightPx < FACTOR || widthPx < FACTOR)) return { heightPx, widthPx };
  const scale = Math.max(FACTOR / heightPx, FACTOR / widthPx);
  return { heightPx: Math.trunc(heightPx * scale), widthPx: Math.trunc(widthPx * scale) };
}

/** Pairs of frames, and patches of 16 px down and across. */
export const qwen3Grid = (
  { heightPx, widthPx }: Size,
  frames: number,
): [pairs: number, down: number, across: number] => [
  Math.ceil(frames / PAIR),
  Math.floor(heightPx / PATCH_PX),
  Math.floor(widthPx / PATCH_PX),
];
