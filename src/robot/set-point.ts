/**
 * The next set-point of a body: from the last one, the motion in hand, the time and the limits. Pure.
 *
 * The way to a target is straight. Its speed is such that at the time of arrival the body is as far from the target as it takes to
 * stop: a newer target, further on, is met at full speed, and without one the body comes to rest exactly there. So no set-point is
 * ever faster than what can stop before the newest checked target, and no stop leads beyond it. Where a new way turns away from the
 * old one, the part of the speed that does not lead along it is dropped at once: how sharp a turn may be is for the gate.
 */
import { type Quaternion, turnBetween, turned, type Vec3 } from '../gate/rotation.ts';
import type { ToolPose } from './messages.ts';
import type { DriverProfile, RobotProfile } from './profile.ts';

/** Go there, and be there at the start plus the duration. */
export interface Motion {
  /** Counts what the gate let through: which verdict this motion rests on. */
  readonly verdictId: number;
  readonly epoch: number;
  /** When it stops to lead the body, wherever that is by then. */
  readonly validUntilMs: number;
  readonly startMs: number;
  readonly durationMs: number;
  readonly target: ToolPose;
  /** Of a recovery jog: how often a stop had been begun when it was. With the next stop it is over. */
  readonly jogAfterStops?: number;
}

export interface SetPoint {
  readonly stampMs: number;
  readonly pose: ToolPose;
  readonly velocityMPerS: Vec3;
  /** Axis times rate. */
  readonly turnRadPerS: Vec3;
  /** The newest checked target: where the body is on the way to, or stands. */
  readonly aim: ToolPose;
  /** When it is to be there. */
  readonly aimAtMs: number;
}

interface Drive {
  readonly max: number;
  readonly speedUp: number;
  readonly slowDown: number;
}

/** What a set-point may be beyond the one before it. */
export interface Bounds {
  readonly periodMs: number;
  readonly expiryMs: number;
  /** m/s and m/s2. */
  readonly move: Drive;
  /** rad/s and rad/s2. */
  readonly turn: Drive;
  readonly maxGripperPerS: number;
}

/** Chosen: after so many periods without a set-point the body stands at the last one, and is not to be thrown off from there. */
const STANDING_PERIODS = 3;
/** Rounding of sums: shares of a limit. */
const SLACK = 1e-6;

/** @param speedScale - share of the speeds that the profile allows. */
export function boundsOf({ limits }: RobotProfile, driver: DriverProfile, speedScale = 1): Bounds {
  return {
    periodMs: 1000 / driver.commandRateHz,
    expiryMs: driver.expiryMs,
    move: {
      max: limits.maxSpeedMPerS * speedScale,
      speedUp: limits.maxAccelerationMPerS2,
      slowDown: driver.stopDecelerationMPerS2,
    },
    turn: {
      max: limits.maxTurnRadPerS * speedScale,
      speedUp: limits.maxTurnAccelerationRadPerS2,
      slowDown: limits.maxTurnAccelerationRadPerS2,
    },
    maxGripperPerS: limits.maxGripperPerS,
  };
}

/** Speed of a recovery jog at most, m/s. Chosen: a fifth of the reduced speed of ISO 10218-1, 250 mm/s. */
export const JOG_SPEED_M_PER_S = 0.05;

/** What a person may do with a body that is stopped: the same, at a crawl. */
export function jogBoundsOf({ move, turn, ...rest }: Bounds): Bounds {
  const share = Math.min(1, JOG_SPEED_M_PER_S / move.max);
  return { ...rest, move: { ...move, max: move.max * share }, turn: { ...turn, max: turn.max * share } };
}

const NONE: Vec3 = [0, 0, 0];

export const restAt = (pose: ToolPose, stampMs: number): SetPoint => ({
  ...{ stampMs, pose, velocityMPerS: NONE, turnRadPerS: NONE },
  ...{ aim: pose, aimAtMs: stampMs },
});

export const isAtRest = ({ velocityMPerS, turnRadPerS }: SetPoint): boolean =>
  lengthOf(velocityMPerS) === 0 && lengthOf(turnRadPerS) === 0;

/** Why a motion is none that this body may follow: it is refused, never made smaller. */
export function excessOf(last: SetPoint, motion: Motion, bounds: Bounds): string | undefined {
  const { target, durationMs, startMs } = motion;
  if (!(durationMs > 0) || durationMs > bounds.expiryMs)
    return `takes ${durationMs} ms, and a motion has more than 0 and at most ${bounds.expiryMs} ms`;
  // A poster that missed a turn goes on where it would be by now.
  const sinceLastMs = isAtRest(last) ? 0 : startMs + durationMs - last.aimAtMs;
  const timeS = Math.max(durationMs, sinceLastMs) / 1000;
  const lagS = (durationMs + bounds.expiryMs) / 1000;
  const judge = (what: string, fromAim: number, fromHere: number, drive: Drive, unit: string) => {
    if (fromAim / timeS > drive.max * (1 + SLACK))
      return `${what} ${(fromAim / timeS).toPrecision(3)} ${unit}/s, limit ${drive.max.toPrecision(3)} ${unit}/s`;
    const lag = drive.max * lagS + (drive.max ** 2 / 2) * (1 / drive.slowDown + 1 / drive.speedUp);
    return fromHere > lag * (1 + SLACK)
      ? `is ${fromHere.toPrecision(3)} ${unit} ahead of the body, limit ${lag.toPrecision(3)} ${unit}`
      : undefined;
  };
  const way = (from: ToolPose) => lengthOf(difference(target.pM, from.pM));
  const angle = (from: ToolPose) => lengthOf(turnBetween(from.qXyzw, target.qXyzw));
  const openPerS = Math.abs(target.gripperOpen - last.aim.gripperOpen) / timeS;
  return (
    judge('moves at', way(last.aim), way(last.pose), bounds.move, 'm') ??
    judge('turns at', angle(last.aim), angle(last.pose), bounds.turn, 'rad') ??
    (openPerS > bounds.maxGripperPerS * (1 + SLACK)
      ? `opens or closes at ${openPerS.toPrecision(3)}/s, limit ${bounds.maxGripperPerS}/s`
      : undefined)
  );
}

/** One set-point further towards the target of a motion. */
export function follow(
  last: SetPoint,
  { target, startMs, durationMs }: Motion,
  nowMs: number,
  bounds: Bounds,
): SetPoint {
  const aimAtMs = startMs + durationMs;
  const elapsedMs = nowMs - last.stampMs;
  const isStanding = elapsedMs > STANDING_PERIODS * bounds.periodMs;
  const leftS = Math.max(0, aimAtMs - last.stampMs) / 1000;
  const dtS = stepS(elapsedMs, bounds);
  const pace = (gap: Vec3, velocity: Vec3, drive: Drive) => {
    const way = lengthOf(gap);
    const before = isStanding ? 0 : Math.max(0, dot(velocity, gap) / way);
    return speedTowards(way, before, leftS, drive, dtS, bounds.periodMs / 1000);
  };
  return advance(last, target, aimAtMs, nowMs, bounds, pace, (gap) => (leftS <= dtS ? gap : (gap * dtS) / leftS));
}

/** One set-point further in a stop: along the way that it is on, until it is at rest; the hand stays as it was told last. */
export function brake(last: SetPoint, nowMs: number, bounds: Bounds): SetPoint {
  const elapsedS = (nowMs - last.stampMs) / 1000;
  const pace = (_gap: Vec3, velocity: Vec3, { slowDown }: Drive) =>
    Math.max(0, lengthOf(velocity) - slowDown * Math.max(0, elapsedS));
  const aim = { ...last.aim, gripperOpen: last.pose.gripperOpen };
  const next = advance(last, aim, last.aimAtMs, nowMs, bounds, pace, () => 0);
  // What was left of the way is void.
  return isAtRest(next) ? restAt(next.pose, nowMs) : next;
}

/** How fast to go: in time, no faster than what stops there, no more than a little faster than before. */
function speedTowards(way: number, before: number, leftS: number, drive: Drive, dtS: number, periodS: number): number {
  const { max, speedUp, slowDown } = drive;
  /** Such that, a time later, what is left is the way that it takes to stop; written so that the shortest way is not lost in rounding. */
  const landing = (afterS: number) => (2 * way) / (Math.sqrt(afterS ** 2 + (2 * way) / slowDown) + afterS);
  // Half a period on top: set-points slow down in steps.
  return Math.min(max, before + speedUp * dtS, landing(leftS), landing(periodS / 2));
}

/** A set-point covers one period at most: who was late goes on from there, and leaps nowhere. */
const stepS = (elapsedMs: number, { periodMs }: Bounds): number => Math.min(Math.max(0, elapsedMs), periodMs) / 1000;

function advance(
  last: SetPoint,
  aim: ToolPose,
  aimAtMs: number,
  nowMs: number,
  bounds: Bounds,
  pace: (gap: Vec3, velocity: Vec3, drive: Drive) => number,
  opening: (gap: number) => number,
): SetPoint {
  const dtS = stepS(nowMs - last.stampMs, bounds);
  const step = (gap: Vec3, velocity: Vec3, drive: Drive) => {
    const way = lengthOf(gap);
    const speed = way === 0 ? 0 : pace(gap, velocity, drive);
    // Nothing is added where it stands: rounding would creep.
    if (speed === 0) return { by: undefined, velocity: NONE, isThere: false };
    if (way <= speed * dtS) return { by: undefined, velocity: NONE, isThere: true };
    return { by: scaled(gap, (speed * dtS) / way), velocity: scaled(gap, speed / way), isThere: false };
  };
  const { pose } = last;
  const move = step(difference(aim.pM, pose.pM), last.velocityMPerS, bounds.move);
  const turn = step(turnBetween(pose.qXyzw, aim.qXyzw), last.turnRadPerS, bounds.turn);
  const mostOpening = bounds.maxGripperPerS * dtS;
  const opened = opening(aim.gripperOpen - pose.gripperOpen);
  return {
    stampMs: nowMs,
    pose: {
      pM: move.by ? sum(pose.pM, move.by) : move.isThere ? aim.pM : pose.pM,
      qXyzw: turn.by ? normal(turned(pose.qXyzw, turn.by)) : turn.isThere ? aim.qXyzw : pose.qXyzw,
      gripperOpen: pose.gripperOpen + Math.min(mostOpening, Math.max(-mostOpening, opened)),
    },
    velocityMPerS: move.velocity,
    turnRadPerS: turn.velocity,
    aim,
    aimAtMs,
  };
}

const lengthOf = ([x, y, z]: Vec3): number => Math.hypot(x, y, z);
const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const sum = (a: Vec3, b: Vec3): Vec3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const difference = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const scaled = (a: Vec3, by: number): Vec3 => [a[0] * by, a[1] * by, a[2] * by];

/** Many small turns must not change the length. */
function normal([x, y, z, w]: Quaternion): Quaternion {
  const length = Math.hypot(x, y, z, w);
  return [x / length, y / length, z / length, w / length];
}
