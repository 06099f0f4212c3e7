/** What to ask for next while an episode of training goes on, with things no longer where the layout put them. */
import { goalsOf, type Layout } from '../../../envs/sim/layout.ts';
import type { Random } from '../../../envs/sim/random.ts';
import { COLOURS } from '../../../envs/sim/scene.ts';
import { distanceXy, type WorldState } from '../../../envs/sim/tasks.ts';
import type { Goal, TaskKind } from '../../../envs/sim/words.ts';

/**
 * What ember is trained on, and how often each is asked for. Chosen: the more steps and precision a task takes, the more often.
 * Not push: how far a block was pushed already shows in no single picture.
 */
const SHARES: readonly (readonly [TaskKind, number])[] = [
  ['hover', 0.12],
  ['pick', 0.28],
  ['put', 0.42],
  ['stack', 0.18],
];
export const KINDS: readonly TaskKind[] = SHARES.map(([kind]) => kind);

/** Everything that can be asked for, each once; its place is the number of a goal in a row of samples. */
export const GOALS: readonly Goal[] = COLOURS.flatMap((block): Goal[] => [
  { kind: 'hover', block },
  { kind: 'pick', block },
  ...COLOURS.map((plate): Goal => ({ kind: 'put', block, plate })),
  ...COLOURS.filter((onto) => onto !== block).map((onto): Goal => ({ kind: 'stack', block, onto })),
]);
export const numberOf = (goal: Goal): number => GOALS.findIndex((one) => JSON.stringify(one) === JSON.stringify(goal));

function kindBy(random: Random): TaskKind {
  let left = random();
  for (const [kind, share] of SHARES) {
    left -= share;
    if (left < 0) return kind;
  }
  return 'put';
}

/** A block that lies on the table or a plate, rather than on another block or in the hand. */
const isLow = (heightM: number) => heightM < 0.035;

/**
 * A goal that can be reached from a state; undefined when none of the kind that was drawn can.
 *
 * @param held - the block in the hand, when there is one: then only where to bring it is asked for.
 */
export function nextGoal(random: Random, layout: Layout, state: WorldState, held?: string): Goal | undefined {
  const kind = held === undefined ? kindBy(random) : random() < 0.7 ? 'put' : 'stack';
  const now: Layout = {
    ...layout,
    blocks: state.blocks.map(({ colour, pM, yawRad }) => ({ colour, xM: pM[0], yM: pM[1], yawRad })),
  };
  const heightOf = (colour: string) => state.blocks.find((block) => block.colour === colour)!.pM[2];
  const isFree = (goal: Goal) => {
    if (held !== undefined ? goal.block !== held : !isLow(heightOf(goal.block))) return false;
    if (goal.kind === 'stack') return isLow(heightOf(goal.onto));
    if (goal.kind !== 'put') return true;
    const plate = state.plates.find(({ colour }) => colour === goal.plate)!;
    return state.blocks.every((block) => distanceXy(block.pM, plate.pM) > 0.085 || block.pM[2] > 0.06);
  };
  const goals = goalsOf(now, kind).filter(isFree);
  return goals.length > 0 ? random.pick(goals) : undefined;
}

/** The same, but for a block or a plate of a colour that is not there. */
export function missingGoal(random: Random, layout: Layout, goal: Goal): Goal {
  const missing = (things: readonly { readonly colour: string }[]) =>
    random.pick(COLOURS.filter((colour) => things.every((thing) => thing.colour !== colour)));
  if (goal.kind === 'put' && random() < 0.4) return { ...goal, plate: missing(layout.plates) };
  if (goal.kind === 'stack' && random() < 0.4) return { ...goal, onto: missing(layout.blocks) };
  return { ...goal, block: missing(layout.blocks) };
}
