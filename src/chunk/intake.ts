/** Which chunks are not taken at all, and how many of each. Pure bookkeeping. */

export const REFUSALS = ['epoch', 'duplicate', 'out-of-order', 'stale', 'slow', 'unjudged'] as const;
export type Refusal = (typeof REFUSALS)[number];

export interface Arrival {
  readonly epoch: number;
  /** The observation that it was thought on, and the one that was asked about: they differ when a server answers something else. */
  readonly basedOnSeq: number;
  readonly askedSeq: number;
  /** Ticks of it that are still to come. */
  readonly ticksLeft: number;
}

export interface Intake {
  /** Why a chunk is refused; what is not refused counts as taken. */
  readonly take: (arrival: Arrival, epoch: number) => Refusal | undefined;
  /** Counts a refusal that somebody else has decided on. */
  readonly count: (refusal: Refusal) => void;
  readonly counts: Readonly<Partial<Record<Refusal, number>>>;
}

export function createIntake(): Intake {
  const counts: Partial<Record<Refusal, number>> = {};
  let newestSeq = -1;
  const count = (refusal: Refusal) => {
    counts[refusal] = (counts[refusal] ?? 0) + 1;
  };
  const judge = ({ epoch, basedOnSeq, askedSeq, ticksLeft }: Arrival, now: number): Refusal | undefined => {
    if (epoch !== now) return 'epoch';
    if (basedOnSeq === newestSeq) return 'duplicate';
    if (basedOnSeq !== askedSeq || !(basedOnSeq > newestSeq)) return 'out-of-order';
    return ticksLeft > 0 ? undefined : 'stale';
  };
  return {
    counts,
    count,
    take: (arrival, now) => {
      const refusal = judge(arrival, now);
      if (refusal) count(refusal);
      else newestSeq = arrival.basedOnSeq;
      return refusal;
    },
  };
}
