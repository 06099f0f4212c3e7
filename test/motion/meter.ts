/**
 * Counts at the body what it really did: where it was, sample by sample, and what of that was beyond its limits. Shares no code with
 * `src/gate`, and says things in its own way: angles by the scalar product of quaternions, acceleration by the time that a drive needs.
 */
import type { MotionLimits } from '../../src/ports.ts';

export interface Sample {
  readonly pM: readonly number[];
  readonly qXyzw: readonly number[];
}

/** One step of the body: begun at the first sample, evenly spread over the time of a step. */
export interface Tick {
  readonly samples: readonly Sample[];
  /** Whether it was driven, and not braking by itself. */
  readonly isDriven: boolean;
  readonly gripperOpen: number;
  /** How far it was from where it was told to be, when it began and as it was told to be from now on, m. */
  readonly errorsM: readonly [number, number];
}

export type Violation =
  | 'step'
  | 'turn-step'
  | 'speed'
  | 'turn-speed'
  | 'acceleration'
  | 'turn-acceleration'
  | 'workspace'
  | 'keep-out'
  | 'gripper'
  | 'following'
  | 'not finite';

export interface Meter {
  readonly tell: (tick: Tick) => void;
  readonly counts: Readonly<Partial<Record<Violation, number>>>;
}

/** Rounding of sums of many numbers of this size. */
const SLACK = 1e-6;

/**
 * @param earlyMs - how long before a step begins the readings for it are taken: by so much of a step nobody can tell how fast it is, so
 * that a drive which gets there in a step and this time is not blamed.
 */
export function createMeter(limits: MotionLimits, earlyMs = 0): Meter {
  const counts: Partial<Record<Violation, number>> = {};
  const stepS = limits.stepMs / 1000;
  const gainS = stepS + earlyMs / 1000;
  let velocity: readonly number[] = [0, 0, 0];
  let turning: readonly number[] = [0, 0, 0];
  let open = 1;
  const count = (violation: Violation, isBeyond: boolean) => {
    if (isBeyond) counts[violation] = (counts[violation] ?? 0) + 1;
  };
  /** Time that a drive takes from one velocity to another, axis by axis, when to slow down is not counted. */
  const timeS = (from: readonly number[], to: readonly number[], speedUp: number, slowDown: number) => {
    const times = to.map((now, axis) => {
      const then = from[axis]!;
      if (Math.abs(now) < SLACK) return 0;
      const isSameWay = now > 0 === then > 0 || then === 0;
      return isSameWay
        ? Math.max(0, Math.abs(now) - Math.abs(then)) / speedUp
        : Math.abs(now) / speedUp + Math.abs(then) / slowDown;
    });
    return Math.sqrt(times.reduce((sum, time) => sum + time * time, 0));
  };

  const tell = ({ samples, isDriven, gripperOpen, errorsM }: Tick) => {
    const [first, last] = [samples[0]!, samples.at(-1)!];
    const subS = stepS / (samples.length - 1);
    count(
      'not finite',
      samples.some(({ pM, qXyzw }) => ![...pM, ...qXyzw].every(Number.isFinite)),
    );
    for (const [i, sample] of samples.entries()) {
      if (i > 0) {
        count('speed', distance(samples[i - 1]!.pM, sample.pM) / subS > limits.maxSpeedMPerS + SLACK);
        count('turn-speed', angle(samples[i - 1]!.qXyzw, sample.qXyzw) / subS > limits.maxTurnRadPerS + 1e-4);
      }
      count('workspace', depth(sample.pM, limits.workspace) < -SLACK);
      for (const box of limits.keepOut) count('keep-out', depth(sample.pM, box) > SLACK);
    }
    const now = last.pM.map((end, axis) => (end - first.pM[axis]!) / stepS);
    const nowTurning = turn(first.qXyzw, last.qXyzw).map((part) => part / stepS);
    if (isDriven) {
      count('step', distance(first.pM, last.pM) > limits.maxStepM + SLACK);
      count('turn-step', angle(first.qXyzw, last.qXyzw) > limits.maxStepRad + SLACK);
      const slowDown = Math.max(limits.decelerationMPerS2, limits.maxAccelerationMPerS2);
      count('acceleration', timeS(velocity, now, limits.maxAccelerationMPerS2, slowDown) > gainS + 1e-4);
      const about = limits.maxTurnAccelerationRadPerS2;
      count('turn-acceleration', timeS(turning, nowTurning, about, about) > gainS + 1e-3);
      count('gripper', Math.abs(gripperOpen - open) / stepS > limits.maxGripperPerS + SLACK);
      count('following', errorsM[0] > limits.maxFollowingErrorM + SLACK && errorsM[1] > errorsM[0] + SLACK);
      open = gripperOpen;
    }
    const [third, second] = [samples.at(-3)!, samples.at(-2)!];
    velocity = isDriven ? now : atEnd(rate(third.pM, second.pM, subS), rate(second.pM, last.pM, subS));
    const turned = turn(second.qXyzw, last.qXyzw).map((part) => part / subS);
    turning = isDriven
      ? nowTurning
      : atEnd(
          turn(third.qXyzw, second.qXyzw).map((part) => part / subS),
          turned,
        );
  };
  return { tell, counts };
}

const rate = (a: readonly number[], b: readonly number[], timeS: number): readonly number[] =>
  b.map((value, axis) => (value - a[axis]!) / timeS);

/** What a body that brakes ends with, by its mean velocities in the last two spans of time. */
const atEnd = (before: readonly number[], last: readonly number[]): readonly number[] =>
  last.map((now, axis) => {
    const end = now - (before[axis]! - now) / 2;
    return Math.abs(now) > SLACK && end > 0 === now > 0 ? end : 0;
  });

const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.sqrt(a.reduce((sum, value, axis) => sum + (value - b[axis]!) ** 2, 0));

/** How deep a point is in a box, m; less than 0 outside. */
const depth = (point: readonly number[], { minM, maxM }: MotionLimits['workspace']): number =>
  Math.min(...point.flatMap((value, axis) => [value - minM[axis]!, maxM[axis]! - value]));

function angle(a: readonly number[], b: readonly number[]): number {
  const half = distance(
    a,
    b.map((part) => part * Math.sign(a.reduce((sum, value, i) => sum + value * b[i]!, 0) || 1)),
  );
  return 4 * Math.asin(Math.min(1, half / 2));
}

/** From one orientation to the other, axis times angle: by the rotation matrices, for angles well below half a turn. */
function turn(a: readonly number[], b: readonly number[]): readonly number[] {
  const [from, to] = [matrix(a), matrix(b)];
  const between = to.map((row) => from.map((other) => row.reduce((sum, value, k) => sum + value * other[k]!, 0)));
  const skew = [
    between[2]![1]! - between[1]![2]!,
    between[0]![2]! - between[2]![0]!,
    between[1]![0]! - between[0]![1]!,
  ].map((part) => part / 2);
  const sine = distance(skew, [0, 0, 0]);
  return sine < 1e-12 ? skew : skew.map((part) => (part * Math.asin(Math.min(1, sine))) / sine);
}

function matrix([x = 0, y = 0, z = 0, w = 1]: readonly number[]): readonly (readonly number[])[] {
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  ];
}
