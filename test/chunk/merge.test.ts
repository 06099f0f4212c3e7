import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { merge, quintic, withCatchUp } from '../../src/chunk/merge.ts';
import { distanceM, endOf, type Path, stanceAt, standing } from '../../src/chunk/path.ts';
import { angleBetween, paths, points } from './given.ts';

const line = (fromTick: number, xs: readonly number[], gripperOpen = 1): Path =>
  xs.map((x, at) => ({ pM: [x, 0, 0], qXyzw: [0, 0, 0, 1], gripperOpen, tick: fromTick + at }));
/** Where it is told to be, tick by tick from where it begins. */
const ticked = (path: Path) =>
  Array.from({ length: Math.floor(endOf(path) - path[0]!.tick) + 1 }, (_, at) => stanceAt(path, path[0]!.tick + at));
const largestStep = (path: Path) => {
  const all = ticked(path);
  return Math.max(...all.slice(1).map((stance, at) => distanceM(all[at]!, stance)));
};

/** An old path, a new one that was begun some ticks ago, and how much of both was played. */
const seams = fc.integer({ min: 0, max: 5 }).chain((startTick) =>
  fc.record({
    old: paths(0),
    fresh: paths(startTick),
    later: fc.integer({ min: 0, max: 30 }).map((tenths) => tenths / 10),
    startTick: fc.constant(startTick),
  }),
);

describe('merging', () => {
  it('begins exactly where the old path is, hand included, and ends exactly where the new one ends', () => {
    fc.assert(
      fc.property(seams, ({ old, fresh, startTick, later }) => {
        const tick = startTick + later;
        fc.pre(endOf(fresh) > tick);
        const merged = merge(old, fresh, tick);
        expect(distanceM(stanceAt(merged, tick), stanceAt(old, tick))).toBeLessThan(1e-9);
        expect(angleBetween(stanceAt(merged, tick).qXyzw, stanceAt(old, tick).qXyzw)).toBeLessThan(1e-6);
        expect(merged[0]!.gripperOpen).toBe(stanceAt(old, tick).gripperOpen);
        const [end, wanted] = [stanceAt(merged, endOf(merged)), stanceAt(fresh, endOf(fresh))];
        expect(endOf(merged)).toBe(endOf(fresh));
        expect(distanceM(end, wanted)).toBeLessThan(1e-9);
        expect(end.gripperOpen).toBe(wanted.gripperOpen);
      }),
    );
  });

  it('is in between: never further from the new path than the old one is, tick by tick', () => {
    fc.assert(
      fc.property(seams, ({ old, fresh, startTick, later }) => {
        const tick = startTick + later;
        fc.pre(endOf(fresh) > tick);
        const merged = merge(old, fresh, tick);
        for (const knot of merged) {
          const [was, will] = [stanceAt(old, knot.tick), stanceAt(fresh, knot.tick)];
          expect(distanceM(knot, will)).toBeLessThanOrEqual(distanceM(was, will) + 1e-9);
          expect(distanceM(knot, was)).toBeLessThanOrEqual(distanceM(was, will) + 1e-9);
          expect([0, 1]).toContain(knot.gripperOpen);
          expect(Math.hypot(...knot.qXyzw)).toBeCloseTo(1, 6);
        }
      }),
    );
  });

  it('and not vacuously: most seams are between paths that differ', () => {
    const differing = fc.sample(seams, { numRuns: 200, seed: 1 }).filter(({ old, fresh, startTick, later }) => {
      const tick = startTick + later;
      return endOf(fresh) > tick && distanceM(stanceAt(old, tick), stanceAt(fresh, tick)) > 0.05;
    });
    expect(differing.length).toBeGreaterThan(100);
  });

  it('plays the new path at the tick of now, and none of what of it is over', () => {
    const fresh = line(0, [0, 1, 2, 3, 4, 5, 6, 7]);
    const merged = merge(line(0, [0, 1, 2, 3, 4, 5, 6, 7]), fresh, 3);
    expect(ticked(merged).map(({ pM }) => pM[0])).toEqual([3, 4, 5, 6, 7].map((x) => expect.closeTo(x, 9)));
  });

  it('a seam of two ways 40 mm apart: the largest step is at most half of a time-aligned switch', () => {
    const old = line(
      0,
      Array.from({ length: 30 }, (_, at) => at * 0.01),
    );
    const fresh = old.map((knot) => ({ ...knot, pM: [knot.pM[0], 0.04, 0] as const }));
    const switched = distanceM(stanceAt(old, 10), stanceAt(fresh, 11));
    expect(largestStep(merge(old, fresh, 10))).toBeLessThanOrEqual(switched / 2);
  });

  it('turns by the shortest way, at the pace of the fade', () => {
    const turned = (yaw: number): Path =>
      line(0, Array(21).fill(0)).map((knot) => ({ ...knot, qXyzw: [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)] }));
    const merged = merge(turned(3), turned(-3), 5);
    const angles = ticked(merged)
      .slice(1)
      .map((stance, at) => angleBetween(ticked(merged)[at]!.qXyzw, stance.qXyzw));
    // Through the back it is 0.28 rad; the other way round it would be 6.
    expect(angles.reduce((sum, angle) => sum + angle, 0)).toBeCloseTo(2 * Math.PI - 6, 5);
  });

  it('an end that is stood at counts as a path: the new one takes over within a tick', () => {
    const merged = merge(
      standing({ pM: [0, 0, 0], qXyzw: [0, 0, 0, 1], gripperOpen: 0 }, 4),
      line(4, [0.05, 0.06, 0.07]),
      4,
    );
    expect(ticked(merged).map(({ pM }) => pM[0])).toEqual([0, 0.06, 0.07]);
  });

  it('a hand is never in between, and follows the path that is nearer', () => {
    const merged = merge(line(0, Array(21).fill(0), 1), line(0, Array(21).fill(0), 0), 0);
    const open = ticked(merged).map(({ gripperOpen }) => gripperOpen);
    expect(open.slice(0, 5)).toEqual([1, 1, 1, 1, 1]);
    expect(open.slice(6).every((value) => value === 0)).toBe(true);
  });

  it('the quintic goes from 0 to 1 and rests at both ends', () => {
    expect([quintic(-1), quintic(0), quintic(0.5), quintic(1), quintic(2)]).toEqual([0, 0, 0.5, 1, 1]);
    expect(quintic(0.001)).toBeLessThan(1e-7);
    fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (x) => quintic(x) >= 0 && quintic(x) <= 1));
  });
});

describe('a path', () => {
  it('switches the hand at its place, however finely it is played', () => {
    const path: Path = [...line(0, [0, 1]), { ...line(2, [2])[0]!, gripperOpen: 0 }];
    const open = [0.5, 1, 1.01, 1.5, 2, 9].map((tick) => stanceAt(path, tick).gripperOpen);
    expect(open).toEqual([1, 1, 0, 0, 0, 0]);
  });
});

describe('catching up', () => {
  it('leaves at most so much, along the same line, and changes nothing where there is less', () => {
    fc.assert(
      fc.property(paths(0), paths(0), points, fc.double({ min: 0, max: 0.2, noNaN: true }), (old, fresh, _p, mostM) => {
        const moved = withCatchUp(old, fresh, 1, mostM);
        const [before, after] = [fresh, moved].map((path) => distanceM(stanceAt(old, 1), stanceAt(path, 1)));
        expect(after!).toBeCloseTo(Math.min(before!, mostM), 9);
        // Its own ways stay what they were.
        for (const [at, knot] of moved.entries())
          if (at > 0) expect(distanceM(moved[at - 1]!, knot)).toBeCloseTo(distanceM(fresh[at - 1]!, fresh[at]!), 9);
        if (before! <= mostM) expect(moved).toBe(fresh);
      }),
    );
  });
});
