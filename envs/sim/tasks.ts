/**
 * Says whether a task is done, from the state of the world. Pure. Knows what the policy was asked for, never what it thought.
 */
import { BLOCK_HALF_M, type Colour } from './scene.ts';
import type { Goal } from './words.ts';

export interface BlockState {
  readonly colour: Colour;
  readonly pM: readonly [number, number, number];
  /** Of the face that looks most to the side, modulo a quarter turn. */
  readonly yawRad: number;
  /** How many fingers touch it. */
  readonly fingers: 0 | 1 | 2;
}

/** All that there is to know of the world; for judges and the expert alone. */
export interface WorldState {
  readonly blocks: readonly BlockState[];
  readonly plates: readonly { readonly colour: Colour; readonly pM: readonly [number, number, number] }[];
  readonly tool: { readonly pM: readonly [number, number, number]; readonly yawRad: number };
  readonly gripperOpen: number;
}

/** Looks in a row that must find a task done before it counts: nothing that merely flies by is a success. */
export const HELD_LOOKS = 3;

/** How far an episode of each kind may go, steps of 0.2 s. Chosen: about four times what the expert needs. */
export const STEP_BUDGET = { hover: 40, pick: 50, put: 80, push: 60, stack: 90 } as const;

const LIFTED_M = 0.1;
const IN_HAND_M = 0.04;
const ON_PLATE_M = 0.045;
const OPEN = 0.7;
/** Height of the tool from which on the hand counts as withdrawn from the plate, m. */
const WITHDRAWN_M = 0.075;
const ABOVE_M = 0.025;
const UNMOVED_M = 0.012;
const ON_BLOCK_M = 0.022;
const PUSHED_M = 0.08;
const PUSHED_ASIDE_M = 0.05;

export const distanceXy = (a: readonly number[], b: readonly number[]): number =>
  Math.sqrt((a[0]! - b[0]!) ** 2 + (a[1]! - b[1]!) ** 2);

const isResting = (block: BlockState, heightM: number): boolean => Math.abs(block.pM[2] - heightM) < 0.006;

/**
 * Whether a goal is met in this very state.
 *
 * @param before - the state at the beginning of the episode, or when the instruction came.
 */
export function isMet(goal: Goal, now: WorldState, before: WorldState): boolean {
  const find = (state: WorldState) => state.blocks.find(({ colour }) => colour === goal.block);
  const [block, start] = [find(now), find(before)];
  if (!block || !start) return false;
  const { tool, gripperOpen } = now;
  switch (goal.kind) {
    case 'hover':
      return (
        distanceXy(block.pM, tool.pM) < ABOVE_M &&
        tool.pM[2] > 0.08 &&
        tool.pM[2] < 0.17 &&
        distanceXy(block.pM, start.pM) < UNMOVED_M &&
        isResting(block, start.pM[2])
      );
    case 'pick': {
      const [dx, dy, dz] = block.pM.map((value, at) => value - tool.pM[at]!) as [number, number, number];
      return block.pM[2] > LIFTED_M && Math.sqrt(dx * dx + dy * dy + dz * dz) < IN_HAND_M;
    }
    case 'put': {
      const plate = now.plates.find(({ colour }) => colour === goal.plate);
      return (
        plate !== undefined &&
        distanceXy(block.pM, plate.pM) < ON_PLATE_M &&
        block.pM[2] < 2 * BLOCK_HALF_M &&
        isReleased(block, gripperOpen) &&
        tool.pM[2] > WITHDRAWN_M
      );
    }
    case 'push': {
      const side = goal.side === 'left' ? -1 : 1;
      return (
        side * (block.pM[1] - start.pM[1]) > PUSHED_M &&
        Math.abs(block.pM[0] - start.pM[0]) < PUSHED_ASIDE_M &&
        isResting(block, BLOCK_HALF_M) &&
        block.fingers < 2
      );
    }
    case 'stack': {
      const onto = now.blocks.find(({ colour }) => colour === goal.onto);
      return (
        onto !== undefined &&
        distanceXy(block.pM, onto.pM) < ON_BLOCK_M &&
        isResting(onto, BLOCK_HALF_M) &&
        isResting(block, 3 * BLOCK_HALF_M) &&
        isReleased(block, gripperOpen) &&
        tool.pM[2] > WITHDRAWN_M
      );
    }
  }
}

const isReleased = (block: BlockState, gripperOpen: number): boolean => block.fingers === 0 && gripperOpen > OPEN;

/** Whether a block other than the wanted one was lifted or carried off: the wrong thing done, whatever else was. */
export const movedWrongly = (goal: Goal, now: WorldState, before: WorldState): boolean =>
  now.blocks.some((block, at) => block.colour !== goal.block && block.pM[2] > before.blocks[at]!.pM[2] + 0.04);

/**
 * The three rules of success over an episode, as SimplerEnv tells them apart:
 * `final` met in the last state, `first` held for `HELD_LOOKS` looks at some time, `any` met in any state.
 */
export interface Score {
  readonly final: boolean;
  readonly first: boolean;
  readonly any: boolean;
  /** Steps until it was held first. */
  readonly stepsToFirst?: number;
  readonly wrong: boolean;
}

export interface Judge {
  /** Looks once after each step. */
  readonly look: (goal: Goal, now: WorldState, before: WorldState) => void;
  readonly score: () => Score;
}

export function createJudge(): Judge {
  let looks = 0;
  let inARow = 0;
  let isAny = false;
  let isWrong = false;
  let stepsToFirst: number | undefined;
  return {
    look: (goal, now, before) => {
      looks += 1;
      inARow = isMet(goal, now, before) ? inARow + 1 : 0;
      isAny ||= inARow > 0;
      isWrong ||= movedWrongly(goal, now, before);
      if (inARow >= HELD_LOOKS) stepsToFirst ??= looks;
    },
    score: () => ({
      final: inARow > 0,
      first: stepsToFirst !== undefined,
      any: isAny,
      ...(stepsToFirst !== undefined && { stepsToFirst }),
      wrong: isWrong,
    }),
  };
}
