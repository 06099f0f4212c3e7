/**
 * What an env of gymnasium does not say of itself, declared by who knows it: which robot it is, and where its tool, its joints and its gripper
 * are found. Those that were driven are here; a JSON file of the same form declares another. Without one nothing is driven.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PumiceError } from 'pumice';
import type { SimControl } from 'pumice/codecs';
import type { RobotProfile } from 'pumice/robots';
import { z } from 'zod';
import { WHO } from './problems.ts';
import { factsSchema, isShipped, robotOf, simRobot } from './profiles.ts';

const number = z.number();
const three = z.tuple([number, number, number]);
const words = z.string().min(1);
const axis = z.enum(['x', 'y', 'z']);

const place = z
  .string()
  .regex(
    /^((site|body|joint):.+|obs:[^[\]]*(\[\d+:\d+\])?)$/,
    'expected site:NAME, body:NAME or joint:NAME of a model of MuJoCo, or obs:KEY[FROM:TO] of the observation',
  );
const pose = z.strictObject({
  /** The middle of these, m: in the frame of the env, which is that of the base here. */
  at: z.array(place).min(1),
  /** Whose turn it has, or w x y z of a hand that cannot turn. */
  turn: z.union([place, z.tuple([number, number, number, number])]),
  /** From there to the tool, along its own axes, m. */
  offset: three.default([0, 0, 0]),
});

const control: z.ZodType<SimControl> = z.strictObject({
  robot: words,
  controlMode: words,
  rateHz: number.positive(),
  order: z
    .tuple([axis, axis, axis])
    .refine((axes) => new Set(axes).size === 3, { message: 'expected each of x, y and z once' }),
  unitM: number.positive(),
  rotation: z.enum(['axis-angle', 'none']),
  unitRad: number.positive(),
  delta: z.strictObject({ axes: z.enum(['base', 'tool']), reference: z.enum(['commanded', 'measured']) }),
  gripper: z
    .strictObject({
      form: z.enum(['share', 'way', 'change']),
      open: number,
      closed: number,
      latchSteps: z.int().positive().optional(),
    })
    .refine(({ open, closed }) => open !== closed, { message: 'open and closed are the same number' }),
}) as never;

const declarationSchema = z.strictObject({
  /** The envs that it is of, by id without module, and what each asks for in words. */
  envs: z.record(words, words),
  /** One of `SIM_CONTROLS`, or another: what its numbers mean, and what the gate has to know of it. */
  robot: z.union([words, z.strictObject({ control, body: factsSchema })]),
  tool: pose,
  /** Where it was told to be last. */
  commanded: pose,
  /** One number, and what it is when the gripper is open, and closed on nothing. */
  gripper: z
    .strictObject({ at: place, open: number, closed: number })
    .refine(({ open, closed }) => open !== closed, { message: 'open and closed are the same number' }),
  /** In the order of the robot's joints; without it they are those of these names in a model of MuJoCo. */
  joints: z.strictObject({ qRad: z.array(place).min(1), qdRadPerS: z.array(place).min(1) }).optional(),
  /** Which values of `info` say that the task is done, any of them. */
  success: z.array(words).min(1).default(['success', 'is_success']),
});
type Declaration = z.input<typeof declarationSchema>;

/** Driven end to end: `test/simpler/real/gymnasium.test.ts`. */
const DRIVEN: readonly Declaration[] = [
  {
    envs: {
      'FetchReach-v4': 'move the gripper to the red point',
      'FetchPickAndPlace-v4': 'bring the block to the red point',
    },
    robot: 'fetch',
    tool: { at: ['site:robot0:grip'], turn: 'body:robot0:gripper_link' },
    commanded: { at: ['body:robot0:mocap'], turn: 'body:robot0:mocap', offset: [0.02, 0, 0] },
    gripper: { at: 'joint:robot0:r_gripper_finger_joint', open: 0.05, closed: 0 },
  },
  {
    envs: { 'Meta-World/MT1': 'do what the table is laid out for' },
    robot: 'sawyer',
    tool: { at: ['site:rightEndEffector', 'site:leftEndEffector'], turn: 'body:hand' },
    commanded: { at: ['body:mocap'], turn: 'body:mocap', offset: [0.045, 0, 0] },
    gripper: { at: 'obs:[3:4]', open: 1, closed: 0.2967 },
  },
];

export interface Declared {
  readonly robot: { readonly control: SimControl; readonly profile: RobotProfile };
  /** For the server, which reads no more of it than this. */
  readonly asked: Readonly<Record<string, unknown>>;
  /** Where it stands, for the record. */
  readonly from: string;
}

/** @throws PumiceError `config/invalid` for a file that is none. */
export function readDeclaration(file: string): { readonly declaration: Declaration; readonly from: string } {
  const refuse = (what: string, cause?: unknown) =>
    new PumiceError('config/invalid', `'${file}' is no declaration of an env: ${what}`, {
      who: WHO,
      hint: 'Write it as docs/simulators.md shows',
      cause,
    });
  let text: string;
  let json: unknown;
  try {
    text = readFileSync(file, 'utf8');
    json = JSON.parse(text);
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error), error);
  }
  const { data, error } = declarationSchema.safeParse(json);
  if (error) throw refuse(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { declaration: data, from: `${file}, ${digest}` };
}

/**
 * What is declared of the env of a task.
 *
 * @throws PumiceError `config/misfit` where nothing is: a robot that nobody knows is not driven.
 */
export function declaredFor(task: string | undefined, own?: ReturnType<typeof readDeclaration>): Declared {
  if (task === undefined)
    throw new PumiceError('config/invalid', 'expected the id of an env as the task', {
      who: WHO,
      hint: "Give --task 'gymnasium_robotics:FetchReach-v4', or --sim-task where an agent is run",
    });
  const id = task.trim().split(/\s/, 1)[0]!.split(':').at(-1)!;
  const known = own ? [own.declaration] : DRIVEN;
  const found = known.find(({ envs }) => Object.hasOwn(envs, id));
  const misfit = (what: string) =>
    new PumiceError('config/misfit', what, {
      who: WHO,
      hint: 'Declare in a JSON file which robot it is and where its tool is found, and give that as --backend FILE.json: docs/simulators.md',
    });
  if (!found)
    throw misfit(
      `env ${id}: expected a declaration of it, there is one of ${known.flatMap(({ envs }) => Object.keys(envs)).join(', ')}`,
    );
  const { envs, robot: named, ...places } = declarationSchema.parse(found);
  if (typeof named !== 'string' && isShipped(named.control.robot))
    throw misfit(`robot ${named.control.robot}: its profile is not declared, it is shipped: name another otherwise`);
  const robot = typeof named === 'string' ? simRobot(named) : { ...named, profile: robotOf(named.control, named.body) };
  if (!robot) throw misfit(`robot ${named}: there is no profile of it`);
  const { robot: name, controlMode, delta } = robot.control;
  const { jointNames } = robot.profile;
  const ofRobot = { robot: name, controlMode, reference: delta.reference, jointNames };
  const byName = jointNames.map((joint) => `joint:${joint}`);
  const joints = places.joints ?? { qRad: byName, qdRadPerS: byName };
  return {
    robot,
    asked: { ...ofRobot, instruction: envs[id], ...places, joints },
    from: own?.from ?? 'shipped',
  };
}
