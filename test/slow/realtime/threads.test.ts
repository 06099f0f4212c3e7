/** The threads of the real-time arm, for real: physics and cameras go on whatever this thread does. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { monotonicNowMs, sleep } from 'pumice';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { layoutOf } from '../../../envs/sim/layout.ts';
import { openThreads, type Threads } from '../../../envs/sim/realtime/threads.ts';
import { SCENE_MJCF } from '../../../envs/sim/scene.ts';

const signal = new AbortController().signal;
let threads: Threads;
beforeAll(async () => {
  threads = await openThreads({
    mjcf: SCENE_MJCF,
    commandRateHz: 50,
    restSpeedMPerS: 0.005,
    cameras: ['third', 'wrist'],
    sizePx: 64,
    isOracleOpen: false,
  });
});
afterAll(() => threads.close());
beforeEach(() => threads.layOut({ seed: 1000, disturbance: {} }, signal));

const meter = () => threads.instruments.meter();
const until = async (isSo: () => boolean) => {
  while (!isSo()) await sleep(5);
};
/** A double of the driver: it moves the arm until it is ended, and gives its box up before it ends by itself. */
const commander = (durationMs = 60_000, yMPerS = 0.05) =>
  new Worker(new URL('../../sim/realtime/commander.mjs', import.meta.url), {
    workerData: { commandBox: threads.commandBox, stateBox: threads.stateBox, yMPerS, durationMs },
  });
/** This thread does nothing at all. */
const block = (durationMs: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);

it('while this thread is blocked for a second, physics, commands and cameras go on', async () => {
  const before = { meter: meter(), state: threads.state(), shot: threads.shot('third') };
  const double = commander(1500);
  await until(() => meter().commands > before.meter.commands);
  block(1000);
  const after = { meter: meter(), state: threads.state(), shot: threads.shot('third') };
  expect(after.state.stampMs - before.state.stampMs).toBeGreaterThan(900);
  expect(after.meter.steps - before.meter.steps).toBeGreaterThan(100);
  expect(after.meter.commands - before.meter.commands).toBeGreaterThan(20);
  expect(after.state.measured.pM[1]).toBeGreaterThan(before.state.measured.pM[1] + 0.02);
  expect(after.shot.stampMs).toBeGreaterThan(before.shot.stampMs + 500);
  await once(double, 'exit');
});

it('when commands end on the way, the watchdog brings the arm to rest', async () => {
  const { watchdogTrips } = meter();
  const double = commander(400, 0.2);
  await once(double, 'exit');
  await until(() => meter().watchdogTrips > watchdogTrips);
  await until(() => threads.state().speedMPerS < 0.005);
  expect(meter().watchdogTrips).toBe(watchdogTrips + 1);
  const { pM } = threads.state().measured;
  await sleep(100);
  expect(Math.hypot(...threads.state().measured.pM.map((value, at) => value - pM[at]!))).toBeLessThan(0.002);
});

it('the meter has a row for each command that came, in the order of their stamps', async () => {
  const { commands } = meter();
  await once(commander(300), 'exit');
  await until(() => meter().commands >= commands + 10);
  const rows = threads.instruments.arrivals().slice(-10);
  for (const [index, [arrivedMs, sentMs, mode]] of rows.entries()) {
    expect(mode).toBe(1);
    expect(arrivedMs).toBeGreaterThanOrEqual(sentMs!);
    if (index > 0) expect(sentMs).toBeGreaterThan(rows[index - 1]![1]!);
  }
  expect(meter().largestStepM).toBeLessThan(0.1);
});

it('stamps of pictures rise, say when the world was so, and are not old', async () => {
  for (const camera of ['third', 'wrist'] as const) {
    let { stampMs } = threads.shot(camera);
    for (let picture = 0; picture < 5; picture++) {
      await until(() => threads.shot(camera).stampMs > stampMs);
      stampMs = threads.shot(camera).stampMs;
      expect(stampMs).toBeLessThanOrEqual(monotonicNowMs());
      expect(monotonicNowMs() - stampMs).toBeLessThan(1000);
    }
  }
});

describe('a layout', () => {
  it('is the same for the same seed, whatever went before', async () => {
    const first = await threads.layOut({ seed: 7, disturbance: {} }, signal);
    await once(commander(200), 'exit');
    await threads.layOut({ seed: 8, disturbance: {} }, signal);
    expect(await threads.layOut({ seed: 7, disturbance: {} }, signal)).toEqual(first);
    expect(first.blocks.map(({ colour }) => colour)).toEqual(layoutOf(7).blocks.map(({ colour }) => colour));
  });

  it('looks the same for the same seed, and not for another one', async () => {
    const bytesOf = async (seed: number) => {
      await threads.layOut({ seed, disturbance: {} }, signal);
      return threads.shot('third').bytes;
    };
    const one = await bytesOf(7);
    const differenceTo = (other: Uint8Array) =>
      one.reduce((sum, value, at) => sum + Math.abs(value - other[at]!), 0) / one.length;
    // Time passes until a picture is made, so what lies there has settled a little more or less.
    expect(differenceTo(await bytesOf(7))).toBeLessThan(0.1);
    expect(differenceTo(await bytesOf(8))).toBeGreaterThan(1);
  });
});

it('says what is wrong with a scene, and leaves no thread behind', async () => {
  const options = { commandRateHz: 50, restSpeedMPerS: 0.005, cameras: [], sizePx: 64, isOracleOpen: false };
  await expect(openThreads({ ...options, mjcf: '<mujoco><worldbody/></mujoco>' })).rejects.toMatchObject({
    code: 'body/crashed',
    message: expect.stringContaining("no site 'tcp'"),
  });
});
