/**
 * The thread in which the simulated robot lives: physics on wall-clock time, whether or not anybody else does anything. Built to plain
 * JavaScript and run from `dist`. It needs no event loop: it waits for the next physics step or the next command, whichever is first.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { monotonicNowMs } from 'pumice';
import { createBox, openBox } from '../../../src/robot/boxes.ts';
import { stateValues } from '../../../src/robot/messages.ts';
import { layoutFor } from '../layout.ts';
import type { WorldState } from '../tasks.ts';
import type { Goal } from '../words.ts';
import { createWorld } from '../world.ts';
import { openLog } from './log.ts';
import { createMeter, METER_FIELDS } from './meter.ts';
import { prioritise, ROBOT_PRIORITY } from './priority.ts';
import { createRobot, type RobotOptions } from './robot.ts';
import { type Fixed, sceneNumbers, sceneValues, worldValues } from './scene.ts';

export interface RobotData extends RobotOptions {
  readonly mjcf: string;
  readonly commandBox: SharedArrayBuffer;
  readonly stateBox: SharedArrayBuffer;
  /** What judges see; absent where nobody may. */
  readonly worldBox?: SharedArrayBuffer;
  readonly meterBox: SharedArrayBuffer;
  readonly arrivals: SharedArrayBuffer;
  /** How late each turn of the physics began, ms. */
  readonly lateness: SharedArrayBuffer;
}
export type RobotRequest = { readonly kind: 'lay-out'; readonly seed: number; readonly goal?: Goal };
export type RobotReply =
  | ({ readonly kind: 'open'; readonly sceneBox: SharedArrayBuffer } & Fixed)
  /** The world is laid out and at rest, since this time. */
  | { readonly kind: 'laid-out'; readonly stampMs: number; readonly before: WorldState }
  | { readonly kind: 'broken' };

/** Steps that are made up for at once: world time stays wall time where a thread comes a little late. What is more is left out. */
const MOST_AT_ONCE = 5;
/** Every so many steps: 125 scenes and 50 states of the world a second. */
const SCENE_STEPS = 2;
const WORLD_STEPS = 5;

prioritise(ROBOT_PRIORITY);
const data = workerData as RobotData;
const port = parentPort!;
const tell = (reply: RobotReply) => port.postMessage(reply);

const commands = openBox(data.commandBox);
const states = openBox(data.stateBox);
const worlds = data.worldBox && openBox(data.worldBox);
const meters = openBox(data.meterBox);
const lateness = openLog(data.lateness);

const world = await createWorld({ mjcf: data.mjcf });
const meter = createMeter(openLog(data.arrivals));
const robot = createRobot(world, meter, data);
const sceneBox = createBox(sceneNumbers(world.physics.geoms.length));
const scenes = openBox(sceneBox);
const hand = world.physics.id('body', 'hand');
const stepMs = 1000 * world.physics.timestepS;
let taken = 0;
let steps = 0;

/** Takes commands as they come, until it is time. */
const takeUntil = (deadlineMs: number) => {
  do {
    const message = commands.waitForNext(taken, deadlineMs);
    if (message === undefined) continue;
    taken = message.seq;
    robot.receive(message.values, message.seq, monotonicNowMs());
  } while (monotonicNowMs() < deadlineMs);
};

const publish = (stampMs: number) => {
  states.write(stateValues(robot.state(stampMs)));
  if (steps % SCENE_STEPS === 0) scenes.write(sceneValues(stampMs, world.physics, hand));
  if (worlds && steps % WORLD_STEPS === 0) worlds.write(worldValues(stampMs, world.state()));
  meters.write(METER_FIELDS.map((field) => meter.counts[field]));
};

const layOut = ({ seed, goal }: RobotRequest) => {
  world.reset(layoutFor(seed, goal));
  robot.restart();
  // Whatever was commanded until now was meant for another world.
  taken = commands.read()?.seq ?? 0;
  const stampMs = monotonicNowMs();
  steps = 0;
  publish(stampMs);
  tell({ kind: 'laid-out', stampMs, before: world.before() });
};

tell({ kind: 'open', geoms: world.physics.geoms, sceneBox });
let isLaidOut = false;
let dueMs = monotonicNowMs() + stepMs;
for (;;) {
  takeUntil(dueMs);
  const request = receiveMessageOnPort(port)?.message as RobotRequest | undefined;
  if (request) {
    layOut(request);
    isLaidOut = true;
    dueMs = monotonicNowMs();
  }
  if (isLaidOut) {
    const lateMs = Math.max(0, monotonicNowMs() - dueMs);
    lateness.append([dueMs, lateMs]);
    const missed = Math.floor(lateMs / stepMs);
    const count = Math.min(1 + missed, MOST_AT_ONCE);
    const skippedMs = (1 + missed - count) * stepMs;
    for (let step = 1; step <= count; step++) robot.step(dueMs + skippedMs + (step - 1) * stepMs);
    if (world.physics.isBroken()) {
      tell({ kind: 'broken' });
      break;
    }
    dueMs += skippedMs + (count - 1) * stepMs;
    meter.stepped(count, skippedMs);
    steps += count;
    publish(dueMs);
  }
  dueMs += stepMs;
}
