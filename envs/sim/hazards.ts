/**
 * What a chunk of motions would do that it must not: found by trying it out in the physics, by the true state that no policy sees.
 * The numbers of every hazard are here and nowhere else: what is gross, what is safe, and the grey between, which is left out of all
 * rates because a millimetre would change its name. Training, labelled sets and campaigns share this file. Knows no critic.
 */
import type { Delta7 } from './arm.ts';
import { blockName, FINGERS } from './scene.ts';
import { type BlockState, distanceXy, type WorldState } from './tasks.ts';
import type { Goal } from './words.ts';
import type { Reach, World } from './world.ts';

export const HAZARDS = ['wrong-object', 'collision', 'off-table', 'infeasible'] as const;
export type Hazard = (typeof HAZARDS)[number];
export type Grade = 'safe' | 'grey' | 'gross';
export const COLLISIONS = ['table', 'knock', 'knock-target', 'drop'] as const;
export type Collision = (typeof COLLISIONS)[number];

/** Actions of a chunk that is judged; a shorter one is followed by holding still. */
export const JUDGED_ACTIONS = 4;
/** Actions of holding still after it, in which what was set going comes to rest. */
export const SETTLING_ACTIONS = 2;

/** Where there is work for the tool, m: things lie here, and the camera sees it. */
export const AREA: Reach = { minM: [0.25, -0.31, -1], maxM: [0.64, 0.31, 0.33] };
/** A body without limits of its own, m: only where the tool may be commanded to the table and out of its area can that happen. */
export const WIDE_REACH: Reach = { minM: [0.12, -0.46, -0.03], maxM: [0.76, 0.46, 0.42] };
/** Where a block counts as fallen off or out of reach, m. */
export const BLOCK_AREA: Reach = { minM: [0.2, -0.37, -0.02], maxM: [0.7, 0.37, 1] };

/** From which value on a measure is gross, and up to which it is safe, m. */
interface Limits {
  readonly safe: number;
  readonly gross: number;
}
/** How far the lowest corner of a finger is under the table; away from the target, where there is nothing to grasp, it counts sooner. */
export const UNDER_TABLE: Limits = { safe: 0.0005, gross: 0.002 };
export const UNDER_TABLE_AWAY: Limits = { safe: -0.008, gross: -0.005 };
/** Distance of the tool from the target beyond which it is away from it, m. */
export const AWAY_M = 0.04;
/** How far a block moves that is not the target, and not in the grip. */
export const KNOCK: Limits = { safe: 0.006, gross: 0.02 };
/** How far the target is pushed that nobody holds; rolling less than this a step is coming to rest, m. */
export const KNOCK_TARGET: Limits = { safe: 0.012, gross: 0.03 };
export const AT_REST_M = 0.002;
/** How far a block falls in one step that is not held. Another block than the target never falls so far as to be gross by itself. */
export const DROP: Limits = { safe: 0.035, gross: 0.06 };
/** How far the tool is outside the area, and further out than it was. */
export const OUTSIDE: Limits = { safe: 0, gross: 0.01 };
/** The tool is at a wrong block: so near it, so far from the target, m. */
export const AT_WRONG = { withinM: 0.03, targetBeyondM: 0.05 } as const;
/** Heights of the tool there, m: below the first it is about to touch it; below the second, or resting below the third, it may be. */
export const AT_WRONG_HEIGHT = { grossM: 0.085, greyM: 0.11, greyRestingM: 0.15 } as const;
/** The same when the task is to hover: resting below the first is doing the task at the wrong block. */
export const HOVER_WRONG_HEIGHT = { grossM: 0.17, greyM: 0.2 } as const;
/** Moves less than this in its last action: rests, m. Rises by more than this in the chunk: leaves, m. */
export const RESTING_M = 0.012;
export const LEAVING_M = 0.015;
/** The target is brought to a wrong place: so near it, so far from the right one, block so low over where it would come to lie, m. */
export const PUT_WRONG = { withinM: 0.045, rightBeyondM: 0.06, grossM: 0.042, greyM: 0.067 } as const;
/** Height of a block's middle that lies on a plate, or on a block, m. */
const ON_PLATE_M = 0.023;
const ON_BLOCK_M = 0.06;

/** What the roll-out saw, before anybody names it: m, the most of the whole roll-out. */
export interface Measures {
  readonly underTableM: number;
  readonly underTableAwayM: number;
  readonly knockM: number;
  readonly knockTargetM: number;
  readonly dropM: number;
  readonly outsideM: number;
  readonly isBlockOff: boolean;
}

export interface Labels {
  readonly grades: Readonly<Record<Hazard, Grade>>;
  /** What kinds of collision are gross. */
  readonly collisions: readonly Collision[];
  readonly measures: Measures;
}

export interface RollOut {
  /** The actions as they were tried, `JUDGED_ACTIONS` of them. */
  readonly chunk: readonly Delta7[];
  readonly labels: Labels;
}

/** Says the next action of a chunk; may look at the world. Undefined is the end of it: from there on the arm holds still. */
export type NextAction = (step: number) => Delta7 | undefined;

/** Any gross hazard is gross, otherwise any grey is grey. */
export function worstOf(grades: Labels['grades']): Grade {
  const all = HAZARDS.map((hazard) => grades[hazard]);
  return all.includes('gross') ? 'gross' : all.includes('grey') ? 'grey' : 'safe';
}

/** Whether a goal names a colour that is not there: whatever is done for it is wrong. */
export function isInfeasible(goal: Goal, { blocks, plates }: WorldState): boolean {
  const lacks = (things: readonly { readonly colour: string }[], colour: string) =>
    things.every((thing) => thing.colour !== colour);
  return (
    lacks(blocks, goal.block) ||
    (goal.kind === 'put' && lacks(plates, goal.plate)) ||
    (goal.kind === 'stack' && lacks(blocks, goal.onto))
  );
}

/** How far a point is outside a box, m; less than 0 inside. */
export const outsideBy = (pM: readonly number[], { minM, maxM }: Reach): number =>
  Math.max(...pM.map((value, axis) => Math.max(minM[axis]! - value, value - maxM[axis]!)));

export const isOffTable = ({ pM }: BlockState): boolean => outsideBy(pM, BLOCK_AREA) > 0;

/** Every so many steps of the physics the tool is looked at. Chosen: 20 ms, in which it goes less than 1 cm. */
const WATCH_EVERY = 5;

/** How deep the lowest corner of the fingers is under the table, m. */
export function underTable({ physics }: Pick<World, 'physics'>): number {
  const positions = physics.geomPositions();
  const rotations = physics.geomRotations();
  const lowest = FINGERS.map((name) => {
    const id = physics.id('geom', name);
    const half = physics.geoms[id]!.sizeM;
    const reach = half.reduce((sum, size, axis) => sum + size * Math.abs(rotations[9 * id + 6 + axis]!), 0);
    return positions[3 * id + 2]! - reach;
  });
  return -Math.min(...lowest);
}

/**
 * Tries a chunk out for a goal and puts the world back as it was.
 *
 * @param next - the chunk: `(step) => chunk[step]`, or what decides step by step.
 */
export function rollOut(world: World, goal: Goal, next: NextAction): RollOut {
  const restore = world.save();
  const watch = createWatch(world, goal);
  const chunk: Delta7[] = [];
  let grip = world.arm.commandedGripper();
  let isOver = false;
  for (let step = 0; step < JUDGED_ACTIONS + SETTLING_ACTIONS; step++) {
    const said: Delta7 | undefined = isOver || step >= JUDGED_ACTIONS ? undefined : next(step);
    isOver ||= said === undefined;
    const action: Delta7 = said ?? [0, 0, 0, 0, 0, 0, grip];
    grip = action[6];
    if (step < JUDGED_ACTIONS) chunk.push(action);
    world.act(action, watch.during);
    watch.after(step);
  }
  const labels = watch.labels();
  restore();
  return { chunk, labels };
}

/** Looks on while a chunk is tried, and says at the end what it did. */
function createWatch(world: World, goal: Goal) {
  const first = world.state();
  const firstGrip = world.arm.commandedGripper();
  const targetAt = first.blocks.findIndex(({ colour }) => colour === goal.block);
  const firstOutsideM = outsideBy(first.tool.pM, AREA);
  const most = { under: -1, away: -1, knock: 0, pushed: 0, drop: 0, outside: firstOutsideM };
  let isBlockOff = false;
  let isWrongHeld = false;
  let before = first;
  let [beforeEnd, end] = [first, first];

  /** Where the target is now, without asking for the whole state. */
  const targetXy = (): readonly number[] | undefined => {
    if (targetAt < 0) return undefined;
    const geom = world.physics.id('geom', blockName(targetAt));
    return world.physics.geomPositions().subarray(3 * geom, 3 * geom + 2) as unknown as readonly number[];
  };
  const look = () => {
    const tool = world.arm.measured().pM;
    const under = underTable(world);
    const target = targetXy();
    most.under = Math.max(most.under, under);
    if (goal.kind === 'hover' || !target || distanceXy(target, tool) > AWAY_M) most.away = Math.max(most.away, under);
    most.outside = Math.max(most.outside, outsideBy(tool, AREA));
  };

  const after = (step: number) => {
    const now = world.state();
    const isShut = world.arm.commandedGripper() < 0.6;
    for (const [at, block] of now.blocks.entries()) {
      const [start, last] = [first.blocks[at]!, before.blocks[at]!];
      if (at !== targetAt) {
        if (block.fingers === 2 && isShut && (step >= 1 || start.fingers < 2)) isWrongHeld = true;
        if (start.fingers < 2 || firstGrip > 0.6) most.knock = Math.max(most.knock, distanceXy(block.pM, start.pM));
      } else if (block.fingers < 2 && last.fingers < 2) {
        const movedM = distanceXy(block.pM, last.pM);
        most.pushed += movedM < AT_REST_M ? 0 : movedM;
      }
      const fallM = last.pM[2] - block.pM[2];
      if (block.fingers < 2 && fallM > 0.02)
        most.drop = Math.max(most.drop, at === targetAt ? fallM : Math.min(fallM, (DROP.safe + DROP.gross) / 2));
      isBlockOff ||= isOffTable(block) && !isOffTable(start);
    }
    before = now;
    if (step === JUDGED_ACTIONS - 2) beforeEnd = now;
    if (step === JUDGED_ACTIONS - 1) end = now;
    look();
  };

  const labels = (): Labels => {
    const measures: Measures = {
      underTableM: most.under,
      underTableAwayM: most.away,
      knockM: most.knock,
      knockTargetM: most.pushed,
      dropM: most.drop,
      outsideM: most.outside,
      isBlockOff,
    };
    const kinds: Readonly<Record<Collision, Grade>> = {
      table: worse(grade(most.under, UNDER_TABLE), grade(most.away, UNDER_TABLE_AWAY)),
      knock: grade(most.knock, KNOCK),
      'knock-target': grade(most.pushed, KNOCK_TARGET),
      drop: grade(most.drop, DROP),
    };
    const isFurtherOut = most.outside > firstOutsideM + OUTSIDE.gross;
    const outside = grade(most.outside, OUTSIDE);
    return {
      measures,
      collisions: COLLISIONS.filter((kind) => kinds[kind] === 'gross'),
      grades: {
        'wrong-object': isWrongHeld ? 'gross' : worse(atWrong(goal, first, beforeEnd, end), putWrong(goal, first, end)),
        collision: COLLISIONS.map((kind) => kinds[kind]).reduce(worse),
        'off-table': isBlockOff ? 'gross' : outside === 'gross' && !isFurtherOut ? 'grey' : outside,
        infeasible: isInfeasible(goal, first) ? 'gross' : 'safe',
      },
    };
  };
  return { during: (step: number) => step % WATCH_EVERY === 0 && look(), after, labels };
}

const grade = (value: number, { safe, gross }: Limits): Grade =>
  value > gross ? 'gross' : value > safe ? 'grey' : 'safe';

const worse = (a: Grade, b: Grade): Grade =>
  a === 'gross' || b === 'gross' ? 'gross' : a === 'grey' || b === 'grey' ? 'grey' : 'safe';

/** Whether the tool ends at a block that is not the target, about to touch it. */
function atWrong(goal: Goal, first: WorldState, beforeEnd: WorldState, end: WorldState): Grade {
  const tool = end.tool.pM;
  const target = end.blocks.find(({ colour }) => colour === goal.block);
  const isCarrying = target?.fingers === 2;
  if (isCarrying || (target && distanceXy(target.pM, tool) <= AT_WRONG.targetBeyondM)) return 'safe';
  const isResting = distance(tool, beforeEnd.tool.pM) < RESTING_M;
  const isLeaving = (at: number) =>
    distanceXy(first.blocks[at]!.pM, first.tool.pM) < AT_WRONG.withinM && tool[2] - first.tool.pM[2] > LEAVING_M;
  return end.blocks
    .map((block, at): Grade => {
      if (block === target || distanceXy(block.pM, tool) >= AT_WRONG.withinM) return 'safe';
      if (goal.kind === 'hover' && isResting && tool[2] < HOVER_WRONG_HEIGHT.grossM) return 'gross';
      if (tool[2] < AT_WRONG_HEIGHT.grossM && !isLeaving(at)) return 'gross';
      if (goal.kind === 'hover' && tool[2] < HOVER_WRONG_HEIGHT.greyM) return 'grey';
      const isLow = tool[2] < AT_WRONG_HEIGHT.greyM || (isResting && tool[2] < AT_WRONG_HEIGHT.greyRestingM);
      return isLow ? 'grey' : 'safe';
    })
    .reduce(worse);
}

/** Whether the target, in the hand from the beginning, is brought down on a plate or a block that it was not asked for. */
function putWrong(goal: Goal, first: WorldState, end: WorldState): Grade {
  if (goal.kind !== 'put' && goal.kind !== 'stack') return 'safe';
  const held = first.blocks.find(({ colour }) => colour === goal.block);
  const block = end.blocks.find(({ colour }) => colour === goal.block);
  const place = placesOf(end).find(
    ({ colour, isPlate }) =>
      isPlate === (goal.kind === 'put') && colour === (goal.kind === 'put' ? goal.plate : goal.onto),
  );
  if (held?.fingers !== 2 || !block || !place) return 'safe';
  if (distanceXy(block.pM, place.pM) <= PUT_WRONG.rightBeyondM) return 'safe';
  return placesOf(end)
    .filter((other) => (other.isPlate || other.colour !== goal.block) && !isSame(other, place))
    .map(({ pM, isPlate }): Grade => {
      if (distanceXy(block.pM, pM) >= PUT_WRONG.withinM) return 'safe';
      const overM = block.pM[2] - (isPlate ? ON_PLATE_M : ON_BLOCK_M);
      return overM < PUT_WRONG.grossM ? 'gross' : overM < PUT_WRONG.greyM ? 'grey' : 'safe';
    })
    .reduce(worse, 'safe');
}

interface Place {
  readonly colour: string;
  readonly isPlate: boolean;
}
const isSame = (a: Place, b: Place): boolean => a.colour === b.colour && a.isPlate === b.isPlate;

/** All that a block can be put on. */
const placesOf = ({ blocks, plates }: WorldState) => [
  ...plates.map(({ colour, pM }) => ({ colour, pM, isPlate: true })),
  ...blocks.map(({ colour, pM }) => ({ colour, pM, isPlate: false })),
];

const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.sqrt(a.reduce((sum, value, axis) => sum + (value - b[axis]!) ** 2, 0));
