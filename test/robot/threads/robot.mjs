/**
 * A body in a thread of its own: follows its set-points with a lag, whoever lives, and writes down each command that it was given.
 * `faults` says what is wrong with it: bit 1 its state is frozen, bit 2 it moves whatever it is told, bit 4 it stands whatever it is told.
 */
import { workerData } from 'node:worker_threads';
import { monotonicNowMs } from '../../../dist/src/clock.js';
import { openBox } from '../../../dist/src/robot/boxes.js';
import { commandOf, stateValues } from '../../../dist/src/robot/messages.js';

const { commandBox, stateBox, log, life, home, lagMs } = workerData;
const [commands, states] = [openBox(commandBox), openBox(stateBox)];
const flags = new Int32Array(life);
const [IS_OVER, FAULTS, LOGGED] = [0, 1, 2];
const rows = new Float64Array(log);
const WIDTH = 5;
let pose = home;
let told = { mode: 'idle', pose: home };
let seen = 0;
let lastMs = monotonicNowMs();
while (!Atomics.load(flags, IS_OVER)) {
  const message = commands.waitForNext(seen, lastMs + 2);
  const nowMs = monotonicNowMs();
  if (message) {
    told = commandOf(message.values);
    seen = message.seq;
    const row = Atomics.load(flags, LOGGED);
    if ((row + 1) * WIDTH <= rows.length) {
      rows.set([nowMs, message.values[0], message.values[1], message.values[2], told.pose.gripperOpen], row * WIDTH);
      Atomics.add(flags, LOGGED, 1);
    }
  }
  const dtMs = nowMs - lastMs;
  if (dtMs < 1) continue;
  lastMs = nowMs;
  const faults = Atomics.load(flags, FAULTS);
  const share = faults & 4 || told.mode === 'idle' ? 0 : Math.min(1, dtMs / lagMs);
  const runsAway = faults & 2 && told.mode !== 'idle' ? 0.0001 * dtMs : 0;
  const pM = pose.pM.map((value, i) => value + (i === 1 && runsAway ? runsAway : (told.pose.pM[i] - value) * share));
  const moved = Math.hypot(...pM.map((value, i) => value - pose.pM[i]));
  pose = { ...told.pose, pM };
  if (faults & 1) continue;
  const speedMPerS = (1000 * moved) / dtMs;
  states.write(
    stateValues({
      stampMs: nowMs,
      measured: pose,
      commanded: told.pose,
      speedMPerS,
      turnRadPerS: 0,
      qRad: [pM[0]],
      qdRadPerS: [speedMPerS],
    }),
  );
}
