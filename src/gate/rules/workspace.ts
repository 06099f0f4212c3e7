/**
 * The tool stays in its box, and can come to rest in it. Pure.
 * A straight way between two points of a box lies in it, so the end decides; it is reckoned with the way that stopping takes.
 * Only what leads out is taken away. A tool that is outside already may go anywhere but further out, at reduced speed.
 */
import { AXES, type Axis, eachAxis, type Motion, motionOf } from '../motion.ts';
import { ALLOW, type Rule } from '../rule.ts';
import { isTaken, leftWithin, reducedFactor, SLACK_M } from './measure.ts';

export const workspace: Rule = {
  name: 'workspace',
  judge: (action, context) => {
    const motion = motionOf(action, context);
    if (!motion) return ALLOW;
    const isOutside = AXES.some((axis) => isBeyond(motion, axis));
    const translation = isOutside ? reducedFactor(motion.byM, motion.limits) : 1;
    const leftM = eachAxis((axis) => leftWithin(roomOf(motion, axis), axis, motion));
    if (translation === 1 && !isTaken(motion.byM, leftM)) return ALLOW;
    return {
      kind: 'modify',
      shrink: { translation, rotation: 1, leftM },
      reason: isOutside
        ? 'the tool is outside of the workspace, where it may go slowly and not further out'
        : 'leads out of the workspace, or too fast to stop in it',
    };
  },
};

/** How far it is to the wall that an axis leads to; less than 0 beyond it. */
const roomOf = ({ byM, startsM, limits: { workspace: box } }: Motion, axis: Axis): number =>
  Math.min(...startsM.map((from) => (byM[axis] < 0 ? from[axis] - box.minM[axis] : box.maxM[axis] - from[axis])));

const isBeyond = ({ startsM, limits: { workspace: box } }: Motion, axis: Axis): boolean =>
  !startsM.every((from) => from[axis] >= box.minM[axis] - SLACK_M && from[axis] <= box.maxM[axis] + SLACK_M);
