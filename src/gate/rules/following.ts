/**
 * The body is where it was told to be; one that is not is blocked, or goes by another picture of the world. Pure.
 * Then it may only be told to come back to where it is, at reduced speed.
 */
import { eachAxis, lengthOf, motionOf } from '../motion.ts';
import { ALLOW, type Rule } from '../rule.ts';
import { inWords, isAtMost, isTaken, reducedFactor } from './measure.ts';

export const following: Rule = {
  name: 'following',
  judge: (action, context) => {
    const motion = motionOf(action, context);
    if (!motion) return ALLOW;
    const { byM, limits, measured, commanded } = motion;
    const aheadM = eachAxis((axis) => commanded.pM[axis] - measured.pM[axis]);
    const errorM = lengthOf(aheadM);
    if (isAtMost(errorM, limits.maxFollowingErrorM)) return ALLOW;
    // A target is come back to from where the body is, a delta from where it was told to be.
    const isBack = (axis: 0 | 1 | 2) => motion.kind === 'eef-pose' || byM[axis] * aheadM[axis] < 0;
    const leftM = eachAxis((axis) => (isBack(axis) ? Math.abs(aheadM[axis]) : 0));
    const translation = reducedFactor(byM, limits);
    if (translation === 1 && !isTaken(byM, leftM)) return ALLOW;
    return {
      kind: 'modify',
      shrink: { translation, rotation: 1, leftM },
      reason: `the tool is ${inWords(errorM)} m from where it was told to be (allowed: ${limits.maxFollowingErrorM})`,
    };
  },
};
