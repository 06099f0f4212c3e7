/**
 * The simulated arm in real time: time passes whether or not anybody looks or acts. The robot lives in one thread, its cameras in another,
 * and the one who commands it, the body driver, in a third; what is here only reads what they tell and hands motions to the driver.
 */
import { type Action, type ActResult, type Context, monotonicNowMs, PumiceError, type Sensed, sleep } from 'pumice';
import { createStopWord } from '../../../src/robot/boxes.ts';
import { type BodyDriver, createDriver, type JogEntry } from '../../../src/robot/driver.ts';
import type { BodyState, ToolPose } from '../../../src/robot/messages.ts';
import { poseAfter } from '../arm.ts';
import { type CameraName, disturbanceOf, FOVY_RAD } from '../cameras.ts';
import { layoutFor } from '../layout.ts';
import { type ReadOptions, type SimEnv, sceneIn, WHO } from '../options.ts';
import { FRAME_ID, limitsOf, profileAt } from '../profile.ts';
import { multiply, ofQuaternion, toQuaternion, toVector, transpose } from '../rotation.ts';
import { CONTROL_HZ, JOINTS, SCENE_MJCF } from '../scene.ts';
import { labelOf, refusalOf } from '../senses.ts';
import { parseGoal } from '../words.ts';
import { openChannel } from './channel.ts';
import { openThreads } from './threads.ts';

/** What is new to see after a hold: one picture, ms. */
const LOOK_MS = 33;
/** How far the robot may be commanded from where it was sent before deltas begin there, m and rad. */
const ASTRAY = { m: 0.02, rad: 0.1 } as const;
/** How long the robot may take to come to rest before a reset, ms, and how often that is looked at. */
const RESTING_MS = 3000;
const GLANCE_MS = 4;

export async function realtimeSim(read: ReadOptions): Promise<SimEnv> {
  const { perturb, sizePx, encoding, cameras } = read;
  const profile = profileAt(read.rateHz);
  const driven = profile.driver!;
  const { stepMs } = profile.limits;
  if (perturb.delay > 0)
    throw new PumiceError('config/invalid', 'perturb.delay counts steps, and in real time there are none', {
      who: WHO,
      hint: 'Leave perturb.delay or realtime out',
    });
  const isJpeg = encoding === 'jpeg' || perturb.jpeg !== undefined;
  const threads = await openThreads({
    mjcf: read.mjcf === undefined ? SCENE_MJCF : sceneIn(read.mjcf),
    commandRateHz: driven.commandRateHz,
    restSpeedMPerS: driven.restSpeedMPerS,
    cameras,
    sizePx,
    ...(isJpeg && { quality: perturb.jpeg ?? read.jpegQuality }),
    isOracleOpen: read.oracle,
  });
  const stopWord = createStopWord();
  let driver: BodyDriver | undefined;
  /** A reset stops and clears the driver on its own account: nobody has to be told of that. */
  let isResetting = false;
  const jogs: JogEntry[] = [];
  /** That of the episode: a stop that a person ended meanwhile is still one to those who did not see it. */
  let epoch = 0;
  /** Where the arm was sent last: deltas add up there. */
  let sent: ToolPose | undefined;
  let sentUntilMs = 0;
  let acts = 0;
  const channel = read.oracle ? openChannel({ threads, sizePx, commanded: () => base(threads.state()) }) : undefined;

  /** What a delta is added to: where the arm was sent, unless something kept it from going there. */
  const base = ({ commanded }: BodyState): ToolPose => (sent && isNear(sent, commanded) ? sent : commanded);

  const waitFor = async (isSo: () => boolean, what: string, signal: AbortSignal) => {
    for (const beganMs = monotonicNowMs(); !isSo(); await sleep(GLANCE_MS, signal)) {
      threads.check();
      if (monotonicNowMs() - beganMs > RESTING_MS)
        throw new PumiceError('body/not-ready', `the arm does not ${what}`, { who: WHO, hint: 'Open it anew' });
    }
  };

  const reset: SimEnv['reset'] = async (task, context) => {
    isResetting = true;
    try {
      await layOut(task, context);
    } finally {
      isResetting = false;
    }
  };
  const layOut = async ({ instruction, seed = 0 }: { instruction: string; seed?: number }, { signal }: Context) => {
    const goal = parseGoal(instruction);
    const fitted = read.fit ? goal : undefined;
    const layout = layoutFor(seed, fitted);
    if (driver) {
      // Category 0: the robot stays where it is put, and nobody holds it to where it was.
      driver.halt(0, 'reset');
      await waitFor(() => driver!.status().isAtRest, 'come to rest', signal);
    }
    const disturbance = disturbanceOf(perturb, layout);
    const before = await threads.layOut({ seed, ...(fitted && { goal: fitted }), disturbance }, signal);
    sent = undefined;
    driver ??= createDriver({
      profile,
      commandBox: threads.commandBox,
      stateBox: threads.stateBox,
      stopWord,
      speedScale: read.speedScale,
      onJog: (entry) => void jogs.push(entry),
    });
    await waitFor(() => driver!.status().isAtRest, 'stand still', signal);
    // A reset is a person's: it ends a stop, and the driver begins where the arm now is.
    epoch = driver.clear();
    await waitFor(() => driver!.status().epoch === epoch && driver!.status().mode === 'hold', 'take hold', signal);
    channel?.began(before, layout, disturbance, goal);
  };

  const frameOf = (camera: CameraName) => {
    const { stampMs, positionM, rotation, bytes } = threads.shot(camera);
    const label = labelOf(camera, { fovyRad: FOVY_RAD[camera], positionM, rotation }, sizePx, stampMs);
    return { ...label, data: bytes, encoding: isJpeg ? ('jpeg' as const) : ('rgb8' as const) };
  };

  const observe = async (): Promise<Sensed> => {
    threads.check();
    channel?.look();
    const frames = cameras.map(frameOf);
    const { stampMs, measured, commanded, qRad, qdRadPerS } = threads.state();
    return {
      stampMs: monotonicNowMs(),
      frames,
      proprio: {
        stampMs,
        jointNames: [...JOINTS],
        qRad: [...qRad],
        qdRadPerS: [...qdRadPerS],
        tcpPose: placed(measured),
        commandedTcpPose: placed(commanded),
        gripperOpen: Math.min(1, Math.max(0, measured.gripperOpen)),
      },
    };
  };

  /** Hands a motion to the driver, which has the time of one action for it. */
  const send = (target: ToolPose, executed: Action): ActResult => {
    const refusal = driver!.post({
      verdictId: ++acts,
      epoch,
      validUntilMs: monotonicNowMs() + driven.expiryMs,
      durationMs: stepMs,
      target,
    });
    if (refusal === 'stopped' || refusal === 'old epoch') return stopped();
    if (refusal === 'no driver') throw new PumiceError('body/driver', 'its driver is gone', { who: WHO });
    if (refusal) return { status: 'refused', reason: `the driver refuses: ${refusal}` };
    sent = target;
    sentUntilMs = monotonicNowMs() + stepMs;
    return { status: 'done', executed };
  };

  /** Why the arm does not move: what was said when it was stopped, or what the driver found. */
  const stopped = (): ActResult => {
    const { reason, cause = 'no driver' } = driver?.status() ?? {};
    const why = [reason, cause === 'stopped' ? undefined : cause].filter((text) => text !== undefined).join(', ');
    return { status: 'stopped', reason: why ? `the arm is halted: ${why}` : 'the arm is halted' };
  };

  /** What the driver itself refused, after the motion was posted. */
  const refusals = () => driver!.refused()['beyond limit'];

  const act = async (action: Action, { signal }: Context): Promise<ActResult> => {
    threads.check();
    channel?.look();
    const refusal = refusalOf(action);
    if (refusal !== undefined) return { status: 'refused', reason: refusal };
    if (!driver || driver.status().category !== undefined) return stopped();
    if (action.kind === 'eef-pose')
      return send({ pM: action.pM, qXyzw: action.qXyzw, gripperOpen: action.gripperOpen }, action);
    if (action.kind === 'eef-delta') {
      const from = base(threads.state());
      const { pM, rotation } = poseAfter({ pM: from.pM, rotation: ofQuaternion(from.qXyzw) }, [
        ...action.dPosM,
        ...action.dRpyRad,
        action.gripperOpen,
      ]);
      const result = send({ pM, qXyzw: toQuaternion(rotation), gripperOpen: action.gripperOpen }, action);
      // A delta is one step on its own: it is over when the arm has had its time for it.
      if (result.status !== 'done') return result;
      const refused = refusals();
      await sleep(stepMs, signal).catch(() => {});
      if (driver.status().category !== undefined) return stopped();
      if (signal.aborted) return { status: 'stopped', reason: 'cut on the way' };
      if (refusals() === refused) return result;
      sent = undefined;
      return { status: 'refused', reason: 'the driver refuses: beyond limit' };
    }
    if (read.rateHz > CONTROL_HZ) {
      // Whoever leads it at such a rate says hold when it is to be held: not when it has got to where it was sent.
      driver.rest();
      await sleep(GLANCE_MS, signal);
      return { status: 'done', executed: { kind: 'hold' } };
    }
    // With no newer motion the driver comes to rest where it was sent, and holds there.
    await sleep(Math.max(LOOK_MS, sentUntilMs - monotonicNowMs()), signal);
    return { status: 'done', executed: { kind: 'hold' } };
  };

  return {
    name: 'sim',
    actionKinds: ['eef-delta', 'eef-pose'],
    limits: limitsOf(profile),
    driver: { commandRateHz: driven.commandRateHz, expiryMs: driven.expiryMs },
    stopWord,
    driverState: () => driver?.status(),
    frames: () => (driver ? cameras.map(frameOf) : []),
    delta: profile.delta,
    facts: { body: 'simulated arm, MuJoCo 3.14.0', control: 'real time, driver at 50 Hz', profile: profile.name },
    instruments: {
      ...threads.instruments,
      stopWord,
      driver: () => (isResetting ? undefined : driver),
      jogs: () => jogs,
    },
    ...(channel && { oracle: channel.oracle }),
    reset,
    observe,
    act,
    halt: (category, reason) => driver?.halt(category, reason),
    close: async () => {
      await driver?.close();
      await threads.close();
    },
  };
}

const placed = ({ pM, qXyzw }: ToolPose) => ({
  frameId: FRAME_ID,
  pM: [...pM] as [number, number, number],
  qXyzw: [...qXyzw] as [number, number, number, number],
});

const isNear = (a: ToolPose, b: ToolPose): boolean =>
  Math.hypot(...a.pM.map((value, at) => value - b.pM[at]!)) <= ASTRAY.m &&
  Math.hypot(...toVector(multiply(ofQuaternion(a.qXyzw), transpose(ofQuaternion(b.qXyzw))))) <= ASTRAY.rad;
