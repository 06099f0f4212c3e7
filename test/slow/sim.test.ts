/** The expert of the simulated arm over many seeds: the ceiling of every evaluation, and the teacher of ember. */
import { expect, it } from 'vitest';
import { layoutOf, taskOf } from '../../envs/sim/layout.ts';
import { createJudge, STEP_BUDGET } from '../../envs/sim/tasks.ts';
import { createWorld } from '../../envs/sim/world.ts';

const SEEDS = process.env.NIGHT ? 200 : 60;

it.each([
  ['hover', 0.98],
  ['pick', 0.98],
  ['put', 0.98],
  ['push', 0.9],
  ['stack', 0.9],
] as const)(`%s is done on at least %d of ${SEEDS} seeds, and no other block is moved`, async (kind, least) => {
  const world = await createWorld();
  let [done, wrong] = [0, 0];
  for (let seed = 5000; seed < 5000 + SEEDS; seed++) {
    const task = taskOf(kind, seed);
    world.reset(layoutOf(task.seed));
    const judge = createJudge();
    for (let step = 0; step < STEP_BUDGET[kind] && !judge.score().first; step++) {
      world.act(world.expert(task.goal));
      judge.look(task.goal, world.state(), world.before());
    }
    const score = judge.score();
    done += score.first ? 1 : 0;
    wrong += score.wrong ? 1 : 0;
  }
  world.close();
  console.log(`${kind}: ${done} of ${SEEDS}, wrong block ${wrong}`);
  expect(done / SEEDS).toBeGreaterThanOrEqual(least);
  expect(wrong).toBe(0);
});
