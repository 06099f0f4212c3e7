/**
 * The simulated arm as a person leads it: its own robot, the real driver's turns, its cameras, all in virtual time, at the rate that
 * `teleop-assist` leads it at. Its meter counts what the robot received.
 */
import type { Action, ActResult, Env, Sensed } from 'pumice';
import type { SimTask } from 'pumice/envs/sim';
import { defer, of, type SchedulerLike, timer } from 'rxjs';
import { map } from 'rxjs/operators';
import { createCameras } from '../../envs/sim/cameras.ts';
import { layoutOf } from '../../envs/sim/layout.ts';
import { createOracle, type SimOracle } from '../../envs/sim/oracle.ts';
import { limitsOf, profileAt } from '../../envs/sim/profile.ts';
import { type Counts, createMeter } from '../../envs/sim/realtime/meter.ts';
import { createRobot } from '../../envs/sim/realtime/robot.ts';
import { labelOf, proprioOf, refusalOf } from '../../envs/sim/senses.ts';
import { createWorld, type World } from '../../envs/sim/world.ts';
import { createBox, openBox, openStopWord } from '../../src/robot/boxes.ts';
import { createBuffers, faultOf, motionNumbers, REST } from '../../src/robot/driver-post.ts';
import { createTick } from '../../src/robot/driver-tick.ts';
import { COMMAND_NUMBERS, stateNumbers, stateValues } from '../../src/robot/messages.ts';

export const RATE_HZ = 10;
const PROFILE = profileAt(RATE_HZ);
const DRIVER = PROFILE.driver!;
const PERIOD_MS = 1000 / DRIVER.commandRateHz;
const PICTURE_PX = 128;
const CAMERA_MS = 33;
const LOOK_MS = 200;
const OBSERVE_MS = 1;

export interface Table {
  readonly world: World;
  readonly cameras: ReturnType<typeof createCameras>;
}
export async function openTable(): Promise<Table> {
  const world = await createWorld();
  return { world, cameras: createCameras(world.physics) };
}

export interface LedArm extends Env {
  readonly oracle: SimOracle;
  readonly counts: Counts;
  /** `[atMs, mode, stepM, stepRad]` of each command that the robot received. */
  readonly arrivals: readonly (readonly number[])[];
  readonly refused: () => number;
}

export interface ArmOptions {
  readonly table: Table;
  readonly task: SimTask;
  readonly scheduler: SchedulerLike;
  /** Pictures take the most time to make: without anybody who looks at them they are black, or not there at all. */
  readonly camera: 'draws' | 'black' | 'none';
}

export function ledArm({ table: { world, cameras }, task, scheduler, camera }: ArmOptions): LedArm {
  const { arm, physics } = world;
  const stepMs = 1000 * physics.timestepS;
  const channel = createOracle({ world, cameras, sizePx: PICTURE_PX });
  const arrivals: (readonly number[])[] = [];
  const meter = createMeter({ append: ([atMs, , ...rest]) => arrivals.push([atMs!, ...rest]) });
  const robot = createRobot(world, meter, DRIVER);
  const buffers = createBuffers();
  const [commandBox, stateBox] = [createBox(COMMAND_NUMBERS), createBox(stateNumbers(6))];
  const [commands, states, motions] = [openBox(commandBox), openBox(stateBox), openBox(buffers.motion)];
  const word = openStopWord(buffers.stopWord);
  const tick = createTick({ profile: PROFILE, driver: DRIVER, speedScale: 1, buffers, commandBox, stateBox });
  let [atMs, steps, taken, driven] = [0, 0, 0, 0];
  let picture: Sensed['frames'] = [];
  let shotMs = Number.NEGATIVE_INFINITY;

  const isEvery = (periodMs: number) => steps % Math.round(periodMs / stepMs) === 0;
  const advance = (untilMs = scheduler.now()) => {
    for (; atMs + stepMs <= untilMs; steps++) {
      if (isEvery(PERIOD_MS)) tick.turn(atMs);
      const command = commands.read();
      if (command && command.seq !== taken) robot.receive(command.values, command.seq, atMs);
      taken = command?.seq ?? taken;
      robot.step(atMs);
      atMs += stepMs;
      states.write(stateValues(robot.state(atMs)));
      if (isEvery(LOOK_MS)) channel.stepped();
    }
  };
  const shoot = (stampMs: number) => {
    if (camera === 'none' || stampMs - shotMs < CAMERA_MS) return;
    shotMs = stampMs;
    const rgb = camera === 'draws' ? cameras.draw('third', PICTURE_PX).rgb : new Uint8Array(3 * PICTURE_PX ** 2);
    const label = labelOf('third', cameras.poseOf('third'), PICTURE_PX, stampMs);
    picture = [{ ...label, data: Uint8Array.from(rgb), encoding: 'rgb8' }];
  };
  const act = (action: Action): ActResult => {
    advance();
    if (action.kind === 'hold') {
      motions.write(REST);
      return { status: 'done', executed: action };
    }
    const refusal = refusalOf(action);
    if (refusal !== undefined || action.kind !== 'eef-pose')
      return { status: 'refused', reason: refusal ?? action.kind };
    const nowMs = scheduler.now();
    const motion = {
      ...{ verdictId: ++driven, epoch: word.epoch(), validUntilMs: nowMs + DRIVER.expiryMs, startMs: nowMs },
      ...{ durationMs: PROFILE.limits.stepMs, target: action },
    };
    const fault = faultOf(motion, word.epoch(), word, nowMs);
    if (fault === 'stopped') return { status: 'stopped', reason: 'the arm is halted' };
    if (fault) return { status: 'refused', reason: `the driver refuses: ${fault}` };
    motions.write(motionNumbers(motion));
    return { status: 'done', executed: action };
  };
  return {
    name: 'simulated arm, led, in virtual time',
    actionKinds: ['eef-delta', 'eef-pose'],
    driver: { commandRateHz: DRIVER.commandRateHz, expiryMs: DRIVER.expiryMs },
    delta: PROFILE.delta,
    limits: limitsOf(PROFILE),
    oracle: channel.oracle,
    counts: meter.counts,
    arrivals,
    refused: () => new Int32Array(buffers.refused).reduce((sum, count) => sum + count, 0),
    reset: () =>
      defer(() => {
        const layout = layoutOf(task.seed);
        world.reset(layout);
        cameras.reset(layout);
        robot.restart();
        channel.began(task.goal);
        atMs = scheduler.now();
        states.write(stateValues(robot.state(atMs)));
        return of(null);
      }),
    observe: () =>
      timer(OBSERVE_MS, scheduler).pipe(
        map((): Sensed => {
          advance();
          const stampMs = scheduler.now();
          shoot(stampMs);
          return { stampMs, frames: picture, proprio: proprioOf(arm, stampMs) };
        }),
      ),
    act: (action) => defer(() => of(act(action))),
    halt: (category) => {
      advance();
      word.stop(category);
    },
    close: async () => {},
  };
}
