/**
 * Whose the motion is, from tick to tick: the share that the person has chosen, or more of it where the policy leads elsewhere than they do,
 * and never changing faster than a hand can follow. Pure bookkeeping.
 *
 * The policy is trusted until it has led against the person for a while, and again when it has gone their way for a while. What either of
 * them does slowly says little of where they want to go, so it counts little: at the end of a way both only correct each other.
 */
import { lengthOf } from '../gate/motion.ts';
import { towards, type Velocity } from './mix.ts';

/** How fast the share may change, 1/s. Chosen: from one half to all in a quarter of a second. */
export const SHARE_PER_S = 2;
/** How fast trust goes and comes back where they fully disagree or agree, 1/s. */
const LOST_PER_S = 2.5;
const REGAINED_PER_S = 0.5;
/** Both of this speed count by half, m/s. */
const HALF_M_PER_S = 0.04;

export interface Share {
  /** Of the person, 0 to 1, for the next `overS`. */
  readonly next: (wanted: number, human: Velocity, policy: Velocity | undefined, overS: number) => number;
  /** Trusts the policy anew, and begins with all for the person. */
  readonly begin: () => void;
  /** How much the policy is trusted, 0 to 1. */
  readonly trust: () => number;
}

export function createShare(): Share {
  let share = 1;
  let trust = 1;
  const learn = (human: Velocity, policy: Velocity, overS: number) => {
    const [a, b] = [human.linearMPerS, policy.linearMPerS];
    const speeds = lengthOf(a) * lengthOf(b);
    if (!(speeds > 0)) return;
    const alike = (a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) / speeds;
    const weight = speeds / (speeds + HALF_M_PER_S ** 2);
    const perS = (alike < 0 ? LOST_PER_S : REGAINED_PER_S) * alike * weight;
    trust = Math.min(1, Math.max(0, trust + perS * overS));
  };
  return {
    begin: () => {
      [share, trust] = [1, 1];
    },
    trust: () => trust,
    next: (wanted, human, policy, overS) => {
      if (policy) learn(human, policy, overS);
      share = towards(share, policy ? 1 - (1 - wanted) * trust : 1, SHARE_PER_S, overS);
      return share;
    },
  };
}
