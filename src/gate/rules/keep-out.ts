/**
 * The tool stays out of boxes, and can come to rest out of them. Pure.
 * Not the straight way alone is judged but the box around it: what another rule takes away on one axis bends the way, and may not
 * lead it into what it passed by. So a way that cuts closely around a corner is made smaller although it would miss.
 * Taken away is what leads in, on the axis on which that is least. A tool that is inside already may go anywhere but deeper in, at
 * reduced speed.
 */
import type { Box } from '../../ports.ts';
import { AXES, type Axis, eachAxis, type Motion, motionOf } from '../motion.ts';
import type { Vec3 } from '../rotation.ts';
import { ALLOW, type Rule, type Shrink } from '../rule.ts';
import { combine } from '../shrink.ts';
import { isTaken, leftWithin, reducedFactor, SLACK_M } from './measure.ts';

interface Wish {
  readonly shrink: Shrink;
  readonly reason: string;
}
type NamedBox = Box & { readonly name: string };

export const keepOut: Rule = {
  name: 'keep-out',
  judge: (action, context) => {
    const motion = motionOf(action, context);
    if (!motion) return ALLOW;
    const { limits, startsM } = motion;
    const wishes = limits.keepOut.flatMap((box) => startsM.flatMap((from) => judge(motion, from, box)));
    if (wishes.length === 0) return ALLOW;
    const shrink = wishes.map((wish) => wish.shrink).reduce(combine);
    return { kind: 'modify', shrink, reason: [...new Set(wishes.map((wish) => wish.reason))].join('; ') };
  },
};

/** What one box wants of a way that begins at one place: nothing, or one thing. */
function judge(motion: Motion, from: Vec3, box: NamedBox): readonly Wish[] {
  const past = AXES.filter((axis) => roomOf(from, box, axis) >= -SLACK_M);
  if (past.length === 0) return inside(motion, from, box);
  // To stay past it on one axis is enough: the one on which the least is lost by it.
  const lefts = past.map((axis) =>
    isTowards(motion, from, box, axis) ? leftWithin(roomOf(from, box, axis), axis, motion) : Infinity,
  );
  const losses = lefts.map((left, index) => Math.abs(motion.byM[past[index]!]) - left);
  const least = losses.indexOf(Math.min(...losses));
  const leftM = eachAxis((axis) => (axis === past[least] ? lefts[least]! : Infinity));
  if (!isTaken(motion.byM, leftM)) return [];
  const reason = `leads into '${box.name}', or too fast to stop before it`;
  return [{ shrink: { translation: 1, rotation: 1, leftM }, reason }];
}

/** Takes away what leads from the nearest side of the box. */
function inside({ byM, limits }: Motion, from: Vec3, box: NamedBox): readonly Wish[] {
  const back = eachAxis((axis) => from[axis] - box.minM[axis]);
  const forth = eachAxis((axis) => box.maxM[axis] - from[axis]);
  const nearest = Math.min(...back, ...forth);
  const axis = AXES.find((one) => Math.min(back[one], forth[one]) === nearest);
  const isDeeper = (one: Axis) => one === axis && byM[one] * (forth[one] - back[one]) > 0;
  const leftM = eachAxis((one) => (isDeeper(one) ? 0 : Infinity));
  const translation = reducedFactor(byM, limits);
  if (translation === 1 && !isTaken(byM, leftM)) return [];
  const reason = `the tool is inside '${box.name}', where it may go slowly and not deeper in`;
  return [{ shrink: { translation, rotation: 1, leftM }, reason }];
}

/** How far the tool is past a box on one axis, on whichever side; less than 0 where it is not. */
const roomOf = (from: Vec3, box: Box, axis: Axis): number =>
  Math.max(box.minM[axis] - from[axis], from[axis] - box.maxM[axis]);

/** Whether an axis leads from where the tool is past the box towards it. */
const isTowards = ({ byM }: Motion, from: Vec3, box: Box, axis: Axis): boolean =>
  byM[axis] * (box.minM[axis] + box.maxM[axis] - 2 * from[axis]) > 0;
