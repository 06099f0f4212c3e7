/**
 * Whether a simulated robot does what its profile says: each axis it has, their order and size, what a delta is along and is added to,
 * how a turn is written, which way the gripper goes. Moves the robot, through its env alone; judged by the poses that it shows.
 */
import { type Action, type Context, type Env, monotonicNowMs, PumiceError, type Sensed } from 'pumice';
import type { SimControl } from 'pumice/codecs';
import { from, lastValueFrom } from 'rxjs';
import { rotated } from '../../src/chunk/poses.ts';
import { rotationVectorOfRpy, rpyOfRotationVector, turnBetween, turned, type Vec3 } from '../../src/gate/rotation.ts';
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
/** Time in which one that lags is led to a place, s. Chosen: five times as long as the slowest arm takes for two thirds of a way. */
const LED_S = 5;
/** What may be missing of a way for it to be there, as a share. Chosen: a fifth of what is found. */
const THERE = 0.05;
/** Openings beyond which a gripper counts as open, and as closed on nothing. Chosen. */
const OPEN_FROM = 0.75;
const CLOSED_TO = 0.25;

type Pose = NonNullable<NonNullable<Sensed['proprio']>['tcpPose']>;
const AXES = ['x', 'y', 'z'] as const;
const NO: Vec3 = [0, 0, 0];

interface CalibrateOptions {
  /** Whether the hand can turn. */
  readonly turns: boolean;
  readonly gripper: SimControl['gripper']['form'];
  /** Steps for which a gripper that is told a change holds on to it. */
  readonly latchSteps?: number;
  readonly signal?: AbortSignal;
}

/** What a profile says of a robot. */
export const calibrateBy = ({ rotation, gripper }: SimControl): CalibrateOptions => ({
  turns: rotation !== 'none',
  gripper: gripper.form,
  ...(gripper.latchSteps !== undefined && { latchSteps: gripper.latchSteps }),
});

export async function* calibrate(env: Env, options: CalibrateOptions): AsyncGenerator<Calibration> {
  const context: Context = {
    signal: options.signal ?? new AbortController().signal,
    nowMs: monotonicNowMs,
    report: () => {},
  };
  const { motion } = env.limits;
  if (typeof motion !== 'object' || !env.delta) throw new PumiceError('config/misfit', 'expected a robot with limits');
  const { delta } = env;
  const stepsIn = (timeS: number) => Math.ceil((timeS * 1000) / motion.stepMs);
  const rests = stepsIn(REST_S);
  const stepM = Math.min(motion.maxStepM / Math.sqrt(3), WAY_M / 2);
  const steps = Math.ceil(WAY_M / stepM);

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
  const against = (vector: Vec3, { qXyzw: [x, y, z, w] }: Pose): Vec3 =>
    delta.axes === 'tool' ? rotated(vector, [-x, -y, -z, w]) : vector;

  /** Each is told to a hand that rests, and then gone. */
  async function* told() {
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
        if (at === 0 && sign === 1) yield referenceOf(delta.reference, wentOn(length(short), length(way)));
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
  }

  /** Where a delta is added to where the hand is, what it lags behind is forgotten: it is told anew in each step what is missing. */
  async function* led() {
    yield await addedTo();
    const ways = AXES.flatMap((axis, at) =>
      [1, -1].map((sign) => ({ what: `${sign > 0 ? '+' : '-'}${axis}`, wayM: unit(at, sign * WAY_M) })),
    );
    for (const { what, wayM } of ways) {
      const { before, first, last } = await leadBy(wayM, NO);
      const expected = along(wayM, before);
      yield finding(`${what} told`, minus(first.pM, before.pM), expected, WAY_M, 'm');
      yield finding(what, minus(last.pM, before.pM), expected, WAY_M, 'm');
    }
    if (!options.turns) return;
    // This way round: the wrist of one ends 0.2 rad after where it begins.
    const turns = ['roll', 'pitch', 'yaw'].map((what, at) => ({ what, rpyRad: unit(at, -TURN_RAD), size: TURN_RAD }));
    const both = { what: 'roll + yaw', rpyRad: [BOTH_RAD, 0, BOTH_RAD] as Vec3, size: (BOTH_RAD * BOTH_RAD) / 2 };
    for (const { what, rpyRad, size } of [...turns, both]) {
      const { before, first, last } = await leadBy(NO, rpyRad);
      const expected = along(rotationVectorOfRpy(rpyRad), before);
      yield finding(`${what} told`, turnBetween(before.qXyzw, first.qXyzw), expected, size, 'rad');
      // In which form a turn was written is in what it was told; where a hand is led to by two of them says nothing more.
      if (rpyRad !== both.rpyRad)
        yield finding(what, turnBetween(before.qXyzw, last.qXyzw), expected, length(rpyRad), 'rad');
    }
  }

  /** @returns where it was, where it said after one step that it was told to be, and where it came to. */
  async function leadBy(wayM: Vec3, rpyRad: Vec3) {
    const before = await begin();
    await move(wayM, rpyRad);
    const first = (await proprio()).commandedTcpPose!;
    const [way, turn] = [along(wayM, before), along(rotationVectorOfRpy(rpyRad), before)];
    const [goalM, goalXyzw] = [plus(before.pM, way), turned(before.qXyzw, turn)];
    // An arm that forgets what it lags behind sags while it stands: once it has come to rest there, it is looked at.
    for (let i = 0, there = 0; i < stepsIn(LED_S) && there < rests; i++) {
      const now = await tool();
      // Nothing else is put right: what is wrong in another axis is found there.
      const leftM = partAlong(way, minus(goalM, now.pM));
      const leftRad = partAlong(turn, turnBetween(now.qXyzw, goalXyzw));
      const isThere = length(leftM) <= THERE * length(way) && length(leftRad) <= THERE * length(turn);
      there = isThere ? there + 1 : 0;
      await move(against(leftM, now), rpyOfRotationVector(against(leftRad, now)));
    }
    return { before, first, last: await tool() };
  }

  /** By what it says that it is told to be, in a second step: one from there, or one from where it is. */
  async function addedTo(): Promise<Calibration> {
    const before = await begin();
    const step = unit(0, WAY_M / steps);
    await move(step);
    const { tcpPose: at, commandedTcpPose: first } = await proprio();
    await move(step);
    const second = (await proprio()).commandedTcpPose!;
    const by = minus(first!.pM, before.pM);
    if (length(minus(first!.pM, at!.pM)) < 0.1 * length(by)) return referenceOf(delta.reference, undefined);
    const [fromTold, fromThere] = [first!, at!].map(({ pM }) => length(minus(minus(second.pM, pM), by)));
    return referenceOf(delta.reference, fromThere! < fromTold! ? 'measured' : 'commanded');
  }

  yield* delta.reference === 'measured' ? led() : told();

  /** One after another, from an open hand, and in an episode of its own: some tasks give few steps. */
  const opening = async (...asked: readonly number[]) => {
    await begin();
    for (const one of asked) for (let i = 0; i < Math.max(rests, options.latchSteps ?? 0); i++) await move(NO, NO, one);
    return (await proprio()).gripperOpen;
  };
  const [open, closed] = [await opening(1), await opening(0)];
  yield opened('gripper open', open, open >= OPEN_FROM);
  yield opened('gripper closed', closed, closed <= CLOSED_TO);
  if (options.gripper === 'change') return;
  const isShare = options.gripper === 'share';
  // What is told a way goes all of it, and in the middle of both it stays where it is.
  const [less, back] = [await opening(isShare ? 0.5 : 0.4), await opening(0, 0.5)];
  yield opened(isShare ? 'gripper half' : 'gripper below half', less, less > CLOSED_TO === isShare);
  yield opened('gripper half, from closed', back, back > CLOSED_TO === isShare);
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
function wentOn(shortM: number, wayM: number): 'commanded' | 'measured' | undefined {
  const lag = 1 - shortM / WAY_M;
  if (lag < 0.1) return undefined;
  return 1 - wayM / WAY_M < lag / 2 ? 'commanded' : 'measured';
}

function referenceOf(expected: 'commanded' | 'measured', seen: 'commanded' | 'measured' | undefined): Calibration {
  const what = 'reference';
  if (seen === undefined)
    return { how: 'warn', what, says: `it follows too closely to see whether it is the ${expected} pose` };
  const says = `a delta is added to the ${seen} pose`;
  return seen === expected ? { how: 'ok', what, says } : { how: 'fail', what, says: `${says}, expected ${expected}` };
}

const unit = (at: number, size: number): Vec3 => [0, 1, 2].map((axis) => (axis === at ? size : 0)) as unknown as Vec3;
const minus = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const plus = (a: Vec3, b: Vec3): Vec3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
/** What of it lies along a way, and not more than that way: a body that goes astray is not told to make up for it in one step. */
const partAlong = (way: Vec3, vector: Vec3): Vec3 => {
  const square = length(way) ** 2;
  const share = square === 0 ? 0 : (way[0] * vector[0] + way[1] * vector[1] + way[2] * vector[2]) / square;
  const most = Math.min(1, Math.max(-1, share));
  return [most * way[0], most * way[1], most * way[2]];
};
const length = (vector: Vec3): number => Math.hypot(...vector);
const inWords = (vector: Vec3): string => vector.map((one) => one.toFixed(3)).join(' ');
