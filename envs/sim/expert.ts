/**
 * The scripted expert: what to do next, from the state of the world, which no policy sees. Teacher of ember, and ceiling of every
 * evaluation. Markov: it keeps nothing from one step to the next, so that it can take over anywhere.
 */
import type { Delta7, ToolPose } from './arm.ts';
import { downwards, multiply, ofVector, toRpy, toVector, transpose, yawOf } from './rotation.ts';
import { BLOCK_HALF_M } from './scene.ts';
import { type BlockState, distanceXy, type WorldState } from './tasks.ts';
import type { Goal } from './words.ts';

type Point = readonly [number, number, number];

/** Where the tool should go, how it is turned (absent: as it is), and what the gripper does. */
interface Aim {
  readonly pM: Point;
  readonly yawRad?: number;
  readonly grip: 0 | 1;
}

/** Most that one step moves and turns, m and rad. */
const MOST_ACROSS_M = 0.05;
const MOST_UP_M = 0.045;
const MOST_TILT_RAD = 0.2;
const MOST_YAW_RAD = 0.25;
/** Heights of the tool, m: to travel, to carry, to grasp at least. */
const TRAVEL_M = 0.12;
const CARRY_M = 0.13;
const GRASP_M = 0.016;
/** Below this the hand may hit a block, so it first goes up. */
const CLEAR_M = 0.085;
/**
 * Within these, the hand may close. Wide: a copy of an expert with narrow gates stalls before them. However the block is turned it
 * fits between the fingers and is held (100 of 100 with no turning at all), so the hand turns with it but never waits for that.
 */
const CLOSE_WITHIN = { acrossM: 0.016, upM: 0.013 } as const;

/** The next command for a goal. Where the goal's things are not there, it stays where it is with an open hand. */
export function expertAction(goal: Goal, state: WorldState, before: WorldState, commanded: ToolPose): Delta7 {
  const aim = aimOf(goal, state, before);
  if (!aim) return [0, 0, 0, 0, 0, 0, 1];
  const [dx, dy, dz] = aim.pM.map((value, at) => value - commanded.pM[at]!) as [number, number, number];
  const across = Math.sqrt(dx * dx + dy * dy);
  const share = across > MOST_ACROSS_M ? MOST_ACROSS_M / across : 1;
  const upright = downwards(aim.yawRad ?? yawOf(commanded.rotation));
  const [tiltX, tiltY, turn] = toVector(multiply(upright, transpose(commanded.rotation)));
  const rpy = toRpy(ofVector([clip(tiltX, MOST_TILT_RAD), clip(tiltY, MOST_TILT_RAD), clip(turn, MOST_YAW_RAD)]));
  return [dx * share, dy * share, clip(dz, MOST_UP_M), ...rpy, aim.grip];
}

function aimOf(goal: Goal, state: WorldState, before: WorldState): Aim | undefined {
  const block = state.blocks.find(({ colour }) => colour === goal.block);
  const start = before.blocks.find(({ colour }) => colour === goal.block);
  if (!block || !start) return undefined;
  switch (goal.kind) {
    case 'hover':
      return hover(block, state);
    case 'pick':
      return isHeld(block, state) ? { pM: above(state.tool.pM, 0.2), grip: 0 } : grasp(block, state);
    case 'put': {
      const plate = state.plates.find(({ colour }) => colour === goal.plate);
      return plate && place(block, plate.pM, ON_PLATE, state);
    }
    case 'stack': {
      const onto = state.blocks.find(({ colour }) => colour === goal.onto);
      return onto && place(block, onto.pM, ON_BLOCK, state);
    }
    case 'push':
      return push(block, start, goal.side === 'left' ? -1 : 1, state);
  }
}

function hover(block: BlockState, { tool }: WorldState): Aim {
  const isFarAndLow = distanceXy(block.pM, tool.pM) > 0.06 && tool.pM[2] < 0.1;
  return {
    pM: isFarAndLow ? above(tool.pM, CARRY_M) : above(block.pM, TRAVEL_M),
    yawRad: nearestQuarter(block.yawRad),
    grip: 1,
  };
}

const isHeld = (block: BlockState, state: WorldState): boolean => block.fingers === 2 && state.gripperOpen < 0.8;

function grasp(block: BlockState, { tool, gripperOpen }: WorldState): Aim {
  const yawRad = nearestQuarter(block.yawRad);
  const acrossM = distanceXy(block.pM, tool.pM);
  const lowM = Math.max(GRASP_M, block.pM[2] - 0.002);
  const isOver = acrossM < CLOSE_WITHIN.acrossM;
  if (gripperOpen < 0.3) return { pM: above(tool.pM, Math.min(0.2, tool.pM[2] + 0.03)), yawRad, grip: 1 };
  if (isOver && tool.pM[2] < lowM + CLOSE_WITHIN.upM) return { pM: [block.pM[0], block.pM[1], lowM], grip: 0 };
  const isClosing = gripperOpen < 0.7 && tool.pM[2] < lowM + 0.02 && acrossM < 0.012;
  const grip = isClosing ? 0 : 1;
  if (acrossM > 0.05 && tool.pM[2] < CLEAR_M) return { pM: above(tool.pM, TRAVEL_M), yawRad, grip };
  return { pM: above(block.pM, funnel(acrossM, lowM, TRAVEL_M)), yawRad, grip };
}

/** Where a carried block comes to rest: height of its middle, how exactly it must be there, when it counts as placed. */
interface Rest {
  readonly heightM: number;
  readonly releaseWithinM: number;
  readonly placedWithinM: number;
}
const ON_PLATE: Rest = { heightM: BLOCK_HALF_M + 0.006, releaseWithinM: 0.026, placedWithinM: 0.03 };
const ON_BLOCK: Rest = { heightM: 3 * BLOCK_HALF_M, releaseWithinM: 0.009, placedWithinM: 0.02 };

function place(block: BlockState, goal: Point, rest: Rest, state: WorldState): Aim {
  const { tool } = state;
  const offM = distanceXy(block.pM, goal);
  const isPlaced = offM < rest.placedWithinM && Math.abs(block.pM[2] - rest.heightM) < 0.01;
  if (!isHeld(block, state)) return isPlaced ? { pM: above(tool.pM, 0.15), grip: 1 } : grasp(block, state);
  if (isPlaced) return { pM: tool.pM, grip: 1 };
  const liftM = rest.heightM - BLOCK_HALF_M;
  if (offM > 0.05 && block.pM[2] < 0.075 + liftM / 2) return { pM: above(tool.pM, CARRY_M + 0.02), grip: 0 };
  // The block hangs a little off the tool, so it is the block that is brought over the goal.
  const hangM = tool.pM[2] - block.pM[2];
  const lowM = rest.heightM + 0.002 + hangM;
  const pM: Point = [
    goal[0] + tool.pM[0] - block.pM[0],
    goal[1] + tool.pM[1] - block.pM[1],
    funnel(offM, lowM, CARRY_M + hangM, rest.releaseWithinM / 2),
  ];
  const isLow = block.pM[2] < rest.heightM + 0.016;
  return { pM, grip: offM < rest.releaseWithinM && isLow ? 1 : 0 };
}

/** Behind the block by so much, the closed fingers come down, m; they push at this height. */
const BEHIND_M = 0.068;
const PUSH_HEIGHT_M = 0.026;
const PUSH_GOAL_M = 0.1;
const PUSH_STEP_M = 0.035;

function push(block: BlockState, start: BlockState, side: 1 | -1, { tool, gripperOpen }: WorldState): Aim {
  const pushedM = side * (block.pM[1] - start.pM[1]);
  const behindM = side * (block.pM[1] - tool.pM[1]);
  const asideM = Math.abs(tool.pM[0] - block.pM[0]);
  if (pushedM > PUSH_GOAL_M - 0.01) return { pM: above(tool.pM, 0.15), yawRad: 0, grip: 0 };
  if (tool.pM[2] < 0.045 && behindM > 0.02 && asideM < 0.014 && gripperOpen < 0.3) {
    const stepM = Math.min(PUSH_STEP_M, PUSH_GOAL_M - pushedM + Math.max(0, behindM - 0.03));
    // Not after a block that slides aside: that would push it further aside.
    return { pM: [(block.pM[0] + start.pM[0]) / 2, tool.pM[1] + side * stepM, PUSH_HEIGHT_M], yawRad: 0, grip: 0 };
  }
  const from: Point = [block.pM[0], block.pM[1] - side * BEHIND_M, 0];
  const offM = distanceXy(from, tool.pM);
  if (offM > 0.05 && tool.pM[2] < CLEAR_M) return { pM: above(tool.pM, TRAVEL_M), yawRad: 0, grip: 0 };
  return { pM: above(from, funnel(offM, PUSH_HEIGHT_M, TRAVEL_M)), yawRad: 0, grip: 0 };
}

const above = (p: readonly number[], heightM: number): Point => [p[0]!, p[1]!, heightM];

/** Comes down as it comes nearer: height over a goal by the distance that is left. */
const funnel = (offM: number, lowM: number, highM: number, withinM = 0.008): number =>
  lowM + Math.min(highM - lowM, Math.max(0, offM - withinM) * 4);

const clip = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value));

/** The same square, turned by at most an eighth of a turn. */
export const nearestQuarter = (rad: number): number => rad - (Math.PI / 2) * Math.round(rad / (Math.PI / 2));
