/** Paths and chunks for tests: every number that a motion may have, corners and turns included. */
import fc from 'fast-check';
import type { Action, ActionOf } from 'pumice';
import type { Path } from '../../src/chunk/path.ts';

const within = (most: number) => fc.integer({ min: -1000, max: 1000 }).map((share) => (most * share) / 1000);
export const points = fc.tuple(within(0.5), within(0.5), within(0.5));
export const orientations = fc
  .tuple(within(1), within(1), within(1), within(1))
  .filter((q) => Math.hypot(...q) > 0.1)
  .map((q) => q.map((part) => part / Math.hypot(...q)) as [number, number, number, number]);
export const openings = fc.constantFrom(0, 1);

export const stances = fc.record({ pM: points, qXyzw: orientations, gripperOpen: openings });
export const deltas: fc.Arbitrary<ActionOf<'eef-delta'>> = fc.record({
  kind: fc.constant('eef-delta' as const),
  frameId: fc.constant('base'),
  dPosM: fc.tuple(within(0.05), within(0.05), within(0.05)),
  dRpyRad: fc.tuple(within(0.3), within(0.3), within(0.3)),
  gripperOpen: openings,
});

/** A path of some knots, each one tick or several after the one before. */
export const paths = (fromTick: number): fc.Arbitrary<Path> =>
  fc
    .tuple(fc.array(stances, { minLength: 2, maxLength: 12 }), fc.integer({ min: 1, max: 3 }))
    .map(([all, every]) => all.map((stance, at) => ({ ...stance, tick: fromTick + at * every })));

export const pose = (pM: readonly [number, number, number], gripperOpen = 1): Action => ({
  kind: 'eef-pose',
  frameId: 'base',
  pM: [...pM],
  qXyzw: [0, 0, 0, 1],
  gripperOpen,
});

/** Angle between two orientations, rad, by their scalar product. */
export const angleBetween = (a: readonly number[], b: readonly number[]): number => {
  const dot = Math.abs(a.reduce((sum, value, at) => sum + value * b[at]!, 0));
  return 2 * Math.acos(Math.min(1, dot));
};
