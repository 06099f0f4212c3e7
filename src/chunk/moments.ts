/**
 * Where the tool was at the stamp of a picture, which is older than what the body says of itself now. Pure bookkeeping of the last
 * moments, in between of which the tool went straight.
 */
import { openingBefore, type Pose } from '../gate/motion.ts';
import type { Observation } from '../types.ts';
import { blend, type Stance } from './path.ts';
import type { Anchor } from './poses.ts';

/** Moments that are kept. Chosen: longer ago than any picture that the rules let through, at 50 Hz. */
const KEPT = 128;

interface Moment extends Anchor {
  readonly stampMs: number;
}

export interface Moments {
  /** What the body says of itself, and how much of the plan was played by then. */
  readonly add: (seen: Observation, tick: number) => void;
  /** As it was at a stamp; before the first moment that one, after the newest that one. */
  readonly at: (stampMs: number) => Anchor | undefined;
  /** Where the tool was told to be, as the body said last. Undefined while it has said nothing. */
  readonly newest: () => Stance | undefined;
}

export function createMoments(): Moments {
  const kept: Moment[] = [];
  return {
    add: ({ proprio, stampMs, history }, tick) => {
      if (!proprio?.tcpPose) return;
      const { tcpPose: measured, commandedTcpPose: commanded = measured } = proprio;
      const gripperOpen = openingBefore(history, proprio);
      kept.push({ stampMs: Math.min(stampMs, proprio.stampMs), tick, measured, commanded, gripperOpen });
      if (kept.length > KEPT) kept.shift();
    },
    at: (stampMs) => {
      const after = kept.findIndex((moment) => moment.stampMs >= stampMs);
      const to = kept.at(after);
      const from = kept[after - 1];
      if (!to || !from || after < 0) return to;
      return between(from, to, (stampMs - from.stampMs) / (to.stampMs - from.stampMs));
    },
    newest: () => {
      const last = kept.at(-1);
      return last && { ...last.commanded, gripperOpen: last.gripperOpen };
    },
  };
}

function between(from: Moment, to: Moment, share: number): Anchor {
  const pose = (which: 'measured' | 'commanded'): Pose => {
    const [a, b] = [from[which], to[which]];
    const { pM, qXyzw } = blend({ ...a, gripperOpen: 0 }, { ...b, gripperOpen: 0 }, share, 0);
    return { frameId: b.frameId, pM, qXyzw };
  };
  return {
    tick: from.tick + (to.tick - from.tick) * share,
    measured: pose('measured'),
    commanded: pose('commanded'),
    gripperOpen: to.gripperOpen,
  };
}
