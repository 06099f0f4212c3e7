/**
 * What a person's yes is worth: the very next proposal, once, if it is the same deed on the same thing, and soon. Pure but for the
 * clock that it is given; knows no person, no rule and no body.
 *
 *   asked in step n, epoch e ──▶ yes ──▶ counts in step n + 1, epoch e + 1 (a question ends in a deny, which makes the epoch rise)
 *                            └─▶ edit ──▶ proposed in that step instead of a thought, and judged like any other
 *
 * The same deed: kind, payload, instruction, page, dialog, and the targets by role, name and document, no more than a few pixels from
 * where they were. A motion is never twice the same to the last digit, so motions may differ a little, and so may the pose they begin at.
 */
import { isDeepStrictEqual } from 'node:util';
import { turnBetween } from './gate/rotation.ts';
import { markOf, targetsOf } from './gate/targets.ts';
import type { Action, Mark, Observation, Proprio, Target } from './types.ts';

/** How long a yes counts from the answer on, ms. Chosen: a slow model's time to think, twice over. */
export const YES_COUNTS_MS = 60_000;
/** How far each side of a target may have moved, CSS pixels. Chosen: less than the smallest thing that is clicked. */
export const MOST_MOVED_PX = 4;
/** How far two motions, and the poses at which they begin, may be apart. Chosen: less than what a person would see. */
export const ALIKE = { positionM: 0.01, turnRad: 0.1, gripperOpen: 0.1 } as const;

/** When something is proposed: the number of the proposal, and the epoch that it belongs to. */
export type Turn = Pick<Observation, 'seq' | 'epoch'>;

/** With one proposal to an observation, the observation says which one it was. */
export interface Approvals {
  /** A person says yes to what was proposed on this observation: a single action, or all actions of a plan. */
  readonly grant: (proposed: readonly Action[], observation: Observation, turn?: Turn) => void;
  /** Whether a yes counts for this. Whatever the answer, no yes counts afterwards: to be asked of every proposal, before anything else. */
  readonly take: (proposed: readonly Action[], observation: Observation, turn?: Turn) => boolean;
  /** A person proposes something else, in terms of the observation that they were shown. */
  readonly edit: (edited: Action, observation: Observation, turn?: Turn) => void;
  /** What a person wants proposed on this observation, once; `lost` where it cannot be said of what is there now. */
  readonly takeEdit: (observation: Observation) => Action | 'lost' | undefined;
}

interface Given {
  readonly actions: readonly Action[];
  readonly observation: Observation;
  readonly turn: Turn;
  readonly untilMs: number;
}

export function createApprovals({ nowMs }: { readonly nowMs: () => number }): Approvals {
  let granted: Given | undefined;
  let edited: Given | undefined;
  const given = (actions: readonly Action[], observation: Observation, turn: Turn): Given => ({
    // A copy: what was said yes to stays what it was.
    ...{ actions: structuredClone(actions), observation, turn },
    untilMs: nowMs() + YES_COUNTS_MS,
  });
  const isNext = ({ observation: { instruction }, turn, untilMs }: Given, seen: Observation, now: Turn): boolean =>
    now.seq === turn.seq + 1 && now.epoch === turn.epoch + 1 && seen.instruction === instruction && nowMs() <= untilMs;
  return {
    grant: (proposed, observation, turn = observation) => {
      granted = given(proposed, observation, turn);
    },
    take: (proposed, observation, turn = observation) => {
      const yes = granted;
      granted = undefined;
      if (!yes || !isNext(yes, observation, turn) || yes.actions.length !== proposed.length) return false;
      return yes.actions.every((action, at) =>
        isSameDeed({ action, observation: yes.observation }, { action: proposed[at]!, observation }),
      );
    },
    edit: (action, observation, turn = observation) => {
      edited = given([action], observation, turn);
    },
    takeEdit: (observation) => {
      const wish = edited;
      edited = undefined;
      if (!wish) return undefined;
      if (!isNext(wish, observation, observation)) return 'lost';
      return retarget({ action: wish.actions[0]!, observation: wish.observation }, observation) ?? 'lost';
    },
  };
}

/** An action, and what was seen when it was proposed. */
export interface Proposed {
  readonly action: Action;
  readonly observation: Observation;
}

/** Whether two proposals on two observations are the same deed, as far as can be known; what cannot be known is not the same. */
export function isSameDeed(one: Proposed, other: Proposed): boolean {
  return (
    isSameScene(one, other) &&
    arePayloadsAlike(one.action, other.action) &&
    (!isMotion(one.action) || areStancesAlike(one.observation.proprio, other.observation.proprio)) &&
    areTargetsAlike(one, other)
  );
}

/** What an action without a target acts on: the page, its tabs, an open dialog, what has the focus. */
function isSameScene(one: Proposed, other: Proposed): boolean {
  return isDeepStrictEqual(sceneOf(one), sceneOf(other));
}
function sceneOf({ action, observation: { ui, marks = [] } }: Proposed): unknown {
  const focused = targetsOf(action).length > 0 ? undefined : marks.find(({ state }) => state?.focused);
  return {
    url: ui?.url,
    dialog: ui?.dialog,
    focused: focused && identityOf(focused),
    tabs: action.kind === 'ui-tab' ? ui?.tabs.map(({ index, url }) => [index, url]) : undefined,
  };
}

const isMotion = ({ kind }: Action): boolean => /^(eef|joint)-/.test(kind);

/** Poses and deltas may differ a little; speeds and joints, of which nobody knows how far they lead, may not. */
function arePayloadsAlike(one: Action, other: Action): boolean {
  if (one.kind === 'eef-delta' && other.kind === 'eef-delta')
    return (
      one.frameId === other.frameId &&
      distance(one.dPosM, other.dPosM) <= ALIKE.positionM &&
      distance(one.dRpyRad, other.dRpyRad) <= ALIKE.turnRad &&
      isGripperAlike(one, other)
    );
  if (one.kind === 'eef-pose' && other.kind === 'eef-pose')
    return arePosesAlike(one, other) && isGripperAlike(one, other);
  return isDeepStrictEqual(payloadOf(one), payloadOf(other));
}
function payloadOf(action: Action): unknown {
  const { target: _target, from: _from, to: _to, ...payload } = action as Record<string, unknown>;
  return payload;
}

type Stance = Pick<Proprio, 'tcpPose' | 'gripperOpen'>;
function areStancesAlike(one: Stance | undefined, other: Stance | undefined): boolean {
  if (!one?.tcpPose || !other?.tcpPose) return false;
  return arePosesAlike(one.tcpPose, other.tcpPose) && isGripperAlike(one, other);
}

type Pose = Pick<NonNullable<Proprio['tcpPose']>, 'frameId' | 'pM' | 'qXyzw'>;
const arePosesAlike = (one: Pose, other: Pose): boolean =>
  one.frameId === other.frameId &&
  distance(one.pM, other.pM) <= ALIKE.positionM &&
  Math.hypot(...turnBetween(one.qXyzw, other.qXyzw)) <= ALIKE.turnRad;

type Gripper = Pick<Proprio, 'gripperOpen'>;
const isGripperAlike = (one: Gripper, other: Gripper): boolean =>
  Math.abs(one.gripperOpen - other.gripperOpen) <= ALIKE.gripperOpen;

const distance = (one: readonly number[], other: readonly number[]): number =>
  Math.hypot(...one.map((value, at) => value - other[at]!));

function areTargetsAlike(one: Proposed, other: Proposed): boolean {
  const [before, now] = [targetsOf(one.action), targetsOf(other.action)];
  return (
    before.length === now.length &&
    before.every((target, at) => isSameTarget(target, one.observation, now[at]!, other.observation))
  );
}

function isSameTarget(before: Target, shown: Observation, now: Target, seen: Observation): boolean {
  const [was, is] = [markOf(before, shown), markOf(now, seen)];
  if (was && is ? !isSameMark(was, is) : was !== is) return false;
  if ('markId' in before || 'markId' in now) return 'markId' in before && 'markId' in now && was !== undefined;
  return isNear([before.xPx, before.yPx], [now.xPx, now.yPx]);
}

/** What a thing is, whatever its number. */
const identityOf = ({ role, name, origin, document, inputType, state }: Mark) => ({
  ...{ role, name, origin, document, inputType },
  checked: state?.checked,
});
const isSameMark = (one: Mark, other: Mark): boolean =>
  isDeepStrictEqual(identityOf(one), identityOf(other)) && isNear(one.boxPx, other.boxPx);
const isNear = (one: readonly number[], other: readonly number[]): boolean =>
  one.every((value, at) => Math.abs(value - other[at]!) <= MOST_MOVED_PX);

/** The action on what is there now: numbers of marks are those of one observation. Undefined where its target is gone, moved or not one. */
function retarget({ action, observation: shown }: Proposed, seen: Observation): Action | undefined {
  const renumbered = (target: Target): Target | undefined => {
    if (!('markId' in target)) return target;
    const was = markOf(target, shown);
    const found = was ? (seen.marks ?? []).filter((mark) => isSameMark(was, mark)) : [];
    return found.length === 1 ? { markId: found[0]!.id } : undefined;
  };
  const entries = Object.entries(action).map(([key, value]) => [
    key,
    key === 'target' || key === 'from' || key === 'to' ? renumbered(value as Target) : value,
  ]);
  const moved = Object.fromEntries(entries) as Action;
  // The same question as of a yes: a page that has become another one, or an arm that has moved, is not what the person saw.
  const isLost = targetsOf(moved).length < targetsOf(action).length || targetsOf(moved).includes(undefined as never);
  return !isLost && isSameDeed({ action, observation: shown }, { action: moved, observation: seen })
    ? moved
    : undefined;
}
