/** The simulated world: what the servos alone can do, again and again. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layoutOf, taskOf } from '../../envs/sim/layout.ts';
import { createPhysics } from '../../envs/sim/physics.ts';
import { ofQuaternion, ofRpy, toQuaternion, toRpy } from '../../envs/sim/rotation.ts';
import { SCENE_MJCF } from '../../envs/sim/scene.ts';
import { createJudge, STEP_BUDGET } from '../../envs/sim/tasks.ts';
import { TASKS } from '../../envs/sim/words.ts';
import { createWorld, type World } from '../../envs/sim/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({ logsCommands: true });
});
afterAll(() => world.close());

const digestOf = (values: Float64Array) =>
  createHash('sha256')
    .update(new Uint8Array(Float64Array.from(values).buffer))
    .digest('hex');

/** Lets the expert do a task. */
function perform(kind: (typeof TASKS)[number], seed: number) {
  const task = taskOf(kind, seed);
  world.reset(layoutOf(task.seed));
  const judge = createJudge();
  let steps = 0;
  while (steps < STEP_BUDGET[kind] && !judge.score().first) {
    world.act(world.expert(task.goal));
    judge.look(task.goal, world.state(), world.before());
    steps += 1;
  }
  return { task, steps, score: judge.score() };
}

describe.each(TASKS)('%s', (kind) => {
  it('is done by the expert from any seed (all of 200: test/slow/sim.test.ts)', () => {
    for (let seed = 1000; seed < 1006; seed++)
      expect(perform(kind, seed).score).toMatchObject({ first: true, final: true, any: true, wrong: false });
  });

  it('is not done by holding still', () => {
    const task = taskOf(kind, 1000);
    world.reset(layoutOf(task.seed));
    const judge = createJudge();
    for (let step = 0; step < 10; step++) {
      world.hold();
      judge.look(task.goal, world.state(), world.before());
    }
    expect(judge.score()).toMatchObject({ final: false, first: false, any: false });
  });

  it('is done again, bit for bit, by its recorded servo targets alone', () => {
    const { task } = perform(kind, 1003);
    const end = [digestOf(world.physics.qpos()), digestOf(world.physics.qvel())];
    const commands = [...world.arm.commands()];
    world.reset(layoutOf(task.seed));
    for (const row of commands) {
      world.physics.ctrl().set(row);
      world.physics.step();
    }
    expect([digestOf(world.physics.qpos()), digestOf(world.physics.qvel())]).toEqual(end);
    // The twin: one target a hair off, and the end is another.
    world.reset(layoutOf(task.seed));
    for (const [at, row] of commands.entries()) {
      world.physics.ctrl().set(row);
      if (at === 0) world.physics.ctrl()[1]! += 1e-6;
      world.physics.step();
    }
    expect(digestOf(world.physics.qpos())).not.toBe(end[0]);
  });
});

it('what could be moved without the servos is not there: no weld, no mocap body, one equality of the fingers', () => {
  expect(SCENE_MJCF).not.toMatch(/<weld|<connect|mocap/);
  expect(SCENE_MJCF.match(/<equality>.*<\/equality>/s)![0].match(/<joint /g)).toHaveLength(1);
});

it('a step goes where it was told, and says how far the controller took it', () => {
  world.reset(layoutOf(1));
  const before = world.arm.measured().pM;
  const executed = world.act([0.02, -0.01, 0.015, 0, 0, 0.1, 1]);
  const after = world.arm.measured().pM;
  [0.02, -0.01, 0.015, 0, 0, 0.1, 1].forEach((value, at) => {
    expect(executed[at]).toBeCloseTo(value, 6);
  });
  [0.02, -0.01, 0.015].forEach((value, at) => {
    expect(after[at]! - before[at]!).toBeCloseTo(value, 2);
  });
});

it('a step too far is cut to what the controller takes, and one into the table to its lowest height', () => {
  world.reset(layoutOf(1));
  const executed = world.act([10, 0, 0, 3, 0, 0, 1]);
  expect(executed[0]).toBeCloseTo(0.09, 6);
  expect(executed[3]).toBeCloseTo(0.4, 2);
  for (let step = 0; step < 10; step++) world.act([0, 0, -0.09, 0, 0, 0, 1]);
  expect(world.arm.commanded().pM[2]).toBeGreaterThanOrEqual(0.012);
});

it('holding still moves nothing by more than a millimetre', () => {
  world.reset(layoutOf(2));
  const before = world.arm.measured().pM;
  for (let step = 0; step < 20; step++) world.hold();
  const after = world.arm.measured().pM;
  after.forEach((value, at) => {
    expect(Math.abs(value - before[at]!)).toBeLessThan(0.001);
  });
});

it('a broken scene is refused in the words of the engine', async () => {
  await expect(createPhysics('<mujoco><worldbody><geom type="blob"/></worldbody></mujoco>')).rejects.toMatchObject({
    code: 'config/invalid',
    message: expect.stringMatching(/invalid keyword.*line 1/s),
  });
  await expect(createWorld({ mjcf: '<mujoco><worldbody/></mujoco>' })).rejects.toMatchObject({
    code: 'config/invalid',
    message: expect.stringMatching(/no site 'tcp'/),
  });
});

it('a state that is no number is found out', async () => {
  const physics = await createPhysics(SCENE_MJCF);
  physics.step();
  expect(physics.isBroken()).toBe(false);
  physics.ctrl()[0] = Number.NaN;
  physics.step();
  physics.qpos()[0] = Number.NaN;
  physics.step();
  expect(physics.isBroken()).toBe(true);
  physics.close();
});

it('rotations survive every way of writing them', () => {
  for (const rpy of [
    [0.1, -0.2, 0.3],
    [3, 0.1, -3],
    [0, 1.5, 0],
    [Math.PI, 0, 0.4],
  ] as const) {
    const r = ofRpy(rpy);
    const ways =
      Math.abs(rpy[0]) < 3 ? [ofQuaternion(toQuaternion(r)), ofRpy(toRpy(r))] : [ofQuaternion(toQuaternion(r))];
    for (const again of ways)
      again.forEach((value, at) => {
        expect(value).toBeCloseTo(r[at]!, 9);
      });
  }
});
