/** Checks of fixtures about sizes and frames of pictures and videos: `qwen_smart_resize`, `qwen_video_frames`, `qwen3_video_processor`. */
import { qwen3FrameSize, qwen3Frames, qwen3Grid, qwen3Times, qwen3TimeText } from '../codecs/qwen3-video.ts';
import { type Size, smartResize } from '../codecs/smart-resize.ts';
import { chooseFrames, frameSize, type VideoOptions, visualTokens } from '../codecs/video-frames.ts';
import { PumiceError } from '../errors.ts';
import { type Check, CLOSE, differences, type Entry, rowsOf } from './golden-check.ts';

const sides = ({ heightPx, widthPx }: Size) => [heightPx, widthPx];
const sizeOf = ([heightPx, widthPx]: readonly number[]): Size => ({ heightPx: heightPx!, widthPx: widthPx! });
/** Leaves out what is null or absent: both mean the default. */
const given = (fields: Entry): Entry =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));

/** What work gives, or `{ error }` where it refuses. A failure of any other kind is none of the codec's answers. */
export function orError(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (!PumiceError.is(error)) throw error;
    return { error: error.message };
  }
}

/** As `differences`; of an error only that there is one is compared, and that there is none where none is expected. */
export function* answers(got: unknown, want: unknown, tolerance: number, path: string): Generator<string> {
  const failed = (got as Entry | null)?.error;
  if ((want as Entry | null)?.error !== undefined) {
    if (failed === undefined) yield `${path}: expected a failure, got ${JSON.stringify(got)}`;
  } else if (failed !== undefined) yield `${path}: expected ${JSON.stringify(want)}, got a failure: ${failed}`;
  else yield* differences(got, want, tolerance, path);
}

function* checkResize(entry: Entry): Iterable<string> {
  const frame = sizeOf([entry.height, entry.width]);
  const bounds = given({ minPixels: entry.min_pixels, maxPixels: entry.max_pixels });
  for (const [as, want] of [
    ['qwen-vl-utils', entry.qwen_vl_utils],
    ['transformers', entry.transformers],
  ] as const)
    if (want !== undefined)
      yield* answers(
        orError(() => sides(smartResize(frame, { factor: entry.factor, ...bounds, as }))),
        want,
        0,
        as,
      );
}

const optionsOf = (ele: Entry): VideoOptions =>
  given({
    fps: ele.fps,
    frames: ele.nframes,
    minFrames: ele.min_frames,
    maxFrames: ele.max_frames,
    startS: ele.video_start,
    endS: ele.video_end,
    minPixels: ele.min_pixels,
    maxPixels: ele.max_pixels,
    totalPixels: ele.total_pixels,
    resized:
      ele.resized_height === undefined || ele.resized_width === undefined
        ? undefined
        : sizeOf([ele.resized_height, ele.resized_width]),
  });

function* checkFrames(entry: Entry): Iterable<string> {
  const options = optionsOf(entry.ele);
  const factor = 2 * entry.image_patch_size;
  const got = orError(() => {
    const choice = chooseFrames({ totalFrames: entry.total_frames, fps: entry.video_fps }, options);
    const frames = choice.indices.length;
    const size = entry.frame_size && orError(() => frameSize(sizeOf(entry.frame_size), frames, factor, options));
    const isSized = size && !('error' in size);
    return {
      start_frame: choice.startFrame,
      end_frame: choice.endFrame,
      frame_count: choice.frameCount,
      nframes: frames,
      indices: choice.indices,
      sample_fps: choice.sampleFps,
      ...(size && { resized: isSized ? sides(size) : size }),
      ...(isSized && { visual_tokens: visualTokens(size, frames, factor) }),
    };
  });
  yield* eachField(got, entry.expected);
}

function* checkQwen3(entry: Entry): Iterable<string> {
  const want = entry.want ?? {};
  const got = orError(() => {
    const indices = qwen3Frames(
      { totalFrames: entry.total_frames, fps: entry.video_fps },
      given({ fps: want.fps, frames: want.num_frames }),
    );
    const times = qwen3Times(indices, entry.video_fps);
    const size = orError(() =>
      qwen3FrameSize(sizeOf(entry.frame_size), indices.length, {
        shortestEdge: entry.shortest_edge,
        longestEdge: entry.longest_edge,
      }),
    ) as Size & { error?: string };
    return {
      indices,
      timestamps: times,
      timestamp_text: times.map(qwen3TimeText),
      resized: size.error === undefined ? sides(size) : size,
      grid_thw: size.error === undefined ? qwen3Grid(size, indices.length) : size,
    };
  });
  yield* eachField(got, entry.expected);
}

function* eachField(got: unknown, want: Entry): Iterable<string> {
  const isFailure = want.error !== undefined || (got as Entry).error !== undefined;
  if (isFailure) yield* answers(got, want, 0, 'expected');
  else for (const [key, value] of Object.entries(want)) yield* answers((got as Entry)[key], value, CLOSE, key);
}

export const GEOMETRY_CHECKS: Readonly<Record<string, Check>> = {
  qwen_smart_resize: (file) => rowsOf(file, 'cases', checkResize),
  qwen_video_frames: (file) => rowsOf(file, 'cases', checkFrames),
  qwen3_video_processor: (file) => rowsOf(file, 'cases', checkQwen3),
};
