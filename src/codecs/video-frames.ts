/**
 * Which frames of a video the Qwen2-VL kin is shown, and how large. Which frame is which second follows from it.
 * Computes as `qwen_vl_utils/vision_process.py` 0.0.14 does (`calculate_video_frame_range`, `smart_nframes`, `fetch_video`), with
 * torch's `linspace` in single precision: double precision chooses another frame in one video of sixteen.
 */
import { PumiceError } from '../errors.ts';
import { roundHalfEven } from './python.ts';
import { type Size, smartResize } from './smart-resize.ts';

export interface Clip {
  readonly totalFrames: number;
  readonly fps: number;
}

/** Options of a video part of a message. */
export interface VideoOptions {
  /** Frames per second to be shown; default 2. Not together with `frames`. */
  readonly fps?: number;
  readonly frames?: number;
  readonly minFrames?: number;
  readonly maxFrames?: number;
  readonly startS?: number;
  readonly endS?: number;
  /** Bounds of one frame. */
  readonly minPixels?: number;
  readonly maxPixels?: number;
  /** Bound of all frames together, halved by the merging of two frames. */
  readonly totalPixels?: number;
  /** Side by side, instead of bounds. */
  readonly resized?: Size;
}

export interface FrameChoice {
  readonly startFrame: number;
  readonly endFrame: number;
  /** Frames from start to end, those that are left out among them. */
  readonly frameCount: number;
  readonly indices: readonly number[];
  /** What the model is told of the frames per second. */
  readonly sampleFps: number;
}

const DEFAULT_FPS = 2;
/** Frames are looked at in pairs. */
const PAIR = 2;
const MIN_FRAMES = 4;
const MAX_FRAMES = 768;
const MIN_FRAME_SQUARES = 128;
const MAX_FRAME_SQUARES = 768;
/** Tokens that a conversation may have, and the share of them that videos may take. */
const CONTEXT_TOKENS = 128_000;
const VIDEO_SHARE = 0.9;

const invalid = (message: string) =>
  new PumiceError('config/invalid', message, { who: 'codec video-frames', hint: 'Change the options of the video' });

/** @throws PumiceError `config/invalid` where no two frames can be chosen. */
export function chooseFrames(clip: Clip, options: VideoOptions = {}): FrameChoice {
  const [startFrame, endFrame] = frameRange(clip, options);
  const frameCount = endFrame - startFrame + 1;
  const frames = framesToShow(frameCount, clip.fps, options);
  return {
    startFrame,
    endFrame,
    frameCount,
    indices: linspace32(startFrame, endFrame, frames).map(roundHalfEven),
    sampleFps: (frames / frameCount) * clip.fps,
  };
}

function frameRange({ totalFrames, fps }: Clip, { startS, endS }: VideoOptions): readonly [start: number, end: number] {
  if (!(fps > 0 && totalFrames > 0)) throw invalid(`expected a video, got ${totalFrames} frames at ${fps} per second`);
  if (startS === undefined && endS === undefined) return [0, totalFrames - 1];
  const lengthS = totalFrames / fps;
  const within = (timeS: number) => Math.max(0, Math.min(timeS, lengthS));
  const start = startS === undefined ? 0 : Math.ceil(within(startS) * fps);
  const end = endS === undefined ? totalFrames - 1 : Math.min(Math.floor(within(endS) * fps), totalFrames - 1);
  if (start < end) return [start, end];
  throw invalid(`expected a start before the end, got frames ${start} to ${end} of ${totalFrames}`);
}

function framesToShow(frameCount: number, clipFps: number, options: VideoOptions): number {
  const wanted = options.frames === undefined ? framesByRate() : roundHalfEven(options.frames / PAIR) * PAIR;
  if (options.frames !== undefined && options.fps !== undefined) throw invalid('expected fps or frames, got both');
  if (wanted >= PAIR && wanted <= frameCount) return wanted;
  throw invalid(`expected ${PAIR} to ${frameCount} frames, got ${wanted}`);

  function framesByRate(): number {
    const { fps = DEFAULT_FPS, minFrames = MIN_FRAMES, maxFrames = Math.min(MAX_FRAMES, frameCount) } = options;
    const least = Math.ceil(minFrames / PAIR) * PAIR;
    const most = Math.floor(maxFrames / PAIR) * PAIR;
    const frames = Math.min(Math.min(Math.max((frameCount / clipFps) * fps, least), most), frameCount);
    return Math.floor(frames / PAIR) * PAIR;
  }
}

/**
 * `torch.linspace` in single precision, each operation rounded; the second half is counted down from the end. Where a processor rounds
 * product and sum at once, as torch 2.11 with AVX-512 was seen to, one index in fifty videos of hours is the neighbour of the one here.
 */
function linspace32(start: number, end: number, count: number): number[] {
  const step = Math.fround(Math.fround(end - start) / (count - 1));
  return Array.from({ length: count }, (_, at) =>
    at < Math.floor(count / 2)
      ? Math.fround(start + Math.fround(step * at))
      : Math.fround(end - Math.fround(step * (count - at - 1))),
  );
}

/**
 * To which size each of the chosen frames is resized.
 *
 * @param factor - 28 or 32, see {@link smartResize}.
 * @throws PumiceError `config/invalid` as smartResize.
 */
export function frameSize(frame: Size, frames: number, factor: number, options: VideoOptions = {}): Size {
  if (options.resized) return smartResize(options.resized, { factor });
  const square = factor * factor;
  const { minPixels = MIN_FRAME_SQUARES * square, totalPixels = CONTEXT_TOKENS * square * VIDEO_SHARE } = options;
  const roomPixels = Math.min(MAX_FRAME_SQUARES * square, (totalPixels / frames) * PAIR);
  const limitPixels = Math.max(roomPixels, Math.trunc(minPixels * 1.05));
  const maxPixels = Math.min(options.maxPixels ?? limitPixels, limitPixels);
  return smartResize(frame, { factor, minPixels, maxPixels });
}

/** Tokens that the frames take. */
export const visualTokens = ({ heightPx, widthPx }: Size, frames: number, factor: number): number =>
  Math.ceil(frames / PAIR) * (heightPx / factor) * (widthPx / factor);
