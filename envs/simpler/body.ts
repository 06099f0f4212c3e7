/** A simulated robot as a body, on a session that is open: what the numbers of an action mean is data (`SIM_CONTROLS`, `profiles.ts`). */
import {
  type Action,
  type ActResult,
  type Frame,
  monotonicNowMs,
  PumiceError,
  parseOptions,
  type Sensed,
} from 'pumice';
import { type Latch, OPEN_LATCH, type SimControl, simMotion, simNumbers } from 'pumice/codecs';
import type { RobotProfile } from 'pumice/robots';
import { rpyOfRotationVector } from '../../src/gate/rotation.ts';
import { createJudge } from './judge.ts';
import type { Description, SimSensed } from './messages.ts';
import { type Beginning, beginningSchema, type ReadOptions, type SimplerEnv } from './options.ts';
import { WHO } from './problems.ts';
import { FRAME_ID, simRobot } from './profiles.ts';
import { imagesOf, openAgain, type Session } from './session.ts';

/** @param changed - drives it by another account of what its numbers mean. For tests of what notices that. */
export function simplerOn(
  opened: Session,
  read: ReadOptions,
  changed: (control: SimControl) => SimControl = (control) => control,
): SimplerEnv {
  let session = opened;
  const { about } = session;
  const { control, profile } = robotIn(opened, changed);
  const judge = createJudge(read.success, about.maxSteps);
  let beginning: Beginning = {};
  let seen: SimSensed | undefined;
  let latch: Latch = OPEN_LATCH;
  let gripperOpen = 1;
  let isHalted = true;
  let timings: Readonly<Record<string, number>> = {};

  const take = (sensed: SimSensed, begunMs: number) => {
    seen = sensed;
    timings = { ...sensed.timings, allMs: monotonicNowMs() - begunMs };
  };
  const observe = async (): Promise<Sensed> => {
    if (!seen)
      throw new PumiceError('body/not-ready', 'expected a reset before it is observed', { who: WHO, hint: 'Reset it' });
    const stampMs = monotonicNowMs();
    return sensedOf(seen, about, stampMs);
  };

  const act = async (action: Action, signal: AbortSignal): Promise<ActResult> => {
    if (isHalted) return { status: 'stopped', reason: 'the simulator is halted' };
    const refusal = refusalOf(action, control);
    if (refusal !== undefined) return { status: 'refused', reason: refusal };
    // A run ends in hold: that is no step of the task any more.
    if (action.kind === 'hold' && judge.isOver()) return { status: 'done', executed: action };
    if (judge.score().steps >= about.maxSteps)
      return { status: 'refused', reason: `the task gives an episode ${about.maxSteps} steps` };
    const still = { dPosM: [0, 0, 0], dRpyRad: [0, 0, 0], gripperOpen } as const;
    const motion = action.kind === 'eef-delta' ? action : still;
    const said = simNumbers(control, motion, latch);
    const beyond = said.numbers.findIndex(
      (one, at) => one < about.actionLow[at]! - 1e-6 || one > about.actionHigh[at]! + 1e-6,
    );
    if (beyond >= 0)
      return {
        status: 'refused',
        reason: `number ${beyond} is ${said.numbers[beyond]}, the robot takes ${about.actionLow[beyond]}..${about.actionHigh[beyond]}`,
      };
    const begunMs = monotonicNowMs();
    const sensed = await session.step(said.numbers, signal);
    // Only what was done is remembered.
    latch = said.latch;
    gripperOpen = motion.gripperOpen;
    take(sensed, begunMs);
    judge.stepped(sensed.judge);
    return { status: 'done', executed: action };
  };

  return {
    name: 'simpler',
    actionKinds: ['eef-delta'],
    isLockstep: true,
    limits: { motion: profile.limits, maxObservationAgeMs: 10_000, maxPlanAgeMs: 60_000 },
    delta: profile.delta,
    facts: { ...factsOf(about, read), ...(opened.declared && { declaration: opened.declared.from }) },
    maxSteps: about.maxSteps,
    judge: judge.judge,
    ...(read.oracle && {
      oracle: {
        ...judge.judge,
        state: () => seen?.oracle?.state ?? {},
        expertAction: () => {
          const numbers = seen?.oracle?.expertAction;
          if (!numbers) return undefined;
          const { turnRad, ...motion } = simMotion(control, numbers);
          return { kind: 'eef-delta', frameId: FRAME_ID, ...motion, dRpyRad: rpyOfRotationVector(turnRad) };
        },
      },
    }),
    instruction: () => seen?.state.instruction ?? '',
    beginWith: (asked) => {
      beginning = parseOptions(beginningSchema, asked, WHO) as Beginning;
    },
    timings: () => timings,
    pid: () => session.pid,
    reset: async ({ seed = 0 }, { signal }) => {
      isHalted = true;
      if (session.isLost()) session = sameAs(session, await openAgain(read));
      const begunMs = monotonicNowMs();
      const sensed = await session.reset({ seed, ...beginning }, signal);
      take(sensed, begunMs);
      judge.began(sensed.judge);
      [latch, gripperOpen] = [OPEN_LATCH, 1];
      isHalted = false;
    },
    observe,
    act: (action, { signal }) => act(action, signal),
    halt: () => {
      isHalted = true;
    },
    close: async () => {
      isHalted = true;
      await session.close();
    },
  };
}

function robotIn({ about, declared }: Session, changed: (control: SimControl) => SimControl) {
  const found = declared?.robot ?? simRobot(about.robot);
  const misfit = (what: string) =>
    new PumiceError('config/misfit', `robot ${about.robot}: ${what}`, {
      who: WHO,
      hint: 'The profile is for another simulator or another version of it: see docs/simulators.md',
    });
  if (!found) throw misfit('there is no profile of it');
  const control = changed(found.control);
  const size = control.rotation === 'none' ? 4 : 7;
  if (about.controlMode !== control.controlMode)
    throw misfit(`expected the control mode ${control.controlMode}, got ${about.controlMode}`);
  if (about.actionLow.length !== size)
    throw misfit(`expected ${size} numbers an action, got ${about.actionLow.length}`);
  if (Math.abs(about.rateHz - control.rateHz) > 1e-6 * control.rateHz)
    throw misfit(`expected ${control.rateHz} actions a second, got ${about.rateHz}`);
  // Fully open and closed look the same in both forms, so it is not driven that finds this.
  const isByChanges = /_gripper_.*delta/.test(about.controlMode);
  if (isByChanges !== (control.gripper.form === 'change'))
    throw misfit(
      `its gripper: expected ${control.gripper.form}s, its control mode has ${isByChanges ? 'changes' : 'shares'}`,
    );
  const profile: RobotProfile = { ...found.profile, delta: { ...control.delta, rotateAbout: 'tcp' } };
  if (about.jointNames.join() !== profile.jointNames.join())
    throw misfit(`expected the joints ${profile.jointNames.join()}, got ${about.jointNames.join()}`);
  return { control, profile };
}

/** A robot is driven on by what was known of it when it was opened. @throws PumiceError `config/misfit` where that is another by now. */
function sameAs({ about, declared }: Session, next: Session): Session {
  const same = [about.robot, about.controlMode, about.rateHz, about.maxSteps, declared?.from].join();
  if (
    same ===
    [next.about.robot, next.about.controlMode, next.about.rateHz, next.about.maxSteps, next.declared?.from].join()
  )
    return next;
  void next.close();
  throw new PumiceError(
    'config/misfit',
    `robot ${about.robot}: it, or what is declared of it, is another since it was opened`,
    {
      who: WHO,
      hint: 'Open it anew',
    },
  );
}

/** What the picture and the motion went through: whoever compares results has to know it. */
function factsOf(about: Description, read: ReadOptions): Readonly<Record<string, string>> {
  const quality = imagesOf(read) === 'raw' ? 'raw RGB' : `JPEG, quality ${read.jpegQuality} of 100`;
  return {
    body: `${about.backend}: ${about.robot}`,
    task: about.task,
    control: `lockstep, ${about.rateHz} Hz, ${about.controlMode}`,
    images: quality,
    renderer: about.renderer,
    versions: about.versions,
    assets: about.assets,
    success: read.success,
    maxSteps: String(about.maxSteps),
  };
}

const poseOf = (pose: SimSensed['state']['tcpPose']) => ({ frameId: FRAME_ID, ...pose });

function sensedOf({ state, images }: SimSensed, { jointNames }: Description, stampMs: number): Sensed {
  return {
    stampMs,
    frames: images.map(({ camera, ...image }): Frame => ({ ...image, camera, stampMs, frameId: `${camera}-camera` })),
    proprio: {
      stampMs,
      jointNames,
      qRad: state.qRad,
      qdRadPerS: state.qdRadPerS,
      tcpPose: poseOf(state.tcpPose),
      commandedTcpPose: poseOf(state.commandedTcpPose),
      gripperOpen: state.gripperOpen,
    },
  };
}

/** Why the body does not even try: what no gate may have let through. */
function refusalOf(action: Action, { rotation }: SimControl): string | undefined {
  if (action.kind === 'hold') return undefined;
  if (action.kind !== 'eef-delta') return `expected eef-delta or hold, got ${action.kind}`;
  if (action.frameId !== FRAME_ID) return `expected frame '${FRAME_ID}', got '${action.frameId}'`;
  if (![...action.dPosM, ...action.dRpyRad, action.gripperOpen].every(Number.isFinite))
    return 'expected finite numbers';
  if (rotation === 'none' && action.dRpyRad.some((one) => one !== 0)) return 'this hand cannot turn';
  return undefined;
}
