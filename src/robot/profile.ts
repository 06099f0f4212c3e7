/**
 * Robot profiles: what a body that moves has to say of itself before it may be moved. No profile, no motion.
 * Pure data, checked whole by `defineRobot`; knows no robot by name.
 */
import { z } from 'zod';
import { PumiceError } from '../errors.ts';
import { motionLimitsSchema } from '../limits.ts';
import type { Immutable } from '../types.ts';

/** What an `eef-delta` means to this body. */
const deltaSchema = z.strictObject({
  /** Along which axes its translation and its turn are given. */
  axes: z.enum(['base', 'tool']),
  /** The point that stays where it is when the tool turns. The gate judges ways of the tool centre point, so there is no other yet. */
  rotateAbout: z.literal('tcp'),
  /** What it is added to: the pose that was commanded last, or the one that is measured. */
  reference: z.enum(['commanded', 'measured']),
});

const gripperSchema = z.strictObject({
  kind: z.enum(['parallel', 'none']),
  /** Width between the fingers at `gripperOpen` 1, m. */
  maxOpeningM: z.number().min(0),
});

const profileSchema = z.strictObject({
  name: z.string().min(1),
  /** A real machine, which needs a body driver to start. */
  hardware: z.boolean(),
  /** The frame that poses, deltas and limits are given in. */
  frameId: z.string().min(1),
  /** In the order of `proprio.qRad`. */
  jointNames: z.array(z.string().min(1)).min(1).readonly(),
  /** How often it takes an action. */
  control: z.strictObject({ rateHz: z.number().positive() }),
  delta: deltaSchema,
  gripper: gripperSchema,
  limits: motionLimitsSchema,
});

export type RobotProfile = Immutable<z.infer<typeof profileSchema>>;

/**
 * Checks a profile whole, and gives it back as it will stay.
 *
 * @throws PumiceError `config/invalid` naming each field that is missing or makes no sense.
 */
export function defineRobot(profile: RobotProfile): RobotProfile {
  const problems = profileProblems(profile);
  if (problems.length === 0) return freeze(structuredClone(profile));
  throw new PumiceError('config/invalid', problems.join('; '), {
    who: `robot ${typeof profile?.name === 'string' ? profile.name : 'without a name'}`,
    hint: 'A body moves only inside limits that it has declared: give every field of limits a number above 0, in the unit of its name',
  });
}

function profileProblems(profile: RobotProfile): readonly string[] {
  const { error, data } = profileSchema.safeParse(profile);
  if (error) return error.issues.map(({ path, message }) => `${path.join('.') || 'profile'}: ${message}`);
  const problems: string[] = [];
  const { limits, frameId, control, jointNames } = data;
  if (limits.frameId !== frameId) problems.push(`limits.frameId: '${limits.frameId}' is not frameId '${frameId}'`);
  // Two ways to say the same must say the same.
  const periodMs = 1000 / control.rateHz;
  if (Math.abs(limits.stepMs - periodMs) > 1e-6 * periodMs)
    problems.push(`limits.stepMs: ${limits.stepMs} ms is not the period of control.rateHz, ${periodMs} ms`);
  if (new Set(jointNames).size !== jointNames.length) problems.push('jointNames: a name is there twice');
  return problems;
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}
