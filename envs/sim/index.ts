/**
 * The simulated arm as a body: a table, blocks and plates, two cameras, MuJoCo's physics. Lockstep: time passes only in `act`, one
 * control period of 0.2 s an action, so that the same seed and the same actions give the same episode, pixels included.
 * Knows which sentences its judge can understand, and never what a policy makes of them.
 */
import { type Action, type ActResult, defineEnv, monotonicNowMs, PumiceError, parseOptions, type Sensed } from 'pumice';
import { encodeJpeg } from 'pumice/vision';
import type { Delta7 } from './arm.ts';
import { type CameraName, createCameras, disturbanceOf } from './cameras.ts';
import { layoutFor } from './layout.ts';
import { options, type SimEnv, type SimOptions, sceneIn, WHO } from './options.ts';
import { actionOf, createOracle } from './oracle.ts';
import { LIMITS, PROFILE } from './profile.ts';
import { ofQuaternion } from './rotation.ts';
import { labelOf, proprioOf, refusalOf } from './senses.ts';
import { parseGoal } from './words.ts';
import { createWorld } from './world.ts';

export type { CameraName } from './cameras.ts';
export { goalsOf, layoutOf, type SimTask, type TaskOptions, taskOf } from './layout.ts';
export type { SimEnv, SimOptions } from './options.ts';
export type { SimOracle } from './oracle.ts';
export type { Instruments } from './realtime/instruments.ts';
export { COLOURS, type Colour } from './scene.ts';
export { type Score, STEP_BUDGET, type WorldState } from './tasks.ts';
export { type Goal, parseGoal, phrase, SIDES, TASKS, type TaskKind, TRAINED_WORDS } from './words.ts';

/**
 * Opens the simulated arm. Loading the physics takes some hundred milliseconds, once for the process.
 *
 * @throws PumiceError `config/invalid` for options or a scene that cannot be used.
 */
export async function sim(asked: SimOptions = {}): Promise<SimEnv> {
  const read = parseOptions(options, asked, WHO);
  if (read.realtime) return (await import('./realtime/index.ts')).realtimeSim(read);
  const { perturb, sizePx } = read;
  const world = await createWorld({
    logsCommands: read.oracle,
    ...(read.mjcf !== undefined && { mjcf: sceneIn(read.mjcf) }),
  });
  const cameras = createCameras(world.physics);
  const channel = read.oracle ? createOracle({ world, cameras, sizePx }) : undefined;
  let isHalted = true;
  /** Actions on their way to a body that acts late. */
  let late: Delta7[] = [];

  const frameOf = async (camera: CameraName, stampMs: number) => {
    const { rgb } = cameras.draw(camera, sizePx);
    const label = labelOf(camera, cameras.poseOf(camera), sizePx, stampMs);
    const frame = { ...label, data: Uint8Array.from(rgb), encoding: 'rgb8' as const };
    if (read.encoding === 'rgb8' && perturb.jpeg === undefined) return frame;
    return encodeJpeg(frame, perturb.jpeg ?? read.jpegQuality);
  };

  const observe = async (): Promise<Sensed> => {
    const stampMs = monotonicNowMs();
    const frames = [];
    for (const camera of read.cameras) frames.push(await frameOf(camera, stampMs));
    return { stampMs, frames, proprio: proprioOf(world.arm, stampMs) };
  };

  /** What the body does in this step: with a delay, what it was told some steps ago. */
  const due = (delta: Delta7): Delta7 | undefined => {
    late.push(delta);
    return late.length > perturb.delay ? late.shift() : undefined;
  };

  const act = (action: Action): ActResult => {
    if (isHalted) return { status: 'stopped', reason: 'the arm is halted' };
    const refusal = refusalOf(action);
    if (refusal !== undefined) return { status: 'refused', reason: refusal };
    let executed: Delta7 | undefined;
    if (action.kind === 'eef-delta') {
      const delta = due([...action.dPosM, ...action.dRpyRad, action.gripperOpen] as unknown as Delta7);
      if (delta) executed = world.act(delta);
    } else if (action.kind === 'eef-pose') {
      late = [];
      executed = world.actTo({ pM: action.pM, rotation: ofQuaternion(action.qXyzw) }, action.gripperOpen);
    }
    if (!executed) world.hold();
    if (world.physics.isBroken()) throw new PumiceError('body/crashed', 'the simulation diverged', { who: WHO });
    channel?.stepped();
    return { status: 'done', executed: executed ? actionOf(executed) : { kind: 'hold' } };
  };

  return {
    name: 'sim',
    actionKinds: ['eef-delta', 'eef-pose'],
    isLockstep: true,
    limits: LIMITS,
    facts: { body: 'simulated arm, MuJoCo 3.14.0', control: 'lockstep, 5 Hz', profile: PROFILE.name },
    ...(channel && { oracle: channel.oracle }),
    reset: async ({ instruction, seed = 0 }) => {
      const goal = parseGoal(instruction);
      const layout = layoutFor(seed, read.fit ? goal : undefined);
      world.reset(layout);
      cameras.reset(layout, disturbanceOf(perturb, layout));
      late = [];
      isHalted = false;
      channel?.began(goal);
    },
    observe,
    act: async (action) => act(action),
    halt: () => {
      isHalted = true;
      late = [];
    },
    close: async () => {
      isHalted = true;
      world.close();
    },
  };
}

export default defineEnv({
  summary: 'a simulated arm at a table with blocks and plates: physics, two cameras, tasks in words',
  options,
  create: sim,
});
