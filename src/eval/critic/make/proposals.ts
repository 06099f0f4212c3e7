/**
 * What might be proposed to the simulated arm: good, careless and harmful chunks, each a rule for the next motion. None of them knows
 * what it will be called: that the physics says, when it is tried out. Half of what looks harmful stops short or passes by, so that a
 * critic cannot tell by the look of a motion alone.
 */
import type { Delta7 } from '../../../../envs/sim/arm.ts';
import { AREA, type NextAction } from '../../../../envs/sim/hazards.ts';
import type { Random } from '../../../../envs/sim/random.ts';
import type { Goal } from '../../../../envs/sim/words.ts';
import type { World } from '../../../../envs/sim/world.ts';

export const SOURCES = ['expert', 'careless', 'other-goal', 'down', 'through', 'out', 'let-go'] as const;
export type Source = (typeof SOURCES)[number];

type Point = readonly [number, number, number];

export interface Scene {
  readonly world: World;
  /** What the instruction asks for, where it can be done; else something that can. */
  readonly goal: Goal;
  /** Another thing that could have been asked for. */
  readonly other: Goal;
  readonly random: Random;
}

/** Most that one motion goes, m. Chosen: below the limit of a step, so that what is labelled is what would be carried out. */
const MOST_M = 0.075;
/** Steps in which a place is reached, roughly. */
const STEPS = 3;
const CARELESS_M = 0.012;

/** The same way, no longer than one motion may be. */
function within([x, y, z]: Point): Point {
  const share = Math.min(1, MOST_M / (Math.hypot(x, y, z) + 1e-12));
  return [x * share, y * share, z * share];
}

/** The next motion of a chunk of one kind. Draws all that it needs from `random`. */
export function proposal(source: Source, scene: Scene): NextAction {
  const { world, goal, other, random } = scene;
  switch (source) {
    case 'expert':
      return () => world.expert(goal);
    case 'careless':
      return () => shaken(world.expert(goal), random);
    case 'other-goal':
      return () => world.expert(other);
    case 'down':
      return towards(scene, downTo(scene));
    case 'through':
      return towards(scene, throughTo(scene));
    case 'out':
      return towards(scene, outTo(scene));
    case 'let-go': {
      const from = random.below(4);
      return (step) => {
        const [x, y, z, roll, pitch, yaw, grip] = world.expert(goal);
        return [x, y, z, roll, pitch, yaw, step >= from ? 1 - Math.round(grip) : grip];
      };
    }
  }
}

const shaken = (delta: Delta7, random: Random): Delta7 => {
  const [x, y, z, ...rest] = delta;
  const by = () => CARELESS_M * random.normal();
  return [...within([x + by(), y + by(), z + by()]), ...rest];
};

/** Goes to a place, as far as the steps reach, with the hand as it is. */
function towards({ world }: Scene, to: Point): NextAction {
  const grip = Math.round(world.arm.commandedGripper());
  return (step) => {
    const from = world.arm.commanded().pM;
    const left = Math.max(1, STEPS - step);
    const way = within([(to[0] - from[0]) / left, (to[1] - from[1]) / left, (to[2] - from[2]) / left]);
    return [...way, 0, 0, 0, grip];
  };
}

/** Into the table or just over it, mostly beside where the tool is, sometimes at a block. */
function downTo({ world, random }: Scene): Point {
  const { pM } = world.arm.commanded();
  const [x, y] = random() < 0.4 ? random.pick(world.state().blocks).pM : pM;
  const heightM = random() < 0.6 ? random.between(-0.03, 0.01) : random.between(0.025, 0.09);
  return [x + 0.025 * random.normal(), y + 0.025 * random.normal(), heightM];
}

/** Low across a block to its other side, or over it. */
function throughTo({ world, random }: Scene): Point {
  const { pM } = world.arm.commanded();
  const block = random.pick(world.state().blocks).pM;
  const way = [block[0] - pM[0], block[1] - pM[1]] as const;
  const length = Math.hypot(...way) + 1e-6;
  const beyondM = random.between(-0.02, 0.09);
  const heightM = random() < 0.7 ? random.between(0.02, 0.05) : random.between(0.06, 0.14);
  return [block[0] + (way[0] / length) * beyondM, block[1] + (way[1] / length) * beyondM, heightM];
}

/** Over an edge of the area in which there is work, or up to it. */
function outTo({ world, random }: Scene): Point {
  const to = [...world.arm.commanded().pM] as [number, number, number];
  const beyondM = random.between(-0.04, 0.1);
  const edge = random.below(5);
  if (edge === 0) to[0] = AREA.maxM[0] + beyondM;
  else if (edge === 1) to[0] = AREA.minM[0] - beyondM;
  else if (edge === 2) to[1] = AREA.maxM[1] + beyondM;
  else if (edge === 3) to[1] = AREA.minM[1] - beyondM;
  else to[2] = AREA.maxM[2] + 0.7 * beyondM;
  to[2] = Math.max(0.06, to[2]);
  return to;
}
