/**
 * Which frames of a video CogVLM2-Video looks at, and what the number it calls a second is on our own clock: it is told the number of
 * each picture and takes it for the second, which is true of one picture a second only. Read from THUDM/CogVLM2 `6700ae7`
 * `video_demo/inference.py` (`load_video`), numpy 2, decord's single-precision times. Knows no text.
 */
import { PumiceError } from '../errors.ts';
import { roundHalfEven } from './python.ts';

/** Pictures that the model takes at most. */
export const COGVLM2_FRAMES = 24;
/** What the `base` way looks at of a video, s. */
const BASE_S = 60;

export type Cogvlm2Video =
  /** Frames at an even rate. */
  | { readonly totalFrames: number; readonly avgFps: number }
  /** When each frame starts, s. */
  | { readonly timestampsS: readonly number[] };

/**
 * `chat`: for every whole second the frame closest to it, 24 at most, the rest of the video unseen: what the server does.
 * `base`: 24 frames spread over the first minute, the same frame more than once where there are fewer.
 */
export type Cogvlm2Strategy = 'chat' | 'base';

export interface Cogvlm2Choice {
  readonly indices: readonly number[];
  /** When each of them is, s from the start of the video. */
  readonly frameS: readonly number[];
}

/** @throws PumiceError `config/invalid` for a video without frames or times, and for `base` without an even rate. */
export function cogvlm2Frames(video: Cogvlm2Video, strategy: Cogvlm2Strategy = 'chat'): Cogvlm2Choice {
  const clock = clockOf(video);
  const indices = strategy === 'base' ? spread(video) : closestToSeconds(clock);
  // Python counts places below zero from the end.
  return { indices, frameS: indices.map((index) => clock.at(index < 0 ? clock.frames + index : index)) };
}

interface Clock {
  readonly frames: number;
  /** Of which no frame beyond this one can be closest to a second that is asked for. */
  readonly near: number;
  readonly lastS: number;
  readonly at: (index: number) => number;
}

function clockOf(video: Cogvlm2Video): Clock {
  if ('timestampsS' in video) {
    const times = video.timestampsS.map(Math.fround);
    if (times.length === 0 || !times.every(Number.isFinite)) throw refuse(`${times.length} times of frames`);
    const lastS = times.reduce((last, time) => Math.max(last, time));
    return { frames: times.length, near: times.length, lastS, at: (index) => times[index]! };
  }
  const { totalFrames, avgFps } = video;
  if (!(Number.isSafeInteger(totalFrames) && totalFrames > 0 && Number.isFinite(avgFps) && avgFps > 0))
    throw refuse(`${totalFrames} frames at ${avgFps} a second`);
  const at = (index: number) => Math.fround(index / avgFps);
  const near = Math.min(totalFrames, Math.ceil((COGVLM2_FRAMES + 1) * avgFps) + 2);
  return { frames: totalFrames, near, lastS: at(totalFrames - 1), at };
}

function closestToSeconds({ near, lastS, at }: Clock): number[] {
  const seconds = Math.min(COGVLM2_FRAMES, roundHalfEven(lastS) + 1);
  return Array.from({ length: Math.max(0, seconds) }, (_, second) => {
    let [closest, leastS] = [0, Number.POSITIVE_INFINITY];
    for (let index = 0; index < near; index++) {
      // In single precision, where two frames can be as close as each other; the first of them is taken.
      const offS = Math.abs(Math.fround(at(index) - second));
      if (offS < leastS) [closest, leastS] = [index, offS];
    }
    return closest;
  });
}

/** `numpy.linspace(0, end - 1, 24, dtype=int)`, which rounds down. */
function spread(video: Cogvlm2Video): number[] {
  if (!('avgFps' in video)) throw refuse('times of frames, where the base way needs a rate');
  const last = Math.min(video.totalFrames, Math.trunc(BASE_S * video.avgFps)) - 1;
  const step = last / (COGVLM2_FRAMES - 1);
  return Array.from({ length: COGVLM2_FRAMES }, (_, at) => (at === COGVLM2_FRAMES - 1 ? last : Math.floor(at * step)));
}

const refuse = (got: string) =>
  new PumiceError('config/invalid', `expected a video with frames and a rate above 0, got ${got}`, {
    who: 'codec cogvlm2',
    hint: 'Encode one frame a second, 24 s at most',
  });

/**
 * What the model calls second `saidS`, in seconds of the video: the time of the picture of that number, and between two pictures the
 * time in between. Undefined where it saw no such picture.
 */
export function cogvlm2TimeS(saidS: number, { frameS }: Pick<Cogvlm2Choice, 'frameS'>): number | undefined {
  const [below, above] = [frameS[Math.floor(saidS)], frameS[Math.ceil(saidS)]];
  if (below === undefined) return undefined;
  return above === undefined ? below : below + (above - below) * (saidS - Math.floor(saidS));
}
