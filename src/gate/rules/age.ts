/** Nothing is done on a picture, or by a plan, that is too old. Pure. */
import { ALLOW, deny, type GateContext, type Rule } from '../rule.ts';
import { isMotion, isWord } from './kinds.ts';

/**
 * Ages of the observation, of its newest frame (a camera may hang while the rest is fresh), of the robot's own readings where it is to
 * move, and of what the plan was thought on. Of frames and readings also by when they were first seen: one that hangs and whose stamps
 * lie may look fresh.
 * A stamp from the future or one that is no number says that the clocks do not fit, and is refused like an old one.
 */
export const age: Rule = {
  name: 'age',
  judge: (action, context) => {
    if (isWord(action)) return ALLOW;
    const { observation, limits, plannedStampMs } = context;
    const { frames, proprio } = observation;
    const most = limits.maxObservationAgeMs;
    const newestMs = Math.max(...frames.map(({ stampMs }) => stampMs));
    const changedMs = Math.max(...frames.map(({ stampMs, firstSeenMs = stampMs }) => firstSeenMs));
    return (
      tooOld('the observation', observation.stampMs, most, context) ??
      (frames.length > 0
        ? (tooOld('the newest frame', newestMs, most, context) ??
          tooOld('what came last from the cameras', changedMs, most, context))
        : undefined) ??
      (proprio && isMotion(action)
        ? (tooOld('the proprioception', proprio.stampMs, most, context) ??
          tooOld('what was read last', proprio.firstSeenMs ?? proprio.stampMs, most, context))
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
