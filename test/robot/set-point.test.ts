/** Set-points over random ways, times and limits: what no one of them may do, each with a twin that does it and is found out. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { turned, type Vec3 } from '../../src/gate/rotation.ts';
import type { ToolPose } from '../../src/robot/messages.ts';
import {
  type Bounds,
  brake,
  excessOf,
  follow,
  isAtRest,
  type Motion,
  restAt,
  type SetPoint,
} from '../../src/robot/set-point.ts';

const BOUNDS: Bounds = {
  periodMs: 20,
  expiryMs: 400,
  move: { max: 0.4, speedUp: 2, slowDown: 4 },
  turn: { max: 1.5, speedUp: 8, slowDown: 12 },
  maxGripperPerS: 5,
};
const HOME: ToolPose = { pM: [0.4, 0, 0.2], qXyzw: [0, 0, 0, 1], gripperOpen: 1 };
const EPS = 1e-9;

const motionTo = (target: ToolPose, startMs: number, durationMs = 200): Motion => ({
  ...{ verdictId: 1, epoch: 0, validUntilMs: startMs + BOUNDS.expiryMs },
  ...{ startMs, durationMs, target },
});
const moved = (from: ToolPose, byM: Vec3, turnRad: Vec3 = [0, 0, 0], gripperOpen = from.gripperOpen): ToolPose => ({
  pM: [from.pM[0] + byM[0], from.pM[1] + byM[1], from.pM[2] + byM[2]],
  qXyzw: turned(from.qXyzw, turnRad),
  gripperOpen,
});
const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((value, i) => value - b[i]!));
const angle = (a: readonly number[], b: readonly number[]) =>
  4 *
  Math.asin(
    Math.min(
      1,
      Math.min(
        distance(a, b),
        distance(
          a,
          b.map((v) => -v),
        ),
      ) / 2,
    ),
  );
const length = (v: readonly number[]) => Math.hypot(...v);

interface Makers {
  readonly follow: typeof follow;
  readonly brake: typeof brake;
}
const OURS: Makers = { follow, brake };

const share = fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000);
const vec = (most: number) => {
  // Even over the range: doubles as such are mostly tiny.
  const one = fc.integer({ min: -1000, max: 1000 }).map((n) => (n / 1000) * most);
  return fc.tuple(one, one, one);
};
/** Targets one after the other, each some way from the last one, with jitter of the thread that posts and of the one that drives. */
const journey = fc.array(
  fc.record({
    byM: vec(0.06),
    turnRad: vec(0.2),
    gripperOpen: share,
    durationMs: fc.integer({ min: 40, max: 300 }),
    ticks: fc.array(fc.constantFrom(20, 20, 20, 20, 3, 12, 35, 90, 0), { minLength: 1, maxLength: 15 }),
  }),
  { minLength: 1, maxLength: 8 },
);
type Journey = typeof journey extends fc.Arbitrary<infer T> ? T : never;

/** All set-points of a journey, the first one at rest. */
function travel({ follow }: Makers, legs: Journey): SetPoint[] {
  const points = [restAt(HOME, 0)];
  let nowMs = 0;
  let target = HOME;
  for (const { byM, turnRad, gripperOpen, durationMs, ticks } of legs) {
    target = moved(target, byM, turnRad, gripperOpen);
    const motion = motionTo(target, nowMs, durationMs);
    for (const tickMs of ticks) {
      nowMs += tickMs;
      points.push(follow(points.at(-1)!, motion, nowMs, BOUNDS));
    }
  }
  return points;
}

/** A stop at that point of a journey, and what came after it, the point itself first. */
function stop({ brake }: Makers, from: SetPoint, ticks = 60): SetPoint[] {
  const points = [from];
  for (let tick = 1; tick <= ticks; tick++) points.push(brake(points.at(-1)!, from.stampMs + tick * 20, BOUNDS));
  return points;
}

function expectWithinLimits(points: readonly SetPoint[]): void {
  const { move, turn, maxGripperPerS, periodMs } = BOUNDS;
  for (const [i, { pose, stampMs, velocityMPerS, turnRadPerS }] of points.slice(1).entries()) {
    const last = points[i]!;
    const dtS = Math.min(stampMs - last.stampMs, periodMs) / 1000;
    expect([...pose.pM, ...pose.qXyzw, pose.gripperOpen].every(Number.isFinite)).toBe(true);
    expect(distance(pose.pM, last.pose.pM)).toBeLessThanOrEqual(move.max * dtS + EPS);
    expect(angle(pose.qXyzw, last.pose.qXyzw)).toBeLessThanOrEqual(turn.max * dtS + 1e-7);
    expect(Math.abs(pose.gripperOpen - last.pose.gripperOpen)).toBeLessThanOrEqual(maxGripperPerS * dtS + EPS);
    expect(length(velocityMPerS) - length(last.velocityMPerS)).toBeLessThanOrEqual(move.speedUp * dtS + EPS);
    expect(length(turnRadPerS) - length(last.turnRadPerS)).toBeLessThanOrEqual(turn.speedUp * dtS + 1e-7);
  }
}

function expectRest(points: readonly SetPoint[]): void {
  const [first] = points as [SetPoint];
  const { move, turn, periodMs } = BOUNDS;
  const brakingS = Math.max(length(first.velocityMPerS) / move.slowDown, length(first.turnRadPerS) / turn.slowDown);
  const rest = points.findIndex((point) => isAtRest(point));
  expect(rest).toBeGreaterThanOrEqual(0);
  expect(points[rest]!.stampMs - first.stampMs).toBeLessThanOrEqual(1000 * brakingS + periodMs + EPS);
  for (const point of points.slice(rest)) expect(point.pose).toEqual(points[rest]!.pose);
}

function expectAlongThePath(points: readonly SetPoint[]): void {
  const [first] = points as [SetPoint];
  const way = distance(first.aim.pM, first.pose.pM);
  let gone = 0;
  for (const [i, { pose, velocityMPerS }] of points.entries()) {
    const now = distance(pose.pM, first.pose.pM);
    // On the straight line between here and there: the two parts make up the whole.
    expect(now + distance(first.aim.pM, pose.pM)).toBeLessThanOrEqual(way + 1e-7);
    expect(now).toBeGreaterThanOrEqual(gone - EPS);
    gone = now;
    expect(pose.gripperOpen).toBe(first.pose.gripperOpen);
    if (i > 0)
      expect(length(points[i - 1]!.velocityMPerS) - length(velocityMPerS)).toBeLessThanOrEqual(
        // Where short periods led up to here, the last bit before the target is shorter than it takes: less than two steps of it.
        2 * BOUNDS.move.slowDown * 0.02 + EPS,
      );
  }
}

describe('set-points', () => {
  it('none is beyond its limits, whatever the targets and however late the threads', () => {
    fc.assert(fc.property(journey, (legs) => expectWithinLimits(travel(OURS, legs))));
  });

  it('come to rest within the time that it takes to brake and one period, and never move after', () => {
    fc.assert(
      fc.property(journey, fc.nat(), (legs, at) => {
        const points = travel(OURS, legs);
        const stopped = stop(OURS, points[at % points.length]!);
        expectWithinLimits(stopped);
        expectRest(stopped);
      }),
    );
  });

  it('stop along the way that they are on, not beyond the newest target, with the hand as it was told last', () => {
    fc.assert(
      fc.property(journey, fc.nat(), (legs, at) => {
        const points = travel(OURS, legs);
        expectAlongThePath(stop(OURS, points[at % points.length]!));
      }),
    );
  });

  it('come to rest exactly at the target without a further one, in time and the way that it takes to stop', () => {
    fc.assert(
      fc.property(vec(0.03), vec(0.1), share, (byM, turnRad, gripperOpen) => {
        const target = moved(HOME, byM, turnRad, gripperOpen);
        const points = [restAt(HOME, 0)];
        const motion = motionTo(target, 0);
        for (let nowMs = 20; nowMs <= 600; nowMs += 20) points.push(follow(points.at(-1)!, motion, nowMs, BOUNDS));
        expectWithinLimits(points);
        expect(points.at(-1)!.pose).toEqual(target);
        expect(isAtRest(points.at(-1)!)).toBe(true);
        // Constant speed would have taken 200 ms; speeding up and slowing down take theirs on top.
        const mostMs = 200 + 1000 * (0.4 / 2 + 0.4 / 4);
        expect(points.find(({ pose }) => distance(pose.pM, target.pM) < EPS)!.stampMs).toBeLessThanOrEqual(mostMs);
      }),
    );
  });

  it('keep their speed where the next target comes in time: targets on a line are no stop and go', () => {
    let last = restAt(HOME, 0);
    const speeds: number[] = [];
    for (let leg = 0; leg < 20; leg++) {
      const motion = motionTo(moved(HOME, [0.02 * (leg + 1), 0, 0]), leg * 100, 100);
      for (let tick = 1; tick <= 5; tick++) {
        last = follow(last, motion, leg * 100 + tick * 20, BOUNDS);
        speeds.push(length(last.velocityMPerS));
      }
    }
    for (const speed of speeds.slice(40)) expect(speed).toBeCloseTo(0.2, 2);
  });

  it('drop what leads the wrong way when the target turns round, and go no nearer to where they came from than told', () => {
    let last = restAt(HOME, 0);
    const there = motionTo(moved(HOME, [0.06, 0, 0]), 0);
    for (let nowMs = 20; nowMs <= 120; nowMs += 20) last = follow(last, there, nowMs, BOUNDS);
    const back = follow(last, motionTo(HOME, 120), 140, BOUNDS);
    expect(last.velocityMPerS[0]).toBeGreaterThan(0.1);
    expect(back.velocityMPerS[0]).toBeLessThan(0);
    expect(back.pose.pM[0]).toBeLessThan(last.pose.pM[0]);
  });

  it('a body that was given none for long stands where the last one was: it is not thrown off from there', () => {
    let last = restAt(HOME, 0);
    const motion = motionTo(moved(HOME, [0.06, 0, 0]), 0);
    for (let nowMs = 20; nowMs <= 120; nowMs += 20) last = follow(last, motion, nowMs, BOUNDS);
    const late = follow(last, motionTo(moved(HOME, [0.06, 0, 0]), 1000), 1120, BOUNDS);
    expect(length(late.velocityMPerS)).toBeLessThanOrEqual(BOUNDS.move.speedUp * 0.02 + EPS);
  });
});

describe('the rules above can fail', () => {
  const CAUGHT = { numRuns: 200, endOnFailure: true };
  const fails = (check: (legs: Journey, at: number) => void) =>
    expect(() => fc.assert(fc.property(journey, fc.nat(), check), CAUGHT)).toThrow();
  const leaping: Makers = {
    follow: (last, { target }, stampMs) => ({ ...last, pose: target, aim: target, stampMs }),
    brake: (last, stampMs) => ({ ...last, pose: last.aim, stampMs }),
  };
  const coasting: Makers = {
    follow,
    brake: (last, stampMs) => ({ ...brake(last, stampMs, BOUNDS), velocityMPerS: last.velocityMPerS }),
  };
  const opening: Makers = {
    follow,
    brake: (last, nowMs, bounds) => {
      const next = brake(last, nowMs, bounds);
      return { ...next, pose: { ...next.pose, gripperOpen: 1 } };
    },
  };
  const dead: Makers = { follow, brake: (last, stampMs) => restAt(last.pose, stampMs) };
  const away: Makers = {
    follow,
    brake: (last, nowMs, bounds) => {
      const next = brake(last, nowMs, bounds);
      const [x, y, z] = next.pose.pM;
      return { ...next, pose: { ...next.pose, pM: [x, y + length(next.velocityMPerS) * 0.001, z] } };
    },
  };

  it('who leaps to the target is beyond the limits', () => fails((legs) => expectWithinLimits(travel(leaping, legs))));
  it('who goes on in a stop does not come to rest', () =>
    fails((legs, at) => {
      const points = travel(OURS, legs);
      expectRest(stop(coasting, points[at % points.length]!));
    }));
  it.each([
    ['opens the hand', opening],
    ['stops dead', dead],
    ['turns off', away],
  ])('who %s in a stop is found out', (_, makers) =>
    fails((legs, at) => {
      const points = travel(OURS, legs);
      expectAlongThePath(stop(makers, points[at % points.length]!));
    }),
  );
  it('journeys are fast, and stops are needed', () => {
    const fast = fc
      .sample(journey, 100)
      .map((legs) => Math.max(...travel(OURS, legs).map((p) => length(p.velocityMPerS))));
    expect(fast.filter((speed) => speed > 0.1).length).toBeGreaterThan(50);
  });
});

describe('a motion', () => {
  const rest = restAt(HOME, 0);
  const excess = (target: ToolPose, durationMs = 200) => excessOf(rest, motionTo(target, 0, durationMs), BOUNDS);

  it('within the limits is followed, up to them', () => {
    expect(excess(HOME)).toBeUndefined();
    expect(excess(moved(HOME, [0.08, 0, 0], [0, 0, 0.3], 0))).toBeUndefined();
  });

  it('beyond them is refused, and says what came and what the limit is', () => {
    expect(excess(moved(HOME, [0.0801, 0, 0]))).toBe('moves at 0.401 m/s, limit 0.400 m/s');
    expect(excess(moved(HOME, [0, 0, 0], [0, 0.31, 0]))).toBe('turns at 1.55 rad/s, limit 1.50 rad/s');
    expect(excess({ ...HOME, gripperOpen: 0 }, 100)).toBe('opens or closes at 10.0/s, limit 5/s');
    expect(excess(HOME, 401)).toMatch(/^takes 401 ms/);
    for (const durationMs of [0, -1, NaN]) expect(excess(HOME, durationMs)).toMatch(/more than 0/);
  });

  it('is reckoned from the newest target, and may catch up with a turn that was missed, while the body moves', () => {
    const first = motionTo(moved(HOME, [0.08, 0, 0]), 0);
    const moving = follow(follow(rest, first, 20, BOUNDS), first, 40, BOUNDS);
    const second = (byM: number, startMs: number) =>
      excessOf(moving, motionTo(moved(HOME, [byM, 0, 0]), startMs), BOUNDS);
    expect(second(0.16, 195)).toBeUndefined();
    expect(second(0.17, 200)).toMatch(/moves at/);
    expect(second(0.24, 200)).toMatch(/moves at/);
    expect(second(0.24, 400)).toBeUndefined();
  });

  it('that runs away from the body step by step is refused', () => {
    let last = follow(rest, motionTo(moved(HOME, [0.08, 0, 0]), 0), 20, BOUNDS);
    let refused: string | undefined;
    for (let n = 2; n < 20 && !refused; n++) {
      const motion = motionTo(moved(HOME, [0.08 * n, 0, 0]), 20 + n);
      refused = excessOf(last, motion, BOUNDS);
      last = follow(last, motion, 20 + n, BOUNDS);
    }
    expect(refused).toMatch(/m ahead of the body/);
  });
});
