/** Nothing is done on a picture, or by a plan, that is too old. Pure. */
import { ALLOW, deny, type GateContext, type Rule } from '../rule.ts';
import { isMotion, isWord } from './kinds.ts';

/**
 * Ages of the observation, of its newest frame (a camera may hang while the rest is fresh), of the robot's own readings where it is to
 * move, and of what the plan was thought on.
 * A stamp from the future or one that is no number says that the clocks do not fit, and is refused like an old one.
 */
export const age: Rule = {
  name: 'age',
  judge: (action, context) => {
    if (isWord(action)) return ALLOW;
    const { observation, limits, plannedStampMs } = context;
    const frameStampsMs = observation.frames.map((frame) => frame.stampMs);
    return (
      tooOld('the observation', observation.stampMs, limits.maxObservationAgeMs, context) ??
      (frameStampsMs.length > 0
        ? tooOld('the newest frame', Math.max(...frameStampsMs), limits.maxObservationAgeMs, context)
        : undefined) ??
      (observation.proprio && isMotion(action)
        ? tooOld('the proprioception', observation.proprio.stampMs, limits.maxObservationAgeMs, context)
        : undefined) ??
      tooOld('what the plan was thought on', plannedStampMs, limits.maxPlanAgeMs, context) ??
      ALLOW
    );
  },
};

function tooOld(what: string, stampMs: number, maxAgeMs: number, { nowMs }: GateContext) {
  const ageMs = nowMs - stampMs;
  if (ageMs >= 0 && ageMs <= maxAgeMs) return undefined;
  return deny(`${what} is ${Math.round(ageMs)} ms old (allowed: 0 to ${maxAgeMs})`);
}
