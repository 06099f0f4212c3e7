/** The hand opens and closes no faster than it may, counted from what it was told last. Pure. */
import { motionOf, secondsOf } from '../motion.ts';
import { ALLOW, deny, type Rule } from '../rule.ts';
import { factorFor, inWords } from './measure.ts';

export const gripper: Rule = {
  name: 'gripper',
  judge: (action, context) => {
    const motion = motionOf(action, context);
    if (!motion) return ALLOW;
    const rate = Math.abs(motion.gripperOpen - motion.openBefore) / secondsOf(motion.limits);
    // Of what is no number nothing smaller can be made: none of an endless way is not no way.
    if (!Number.isFinite(rate)) return deny(`${motion.gripperOpen} is no opening of a gripper`);
    const factor = factorFor(rate, motion.limits.maxGripperPerS);
    if (factor === 1) return ALLOW;
    return {
      kind: 'modify',
      shrink: { translation: 1, rotation: 1, gripper: factor },
      reason: `the gripper moves by ${inWords(rate)} of its opening per second (allowed: ${motion.limits.maxGripperPerS})`,
    };
  },
};
