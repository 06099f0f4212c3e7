/** The tool goes and turns no faster than it may, reckoned over the time that the body is given for one action. Pure. */
import { lengthOf, motionOf, secondsOf } from '../motion.ts';
import { ALLOW, type Rule } from '../rule.ts';
import { factorFor, inWords } from './measure.ts';

export const velocity: Rule = {
  name: 'velocity',
  judge: (action, context) => {
    const motion = motionOf(action, context);
    if (!motion) return ALLOW;
    const { limits } = motion;
    const speed = lengthOf(motion.byM) / secondsOf(limits);
    const turn = lengthOf(motion.turnRad) / secondsOf(limits);
    const translation = factorFor(speed, limits.maxSpeedMPerS);
    const rotation = factorFor(turn, limits.maxTurnRadPerS);
    if (translation === 1 && rotation === 1) return ALLOW;
    return {
      kind: 'modify',
      shrink: { translation, rotation },
      reason: `${inWords(speed)} m/s and ${inWords(turn)} rad/s (allowed: ${limits.maxSpeedMPerS} m/s, ${limits.maxTurnRadPerS} rad/s)`,
    };
  },
};
