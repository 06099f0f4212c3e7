/**
 * Who holds control, and whether they are still there. Pure but for the clock that it is given.
 * A page answers each ping from its main thread, in the frame that it draws next. What counts is when the ping left that it answers: an
 * answer that was held up on the way is as old as its ping.
 */

/** The longest silence of who holds control, ms. Chosen: a person lets go of a key in less; a busy page that still draws is let be. */
export const SILENCE_MS = 500;
/** Between two pings, ms. Chosen: four of them may be lost. */
export const PING_MS = 100;

export interface Control {
  readonly holder: () => number | undefined;
  /** @returns whether they hold it now: not when another one does. */
  readonly take: (viewer: number) => boolean;
  /** Lets go on purpose, which stops nothing. */
  readonly release: (viewer: number) => void;
  /** The next ping for who holds control. */
  readonly ping: () => number;
  readonly alive: (viewer: number, ping: number) => void;
  /**
   * When something was made, at the soonest, whose page had seen this ping so long before: an age that comes of it is never too small.
   * Nothing for who does not hold control, and for pings that are too old to prove anything.
   */
  readonly madeMs: (viewer: number, ping: number, sinceMs: number) => number | undefined;
  /** Takes control from who is silent. @returns why, once. */
  readonly lost: () => string | undefined;
  /** A viewer that is gone. @returns why control is lost, if they held it. */
  readonly gone: (viewer: number) => string | undefined;
}

export function createControl({ nowMs, silenceMs = SILENCE_MS }: { nowMs: () => number; silenceMs?: number }): Control {
  let holder: number | undefined;
  let provenMs = 0;
  let last = 0;
  /** When each ping left that may still be answered in time. */
  const sentMs = new Map<number, number>();
  const drop = (cause: string): string => {
    holder = undefined;
    sentMs.clear();
    return cause;
  };
  return {
    holder: () => holder,
    take: (viewer) => {
      if (holder !== undefined) return holder === viewer;
      holder = viewer;
      provenMs = nowMs();
      return true;
    },
    release: (viewer) => {
      if (holder === viewer) drop('');
    },
    ping: () => {
      const now = nowMs();
      for (const [ping, leftMs] of sentMs) if (now - leftMs > silenceMs) sentMs.delete(ping);
      sentMs.set(++last, now);
      return last;
    },
    alive: (viewer, ping) => {
      const leftMs = sentMs.get(ping);
      if (viewer === holder && leftMs !== undefined) provenMs = Math.max(provenMs, leftMs);
    },
    madeMs: (viewer, ping, sinceMs) => {
      const leftMs = viewer === holder ? sentMs.get(ping) : undefined;
      if (leftMs === undefined || nowMs() - leftMs > silenceMs) return undefined;
      // A page whose clock is fast makes nothing in the future.
      return Math.min(leftMs + sinceMs, nowMs());
    },
    lost: () => {
      if (holder === undefined || nowMs() - provenMs <= silenceMs) return undefined;
      return drop(`who holds control gave no sign of life for ${silenceMs} ms`);
    },
    gone: (viewer) => (holder === viewer ? drop('who holds control is gone') : undefined),
  };
}
