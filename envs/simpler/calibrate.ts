/**
 * Whether a simulated robot does what its profile says: each axis it has, their order and size, what a delta is along and is added to,
 * how a turn is written, which way the gripper goes. Moves the robot, through its env alone; judged by the poses that it shows.
 */
import { type Action, type Context, type Env, monotonicNowMs, PumiceError, type Sensed } from 'pumice';
import { from, lastValueFrom } from 'rxjs';
import { rotated } from '../../src/chunk/poses.ts';
import { rotationVectorOfRpy, turnBetween, type Vec3 } from '../../src/gate/rotation.ts';
import { FRAME_ID } from './profiles.ts';

export interface Calibration {
  readonly how: 'ok' | 'warn' | 'fail';
  readonly what: string;
  readonly says: string;
}

/** A way that is well above what an arm sags and well inside where it reaches, m and rad. Chosen. */
const WAY_M = 0.05;
const TURN_RAD = 0.3;
/** A turn about two axes, in one step, by which the forms of writing it differ by more than an arm misses, rad. Chosen. */
const BOTH_RAD = 0.5;
/** What may be missing of a way, as a share of it. Chosen: arms with soft joints sag by a tenth. */
const MISS = 0.25;
/** Time that the body gets to come to rest, s. Chosen. */
const REST_S = 1;
/** Openings beyond which a gripper counts as open, and as closed on nothing. Chosen. */
const OPEN_FROM = 0.75;
const CLOSED_TO = 0.25;

type Pose = NonNullable<NonNullable<Sensed['proprio']>['tcpPose']>;
const AXES = ['x', 'y', 'z'] as const;
const NO: Vec3 = [0, 0, 0];

interface CalibrateOptions {
  /** Whether the hand can turn. */
  readonly turns: boolean;
  /** Whether the gripper may be told something between open and closed. */
  readonly shares: boolean;
  readonly signal?: AbortSignal;
}

export async function* calibrate(env: Env, options: CalibrateOptions): AsyncGenerator<Calibration> {
  const context: Context = {
    signal: options.signal ?? new AbortController().signal,
    nowMs: monotonicNowMs,
    report: () => {},
  };
  const { motion } = env.limits;
  if (typeof motion !== 'object' || !env.delta) throw new PumiceError('config/misfit', 'expected a robot with limits');
  const { delta } = env;
  const rests = Math.ceil((REST_S * 1000) / motion.stepMs);
  const stepM = Math.min(motion.maxStepM / Math.sqrt(3), WAY_M / 2);
  const steps = Math.round(WAY_M / stepM);

  const proprio = async () => (await lastValueFrom(from(env.observe(context)))).proprio!;
  const tool = async (): Promise<Pose> => (await proprio()).tcpPose!;
  const act = async (action: Action) => {
    const { status, reason } = await lastValueFrom(from(env.act(action, context)));
    if (status !== 'done')
      throw new PumiceError('body/not-ready', `expected it to move, it answered ${status}: ${reason}`);
  };
  const move = (dPosM: Vec3, dRpyRad: Vec3 = NO, gripperOpen = 1) =>
    act({ kind: 'eef-delta', frameId: FRAME_ID, dPosM: [...dPosM], dRpyRad: [...dRpyRad], gripperOpen });
  const rest = async (gripperOpen = 1) => {
    for (let i = 0; i < rests; i++) await move(NO, NO, gripperOpen);
  };
  const begin = async (): Promise<Pose> => {
    await lastValueFrom(from(env.reset({ instruction: 'calibrate', seed: 0 }, context)));
    await rest();
    return tool();
  };
  const along = (vector: Vec3, { qXyzw }: Pose): Vec3 => (delta.axes === 'tool' ? rotated(vector, qXyzw) : vector);

  for (const [at, axis] of AXES.entries())
    for (const sign of [1, -1]) {
      const before = await begin();
      const step = unit(at, sign * (WAY_M / steps));
      for (let i = 0; i < steps; i++) await move(step);
      const short = minus((await tool()).pM, before.pM);
      await rest();
      const way = minus((await tool()).pM, before.pM);
      const expected = along(unit(at, sign * WAY_M), before);
      yield finding(`${sign > 0 ? '+' : '-'}${axis}`, way, expected, WAY_M, 'm');
      if (at === 0 && sign === 1) yield referenceOf(delta.reference, length(short), length(way));
    }

  if (options.turns) {
    for (const [at, axis] of ['roll', 'pitch', 'yaw'].entries()) {
      const before = await begin();
      for (let i = 0; i < 3; i++) await move(NO, unit(at, TURN_RAD / 3));
      await rest();
      const turn = turnBetween(before.qXyzw, (await tool()).qXyzw);
      yield finding(axis, turn, along(unit(at, TURN_RAD), before), TURN_RAD, 'rad');
    }
    const before = await begin();
    const both: Vec3 = [BOTH_RAD, 0, BOTH_RAD];
    await move(NO, both);
    await rest();
    const turn = turnBetween(before.qXyzw, (await tool()).qXyzw);
    // The two forms are a quarter of a product apart, which is less than a share of the way.
    yield finding('roll + yaw', turn, along(rotationVectorOfRpy(both), before), (BOTH_RAD * BOTH_RAD) / 2, 'rad');
  }

  /** Each from an open hand, and in an episode of its own: some tasks give few steps. */
  const opening = async (asked: number) => {
    await begin();
    await rest(asked);
    return (await proprio()).gripperOpen;
  };
  const [open, closed] = [await opening(1), await opening(0)];
  yield opened('gripper open', open, open >= OPEN_FROM);
  yield opened('gripper closed', closed, closed <= CLOSED_TO);
  if (!options.shares) return;
  const half = await opening(0.5);
  yield opened('gripper half', half, half > CLOSED_TO);
}

const opened = (what: string, opening: number, isRight: boolean): Calibration => ({
  how: isRight ? 'ok' : 'fail',
  what,
  says: `${Math.round(opening * 100)} % open${isRight ? '' : ': the gripper goes another way than its profile says'}`,
});

function finding(what: string, came: Vec3, expected: Vec3, size: number, unitName: string): Calibration {
  const missed = length(minus(came, expected));
  const isRight = missed <= MISS * size;
  const said = `${inWords(came)} ${unitName}`;
  return { how: isRight ? 'ok' : 'fail', what, says: isRight ? said : `${said}, expected ${inWords(expected)}` };
}

/** A body that is told nothing more goes on to where it was told to be, or stays where it is: seen only where it lagged behind. */
function referenceOf(reference: 'commanded' | 'measured', shortM: number, wayM: number): Calibration {
  const lag = 1 - shortM / WAY_M;
  const what = 'reference';
  if (lag < 0.1)
    return { how: 'warn', what, says: `it follows too closely to see whether it is the ${reference} pose` };
  const isCommanded = 1 - wayM / WAY_M < lag / 2;
  const seen = isCommanded ? 'commanded' : 'measured';
  const says = `a delta is added to the ${seen} pose`;
  return seen === reference ? { how: 'ok', what, says } : { how: 'fail', what, says: `${says}, expected ${reference}` };
}

const unit = (at: number, size: number): Vec3 => [0, 1, 2].map((axis) => (axis === at ? size : 0)) as unknown as Vec3;
const minus = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const length = (vector: Vec3): number => Math.hypot(...vector);
const inWords = (vector: Vec3): string => vector.map((one) => one.toFixed(3)).join(' ');
