/** What the critic of an episode really said: of which way, and on which picture. Kept beside the runtime, and asked by whoever counts at a body. */
import type { Action } from 'pumice';

export interface Ledger {
  /** The ways it has allowed since it last said no, oldest first. */
  readonly allowed: AllowedWay[];
}

export interface AllowedWay {
  /** From where the tool is by where it has been told to be to where each action leads, m. */
  readonly placesM: readonly (readonly number[])[];
  /** When the picture that the critic saw was really taken, ms. */
  readonly shotMs: number;
}

/** How far from an allowed way an action may lead, m: rules bend and shorten. Less than critics here keep a way from a hand by. */
const OFF_WAY_M = 0.03;

/** Places that actions lead by, one after the other; what is told of no place is left out. */
export function placesOf(toolM: readonly number[], toldM: readonly number[] | undefined, actions: readonly Action[]) {
  const placesM: (readonly number[])[] = [toolM, toldM ?? toolM];
  for (const action of actions) {
    const toM = placeOf(action, placesM.at(-1)!);
    if (toM) placesM.push(toM);
  }
  return placesM;
}

export const placeOf = (action: Action, fromM: readonly number[]): readonly number[] | undefined =>
  action.kind === 'eef-pose'
    ? action.pM
    : action.kind === 'eef-delta'
      ? fromM.map((value, axis) => value + action.dPosM[axis]!)
      : undefined;

/** The allowed ways that a place is on. */
export const waysBy = ({ allowed }: Ledger, placeM: readonly number[]): readonly AllowedWay[] =>
  allowed.filter(({ placesM }) => !(clearance(placesM, placeM) > OFF_WAY_M));

/** How near a way comes to a point, m. */
export const clearance = (placesM: readonly (readonly number[])[], pointM: readonly number[]): number =>
  Math.min(...placesM.map((toM, i) => clearanceOfLeg(placesM[Math.max(0, i - 1)]!, toM, pointM)));

function clearanceOfLeg(from: readonly number[], to: readonly number[], point: readonly number[]): number {
  const way = to.map((value, axis) => value - from[axis]!);
  const length = way.reduce((sum, part) => sum + part * part, 0);
  const along = way.reduce((sum, part, axis) => sum + part * (point[axis]! - from[axis]!), 0);
  const share = length > 0 ? Math.min(1, Math.max(0, along / length)) : 0;
  return distance(
    from.map((value, axis) => value + way[axis]! * share),
    point,
  );
}

export const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((value, axis) => value - b[axis]!));
