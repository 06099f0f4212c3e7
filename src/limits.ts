/**
 * What limits of motion have to be before anything moves: finite, above 0, boxes that are not empty. Pure.
 * Says nothing of what is wise for a body; that is for its profile.
 */
import { z } from 'zod';
import type { Box, MotionLimits } from './ports.ts';

const positive = z.number().positive();
const vec3 = z.tuple([z.number(), z.number(), z.number()]).readonly();
const boxShape = { minM: vec3, maxM: vec3 };
const AXES = ['x', 'y', 'z'] as const;

/** Axes on which a box has no inside. */
const emptyAxes = ({ minM, maxM }: Box): readonly string[] => AXES.filter((_, axis) => !(minM[axis]! < maxM[axis]!));

const isNotEmpty = (box: Box, context: z.RefinementCtx<Box>): void => {
  for (const axis of emptyAxes(box))
    context.addIssue({ code: 'custom', message: `is empty: minM is not below maxM in ${axis}`, input: box });
};

const covers = (outer: Box, inner: Box): boolean =>
  AXES.every((_, axis) => outer.minM[axis]! <= inner.minM[axis]! && outer.maxM[axis]! >= inner.maxM[axis]!);

export const motionLimitsSchema: z.ZodType<MotionLimits> = z
  .strictObject({
    frameId: z.string().min(1),
    stepMs: positive,
    maxStepM: positive,
    maxStepRad: positive,
    maxSpeedMPerS: positive,
    maxTurnRadPerS: positive,
    maxAccelerationMPerS2: positive,
    maxTurnAccelerationRadPerS2: positive,
    decelerationMPerS2: positive,
    workspace: z.strictObject(boxShape).superRefine(isNotEmpty),
    keepOut: z.array(z.strictObject({ name: z.string().min(1), ...boxShape }).superRefine(isNotEmpty)).readonly(),
    maxGripperPerS: positive,
    maxFollowingErrorM: positive,
  })
  .superRefine(({ workspace, keepOut }, context) => {
    for (const [index, box] of keepOut.entries())
      if (covers(box, workspace))
        context.addIssue({
          code: 'custom',
          path: ['keepOut', index],
          message: `'${box.name}' covers the whole workspace: nothing could move`,
          input: box,
        });
  });

/** What is wrong with limits of motion, each with its field; empty when nothing is. */
export function problemsOf(limits: unknown): readonly string[] {
  const { error } = motionLimitsSchema.safeParse(limits);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.') || 'limits'}: ${message}`);
}
