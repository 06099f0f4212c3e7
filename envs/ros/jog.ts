/**
 * A person finds out whether a robot goes where its profile says: a little along and about one axis at a time, at reduced speed, while a
 * dead-man is held; then the hand. Each motion is an episode of its own through the gate and the driver, as every other motion is.
 *
 * Which way the robot goes is not known yet, so nothing here corrects what is missing to a set-point: with a wrong sign that would be
 * a run-away. The hand is told nothing before its own turn. Knows no terminal.
 */

import type { StopSource } from 'pumice';
import {
  type Action,
  type Env,
  monotonicNowMs,
  monotonicScheduler,
  type Policy,
  PumiceError,
  run,
  turnBetween,
} from 'pumice';
import { exhaustMap, filter, firstValueFrom, from, fromEvent, interval, map } from 'rxjs';
import { JOG_SPEED_M_PER_S } from '../../src/robot/set-point.ts';
import {
  type AxisTrial,
  type Conclusion,
  conclude,
  type Hand,
  type HandTrial,
  type JogKind,
  REACH,
  WAYS,
} from './jog-answers.ts';
import { type RosProfile, SIGNED_AXES, type SignedAxis } from './profile.ts';

/** Who jogs. Both throw when they leave. */
export interface JogPerson {
  readonly say: (text: string) => void;
  /** Resolves when they hold the dead-man, with what stops as soon as they do not. */
  readonly hold: (what: string) => Promise<StopSource>;
  /** Resolves with the key of what they answer. */
  readonly choose: (question: string, answers: readonly JogAnswer[]) => Promise<string>;
}
export interface JogAnswer {
  readonly key: string;
  readonly says: string;
}

export interface JogOptions {
  readonly profile: RosProfile;
  readonly person: JogPerson;
  readonly signal: AbortSignal;
  readonly open: (profile: RosProfile) => Promise<Env>;
}

type Vec3 = readonly [number, number, number];
type Pose = { readonly pM: Vec3; readonly qXyzw: readonly [number, number, number, number] };

const WHO = 'jog';
/** Share of the reduced speed that a step uses: the gate lets it through as it is. */
const SHARE = 0.9;
/** At most so much of its opening a second, while nobody knows which way it goes. Chosen. */
const HAND_PER_S = 1;
/** How far from where it stood the tool may come, whatever it is told, m and rad. Chosen: two reaches and a stop. */
const LEASH = { m: 0.05, rad: 0.26 } as const;
/** How often that is looked at, ms. Chosen: a period at 50 Hz. */
const LOOK_MS = 20;
/** Times that a motion is begun anew after the dead-man was let go. Chosen. */
const MOST_TRIES = 3;

/** @throws PumiceError when the person leaves, the robot does not stay within reach, or anything stops it. */
export async function jog({ profile, person, signal, open }: JogOptions): Promise<Conclusion> {
  const slow = slowed(profile);
  const trials: AxisTrial[] = [];
  const hands: HandTrial[] = [];
  {
    await using env = disposable(await open({ ...slow, gripper: { kind: 'none' } }));
    const start = await poseOf(env);
    requireRoom(slow, start.pM);
    const stops = [leash(env, start), abortOf(signal)];
    for (const kind of ['linear', 'angular'] as const)
      for (const axis of ['+x', '+y', '+z'] as const)
        trials.push(await tryAxis({ env, profile: slow, person, signal, stops }, kind, axis));
  }
  if (slow.gripper.kind !== 'none') {
    await using env = disposable(await open(slow));
    const stops = [leash(env, await poseOf(env)), abortOf(signal)];
    for (const hand of ['closed', 'open'] as const)
      hands.push(await tryHand({ env, profile: slow, person, signal, stops }, hand));
  }
  return conclude(profile, trials, hands);
}

const disposable = (env: Env): Env & AsyncDisposable => ({ ...env, [Symbol.asyncDispose]: env.close });

/** The same robot at reduced speed, open loop, unseen by cameras; deltas by the axes of its base. */
function slowed(profile: RosProfile): RosProfile {
  const { robot, command } = profile;
  const { limits } = robot;
  const share = Math.min(1, JOG_SPEED_M_PER_S / limits.maxSpeedMPerS);
  return {
    ...profile,
    cameras: [],
    command: command.kind === 'twist' ? { ...command, gainPerS: 0 } : command,
    robot: {
      ...robot,
      delta: { axes: 'base', rotateAbout: 'tcp', reference: 'commanded' },
      limits: {
        ...limits,
        maxSpeedMPerS: limits.maxSpeedMPerS * share,
        maxTurnRadPerS: limits.maxTurnRadPerS * share,
        maxGripperPerS: Math.min(limits.maxGripperPerS, HAND_PER_S),
      },
    },
  };
}

const contextOf = () => ({ signal: new AbortController().signal, nowMs: monotonicNowMs, report: () => {} });

async function proprioOf(env: Env) {
  const { proprio } = await firstValueFrom(from(env.observe(contextOf())));
  return proprio!;
}
const poseOf = async (env: Env): Promise<Pose> => (await proprioOf(env)).tcpPose!;

/** It may go the wrong way: there has to be room on every side. */
function requireRoom({ robot: { limits } }: RosProfile, pM: Vec3): void {
  const { workspace, keepOut } = limits;
  const near = ['x', 'y', 'z'].flatMap((axis, at) => {
    const least = workspace.minM[at]! + LEASH.m;
    const most = workspace.maxM[at]! - LEASH.m;
    return pM[at]! >= least && pM[at]! <= most
      ? []
      : [`${axis} is ${pM[at]!.toFixed(3)}, expected ${least.toFixed(3)} to ${most.toFixed(3)}`];
  });
  const inReach = keepOut.filter(({ minM, maxM }) =>
    pM.every((value, at) => value > minM[at]! - LEASH.m && value < maxM[at]! + LEASH.m),
  );
  const why = [...near, ...inReach.map(({ name }) => `'${name}' is within ${LEASH.m} m`)];
  if (why.length === 0) return;
  throw new PumiceError('body/not-ready', `the tool has no room of ${LEASH.m} m on every side: ${why.join('; ')}`, {
    who: WHO,
    hint: 'Lead it into the middle of its workspace by its own controls, then begin again',
  });
}

/** Stops a robot that goes further than it was told. */
const leash = (env: Env, start: Pose): StopSource => ({
  name: 'leash',
  stop$: interval(LOOK_MS, monotonicScheduler).pipe(
    exhaustMap(() => from(env.observe(contextOf()))),
    map(({ proprio }) => strayOf(start, proprio!.tcpPose!)),
    filter((why) => why !== undefined),
  ),
});

function strayOf(start: Pose, now: Pose): string | undefined {
  const wayM = Math.hypot(...now.pM.map((value, at) => value - start.pM[at]!));
  const turnRad = Math.hypot(...turnBetween(start.qXyzw, now.qXyzw));
  if (wayM <= LEASH.m && turnRad <= LEASH.rad) return undefined;
  return `the tool is ${wayM.toFixed(3)} m and ${turnRad.toFixed(2)} rad from where it stood, allowed ${LEASH.m} m and ${LEASH.rad} rad`;
}

const abortOf = (signal: AbortSignal): StopSource => ({
  name: 'signal',
  stop$: fromEvent(signal, 'abort').pipe(map(() => String((signal.reason as Error).message))),
});

interface Session {
  readonly env: Env;
  readonly profile: RosProfile;
  readonly person: JogPerson;
  readonly stops: readonly StopSource[];
  readonly signal: AbortSignal;
}

const VERBS = { linear: 'move', angular: 'turn' } as const;
const YES_NO = [
  { key: 'y', says: 'yes' },
  { key: 'n', says: 'no' },
] as const;

async function tryAxis(session: Session, kind: JogKind, commanded: SignedAxis): Promise<AxisTrial> {
  const { person } = session;
  const way = `${VERBS[kind]} ${WAYS[kind][commanded]}`;
  const measured = await lead(session, kind, commanded, 1, `It is told to ${way}, ${amountOf(kind)}`);
  const seen = await seenWay(person, kind, commanded, `Did it ${way}?`);
  const measuredBack = await lead(session, kind, commanded, -1, 'Back again');
  return { kind, commanded, seen, measured, measuredBack };
}

const amountOf = (kind: JogKind) =>
  kind === 'linear' ? `${REACH.linear * 1000} mm` : `${Math.round((REACH.angular * 180) / Math.PI)} degrees`;

async function seenWay(person: JogPerson, kind: JogKind, commanded: SignedAxis, question: string) {
  if ((await person.choose(question, YES_NO)) === 'y') return commanded;
  const others = SIGNED_AXES.filter((axis) => axis !== commanded);
  const answer = await person.choose(`Which way did it ${VERBS[kind]}?`, [
    ...others.map((axis, at) => ({ key: String(at + 1), says: WAYS[kind][axis] })),
    { key: '0', says: 'not at all, or otherwise' },
  ]);
  return others[Number(answer) - 1];
}

/** Goes there, and answers how far it went by what the robot says. */
async function lead(session: Session, kind: JogKind, axis: SignedAxis, share: 1 | -1, what: string): Promise<Vec3> {
  const { env, profile } = session;
  const { limits, frameId } = profile.robot;
  const most = (SHARE * (kind === 'linear' ? limits.maxSpeedMPerS : limits.maxTurnRadPerS) * limits.stepMs) / 1000;
  const steps = Math.ceil(REACH[kind] / most);
  const by: [number, number, number] = [0, 0, 0];
  by['xyz'.indexOf(axis[1]!)] = (share * REACH[kind]) / steps;
  const none = [0, 0, 0] as const;
  let before = await proprioOf(env);
  await attempt(session, what, async () => {
    before = await proprioOf(env);
    const [dPosM, dRpyRad] = kind === 'linear' ? [by, none] : [none, by];
    const step: Action = { kind: 'eef-delta', frameId, dPosM, dRpyRad, gripperOpen: before.gripperOpen };
    return new Array(steps).fill(step);
  });
  const { tcpPose: from } = before;
  const to = await poseOf(env);
  if (kind === 'angular') return turnBetween(from!.qXyzw, to.qXyzw);
  return [to.pM[0] - from!.pM[0], to.pM[1] - from!.pM[1], to.pM[2] - from!.pM[2]];
}

async function tryHand(session: Session, commanded: Hand): Promise<HandTrial> {
  const { env, profile, person } = session;
  const { limits, frameId } = profile.robot;
  const goal = commanded === 'open' ? 1 : 0;
  await attempt(session, `The hand is told to be ${commanded}: keep yours out of it`, async () => {
    const { gripperOpen: from } = await proprioOf(env);
    const steps = Math.max(
      1,
      Math.ceil((Math.abs(goal - from) * 1000) / (SHARE * limits.maxGripperPerS * limits.stepMs)),
    );
    return Array.from({ length: steps }, (_, at): Action => {
      const gripperOpen = from + ((goal - from) * (at + 1)) / steps;
      return { kind: 'eef-delta', frameId, dPosM: [0, 0, 0], dRpyRad: [0, 0, 0], gripperOpen };
    });
  });
  const answer = await person.choose('How is the hand now?', [
    { key: 'o', says: 'open' },
    { key: 'c', says: 'closed' },
    { key: '0', says: 'neither' },
  ]);
  const { gripperOpen: measuredOpen } = await proprioOf(env);
  return { commanded, seen: answer === 'o' ? 'open' : answer === 'c' ? 'closed' : undefined, measuredOpen };
}

/** One motion while the dead-man is held; begun anew where it was let go. */
async function attempt(
  { env, person, stops, signal }: Session,
  what: string,
  makeActions: () => Promise<readonly Action[]>,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const held = await person.hold(what);
    signal.throwIfAborted();
    const policy = playing(await makeActions());
    const { outcome, reason } = await run({ env, policy, instruction: what, stops: [held, ...stops] }).result;
    if (outcome === 'success') return;
    const isLetGo = outcome === 'stopped' && reason?.startsWith(`${held.name}: `) === true;
    if (!isLetGo || tries === MOST_TRIES)
      throw new PumiceError('body/halted', `${what}: ${outcome}: ${reason ?? 'no reason given'}`, {
        who: WHO,
        hint: 'Look after the robot; begin again when the cause is gone',
      });
    person.say('Stopped: the key was let go. It is begun again, from here');
  }
}

/** One after the other, each as it is or not at all: what the gate made smaller would tell of another motion. */
function playing(actions: readonly Action[]): Policy {
  let next = 0;
  return {
    name: 'jog',
    actionKinds: ['eef-delta'],
    reset: () => {
      next = 0;
    },
    act: async ({ history }) => {
      const last = history.at(-1);
      if (last && (last.verdict.kind !== 'allow' || !last.executed)) {
        const why = [...last.verdict.reasons, ...(last.refusal === undefined ? [] : [last.refusal])].join('; ');
        return { actions: [{ kind: 'done', outcome: 'failure', answer: why }] };
      }
      return { actions: [actions[next++] ?? { kind: 'done', outcome: 'success' }] };
    },
  };
}
