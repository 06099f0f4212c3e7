/** What one episode asks for, by kind, seed and perturbation. Pure. */
import {
  COLOURS,
  type Goal,
  goalsOf,
  layoutOf,
  phrase,
  STEP_BUDGET,
  type TaskKind,
  taskOf,
} from '../../../envs/sim/index.ts';
import { randomOf } from '../../../envs/sim/random.ts';
import type { Perturbation } from './perturb.ts';

export interface EpisodePlan {
  /** Of the layout; another than the one asked for where that has no room for the task. */
  readonly layoutSeed: number;
  /** What is judged. */
  readonly goal: Goal;
  /** The sentence that says so. */
  readonly instruction: string;
  /** What the policy is told first, where that is something else. */
  readonly decoy?: { readonly goal: Goal; readonly instruction: string };
  readonly maxSteps: number;
}

/** Its own stream, so that what is asked for instead does not hang on how the task was drawn. */
const DECOY_STREAM = 0x0dec_0001;

export function planOf(kind: TaskKind, seed: number, perturb: Perturbation): EpisodePlan {
  const isUnseen = perturb.unseen === true;
  const task = taskOf(kind, seed, { isUnseen, isAbsent: perturb.absent === true });
  const plan = { layoutSeed: task.seed, goal: task.goal, instruction: task.instruction };
  const maxSteps = STEP_BUDGET[kind] + (perturb.switch ?? 0);
  if (perturb.switch === undefined && !perturb.words) return { ...plan, maxSteps };
  const random = randomOf(task.seed ^ DECOY_STREAM);
  const goal = random.pick(othersOf(task.seed, task.goal));
  return { ...plan, maxSteps, decoy: { goal, instruction: phrase(random, goal, isUnseen ? 'unseen' : 'trained') } };
}

/** Goals of the same kind for another block of the layout; a push that has no room where there is no other. */
function othersOf(layoutSeed: number, goal: Goal): readonly Goal[] {
  const layout = layoutOf(layoutSeed);
  const others = goalsOf(layout, goal.kind).filter(({ block }) => block !== goal.block);
  if (others.length > 0) return others;
  const colours = COLOURS.filter(
    (colour) => colour !== goal.block && layout.blocks.some((block) => block.colour === colour),
  );
  return colours.map((block) => ({ ...goal, block }));
}
