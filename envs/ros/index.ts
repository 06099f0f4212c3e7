/**
 * A real arm behind a rosbridge server. The driver's two threads command it; what is here reads what they tell, looks through the cameras
 * by a link of its own, and hands checked motions to the driver.
 */
import {
  type Action,
  type ActResult,
  type Context,
  defineEnv,
  type Env,
  monotonicNowMs,
  type Pilot,
  PumiceError,
  type Sensed,
  sleep,
} from 'pumice';
import { type BodyDriver, createDriver, createStopWord, openStopWord, type ToolPose } from 'pumice/robots';
import { z } from 'zod';
import { stepped } from '../../src/chunk/poses.ts';
import { turnBetween } from '../../src/gate/rotation.ts';
import type { Cameras } from './cameras.ts';
import { type CommandThread, startCommandThread, waitFor } from './command-thread.ts';
import type { ExamineOptions, RobotFinding } from './examine.ts';
import { SERVICE_MS } from './halts.ts';
import type { JogOptions } from './jog.ts';
import type { Conclusion } from './jog-answers.ts';
import { LINK_STATES, type Link } from './link.ts';
import type { LinkNumbers } from './link-numbers.ts';
import { type PilotOptions, rosPilot } from './pilot.ts';
import type { RosProfile } from './profile.ts';
import { readProfile } from './profile-file.ts';

export type { ExamineOptions, RobotFinding } from './examine.ts';
export type { JogAnswer, JogOptions, JogPerson } from './jog.ts';
export type { Conclusion } from './jog-answers.ts';
export type { PilotOptions } from './pilot.ts';
export { defineRosRobot, type RosProfile } from './profile.ts';
export { readProfile, writeProfile } from './profile-file.ts';
export { PROFILES } from './profiles/index.ts';

export interface RosOptions {
  /** `ws://HOST:9090`. */
  readonly url: string;
  readonly profile: RosProfile;
  /** How long the robot may take until it is heard and seen, ms. */
  readonly startMs?: number;
}

/** Chosen: DDS finds its peers within some seconds. */
const START_MS = 20_000;
/** How far the robot may be commanded from where it was sent before deltas begin there, m and rad. Chosen, as in the simulator. */
const ASTRAY = { m: 0.02, rad: 0.1 } as const;
/** The same set-point, m and rad: what numbers lose on their way between threads, and no more. Chosen. */
const SAME = { m: 1e-4, rad: 1e-3 } as const;
/** How long it may take to come to rest, ms. Chosen. */
const RESTING_MS = 5000;
/** How long the reason of a stop may take, ms. Chosen: a message between threads of a busy machine. */
const WHY_MS = 300;
/** What is new to see after a hold: one picture, ms. */
const LOOK_MS = 33;
/** Ages above which nothing is done, ms. Chosen: a network is between here and the robot. */
const MAX_OBSERVATION_AGE_MS = 1000;
const MAX_PLAN_AGE_MS = 10_000;

/**
 * Opens the robot: resolves when it is heard, seen and ready to be driven, and nobody else drives it. Nothing has moved by then.
 *
 * @throws PumiceError that names what is missing.
 */
export async function ros({ url, profile, startMs = START_MS }: RosOptions): Promise<RosEnv> {
  // Loaded here: importing the package must not load what speaks to a bridge.
  const [{ openLink }, { openCameras }] = await Promise.all([import('./connection.ts'), import('./cameras.ts')]);
  const who = `robot ${profile.robot.name}`;
  const stopWord = createStopWord();
  const thread = startCommandThread({ url, profile, stopWord });
  const link = openLink({ url, ros: profile.ros });
  const cameras = openCameras(link, profile.cameras, thread.hereMs);
  try {
    await Promise.all([thread.ready, link.ready(startMs)]);
    await waitFor(() => thread.state() !== undefined, { what: 'say where it is', mostMs: startMs, who }).catch(
      (error) => {
        const trouble = thread.trouble();
        if (trouble === undefined) throw error;
        throw new PumiceError('body/not-ready', trouble, { who, hint: 'Correct the profile, or look after the robot' });
      },
    );
    const isSeen = () => cameras.problems().length === 0;
    await waitFor(isSeen, { what: 'show its pictures', mostMs: startMs, who }).catch((error) => {
      const problems = cameras.problems().join('; ');
      if (problems === '') throw error;
      throw new PumiceError('body/not-ready', problems, { who, hint: 'Correct the profile, or look after the camera' });
    });
  } catch (error) {
    await Promise.all([thread.close(), link.close()]);
    throw error;
  }
  return bodyOf({ profile, thread, link, cameras, stopWord });
}

/** Says what of a robot is as its profile says, and what is not; nothing moves. */
export async function* examineRobot(options: ExamineOptions): AsyncGenerator<RobotFinding> {
  yield* (await import('./examine.ts')).examineRobot(options);
}

/**
 * A person jogs a robot, and what they see decides the signs of a profile. @throws PumiceError when they leave, or anything stops it.
 */
export async function jogRobot({
  url,
  ...options
}: Omit<JogOptions, 'open'> & { readonly url: string }): Promise<Conclusion> {
  return (await import('./jog.ts')).jog({ ...options, open: (profile) => ros({ url, profile }) });
}

/** A robot behind a bridge, and the person who leads it from a topic of the same graph. */
export interface RosEnv extends Env {
  readonly pilot: (options: PilotOptions) => Pilot;
}

interface BodyParts {
  readonly profile: RosProfile;
  readonly thread: CommandThread;
  readonly link: Link;
  readonly cameras: Cameras;
  readonly stopWord: SharedArrayBuffer;
}

function bodyOf({ profile, thread, link, cameras, stopWord }: BodyParts): RosEnv {
  const { robot } = profile;
  const { limits, frameId } = robot;
  const facts = robot.driver!;
  const who = `robot ${robot.name}`;
  const word = openStopWord(stopWord);
  let driver: BodyDriver | undefined;
  /** That of the episode: a stop that a person ended meanwhile is still one to those who did not see it. */
  let epoch = 0;
  /** Where the arm was sent last: deltas add up there. */
  let sent: ToolPose | undefined;
  let sentUntilMs = 0;
  let acts = 0;

  const stateNow = () => {
    thread.check();
    const state = thread.state();
    if (state) return state;
    throw new PumiceError('body/not-ready', 'does not say where it is', { who, hint: 'Look after the robot' });
  };
  const base = (): ToolPose => {
    const { commanded } = stateNow();
    return sent && isNear(sent, commanded) ? sent : commanded;
  };

  const isWithinReach = (numbers: LinkNumbers | undefined): boolean =>
    numbers?.state === LINK_STATES.indexOf('connected') &&
    Number.isFinite(numbers.offsetMs) &&
    (profile.eStop === undefined || Number.isFinite(numbers.eStop));

  const reset: Env['reset'] = async (_task, { signal }: Context) => {
    const resting = { mostMs: RESTING_MS, who, signal };
    if (driver) driver.halt(1, 'reset');
    driver ??= createDriver({ profile: robot, commandBox: thread.commandBox, stateBox: thread.stateBox, stopWord });
    const own = driver;
    await waitFor(() => own.status().isAtRest, { what: 'stand still', ...resting });
    // A link that has just come back knows no clock and no e-stop yet, and stops whatever is led then; so does a camera that is silent.
    const shown = profile.cameras.map(({ name }) => cameras.count(name));
    const isSeen = () => profile.cameras.every(({ name }, at) => cameras.count(name) > shown[at]!);
    const what = 'stand still, tell its time and its e-stop, and show a new picture of each camera';
    // Still at rest: what waited in a link that has come back tells of the motion before.
    const isReady = () => own.status().isAtRest && isWithinReach(thread.numbers()) && isSeen();
    await waitFor(isReady, { what, ...resting });
    if (thread.numbers()?.eStop === 1)
      throw new PumiceError('body/not-ready', 'its e-stop is pressed', { who, hint: 'Release it, then begin again' });
    // A reset is a person's: it ends a stop, and the driver begins where the arm now is.
    thread.forget();
    const sentBefore = thread.numbers()?.sent ?? 0;
    epoch = own.clear();
    let stoppedMs: number | undefined;
    const isTaken = () => {
      const { epoch: driven, mode, setPoint, category } = own.status();
      if (category !== undefined) {
        // A stop is a word that is written at once; why comes as a message after it.
        stoppedMs ??= monotonicNowMs();
        const why = thread.trouble();
        if (why === undefined && monotonicNowMs() - stoppedMs < WHY_MS) return false;
        throw new PumiceError('body/not-ready', `it was stopped again: ${why ?? 'no reason given'}`, {
          who,
          hint: 'Look after the robot, then begin again',
        });
      }
      // A robot that is being made ready is told nothing yet, and led then it would leap. One command may have been that of before.
      const isHeld = (thread.numbers()?.sent ?? 0) > sentBefore + 1;
      // What the robot was told last is told of with its next reading: until then it would be that of before.
      if (driven !== epoch || mode !== 'hold' || setPoint === undefined || !isHeld) return false;
      return isNear(stateNow().commanded, setPoint, SAME);
    };
    await waitFor(isTaken, { what: 'take hold', ...resting, mostMs: RESTING_MS + SERVICE_MS * profile.start.length });
    sent = undefined;
  };

  const observe = async (): Promise<Sensed> => {
    const { stampMs, measured, commanded, qRad, qdRadPerS } = stateNow();
    const eStop = thread.numbers()?.eStop;
    return {
      stampMs: monotonicNowMs(),
      frames: cameras.frames(),
      proprio: {
        ...{ stampMs, jointNames: robot.jointNames, qRad, qdRadPerS, gripperOpen: measured.gripperOpen },
        tcpPose: { frameId, pM: measured.pM, qXyzw: measured.qXyzw },
        commandedTcpPose: { frameId, pM: commanded.pM, qXyzw: commanded.qXyzw },
      },
      health: { eStop: eStop === 1 ? 'pressed' : eStop === 0 ? 'released' : 'unknown', errors: thread.errors() },
    };
  };

  /** Why the arm does not move: what was said when it was stopped, or what the threads found. */
  const stopped = async (): Promise<ActResult> => {
    const { reason, cause = 'no driver' } = driver?.status() ?? {};
    const isFound = cause !== 'stopped' && cause !== 'expired' && cause !== 'none';
    // A stop is a word that is written at once; why comes as a message after it.
    const isTold = () => reason !== undefined || isFound || thread.trouble() !== undefined;
    await waitFor(isTold, { what: 'say why', mostMs: WHY_MS, who }).catch(() => {});
    const known = [reason, thread.trouble(), isFound ? cause : undefined];
    const why = known.filter((text) => text !== undefined).join(', ');
    return { status: 'stopped', reason: why ? `the arm is halted: ${why}` : 'the arm is halted' };
  };
  const send = async (target: ToolPose, executed: Action): Promise<ActResult> => {
    const nowMs = monotonicNowMs();
    const validUntilMs = nowMs + facts.expiryMs;
    const refusal = driver!.post({ verdictId: ++acts, epoch, validUntilMs, durationMs: limits.stepMs, target });
    if (refusal === 'stopped' || refusal === 'old epoch') return stopped();
    if (refusal === 'no driver') throw new PumiceError('body/driver', 'its driver is gone', { who });
    if (refusal) return { status: 'refused', reason: `the driver refuses: ${refusal}` };
    sent = target;
    sentUntilMs = nowMs + limits.stepMs;
    return { status: 'done', executed };
  };
  const refusals = () => driver!.refused()['beyond limit'];

  const act = async (action: Action, { signal }: Context): Promise<ActResult> => {
    thread.check();
    const refusal = refusalOf(action, frameId);
    if (refusal !== undefined) return { status: 'refused', reason: refusal };
    if (!driver || driver.status().category !== undefined) return stopped();
    if (cameras.late(monotonicNowMs()) !== undefined) {
      // What came while this thread was busy is taken in first.
      await sleep(LOOK_MS, signal);
      const late = cameras.late(monotonicNowMs());
      if (late !== undefined) {
        driver.halt(1, late);
        return stopped();
      }
    }
    if (action.kind === 'eef-pose')
      return send({ pM: action.pM, qXyzw: action.qXyzw, gripperOpen: action.gripperOpen }, action);
    if (action.kind === 'eef-delta') {
      const refused = refusals();
      const result = await send({ ...stepped(base(), action, robot.delta), gripperOpen: action.gripperOpen }, action);
      if (result.status !== 'done') return result;
      // A delta is one step on its own: it is over when the arm has had its time for it, and stands.
      await sleep(limits.stepMs, signal).catch(() => {});
      const own = driver;
      // By a reading of after its time: an older one tells of rest before it began, or of what was commanded before.
      const isThere = () => {
        const { stampMs, commanded } = stateNow();
        const { isAtRest, setPoint } = own.status();
        return stampMs >= sentUntilMs && isAtRest && setPoint !== undefined && isNear(commanded, setPoint, SAME);
      };
      const isOver = () => own.status().category !== undefined || signal.aborted || isThere();
      await waitFor(isOver, { what: 'come to rest', mostMs: RESTING_MS, who });
      if (own.status().category !== undefined) return stopped();
      if (signal.aborted) return { status: 'stopped', reason: 'cut on the way' };
      if (refusals() === refused) return result;
      sent = undefined;
      return { status: 'refused', reason: 'the driver refuses: beyond limit' };
    }
    // With no newer motion the driver comes to rest where it was sent, and holds there.
    await sleep(Math.max(LOOK_MS, sentUntilMs - monotonicNowMs()), signal);
    return { status: 'done', executed: { kind: 'hold' } };
  };

  return {
    name: 'ros',
    hardware: robot.hardware,
    actionKinds: ['eef-delta', 'eef-pose'],
    limits: { motion: limits, maxObservationAgeMs: MAX_OBSERVATION_AGE_MS, maxPlanAgeMs: MAX_PLAN_AGE_MS },
    driver: { commandRateHz: facts.commandRateHz, expiryMs: facts.expiryMs },
    stopWord,
    driverState: () => driver?.status(),
    frames: cameras.frames,
    delta: robot.delta,
    pilot: (options) => rosPilot(options, { link, frameId, hereMs: thread.hereMs }),
    facts: { body: `robot behind a bridge, ROS ${profile.ros}`, profile: robot.name, command: profile.command.kind },
    reset,
    observe,
    act,
    halt: (category, reason) => (driver ? driver.halt(category, reason) : word.stop(category)),
    close: async () => {
      await driver?.close();
      await Promise.all([thread.close(), link.close()]);
    },
  };
}

function refusalOf(action: Action, frameId: string): string | undefined {
  if (action.kind === 'hold') return undefined;
  if (action.kind !== 'eef-delta' && action.kind !== 'eef-pose')
    return `expected eef-delta, eef-pose or hold, got ${action.kind}`;
  if (action.frameId !== frameId) return `expected frame '${frameId}', got '${action.frameId}'`;
  const numbers = action.kind === 'eef-delta' ? [...action.dPosM, ...action.dRpyRad] : [...action.pM, ...action.qXyzw];
  return [...numbers, action.gripperOpen].every(Number.isFinite) ? undefined : 'expected finite numbers';
}

const isNear = (a: ToolPose, b: ToolPose, most: { readonly m: number; readonly rad: number } = ASTRAY): boolean =>
  Math.hypot(...a.pM.map((value, at) => value - b.pM[at]!)) <= most.m &&
  Math.hypot(...turnBetween(a.qXyzw, b.qXyzw)) <= most.rad;

export default defineEnv({
  summary: 'a robot arm behind a rosbridge server',
  options: z.strictObject({
    url: z.string(),
    profile: z.string().min(1).describe('name of a robot, or a file that `pumice doctor ros --jog` wrote'),
    startMs: z.number().positive().optional(),
  }),
  create: ({ url, profile, startMs }) =>
    ros({ url, profile: readProfile(profile), ...(startMs !== undefined && { startMs }) }),
});
