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

/** What the one writer of a body that moves in real time has to know of it. */
const driverSchema = z.strictObject({
  /** How often the body is given a set-point. */
  commandRateHz: z.number().positive(),
  /** How long a motion may lead the body after it was posted, when no newer one comes, ms: at least the time of one action. */
  expiryMs: z.number().positive(),
  /** With what the set-points come to rest in a stop; for turns it is `limits.maxTurnAccelerationRadPerS2`. */
  stopDecelerationMPerS2: z.number().positive(),
  /** At and below this the body counts as standing still. */
  restSpeedMPerS: z.number().positive(),
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
  /** Needed by every body that moves in real time, and so by all hardware. */
  driver: driverSchema.optional(),
  limits: motionLimitsSchema,
});

export type RobotProfile = Immutable<z.infer<typeof profileSchema>>;
export type DriverProfile = NonNullable<RobotProfile['driver']>;

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
  const { limits, frameId, control, jointNames, driver, hardware } = data;
  if (limits.frameId !== frameId) problems.push(`limits.frameId: '${limits.frameId}' is not frameId '${frameId}'`);
  // Two ways to say the same must say the same.
  const periodMs = 1000 / control.rateHz;
  if (Math.abs(limits.stepMs - periodMs) > 1e-6 * periodMs)
    problems.push(`limits.stepMs: ${limits.stepMs} ms is not the period of control.rateHz, ${periodMs} ms`);
  if (new Set(jointNames).size !== jointNames.length) problems.push('jointNames: a name is there twice');
  if (hardware && !driver) problems.push('driver: a machine needs one: what it says is how a stop comes to rest');
  if (driver && driver.expiryMs < limits.stepMs)
    problems.push(
      `driver.expiryMs: ${driver.expiryMs} ms is less than limits.stepMs, ${limits.stepMs} ms: no action would end`,
    );
  if (driver && 1000 / driver.commandRateHz > driver.expiryMs)
    problems.push(`driver.commandRateHz: at ${driver.commandRateHz} Hz a motion may be over before it is looked at`);
  return problems;
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}
