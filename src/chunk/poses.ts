/**
 * A chunk becomes a path: its targets as they are; its deltas one after the other from where the tool was when the picture was taken,
 * by what a delta means to that body. Pure. Knows nothing of time but the ticks that one action lasts.
 */
import type { Pose } from '../gate/motion.ts';
import { rotationVectorOfRpy, turned, type Vec3 } from '../gate/rotation.ts';
import type { DeltaMeaning } from '../ports.ts';
import type { Action, ActionOf } from '../types.ts';
import type { Knot, Path, Stance } from './path.ts';

/** Where a chunk begins. */
export interface Anchor {
  readonly tick: number;
  readonly measured: Pose;
  readonly commanded: Pose;
  /** What the hand was told last. */
  readonly gripperOpen: number;
}

export interface Reading {
  /** What a delta means; absent where the body takes none. */
  readonly delta: DeltaMeaning | undefined;
  readonly ticksPerAction: number;
}

/** What a chunk says: where to go, and what is said at the end of it. */
export interface Course {
  readonly path: Path;
  /** `done` or `hand-over`, and when it is said. What comes after it counts for nothing. */
  readonly ending?: { readonly tick: number; readonly action: ActionOf<'done' | 'hand-over'> };
  readonly hasDeltas: boolean;
}

/**
 * Reads a chunk. A delta counts from the pose that the profile names; a target needs no anchor, and takes the same one as where it
 * comes from. `hold` stays where the action before led.
 *
 * @returns the course, or what is wrong with the chunk.
 */
export function courseOf(
  actions: readonly Action[],
  anchor: Anchor,
  { delta, ticksPerAction }: Reading,
): Course | string {
  const from = delta?.reference === 'measured' ? anchor.measured : anchor.commanded;
  const path: Knot[] = [{ ...from, gripperOpen: anchor.gripperOpen, tick: anchor.tick }];
  for (const action of actions) {
    const before = path.at(-1)!;
    if (action.kind === 'done' || action.kind === 'hand-over')
      return { path, ending: { tick: before.tick, action }, hasDeltas: actions.some(isDelta) };
    const stance = stanceAfter(before, action, from.frameId, delta);
    if (typeof stance === 'string') return stance;
    path.push({
      pM: stance.pM,
      qXyzw: stance.qXyzw,
      gripperOpen: stance.gripperOpen,
      tick: before.tick + ticksPerAction,
    });
  }
  return { path, hasDeltas: actions.some(isDelta) };
}

function stanceAfter(
  before: Stance,
  action: Action,
  frameId: string,
  delta: DeltaMeaning | undefined,
): Stance | string {
  if (action.kind === 'hold') return before;
  if (action.kind !== 'eef-pose' && action.kind !== 'eef-delta')
    return `${action.kind} is nothing that a plan can be made of`;
  if (action.frameId !== frameId)
    return `frame '${action.frameId}' is not '${frameId}', in which the body says where it is`;
  const { gripperOpen } = action;
  if (action.kind === 'eef-pose') return { pM: action.pM, qXyzw: action.qXyzw, gripperOpen };
  if (!delta) return 'the body does not say what a delta means to it';
  return { ...stepped(before, action, delta), gripperOpen };
}

/** One delta further. `rotateAbout: 'tcp'`: a turn leaves the tool centre point where it is. */
export function stepped(
  { pM, qXyzw }: Pick<Stance, 'pM' | 'qXyzw'>,
  { dPosM, dRpyRad }: Pick<ActionOf<'eef-delta'>, 'dPosM' | 'dRpyRad'>,
  { axes }: DeltaMeaning,
): Pick<Stance, 'pM' | 'qXyzw'> {
  // By the axes of the tool: both vectors are first turned into the base, where a turn is applied from the left.
  const inBase = (vector: Vec3): Vec3 => (axes === 'tool' ? rotated(vector, qXyzw) : vector);
  const [dx, dy, dz] = inBase(dPosM);
  return {
    pM: [pM[0] + dx, pM[1] + dy, pM[2] + dz],
    qXyzw: turned(qXyzw, inBase(rotationVectorOfRpy(dRpyRad))),
  };
}

/** A vector, turned by a quaternion: v + 2 w (u x v) + 2 u x (u x v). */
export function rotated([x, y, z]: Vec3, [a, b, c, w]: Pose['qXyzw']): Vec3 {
  const [tx, ty, tz] = [2 * (b * z - c * y), 2 * (c * x - a * z), 2 * (a * y - b * x)];
  return [x + w * tx + b * tz - c * ty, y + w * ty + c * tx - a * tz, z + w * tz + a * ty - b * tx];
}

const isDelta = ({ kind }: Action): boolean => kind === 'eef-delta';
