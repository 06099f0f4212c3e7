/** The robot that `ros-sim` is: what its own controller does with commands, and without them. Time is counted by steps. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createSimBody, type SimBody } from '../../agents/ros-sim/body.ts';
import { layoutFor } from '../../envs/sim/layout.ts';
import type { Vec3 } from '../../envs/sim/rotation.ts';
import { createWorld, type World } from '../../envs/sim/world.ts';

const STEP_MS = 4;
const ASIDE: Vec3 = [0, 0.1, 0];
const STILL: Vec3 = [0, 0, 0];

let world: World;
let body: SimBody;
let nowMs = 0;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
beforeEach(() => {
  world.reset(layoutFor(3, undefined));
  body = createSimBody(world, { commandRateHz: 50, watchdogMs: 250 });
  body.restart();
});

const tool = () => world.arm.measured().pM;
/** Lets time pass; every 20 ms a command is given, if there is one. */
function pass(ms: number, command?: () => void) {
  const from = tool();
  for (let step = 0; step < ms / STEP_MS; step++) {
    if (step % 5 === 0) command?.();
    nowMs += STEP_MS;
    body.step(nowMs);
  }
  return Math.hypot(...tool().map((value, axis) => value - from[axis]!));
}
const aside = () => body.move(ASIDE, STILL, nowMs);

it('goes as fast as it is told, and stands when it is told to', () => {
  pass(300, aside);
  expect(pass(500, aside)).toBeCloseTo(0.05, 2);
  pass(300, () => body.move(STILL, STILL, nowMs));
  expect(pass(300, () => body.move(STILL, STILL, nowMs))).toBeLessThan(0.001);
  expect(body.watchdogTrips()).toBe(0);
});

it('stops by itself when it is told nothing for a quarter of a second, and counts that once', () => {
  pass(400, aside);
  expect(pass(240)).toBeGreaterThan(0.018);
  pass(400);
  expect(pass(400)).toBeLessThan(0.001);
  expect(body.watchdogTrips()).toBe(1);
  // The next command is followed again.
  expect(pass(500, aside)).toBeGreaterThan(0.03);
});

it('silence after it was told to stand is the end of a drive, and no fault', () => {
  pass(200, () => body.move(STILL, STILL, nowMs));
  pass(600);
  expect(body.watchdogTrips()).toBe(0);
});

it('follows nothing while its e-stop is pressed, and nothing moves when it is released until it is told again', () => {
  pass(400, aside);
  body.pressEStop(true);
  pass(300, aside);
  expect(pass(300, aside)).toBeLessThan(0.001);
  expect(world.arm.gripperOpen()).toBeGreaterThan(0.9);
  body.grip(0);
  body.pressEStop(false);
  expect(pass(300)).toBeLessThan(0.001);
  expect(world.arm.gripperOpen()).toBeGreaterThan(0.9);
  expect(pass(500, aside)).toBeGreaterThan(0.03);
});

it('brings its joints where it is told, in the time that it is given, and its fingers', () => {
  const from = world.arm.jointPositions();
  const goal = from.map((value) => value + 0.1);
  pass(400, () => {
    body.bend(goal, nowMs, 60);
    body.grip(0.25);
  });
  for (const [at, value] of world.arm.jointPositions().entries()) expect(value).toBeCloseTo(goal[at]!, 1);
  expect(world.arm.gripperOpen()).toBeCloseTo(0.25, 1);
});

it('reaches a pose', () => {
  const { pM, rotation } = world.arm.commanded();
  const goal: Vec3 = [pM[0], pM[1] + 0.04, pM[2] - 0.03];
  pass(600, () => body.reach({ pM: goal, rotation }, nowMs));
  expect(Math.hypot(...tool().map((value, axis) => value - goal[axis]!))).toBeLessThan(0.004);
});
