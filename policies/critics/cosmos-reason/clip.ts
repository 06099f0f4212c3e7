/** Keeps the last seconds of one camera, so that a model can be shown them as a video. Frames are kept as they came. */
import type { Frame } from 'pumice';

export interface Memory {
  /** Adds frames, oldest first; those that are known or older than the newest by more than the clip's length are dropped. */
  readonly add: (frames: readonly Frame[]) => void;
  /** Oldest first. */
  readonly frames: () => readonly Frame[];
  readonly forget: () => void;
}

export function createMemory(clipMs: number): Memory {
  let kept: readonly Frame[] = [];
  return {
    add: (frames) => {
      for (const frame of frames) if (frame.stampMs > (kept.at(-1)?.stampMs ?? -Infinity)) kept = [...kept, frame];
      const oldestMs = (kept.at(-1)?.stampMs ?? 0) - clipMs;
      kept = kept.filter(({ stampMs }) => stampMs >= oldestMs);
    },
    frames: () => kept,
    forget: () => {
      kept = [];
    },
  };
}
