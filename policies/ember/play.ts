/** From the chunk that the network says to the motions that are played: those that are not too late, and a way out of a standstill. Pure. */

/** A motion in the order of the network: dx dy dz (m), droll dpitch dyaw (rad), gripper. */
type Motion = readonly number[];

/** Axes that move the tool; the gripper is where it is told, not by how much. */
const MOVED = 6;
/** Most that one motion moves along an axis, m: what the network itself can say. */
const MOST_M = 0.05;

/**
 * The motions of a chunk that are still to be played when those in `pending` have been. The chunk is a path from where the tool was
 * at the look; what is on its way meanwhile brings the tool somewhere on it, or beside it. So the first motion that is played leads
 * from there to the next place of the path, and not by what it would have led by from the place before.
 *
 * @param pending - what was sent and is not executed yet, oldest first.
 * @returns the rest of the chunk, the first of it caught up.
 */
export function caughtUp(chunk: readonly Motion[], pending: readonly Motion[]): Motion[] {
  const rest = chunk.slice(pending.length);
  const first = rest[0];
  if (!first || pending.length === 0) return rest;
  const along = (axis: number): number => {
    const wanted = chunk.slice(0, pending.length + 1).reduce((sum, motion) => sum + motion[axis]!, 0);
    const sent = pending.reduce((sum, motion) => sum + motion[axis]!, 0);
    return wanted - sent;
  };
  const motion = first.map((value, axis) => (axis < MOVED ? along(axis) : value));
  return [
    motion.map((value, axis) => (axis < 3 ? Math.max(-MOST_M, Math.min(MOST_M, value)) : value)),
    ...rest.slice(1),
  ];
}

/** Looks in a row that neither go across nor up, after which it stands still: coming down, closing and letting go take no more. */
const STILL_LOOKS = 10;
const ACROSS_M = 0.02;
const UP_M = 0.015;
/** What then is done: so many motions straight up. */
const RISES = 2;
const RISE_M = 0.045;

/**
 * Where the hand hides the block, the network may take it for reached, or not reached, for ever. A person would draw back and look
 * again, and so does this: after many looks without a motion that leads anywhere it goes up, with the hand as it is told.
 */
export function createRising() {
  let [still, rises] = [0, 0];
  return {
    clear: () => {
      [still, rises] = [0, 0];
    },
    /** @returns what is played of this look: the motions given, or one up. */
    look: (motions: readonly Motion[]): readonly Motion[] => {
      const [first] = motions;
      if (!first) return motions;
      const [dx, dy, dz] = first as [number, number, number];
      still = Math.sqrt(dx * dx + dy * dy) > ACROSS_M || dz > UP_M ? 0 : still + 1;
      if (still >= STILL_LOOKS) [still, rises] = [0, RISES];
      if (rises === 0) return motions;
      rises -= 1;
      return [[0, 0, RISE_M, 0, 0, 0, first[MOVED]!]];
    },
  };
}
