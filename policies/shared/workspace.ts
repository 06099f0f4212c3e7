/**
 * Where a motion would end as the rules let it through. Later motions of a chunk often lead out of the workspace by some millimetres,
 * and what will never be done is not to be judged. Pure.
 */
import type { Limits, MotionLimits } from 'pumice';

export type Three = readonly [number, number, number];
export type Workspace = MotionLimits['workspace'];

/** Of the body, where it has one. */
export const workspaceOf = ({ motion }: Pick<Limits, 'motion'>): Workspace | undefined =>
  typeof motion === 'object' ? motion.workspace : undefined;

/** From outside of it any way may be gone that leads no further out. Without a workspace all of the way is gone. */
export function within(workspace: Workspace | undefined, from: Three, to: Three): Three {
  if (!workspace) return to;
  const { minM, maxM } = workspace;
  const side = (axis: 0 | 1 | 2) =>
    Math.max(Math.min(minM[axis], from[axis]), Math.min(Math.max(maxM[axis], from[axis]), to[axis]));
  return [side(0), side(1), side(2)];
}
