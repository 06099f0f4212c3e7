/**
 * One turn of a body's driver: takes the newest motion, gives the next set-point, watches that a stop comes to rest.
 * Knows boxes and the stop word; not threads, and no time but the one that it is told.
 */
import type { StopCategory } from '../ports.ts';
import { openBox, openStopWord } from './boxes.ts';
import { countRefusal, type DriverBuffers, faultOf, isRest, mayLead, motionOf, type Refusal } from './driver-post.ts';
import { type BodyState, commandNumbers, MODES, type Mode, poseNumbers, stateOf } from './messages.ts';
import type { DriverProfile, RobotProfile } from './profile.ts';
import {
  boundsOf,
  brake,
  excessOf,
  follow,
  isAtRest,
  jogBoundsOf,
  type Motion,
  restAt,
  type SetPoint,
} from './set-point.ts';

/** Why the body is not led by a motion. */
export const CAUSES = ['none', 'expired', 'stopped', 'does not come to rest', 'state is frozen', 'no state'] as const;
export type Cause = (typeof CAUSES)[number];

/** For how long the body may still move when its set-points are at rest, ms. Chosen: five times what a servo takes to settle. */
export const STANDSTILL_MS = 500;
/** Turn at and below which the body counts as standing still, rad/s. Chosen: 5 mm/s at the end of a tool of 0.1 m. */
const REST_TURN_RAD_PER_S = 0.05;

export interface Tick {
  /** Gives one set-point. */
  readonly turn: (nowMs: number) => void;
  /** Brings the body to rest, whatever comes; answers whether its set-points are at rest. */
  readonly end: (nowMs: number) => boolean;
}

export interface TickParts {
  readonly profile: RobotProfile;
  readonly driver: DriverProfile;
  readonly speedScale: number;
  readonly buffers: DriverBuffers;
  readonly commandBox: SharedArrayBuffer;
  readonly stateBox: SharedArrayBuffer;
}

export function createTick({ profile, driver, speedScale, buffers, commandBox, stateBox }: TickParts): Tick {
  const bounds = boundsOf(profile, driver, speedScale);
  const jogBounds = jogBoundsOf(bounds);
  const boundsFor = ({ jogAfterStops }: Motion) => (jogAfterStops === undefined ? bounds : jogBounds);
  const { maxFollowingErrorM } = profile.limits;
  const stopWord = openStopWord(buffers.stopWord);
  const [motions, commands, states, statuses] = [
    openBox(buffers.motion),
    openBox(commandBox),
    openBox(stateBox),
    openBox(buffers.status),
  ];
  let epoch = stopWord.epoch();
  let point: SetPoint | undefined;
  let motion: (Motion & { readonly untilMs: number }) | undefined;
  let taken = motions.read()?.seq ?? 0;
  let cause: Cause = 'none';
  let isHalting = false;
  /** Since when the body may be expected to stand still; none while it is led, and before it was led at all. */
  let stillMs: number | undefined;

  /** A body may be led blindly for as long as it may be led by one motion. */
  const isFrozen = ({ stampMs }: BodyState, nowMs: number) => nowMs - stampMs > driver.expiryMs;
  const isStill = (body: BodyState, nowMs: number) =>
    !isFrozen(body, nowMs) && body.speedMPerS <= driver.restSpeedMPerS && body.turnRadPerS <= REST_TURN_RAD_PER_S;

  /** The newest motion, if there is one that was not looked at yet and nothing speaks against it. */
  const take = (from: SetPoint, nowMs: number) => {
    const message = motions.read();
    if (!message || message.seq === taken) return;
    taken = message.seq;
    if (isRest(message.values)) {
      // As if its time were over: whoever was led by it comes to rest under the body's own deceleration.
      if (motion) motion = { ...motion, untilMs: nowMs };
      return;
    }
    const next = motionOf(message.values);
    const why: Refusal | undefined =
      faultOf(next, epoch, stopWord, nowMs) ?? (excessOf(from, next, boundsFor(next)) ? 'beyond limit' : undefined);
    if (why) return void countRefusal(buffers.refused, why);
    // Who posts cannot give itself more time than the profile gives, whatever stamp it writes.
    motion = { ...next, untilMs: Math.min(next.validUntilMs, Math.min(next.startMs, nowMs) + driver.expiryMs) };
  };

  const tell = (mode: Mode, body: BodyState | undefined, nowMs: number) => {
    const isResting = point !== undefined && isAtRest(point) && body !== undefined && isStill(body, nowMs);
    const pose = point ? poseNumbers(point.pose) : new Array(8).fill(Number.NaN);
    const numbers = [nowMs, MODES.indexOf(mode), epoch, Number(isResting), CAUSES.indexOf(cause)];
    statuses.write([...numbers, motion?.verdictId ?? Number.NaN, ...pose]);
  };
  const give = (mode: Mode, next: SetPoint, body: BodyState, nowMs: number) => {
    point = next;
    commands.write(commandNumbers({ mode, stampMs: nowMs, pose: next.pose }));
    tell(mode, body, nowMs);
  };

  const stop = (category: StopCategory, why: Cause) => {
    cause = why;
    stopWord.stop(category);
  };
  /** The next category for a body that does not come to rest, or does not stay there. */
  const watch = (body: BodyState, nowMs: number) => {
    if (stillMs === undefined) return;
    if (isStill(body, nowMs)) stillMs = Math.max(stillMs, nowMs);
    if (nowMs - stillMs <= STANDSTILL_MS) return;
    const category = stopWord.read();
    if (category === 0) return;
    stop(category === 1 ? 0 : 1, 'does not come to rest');
    stillMs = nowMs;
  };
  const expectRest = ({ velocityMPerS, turnRadPerS }: SetPoint, nowMs: number) => {
    const { move, turn } = bounds;
    const brakingS = Math.max(Math.hypot(...velocityMPerS) / move.slowDown, Math.hypot(...turnRadPerS) / turn.slowDown);
    stillMs ??= nowMs + 1000 * brakingS;
  };

  const brakeTo = (mode: 'hold' | 'halt', last: SetPoint, body: BodyState, nowMs: number) => {
    const begins = motion !== undefined || (mode === 'halt' && !isHalting);
    motion = undefined;
    if (begins) expectRest(last, nowMs);
    // A body that is far from where it was told to be must not be drawn there by a halt.
    const isAstray = mode === 'halt' && !isHalting && distance(last, body) > maxFollowingErrorM;
    isHalting = mode === 'halt';
    give(mode, isAstray ? restAt(body.measured, nowMs) : brake(last, nowMs, bounds), body, nowMs);
    watch(body, nowMs);
  };
  const letGo = (body: BodyState, nowMs: number) => {
    motion = undefined;
    stillMs ??= nowMs;
    give('idle', restAt(body.measured, nowMs), body, nowMs);
  };
  const resync = (body: BodyState, nowMs: number) => {
    epoch = stopWord.epoch();
    motion = undefined;
    stillMs = undefined;
    isHalting = false;
    cause = 'none';
    point = restAt(body.measured, nowMs);
    return point;
  };

  const turn = (nowMs: number) => {
    const message = states.read();
    if (!message) {
      cause = 'no state';
      return tell('idle', undefined, nowMs);
    }
    const body = stateOf(message.values);
    const last = point && stopWord.epoch() === epoch ? point : resync(body, nowMs);
    take(last, nowMs);
    if (motion && isFrozen(body, nowMs)) stop(1, 'state is frozen');
    if (motion && nowMs < motion.untilMs && mayLead(motion, stopWord)) {
      if (stopWord.read() === undefined) cause = 'none';
      stillMs = undefined;
      return give('set-point', follow(last, motion, nowMs, boundsFor(motion)), body, nowMs);
    }
    const category = stopWord.read();
    if (category === 0) return letGo(body, nowMs);
    if (category !== undefined) {
      if (cause === 'none' || cause === 'expired') cause = 'stopped';
      return brakeTo(category === 2 ? 'hold' : 'halt', last, body, nowMs);
    }
    if (motion) cause = 'expired';
    return brakeTo('hold', last, body, nowMs);
  };
  return {
    turn,
    end: (nowMs) => {
      const message = states.read();
      if (!message || !point) return true;
      const body = stateOf(message.values);
      const isDone = isAtRest(point);
      if (isDone) letGo(body, nowMs);
      else brakeTo('hold', point, body, nowMs);
      if (isDone) commands.giveUp();
      return isDone;
    },
  };
}

const distance = ({ pose }: SetPoint, { measured }: BodyState): number =>
  Math.hypot(...pose.pM.map((value, axis) => value - measured.pM[axis]!));
