/**
 * A double of the body driver that commands and does nothing else: 50 set-points a second along y, from where the robot is, until the
 * time is over or its thread is ended. Then silence. `{ commandBox, stateBox, yMPerS, durationMs }`
 */
import { workerData } from 'node:worker_threads';
import { monotonicNowMs } from '../../../dist/src/clock.js';
import { openBox } from '../../../dist/src/robot/boxes.js';
import { commandNumbers, stateOf } from '../../../dist/src/robot/messages.js';

const PERIOD_MS = 20;
const { commandBox, stateBox, yMPerS, durationMs } = workerData;
const commands = openBox(commandBox);
const { commanded } = stateOf(openBox(stateBox).read().values);
const nobody = new Int32Array(new SharedArrayBuffer(4));
const beganMs = monotonicNowMs();
for (let turn = 0; turn * PERIOD_MS <= durationMs; turn++) {
  Atomics.wait(nobody, 0, 0, Math.max(0, beganMs + turn * PERIOD_MS - monotonicNowMs()));
  const stampMs = monotonicNowMs();
  const [x, y, z] = commanded.pM;
  const pose = { ...commanded, pM: [x, y + (yMPerS * (stampMs - beganMs)) / 1000, z] };
  commands.write(commandNumbers({ mode: 'set-point', stampMs, pose }));
}
commands.giveUp();
