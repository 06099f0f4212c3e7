/**
 * Where one frame is in another, from the transforms that a robot tells one by one: `/tf` for what moves, `/tf_static` for what does not.
 * A pose is as old as the oldest transform on its way. Pure; conventions: tf2, REP-105 (a transform gives the child in its parent).
 */
import { rotated } from '../../src/chunk/poses.ts';
import type { Vec3 } from '../../src/gate/rotation.ts';

type Quaternion = readonly [number, number, number, number];

export interface Placed {
  readonly pM: Vec3;
  readonly qXyzw: Quaternion;
  /** Of this machine, monotonic ms; infinite where nothing on the way moves. */
  readonly atMs: number;
}

export interface FrameTree {
  /** A child in its parent, from now on. */
  readonly place: (parent: string, child: string, placed: Placed) => void;
  /** Where a frame is in another, or the first frame on the way of which nothing was told. */
  readonly poseIn: (frameId: string, child: string) => Placed | { readonly missing: string };
  readonly clear: () => void;
}

/** Frames on the way from tool to base at most: more is a circle. Chosen. */
const MOST_FRAMES = 64;

/** ROS 1 wrote names of frames with a slash before them. */
const plain = (frame: string): string => frame.replace(/^\//, '');

export function createFrameTree(): FrameTree {
  const parents = new Map<string, { readonly parent: string; readonly placed: Placed }>();
  return {
    place: (parent, child, placed) => parents.set(plain(child), { parent: plain(parent), placed }),
    poseIn: (frameId, child) => {
      let at = plain(child);
      let pose: Placed = { pM: [0, 0, 0], qXyzw: [0, 0, 0, 1], atMs: Number.POSITIVE_INFINITY };
      for (let frames = 0; at !== plain(frameId); frames++) {
        const step = parents.get(at);
        if (!step || frames === MOST_FRAMES) return { missing: at };
        pose = placedIn(step.placed, pose);
        at = step.parent;
      }
      return pose;
    },
    clear: () => parents.clear(),
  };
}

/** What is given in a frame, given in the frame that it is placed in. */
export function placedIn(outer: Placed, inner: Placed): Placed {
  const [x, y, z] = rotated(inner.pM, outer.qXyzw);
  return {
    pM: [outer.pM[0] + x, outer.pM[1] + y, outer.pM[2] + z],
    qXyzw: product(outer.qXyzw, inner.qXyzw),
    atMs: Math.min(outer.atMs, inner.atMs),
  };
}

const product = ([ax, ay, az, aw]: Quaternion, [bx, by, bz, bw]: Quaternion): Quaternion => [
  aw * bx + ax * bw + ay * bz - az * by,
  aw * by - ax * bz + ay * bw + az * bx,
  aw * bz + ax * by - ay * bx + az * bw,
  aw * bw - ax * bx - ay * by - az * bz,
];
