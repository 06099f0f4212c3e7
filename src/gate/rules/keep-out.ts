/**
 * The tool stays out of boxes, and can come to rest out of them. Pure.
 * Not the straight way alone is judged but the box around it: what another rule takes away on one axis bends the way, and may not
 * lead it into what it passed by. So a way that cuts closely around a corner is made smaller although it would miss.
 * Taken away is what leads in, on the axis on which that is least. A tool that is inside already may go anywhere but deeper in, at
 * reduced speed.
 */
import type { Box } from '../../ports.ts';
import { AXES, type Axis, eachAxis, type Motion, motionOf } from '../motion.ts';
import { ALLOW, type Rule, type RuleOpinion } from '../rule.ts';
import { combine } from '../shrink.ts';
import { isTaken, leftWithin, reducedFactor, SLACK_M } from './measure.ts';

type NamedBox = Box & { readonly name: string };

export const keepOut: Rule = {
  name: 'keep-out',
  judge: (action, context) => {
    const motion = motionOf(action, context);
    if (!motion) return ALLOW;
    return motion.limits.keepOut.map((box) => judge(motion, box)).reduce(together, ALLOW);
  },
};

function judge(motion: Motion, box: NamedBox): RuleOpinion {
  const past = AXES.filter((axis) => roomOf(motion, box, axis) >= -SLACK_M);
  if (past.length === 0) return inside(motion, box);
  const leftOn = (axis: Axis) =>
    isTowards(motion, box, axis) ? leftWithin(roomOf(motion, box, axis), axis, motion) : Infinity;
  // To stay past it on one axis is enough: the one on which the least is lost by it.
  const lostOn = (axis: Axis) => Math.abs(motion.byM[axis]) - leftOn(axis);
  const axis = past.reduce((best, other) => (lostOn(other) < lostOn(best) ? other : best));
  const leftM = eachAxis((other) => (other === axis ? leftOn(axis) : Infinity));
  if (!isTaken(motion.byM, leftM)) return ALLOW;
  return {
    kind: 'modify',
    shrink: { translation: 1, rotation: 1, leftM },
    reason: `leads into '${box.name}', or too fast to stop before it`,
  };
}

/** Leaves out what leads away from the nearest side. */
function inside({ byM, fromM, limits }: Motion, box: NamedBox): RuleOpinion {
  const [back, forth] = [
    eachAxis((axis) => fromM.maxM[axis] - box.minM[axis]),
    eachAxis((axis) => box.maxM[axis] - fromM.minM[axis]),
  ];
  const nearest = Math.min(...back, ...forth);
  const axis = AXES.find((one) => Math.min(back[one], forth[one]) === nearest);
  const isDeeper = (one: Axis) => one === axis && byM[one] * (forth[one] - back[one]) > 0;
  const leftM = eachAxis((one) => (isDeeper(one) ? 0 : Infinity));
  const translation = reducedFactor(byM, limits);
  if (translation === 1 && !isTaken(byM, leftM)) return ALLOW;
  return {
    kind: 'modify',
    shrink: { translation, rotation: 1, leftM },
    reason: `the tool is inside '${box.name}', where it may go slowly and not deeper in`,
  };
}

/** How far the tool is past a box on one axis, on whichever side; less than 0 where it is not. */
const roomOf = ({ fromM }: Motion, box: Box, axis: Axis): number =>
  Math.max(box.minM[axis] - fromM.maxM[axis], fromM.minM[axis] - box.maxM[axis]);

/** Whether an axis leads from where the tool is past the box towards it. */
const isTowards = ({ byM, fromM }: Motion, box: Box, axis: Axis): boolean =>
  byM[axis] * (box.minM[axis] + box.maxM[axis] - fromM.minM[axis] - fromM.maxM[axis]) > 0;

function together(one: RuleOpinion, other: RuleOpinion): RuleOpinion {
  if (one.kind !== 'modify') return other;
  if (other.kind !== 'modify') return one;
  return { kind: 'modify', shrink: combine(one.shrink, other.shrink), reason: `${one.reason}; ${other.reason}` };
}
