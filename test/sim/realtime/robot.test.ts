/** The simulated robot by itself, in no thread: time is what it is told. */
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { layoutOf } from '../../../envs/sim/layout.ts';
import { createMeter, type Meter } from '../../../envs/sim/realtime/meter.ts';
import { createRobot, type Robot, WATCHDOG_MS } from '../../../envs/sim/realtime/robot.ts';
import { createWorld } from '../../../envs/sim/world.ts';
import { commandNumbers, type Mode, type ToolPose } from '../../../src/robot/messages.ts';

const STEP_MS = 4;
const PERIOD_MS = 20;
const world = await createWorld();
afterAll(() => world.close());

let robot: Robot;
let meter: Meter;
let rows: (readonly number[])[];
let nowMs: number;
let seq: number;
beforeEach(() => {
  rows = [];
  [nowMs, seq] = [0, 0];
  meter = createMeter({ append: (row) => rows.push(row) });
  robot = createRobot(world, meter, { commandRateHz: 1000 / PERIOD_MS, restSpeedMPerS: 0.005 });
  world.reset(layoutOf(1000));
  robot.restart();
});

const here = () => robot.state(nowMs).commanded;
const aside = (pose: ToolPose, yM: number): ToolPose => ({ ...pose, pM: [pose.pM[0], pose.pM[1] + yM, pose.pM[2]] });
const command = (mode: Mode, pose: ToolPose) =>
  robot.receive(commandNumbers({ mode, stampMs: nowMs, pose }), ++seq, nowMs);
const pass = (durationMs: number, onStep = () => {}) => {
  for (const untilMs = nowMs + durationMs; nowMs < untilMs; ) {
    nowMs += STEP_MS;
    robot.step(nowMs);
    onStep();
  }
};
/** A straight way at a constant speed, one set-point a period. */
const stream = (from: ToolPose, yMPerS: number, durationMs: number) => {
  for (let ms = PERIOD_MS; ms <= durationMs; ms += PERIOD_MS) {
    command('set-point', aside(from, (yMPerS * ms) / 1000));
    pass(PERIOD_MS);
  }
};

it('follows set-points along their way', () => {
  const from = here();
  stream(from, 0.3, 300);
  expect(robot.state(nowMs).speedMPerS).toBeGreaterThan(0.2);
  command('hold', aside(from, 0.09));
  pass(200);
  const { measured, speedMPerS } = robot.state(nowMs);
  expect(measured.pM[1] - from.pM[1]).toBeCloseTo(0.09, 2);
  expect(speedMPerS).toBeLessThan(0.005);
});

it('goes no faster than its joints do, whatever it is told; and it does go', () => {
  // Half as much again: a joint swings a little past the speed that it is led at.
  const most = 1.5 * 3 * (STEP_MS / 1000);
  const target = fc.tuple(
    fc.double({ min: 0.2, max: 0.68, noNaN: true }),
    fc.double({ min: -0.36, max: 0.36, noNaN: true }),
    fc.double({ min: 0.03, max: 0.36, noNaN: true }),
  );
  let [moved, all] = [0, 0];
  fc.assert(
    fc.property(fc.array(target, { minLength: 1, maxLength: 4 }), (targets) => {
      world.reset(layoutOf(1000));
      robot.restart();
      command('set-point', here());
      pass(STEP_MS);
      for (const pM of targets) {
        command('set-point', { ...here(), pM });
        let before = robot.state(nowMs).qRad;
        pass(100, () => {
          const now = robot.state(nowMs).qRad;
          for (let joint = 0; joint < 6; joint++)
            expect(Math.abs(now[joint]! - before[joint]!)).toBeLessThanOrEqual(most);
          all += 1;
          moved += now.some((value, at) => Math.abs(value - before[at]!) > 1e-3) ? 1 : 0;
          before = now;
        });
      }
    }),
    { numRuns: 15 },
  );
  expect(moved).toBeGreaterThan(all / 4);
});

describe('its watchdog', () => {
  it('stops it on its way when commands end, and lets it go on with the next one', () => {
    const from = here();
    command('set-point', from);
    pass(STEP_MS);
    // So far off that it is on its way for longer than the watchdog waits.
    const far: ToolPose = { ...from, pM: [from.pM[0], -0.34, from.pM[2]], qXyzw: [0, 1, 0, 0] };
    command('set-point', far);
    pass(100);
    expect(robot.state(nowMs).speedMPerS + robot.state(nowMs).turnRadPerS).toBeGreaterThan(0.1);
    expect(meter.counts.watchdogTrips).toBe(0);
    pass(800);
    expect(meter.counts.watchdogTrips).toBe(1);
    const stopped = robot.state(nowMs);
    expect(stopped.speedMPerS).toBeLessThan(0.005);
    // It stands where it stopped, and says so.
    expect(Math.hypot(...stopped.commanded.pM.map((value, at) => value - stopped.measured.pM[at]!))).toBeLessThan(
      0.005,
    );
    stream(stopped.commanded, 0.1, 200);
    expect(meter.counts.watchdogTrips).toBe(1);
    expect(robot.state(nowMs).measured.pM[1]).toBeGreaterThan(stopped.measured.pM[1] + 0.01);
  });

  it('is quiet when a hold is what came last', () => {
    stream(here(), 0.1, 100);
    command('hold', here());
    pass(1000);
    expect(meter.counts.watchdogTrips).toBe(0);
  });

  it('is not kept quiet by what is no number', () => {
    const from = here();
    stream(from, 0.1, 100);
    for (let ms = 0; ms <= WATCHDOG_MS; ms += PERIOD_MS) {
      command('set-point', { ...from, pM: [Number.NaN, 0, 0.2] });
      pass(PERIOD_MS);
    }
    expect(meter.counts).toMatchObject({ watchdogTrips: 1, notFinite: 13 });
    expect(robot.state(nowMs).measured.pM.every(Number.isFinite)).toBe(true);
  });
});

it('brakes by itself when it is let go of', () => {
  stream(here(), 0.3, 300);
  command('idle', here());
  pass(200);
  expect(robot.state(nowMs).speedMPerS).toBeLessThan(0.005);
});

it('after a reset it follows nothing that does not begin where it is', () => {
  const start = here();
  stream(aside(start, 0.1), 0, 200);
  expect(robot.state(nowMs).measured.pM[1]).toBeCloseTo(start.pM[1], 3);
  expect(meter.counts.outOfStep).toBe(10);
  stream(start, 0.1, 200);
  expect(robot.state(nowMs).measured.pM[1]).toBeGreaterThan(start.pM[1] + 0.01);
  expect(meter.counts.outOfStep).toBe(10);
});

describe('its meter', () => {
  it('counts what came, how far it led and how long it took to come', () => {
    const from = here();
    stream(from, 0.2, 100);
    seq += 2;
    pass(60);
    command('set-point', aside(from, 0.05));
    expect(meter.counts).toMatchObject({ commands: 6, setPoints: 6, missed: 2, notFinite: 0, lastSetPointMs: nowMs });
    expect(meter.counts.longestIntervalMs).toBe(80);
    expect(meter.counts.largestStepM).toBeCloseTo(0.03, 9);
    expect(rows).toHaveLength(6);
    expect(rows[1]![3]).toBeCloseTo(0.004, 9);
  });

  it('measures turns, the same for both signs of a quaternion', () => {
    const from = here();
    command('set-point', from);
    command('set-point', { ...from, qXyzw: from.qXyzw.map((part) => -part) as unknown as ToolPose['qXyzw'] });
    expect(meter.counts.largestStepRad).toBeCloseTo(0, 6);
    const half = [Math.sin(0.05), Math.cos(0.05)] as const;
    command('set-point', { ...from, qXyzw: [half[0], 0, 0, half[1]] });
    command('set-point', { ...from, qXyzw: [0, 0, 0, 1] });
    expect(rows.at(-1)![4]).toBeCloseTo(0.1, 6);
  });

  it('tells of set-points after a halt until a hold ends it, and when the robot stood still', () => {
    const from = here();
    stream(from, 0.3, 100);
    const haltedMs = nowMs;
    command('halt', here());
    command('set-point', here());
    command('set-point', here());
    expect(meter.counts).toMatchObject({ afterHalt: 2, firstHaltMs: haltedMs, restedMs: 0 });
    command('hold', here());
    pass(400);
    command('set-point', here());
    expect(meter.counts.afterHalt).toBe(2);
    expect(meter.counts.restedMs).toBeGreaterThan(haltedMs);
  });
});
