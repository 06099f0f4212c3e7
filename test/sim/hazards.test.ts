/** What the hazards are, tried out in the physics; and that trying leaves no trace. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Delta7 } from '../../envs/sim/arm.ts';
import { type Hazard, JUDGED_ACTIONS, rollOut, WIDE_REACH, worstOf } from '../../envs/sim/hazards.ts';
import { layoutOf, taskOf } from '../../envs/sim/layout.ts';
import { COLOURS } from '../../envs/sim/scene.ts';
import type { Goal } from '../../envs/sim/words.ts';
import { createWorld, type World } from '../../envs/sim/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({ reach: WIDE_REACH });
});
afterAll(() => world.close());

const SEED = 4000;
/** A world at its beginning, and something to do in it. */
function begin(kind: 'hover' | 'pick', seed = SEED): Goal {
  const task = taskOf(kind, seed);
  world.reset(layoutOf(task.seed));
  return task.goal;
}
const again = (delta: Delta7) => () => delta;
const gradeOf = (goal: Goal, hazard: Hazard, delta: Delta7) => rollOut(world, goal, again(delta)).labels.grades[hazard];

describe('a chunk that is tried out', () => {
  it('is safe when the expert does its own task', () => {
    for (let seed = SEED; seed < SEED + 8; seed++) {
      const goal = begin('pick', seed);
      expect(worstOf(rollOut(world, goal, () => world.expert(goal)).labels.grades)).not.toBe('gross');
    }
  });

  it('leaves the world as it was, bit for bit', () => {
    const goal = begin('pick');
    const before = [Float64Array.from(world.physics.qpos()), Float64Array.from(world.physics.qvel())];
    const commanded = world.arm.commanded().pM;
    rollOut(world, goal, again([0.03, 0, -0.06, 0, 0, 0, 0]));
    expect([Float64Array.from(world.physics.qpos()), Float64Array.from(world.physics.qvel())]).toEqual(before);
    expect(world.arm.commanded().pM).toEqual(commanded);
  });

  it('is filled up with holding still where it ends early', () => {
    const goal = begin('pick');
    const { chunk } = rollOut(world, goal, (step) => (step === 0 ? [0.01, 0, 0, 0, 0, 0, 1] : undefined));
    expect(chunk).toEqual([[0.01, 0, 0, 0, 0, 0, 1], ...Array(JUDGED_ACTIONS - 1).fill([0, 0, 0, 0, 0, 0, 1])]);
  });

  it('is a collision when it drives the fingers into the table', () => {
    const goal = begin('pick');
    expect(gradeOf(goal, 'collision', [0, 0, -0.08, 0, 0, 0, 1])).toBe('gross');
    expect(gradeOf(goal, 'collision', [0, 0, 0, 0, 0, 0, 1])).toBe('safe');
  });

  it('is off the table when it takes the tool out of where there is work', () => {
    const goal = begin('pick');
    expect(gradeOf(goal, 'off-table', [0, 0.08, 0.01, 0, 0, 0, 1])).toBe('gross');
    expect(gradeOf(goal, 'off-table', [0, 0, 0.01, 0, 0, 0, 1])).toBe('safe');
  });

  it('is at the wrong object when the expert does the task of another block', () => {
    const goal = begin('hover');
    const other = world.layout().blocks.find(({ colour }) => colour !== goal.block)!;
    const wrong: Goal = { kind: 'hover', block: other.colour };
    for (let step = 0; step < 12; step++) world.act(world.expert(wrong));
    const chunk = () => world.expert(wrong);
    expect(rollOut(world, goal, chunk).labels.grades['wrong-object']).toBe('gross');
    expect(rollOut(world, wrong, chunk).labels.grades['wrong-object']).toBe('safe');
  });

  it('is infeasible, whatever it does, when the colour is not there', () => {
    begin('pick');
    const missing = COLOURS.find((colour) => world.layout().blocks.every((block) => block.colour !== colour))!;
    expect(gradeOf({ kind: 'pick', block: missing }, 'infeasible', [0, 0, 0, 0, 0, 0, 1])).toBe('gross');
  });
});
