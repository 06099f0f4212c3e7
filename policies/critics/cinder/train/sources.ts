/**
 * Where chunks come from: what policies propose, and what goes wrong with them. Faults are made by the true state, so that they are
 * near what they endanger, and a part of each ends harmlessly: a judge must look whether the tool stops in time.
 */
import type { Delta7 } from '../../../../envs/sim/arm.ts';
import { AREA, type NextAction } from '../../../../envs/sim/hazards.ts';
import type { Random } from '../../../../envs/sim/random.ts';
import type { Goal } from '../../../../envs/sim/words.ts';
import type { World } from '../../../../envs/sim/world.ts';

/** What is proposed, and how often; `ember` is the policy's own chunk. */
export const SHARES = {
  expert: 0.22,
  noisy: 0.08,
  ember: 0.17,
  'wrong-target': 0.14,
  plunge: 0.09,
  sweep: 0.09,
  'off-area': 0.1,
  flip: 0.04,
  random: 0.07,
} as const;
export type Source = keyof typeof SHARES;
export const SOURCES = Object.keys(SHARES) as Source[];
/** Those that replace a policy's chunks in closed loop. */
export const FAULTS = ['wrong-target', 'plunge', 'sweep', 'off-area'] as const satisfies readonly Source[];

/** Most that one axis of a faulty motion goes, m. */
const MOST_M = 0.06;

export function sourceBy(random: Random): Source {
  let left = random();
  for (const source of SOURCES) {
    left -= SHARES[source];
    if (left < 0) return source;
  }
  return 'expert';
}

/** The same task with another block, or with another place for the block in the hand. */
export function wrongGoal(random: Random, goal: Goal, world: World): Goal {
  const { blocks, plates } = world.state();
  const isHeld = blocks.some(({ colour, fingers }) => colour === goal.block && fingers === 2);
  const other = <T extends { readonly colour: Goal['block'] }>(things: readonly T[], ...not: string[]) =>
    random.pick(things.filter(({ colour }) => !not.includes(colour))).colour;
  if (goal.kind === 'put' && isHeld && random() < 0.5) return { ...goal, plate: other(plates, goal.plate) };
  if (goal.kind === 'stack') {
    if (isHeld && random() < 0.5) return { kind: 'put', block: goal.block, plate: random.pick(plates).colour };
    return { kind: 'pick', block: other(blocks, goal.block) };
  }
  return { ...goal, block: other(blocks, goal.block) };
}

const moved = (random: Random, [x, y, z, ...rest]: Delta7, byM: number): Delta7 => [
  x + byM * random.normal(),
  y + byM * random.normal(),
  z + byM * random.normal(),
  ...rest,
];

/** A goal that can be done, for the expert to do something by when what is asked for cannot. */
function possible(random: Random, goal: Goal, world: World): Goal {
  const { blocks, plates } = world.state();
  const there = (things: readonly { readonly colour: string }[], colour: string) =>
    things.some((thing) => thing.colour === colour);
  const block = there(blocks, goal.block) ? goal.block : random.pick(blocks).colour;
  if (goal.kind === 'put')
    return { ...goal, block, plate: there(plates, goal.plate) ? goal.plate : random.pick(plates).colour };
  if (goal.kind !== 'stack') return { ...goal, block };
  const onto =
    there(blocks, goal.onto) && goal.onto !== block
      ? goal.onto
      : random.pick(blocks.filter(({ colour }) => colour !== block)).colour;
  return { ...goal, block, onto };
}

/**
 * Says the actions of one chunk, step by step.
 *
 * @param chunk - ember's, for the source `ember`.
 */
export function chunkFrom(
  source: Source,
  world: World,
  goal: Goal,
  random: Random,
  chunk: readonly Delta7[] = [],
): NextAction {
  switch (source) {
    case 'ember': {
      const byM = random() < 0.5 ? 0 : 0.004;
      return (step) => chunk[step] && moved(random, chunk[step], byM);
    }
    case 'expert':
    case 'noisy':
    case 'flip': {
      const byM = source === 'noisy' ? 0.012 : random() < 0.5 ? 0 : 0.004;
      const done = possible(random, goal, world);
      const flipsAt = source === 'flip' ? random.below(4) : Number.POSITIVE_INFINITY;
      return (step) => {
        const [x, y, z, a, b, c, grip] = moved(random, world.expert(done), byM);
        const turned = (rad: number) => rad + 5 * byM * random.normal();
        return [x, y, z, turned(a), turned(b), turned(c), step >= flipsAt ? 1 - grip : grip];
      };
    }
    case 'wrong-target': {
      const wrong = wrongGoal(random, possible(random, goal, world), world);
      const byM = random() < 0.6 ? 0 : 0.004;
      return () => moved(random, world.expert(wrong), byM);
    }
    default:
      return towards(random, world, placeOf(source, world, goal, random));
  }
}

interface Place {
  readonly pM: readonly number[];
  /** Comes down at once rather than on a straight line. */
  readonly isLowFirst?: boolean;
}

function placeOf(source: 'plunge' | 'sweep' | 'off-area' | 'random', world: World, goal: Goal, random: Random): Place {
  const [x, y, z] = world.arm.commanded().pM;
  const { blocks } = world.state();
  const near = (middle: number, spreadM: number) => middle + spreadM * random.normal();
  if (source === 'random') return { pM: [near(x, 0.09), near(y, 0.09), Math.max(-0.02, near(z, 0.07))] };
  if (source === 'plunge') {
    const target = blocks.find(({ colour }) => colour === goal.block);
    const low = random() < 0.65 ? random.between(-0.03, 0.012) : random.between(0.012, 0.07);
    if (target && random() < 0.35) return { pM: [near(target.pM[0], 0.04), near(target.pM[1], 0.04), low] };
    return { pM: [near(x, 0.03), near(y, 0.03), low] };
  }
  if (source === 'off-area') {
    const [minM, maxM] = [AREA.minM, AREA.maxM];
    const reachM = random.between(-0.03, 0.12);
    // In front, back, left, right, above; mostly the one that is not far.
    const waysM = [maxM[0] - x, x - minM[0], maxM[1] - y, y - minM[1], maxM[2] - z];
    const side = random() < 0.75 ? waysM.indexOf(Math.min(...waysM)) : random.below(waysM.length);
    const pM = [x, y, z];
    if (side === 4) pM[2] = maxM[2] + reachM * 0.7;
    else pM[side >> 1] = side % 2 === 0 ? maxM[side >> 1]! + reachM : minM[side >> 1]! - reachM;
    const along = side < 2 ? 1 : 0;
    pM[along] = near(pM[along]!, 0.04);
    pM[2] = Math.max(near(pM[2]!, 0.03), 0.03);
    return { pM };
  }
  const others = blocks.filter(({ colour }) => colour !== goal.block);
  const block = random() < 0.75 ? random.pick(others) : random.pick(blocks);
  const [dx, dy] = [block.pM[0] - x, block.pM[1] - y];
  const offM = Math.sqrt(dx * dx + dy * dy) + 1e-6;
  const overM = random.between(0, 0.09);
  const heightM = random() < 0.75 ? random.between(0.02, 0.05) : random.between(0.05, 0.14);
  const pM = [block.pM[0] + (dx / offM) * overM, block.pM[1] + (dy / offM) * overM, heightM];
  return { pM, isLowFirst: offM > 0.12 || z < 0.07 };
}

/** Goes to a place in three or four actions, the hand as it is or, at times, flipped. */
function towards(random: Random, world: World, { pM, isLowFirst = false }: Place): NextAction {
  const grip = random() < 0.8 ? Math.round(world.arm.commandedGripper()) : random.below(2);
  const share = random() < 0.7 ? 1.4 : 1;
  return () => {
    const from = world.arm.commanded().pM;
    const [dx, dy, dz] = pM.map((value, axis) => {
      const wayM = (value - from[axis]!) / (isLowFirst && axis === 2 ? 1 : share);
      return Math.max(-MOST_M, Math.min(MOST_M, wayM)) + 0.002 * random.normal();
    }) as [number, number, number];
    return [dx, dy, dz, 0, 0, 0, grip];
  };
}
