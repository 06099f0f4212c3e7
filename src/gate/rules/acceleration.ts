/**
 * The tool speeds up, and turns its way, no faster than it may. Pure. It knows the last velocity by the newest executed motion of the
 * history; steps without one since then have been spent braking, so that a body at rest begins from 0. Where nobody led the body since,
 * it may be as fast as that or at rest: the motion has to suit both, and with them, since what it costs is convex, all in between.
 *
 * Axis by axis, to slow down costs nothing: `hold` may do that at any time, by the body's own deceleration. To speed up costs what is
 * gained, and to turn around what is gained and the braking before it. So a smaller motion never costs more.
 */
import type { MotionLimits } from '../../ports.ts';
import type { StepFeedback } from '../../types.ts';
import { type Displacement, displacementOf, eachAxis, lengthOf, motionOf, secondsOf } from '../motion.ts';
import type { Vec3 } from '../rotation.ts';
import { ALLOW, deny, LIMIT_TOLERANCE, type Rule } from '../rule.ts';
import { isMotion } from './kinds.ts';
import { inWords, largestFactor } from './measure.ts';

export const acceleration: Rule = {
  name: 'acceleration',
  judge: (action, context) => {
    const motion = motionOf(action, context);
    if (!motion) return ALLOW;
    const { limits } = motion;
    const before = lastOf(context.observation.history, limits);
    if (!before)
      return deny(
        'how fast the tool is cannot be told: the last motion is on record without the pose that it began at',
      );
    const { maxAccelerationMPerS2: along, maxTurnAccelerationRadPerS2: about } = limits;
    const braking = along / limits.decelerationMPerS2;
    const translation = least(before, ({ byM }) => factorFor(motion.byM, byM, along, braking, limits));
    const rotation = least(before, ({ turnRad }) => factorFor(motion.turnRad, turnRad, about, 1, limits));
    if (translation === 1 && rotation === 1) return ALLOW;
    return {
      kind: 'modify',
      shrink: { translation, rotation },
      reason: `speeds up or turns around too suddenly (allowed: ${inWords(along)} m/s2, ${inWords(about)} rad/s2)`,
    };
  },
};

const least = (from: readonly Displacement[], factor: (before: Displacement) => number): number =>
  Math.min(...from.map(factor));

function factorFor(to: Vec3, from: Vec3, limit: number, braking: number, { stepMs }: MotionLimits): number {
  const most = limit * (stepMs / 1000) ** 2;
  const costAt = (factor: number) => {
    // What is made so small that it stands still does so whatever rounding does.
    const still = factor === 1 ? STILL : STILL / 2;
    return lengthOf(eachAxis((axis) => costOf(to[axis] * factor, from[axis], braking, still)));
  };
  return largestFactor(costAt, most, most * LIMIT_TOLERANCE);
}

/** Less than this on one axis in one step, m or rad, is standing still: a difference of two poses is never quite 0. Chosen: a nanometre. */
const STILL = 1e-9;

/** What it costs to go on one axis by `to` in this step after `from` in the last one; `braking` is the price of slowing down. */
function costOf(to: number, from: number, braking: number, still: number): number {
  if (Math.abs(to) <= still) return 0;
  if (to * from > 0) return Math.max(0, Math.abs(to) - Math.abs(from));
  return Math.abs(to) + Math.abs(from) * Math.min(1, braking);
}

/** What the tool did in the last step, less what it has slowed down by since, or may have; undefined when nobody can tell. */
function lastOf(history: readonly StepFeedback[], limits: MotionLimits): readonly Displacement[] | undefined {
  const at = history.findLastIndex(({ executed }) => executed !== undefined && isMotion(executed));
  const last = history[at];
  if (!last?.executed) return [AT_REST];
  const steps = history.length - 1 - at;
  const before = displacementOf(last.executed, last.tcpPose);
  if (!before) return steps > 0 ? [AT_REST] : undefined;
  const seconds = secondsOf(limits);
  const now = {
    byM: slowed(before.byM, steps * limits.decelerationMPerS2 * seconds ** 2),
    turnRad: slowed(before.turnRad, steps * limits.maxTurnAccelerationRadPerS2 * seconds ** 2),
  };
  return last.mayRest ? [now, AT_REST] : [now];
}

const AT_REST: Displacement = { byM: [0, 0, 0], turnRad: [0, 0, 0] };

function slowed(by: Vec3, less: number): Vec3 {
  const length = lengthOf(by);
  const share = length > less ? 1 - less / length : 0;
  return eachAxis((axis) => by[axis] * share);
}
