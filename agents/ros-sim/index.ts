/**
 * The built-in simulated arm as a robot on a ROS graph: a client of the bridge, which shows the interface of a profile and does what it is
 * told there, with a watchdog, an age check and an e-stop of its own. Whoever drives it has no other way to it than the graph.
 * It stands in for the interface of a robot, not for its shape: it is always the same arm.
 */
import { monotonicNowMs, PumiceError, sleep } from 'pumice';
import { createBeacon } from '../../envs/ros/beacon.ts';
import { openLink } from '../../envs/ros/connection.ts';
import type { RosProfile } from '../../envs/ros/profile.ts';
import { CAMERAS, createCameras } from '../../envs/sim/cameras.ts';
import { layoutFor } from '../../envs/sim/layout.ts';
import { prioritise, ROBOT_PRIORITY } from '../../envs/sim/realtime/priority.ts';
import { JOINTS, STEPS_PER_ACTION } from '../../envs/sim/scene.ts';
import { createJudge } from '../../envs/sim/tasks.ts';
import { parseGoal } from '../../envs/sim/words.ts';
import { createWorld } from '../../envs/sim/world.ts';
import { createSimBody } from './body.ts';
import { readCommands, type SimCounts } from './commands.ts';
import { createReporter } from './report.ts';

export { COUNT_FIELDS, PRESS_TOPIC, type SimCounts } from './commands.ts';
export { COUNTS_TOPIC } from './report.ts';

export interface RosSimOptions {
  /** `ws://HOST:9090`. */
  readonly url: string;
  readonly profile: RosProfile;
  /** The task that it lays its table for, and judges. */
  readonly instruction: string;
  readonly seed: number;
  /** For meters: told after each step of its physics (4 ms) where the tool is, m, in the base frame. */
  readonly onStep?: (pM: readonly [number, number, number]) => void;
}

/** What there is to tell a person. */
export type RosSimNews =
  /** The profile and the task are fit for it. */
  | { readonly kind: 'begun' }
  | { readonly kind: 'link'; readonly state: string; readonly cause?: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'watchdog' }
  | { readonly kind: 'e-stop'; readonly isPressed: boolean };

const WHO = 'ros-sim';
/** Steps that are made up for at once; what is more is left out, as if the machine had stood still. */
const MOST_AT_ONCE = 25;
/** Every so many steps of 4 ms: 50 Hz, 12.5 Hz, 10 Hz, 5 Hz. */
const EVERY = { joints: 5, pictures: 20, eStop: 25, counts: STEPS_PER_ACTION } as const;

/**
 * Lives until the signal is aborted. @returns what it counted.
 *
 * @throws PumiceError `config/misfit` for a profile whose cameras, joints or hand the simulated arm does not have.
 */
export async function rosSim(
  { url, profile, instruction, seed, onStep }: RosSimOptions,
  signal: AbortSignal,
  tell: (news: RosSimNews) => void = () => {},
): Promise<SimCounts> {
  checkFit(profile);
  prioritise(ROBOT_PRIORITY);
  const goal = parseGoal(instruction);
  if (!goal)
    throw new PumiceError('config/invalid', `'${instruction}' is no task of the simulated table`, {
      who: WHO,
      hint: 'Say it as in "pick up the red block", "put the green block on the blue plate", "push the red block left"',
    });
  tell({ kind: 'begun' });
  const world = await createWorld();
  const layout = layoutFor(seed, goal);
  world.reset(layout);
  const cameras = createCameras(world.physics);
  cameras.reset(layout);
  const body = createSimBody(world, {
    commandRateHz: profile.robot.driver!.commandRateHz,
    watchdogMs: profile.watchdogMs,
  });
  body.restart();
  const judge = createJudge();

  const link = openLink({ url, ros: profile.ros });
  const beacon = createBeacon(link, { drives: false });
  const robotNowMs = () => beacon.clock.at(monotonicNowMs());
  const reader = readCommands(link, profile, body, robotNowMs);
  const reporter = createReporter({ link, profile, world, cameras, body, robotNowMs });
  link.onStatus(({ state, cause }) => tell({ kind: 'link', state, ...(cause !== undefined && { cause }) }));
  const counts = (): SimCounts => ({
    ...reader.counts(),
    watchdogTrips: body.watchdogTrips(),
    isDone: Number(judge.score().first),
  });
  const news = watchNews(body, () => judge.score().first, tell);

  const stepMs = 1000 * world.physics.timestepS;
  try {
    for (let [steps, dueMs] = [0, monotonicNowMs()]; !signal.aborted; ) {
      await sleep(Math.max(1, dueMs - monotonicNowMs()), signal).catch(() => {});
      const missed = Math.floor(Math.max(0, monotonicNowMs() - dueMs) / stepMs);
      const count = Math.min(1 + missed, MOST_AT_ONCE);
      const isTurn = (every: number) => Math.floor((steps + count) / every) > Math.floor(steps / every);
      for (let step = 0; step < count; step++) {
        body.step(monotonicNowMs());
        onStep?.(world.arm.measured().pM);
      }
      dueMs += (1 + missed) * stepMs;
      if (world.physics.isBroken()) throw new PumiceError('body/crashed', 'the simulation diverged', { who: WHO });
      if (isTurn(EVERY.joints)) reporter.joints();
      if (isTurn(EVERY.eStop)) reporter.eStop();
      if (isTurn(EVERY.counts)) {
        judge.look(goal, world.state(), world.before());
        reporter.counts(counts());
      }
      if (isTurn(EVERY.pictures)) reporter.pictures();
      news();
      steps += count;
    }
    return counts();
  } finally {
    beacon.close();
    await link.close();
    world.close();
  }
}

function checkFit({ cameras, gripper, robot }: RosProfile) {
  if (gripper.kind === 'action')
    throw new PumiceError(
      'config/misfit',
      "a hand that is an action server: the simulated robot's listens to a topic",
      {
        who: `${WHO} as ${robot.name}`,
        hint: "Choose a profile whose gripper.kind is 'topic'",
      },
    );
  const count = robot.jointNames.length;
  if (count !== JOINTS.length && count !== JOINTS.length + 1)
    throw new PumiceError('config/misfit', `${count} joints: the simulated arm shows ${JOINTS.length}, or one more`, {
      who: `${WHO} as ${robot.name}`,
      hint: 'Choose a profile with as many joints',
    });
  for (const { name, kind, widthPx, heightPx } of cameras)
    if (!CAMERAS.some((known) => known === name) || kind !== 'compressed' || widthPx !== heightPx)
      throw new PumiceError(
        'config/misfit',
        `camera ${name}, ${kind}, ${widthPx} x ${heightPx}: the simulated arm has ${CAMERAS.join(' and ')}, compressed and square`,
        { who: `${WHO} as ${robot.name}`, hint: 'Choose a profile with such cameras' },
      );
}

/** Tells each thing once, when it happens. */
function watchNews(
  body: Pick<ReturnType<typeof createSimBody>, 'isStopped' | 'watchdogTrips'>,
  isDone: () => boolean,
  tell: (news: RosSimNews) => void,
) {
  let [wasStopped, wasDone, trips] = [false, false, 0];
  return () => {
    if (body.isStopped() !== wasStopped) tell({ kind: 'e-stop', isPressed: body.isStopped() });
    if (isDone() && !wasDone) tell({ kind: 'done' });
    if (body.watchdogTrips() > trips) tell({ kind: 'watchdog' });
    [wasStopped, wasDone, trips] = [body.isStopped(), isDone(), body.watchdogTrips()];
  };
}
