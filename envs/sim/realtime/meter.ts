/**
 * What the robot received, counted by the robot itself. Shares no code with the driver or the gate, and says things in its own way.
 * Knows the layout of a command alone: `[mode, stampMs, x y z, qx qy qz qw, gripperOpen]`; modes 0 idle, 1 set-point, 2 hold, 3 halt.
 */
import type { Log } from './log.ts';

const IDLE = 0;
const SET_POINT = 1;
const HALT = 3;

/** The columns of the log of arrivals: the way and the turn are those from the pose that was received before. */
export const ARRIVAL_COLUMNS = ['arrivedMs', 'sentMs', 'mode', 'stepM', 'stepRad'] as const;

/** The counts, in the order of the box that they are published in. */
export const METER_FIELDS = [
  /** Commands of any kind. */
  'commands',
  'setPoints',
  /** Commands that a newer one replaced before they were looked at. */
  'missed',
  'notFinite',
  /** Set-points after a halt that nothing had ended. */
  'afterHalt',
  /** Commands that did not begin where the robot was, as after a reset. */
  'outOfStep',
  'watchdogTrips',
  'largestStepM',
  'largestStepRad',
  /** Longest time between two commands. */
  'longestIntervalMs',
  /** Arrival of the newest set-point, of the first halt since the reset, and when the robot stood still after that; 0: not yet. */
  'lastSetPointMs',
  'firstHaltMs',
  'restedMs',
  /** Physics: steps done, time that was left out because the thread came too late for it. */
  'steps',
  'skippedMs',
] as const;
export type MeterField = (typeof METER_FIELDS)[number];
export type Counts = Record<MeterField, number>;

export interface Meter {
  readonly counts: Counts;
  /** @param seq - number of the command in its box. */
  readonly received: (values: ArrayLike<number>, seq: number, nowMs: number) => void;
  readonly outOfStep: () => void;
  readonly watchdogTripped: () => void;
  /** The robot stands still. */
  readonly rested: (nowMs: number) => void;
  readonly stepped: (steps: number, skippedMs: number) => void;
  /** An episode begins: the first halt is waited for anew. All else goes on counting. */
  readonly began: () => void;
}

export function createMeter(arrivals: Pick<Log, 'append'>): Meter {
  const counts = Object.fromEntries(METER_FIELDS.map((field) => [field, 0])) as Counts;
  let before: readonly number[] | undefined;
  let lastSeq = 0;
  let lastMs: number | undefined;
  let isHalted = false;

  return {
    counts,
    received: (values, seq, nowMs) => {
      const [mode = IDLE, sentMs = 0, ...pose] = Array.from(values);
      counts.commands += 1;
      counts.missed += Math.max(0, seq - lastSeq - 1);
      if (lastMs !== undefined) counts.longestIntervalMs = Math.max(counts.longestIntervalMs, nowMs - lastMs);
      [lastSeq, lastMs] = [seq, nowMs];
      if (mode === SET_POINT) {
        counts.setPoints += 1;
        counts.lastSetPointMs = nowMs;
        if (isHalted) counts.afterHalt += 1;
      }
      if (mode === HALT && counts.firstHaltMs === 0) counts.firstHaltMs = nowMs;
      isHalted = mode === HALT || (isHalted && mode === SET_POINT);
      if (mode === IDLE) return;
      if (!pose.every(Number.isFinite)) {
        counts.notFinite += 1;
        return;
      }
      const stepM = before ? Math.hypot(...[0, 1, 2].map((axis) => pose[axis]! - before![axis]!)) : 0;
      const stepRad = before ? angleBetween(before, pose) : 0;
      counts.largestStepM = Math.max(counts.largestStepM, stepM);
      counts.largestStepRad = Math.max(counts.largestStepRad, stepRad);
      before = pose;
      arrivals.append([nowMs, sentMs, mode, stepM, stepRad]);
    },
    outOfStep: () => {
      counts.outOfStep += 1;
    },
    watchdogTripped: () => {
      counts.watchdogTrips += 1;
    },
    rested: (nowMs) => {
      if (counts.firstHaltMs > 0 && counts.restedMs === 0) counts.restedMs = nowMs;
    },
    stepped: (steps, skippedMs) => {
      counts.steps += steps;
      counts.skippedMs += skippedMs;
    },
    began: () => {
      before = undefined;
      isHalted = false;
      [counts.firstHaltMs, counts.restedMs] = [0, 0];
    },
  };
}

/** Between two orientations, rad: by the chord between their quaternions, of which both signs mean the same. */
function angleBetween(a: readonly number[], b: readonly number[]): number {
  const chord = (sign: number) => Math.hypot(...[3, 4, 5, 6].map((part) => a[part]! - sign * b[part]!));
  return 4 * Math.asin(Math.min(1, Math.min(chord(1), chord(-1)) / 2));
}
