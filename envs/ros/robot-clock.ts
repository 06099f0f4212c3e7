/**
 * What the robot's clock shows, by round trips: when something left, the robot's time on it, when it was back. Robots drop commands by
 * their stamp, and a stamp in their future defeats that (MoveIt Servo, issue 772), so what is given is the earliest that it may be now.
 * Pure: knows no socket, and no time but what it is told.
 */

export interface RoundTrip {
  /** Of this machine, monotonic ms. */
  readonly sentMs: number;
  readonly receivedMs: number;
  /** Of the robot, ms. */
  readonly robotMs: number;
}

export interface RobotClock {
  readonly add: (trip: RoundTrip) => void;
  /** The earliest that the robot's clock may show at a time of this machine; none while it is not known well enough. */
  readonly at: (ms: number) => number | undefined;
  /** When it was here that the robot's clock showed this, at the latest; none while it is not known well enough, or for a time to come. */
  readonly hereMs: (robotMs: number, nowMs: number) => number | undefined;
  /** How far at least a stamp is ahead of what this clock can show by now, ms; more than `MOST_AHEAD_MS` is of another clock. */
  readonly aheadMs: (robotMs: number, nowMs: number) => number;
  readonly offset: (nowMs: number) => { readonly offsetMs: number; readonly uncertaintyMs: number } | undefined;
  /** How often the robot's clock was set. */
  readonly steps: () => number;
}

/** Round trips that are kept. Chosen: 6 s of one each 100 ms. */
const MOST_TRIPS = 60;
/** How far two clocks may run apart, ms each ms. Chosen: twice what cheap quartz does. */
const DRIFT = 2e-4;
/** Uncertainty above which the time is not known, ms. Chosen: half of what MoveIt Servo takes as too old. */
const MOST_UNCERTAINTY_MS = 50;
/** Age of the newest round trip above which the clock may have been set, ms. Chosen: 20 periods of the beacon. */
const MOST_SILENCE_MS = 2000;
/** How far a stamp may be ahead, ms: one who is further ahead has another clock, by which nothing can be called old. Chosen. */
export const MOST_AHEAD_MS = 50;
/** Round trips that have to agree. */
const LEAST_TRIPS = 3;

interface Estimate {
  readonly offsetMs: number;
  readonly uncertaintyMs: number;
  readonly atMs: number;
}

const aged = ({ uncertaintyMs, atMs }: Estimate, nowMs: number) => uncertaintyMs + DRIFT * Math.max(0, nowMs - atMs);

export function createRobotClock(): RobotClock {
  let trips: Estimate[] = [];
  let steps = 0;
  const best = (nowMs: number) =>
    trips.reduce<Estimate | undefined>(
      (least, trip) => (least && aged(least, nowMs) <= aged(trip, nowMs) ? least : trip),
      undefined,
    );
  const offset: RobotClock['offset'] = (nowMs) => {
    const found = best(nowMs);
    if (!found || trips.length < LEAST_TRIPS || nowMs - trips.at(-1)!.atMs > MOST_SILENCE_MS) return undefined;
    const uncertaintyMs = aged(found, nowMs);
    return uncertaintyMs > MOST_UNCERTAINTY_MS ? undefined : { offsetMs: found.offsetMs, uncertaintyMs };
  };
  const aheadMs: RobotClock['aheadMs'] = (robotMs, nowMs) => {
    const known = offset(nowMs);
    return known ? Math.max(0, robotMs - (nowMs + known.offsetMs + known.uncertaintyMs)) : 0;
  };
  return {
    add: ({ sentMs, receivedMs, robotMs }) => {
      if (![sentMs, receivedMs, robotMs].every(Number.isFinite) || receivedMs < sentMs) return;
      const trip = {
        offsetMs: robotMs - (sentMs + receivedMs) / 2,
        uncertaintyMs: (receivedMs - sentMs) / 2,
        atMs: receivedMs,
      };
      const known = best(receivedMs);
      // Two that cannot both be true: the clock was set in between, and what was known of it is void.
      const isStep =
        known !== undefined && Math.abs(trip.offsetMs - known.offsetMs) > trip.uncertaintyMs + aged(known, receivedMs);
      if (isStep) {
        steps += 1;
        trips = [];
      }
      trips = [...trips, trip].slice(-MOST_TRIPS);
    },
    at: (ms) => {
      const known = offset(ms);
      return known && ms + known.offsetMs - known.uncertaintyMs;
    },
    hereMs: (robotMs, nowMs) => {
      const known = offset(nowMs);
      if (aheadMs(robotMs, nowMs) > MOST_AHEAD_MS) return undefined;
      // What is a little ahead is of now at the latest.
      return known && Math.min(nowMs, robotMs - known.offsetMs + known.uncertaintyMs);
    },
    aheadMs,
    offset,
    steps: () => steps,
  };
}
