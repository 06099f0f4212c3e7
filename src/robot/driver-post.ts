/**
 * What the threads around a driver share, and how a motion is posted to it: from any one thread, without waiting.
 * Judges here only what the poster can know; the driver judges all of it again when it takes the motion.
 */
import { monotonicNowMs } from '../clock.ts';
import { PumiceError } from '../errors.ts';
import { createBox, createStopWord, openBox, openStopWord, type StopWord } from './boxes.ts';
import { POSE_NUMBERS, poseAt, poseNumbers } from './messages.ts';
import type { Motion } from './set-point.ts';

/** Why a motion is not followed. */
export const REFUSALS = [
  'not finite',
  'old epoch',
  'stopped',
  'expired',
  'beyond limit',
  'second writer',
  'no driver',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** A motion as it is posted: it starts now. */
export type Posted = Omit<Motion, 'startMs'>;

/** Buffers that can be handed to any thread. */
export interface DriverBuffers {
  readonly stopWord: SharedArrayBuffer;
  readonly motion: SharedArrayBuffer;
  readonly status: SharedArrayBuffer;
  /** One number for each refusal. */
  readonly refused: SharedArrayBuffer;
  /** One number: whether the driver is to end, and whether it is gone. */
  readonly life: SharedArrayBuffer;
}

export const LIVES = 0;
export const IS_TO_END = 1;
export const IS_GONE = 2;

/** How far from length 1 an orientation may be. Chosen: what is lost when numbers are written with four digits. */
const UNIT_SLACK = 1e-3;
const MOTION_NUMBERS = 6 + POSE_NUMBERS;
/** In place of a motion: none is to lead the body. */
export const REST: readonly number[] = new Array(MOTION_NUMBERS).fill(0);
export const isRest = (values: ArrayLike<number>): boolean => Array.from(values).every((value) => value === 0);
/** In place of a number of stops: no jog. */
const NO_JOG = -1;
export const STATUS_NUMBERS = 6 + POSE_NUMBERS;

export const createBuffers = (stopWord = createStopWord()): DriverBuffers => ({
  stopWord,
  motion: createBox(MOTION_NUMBERS),
  status: createBox(STATUS_NUMBERS),
  refused: new SharedArrayBuffer(4 * REFUSALS.length),
  life: new SharedArrayBuffer(4),
});

export const motionNumbers = (motion: Motion): readonly number[] => [
  ...[motion.verdictId, motion.epoch, motion.validUntilMs, motion.startMs, motion.durationMs],
  ...poseNumbers(motion.target),
  motion.jogAfterStops ?? NO_JOG,
];

export const motionOf = (values: ArrayLike<number>): Motion => ({
  ...{ verdictId: values[0]!, epoch: values[1]!, validUntilMs: values[2]! },
  ...{ startMs: values[3]!, durationMs: values[4]!, target: poseAt(values, 5) },
  ...(values[MOTION_NUMBERS - 1] !== NO_JOG && { jogAfterStops: values[MOTION_NUMBERS - 1]! }),
});

/** Whether a stop lets a motion through: none does, but a jog that began after it, where the body is not cut off. */
export function mayLead({ jogAfterStops }: Motion, stopWord: StopWord): boolean {
  const category = stopWord.read();
  if (jogAfterStops === undefined) return category === undefined;
  return category !== 0 && jogAfterStops === stopWord.stops();
}

/** What is wrong with a motion whatever the body does. */
export function faultOf(motion: Motion, epoch: number, stopWord: StopWord, nowMs: number): Refusal | undefined {
  const { qXyzw, gripperOpen } = motion.target;
  const isUnit = Math.abs(Math.hypot(...qXyzw) - 1) <= UNIT_SLACK;
  if (!motionNumbers(motion).every(Number.isFinite) || !isUnit || gripperOpen < 0 || gripperOpen > 1)
    return 'not finite';
  if (motion.epoch !== epoch) return 'old epoch';
  if (!mayLead(motion, stopWord)) return 'stopped';
  return motion.validUntilMs <= nowMs ? 'expired' : undefined;
}

export interface Poster {
  /** Takes back what was posted: the body comes to rest from where it is, and is held there. No stop, and allowed at any time. */
  readonly rest: () => void;
  /** Puts a motion in place of the one before; answers why not, if not. */
  readonly post: (posted: Posted) => Refusal | undefined;
  readonly refused: () => Readonly<Record<Refusal, number>>;
}

export const countRefusal = (refused: SharedArrayBuffer, why: Refusal): Refusal => {
  Atomics.add(new Int32Array(refused), REFUSALS.indexOf(why), 1);
  return why;
};

export function openPost(buffers: DriverBuffers): Poster {
  const box = openBox(buffers.motion);
  const stopWord = openStopWord(buffers.stopWord);
  const life = new Int32Array(buffers.life);
  const counts = new Int32Array(buffers.refused);
  const put = (motion: Motion): Refusal | undefined => {
    try {
      box.write(motionNumbers(motion));
      return undefined;
    } catch (error) {
      if (PumiceError.is(error, 'body/driver')) return 'second writer';
      throw error;
    }
  };
  return {
    rest: () => {
      try {
        box.write(REST);
      } catch (error) {
        // Who does not lead the body has nothing to take back.
        if (!PumiceError.is(error, 'body/driver')) throw error;
      }
    },
    post: (posted) => {
      const startMs = monotonicNowMs();
      const motion = { ...posted, startMs };
      const why =
        Atomics.load(life, 0) !== LIVES
          ? 'no driver'
          : (faultOf(motion, stopWord.epoch(), stopWord, startMs) ?? put(motion));
      return why && countRefusal(buffers.refused, why);
    },
    refused: () => {
      const entries = REFUSALS.map((why, index) => [why, Atomics.load(counts, index)] as const);
      return Object.fromEntries(entries) as Record<Refusal, number>;
    },
  };
}
