/** What critics are shown of a motion: as far as the rules let it go. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { motionsOf } from '../../policies/critics/cinder/input.ts';
import { type Three, within } from '../../policies/shared/workspace.ts';

const BOX = { minM: [0.2, -0.3, 0.01], maxM: [0.6, 0.3, 0.4] } as const;
const place = (low: number, high: number) => fc.double({ min: low, max: high, noNaN: true });
const anyPlace = fc.tuple(place(-1, 1), place(-1, 1), place(-1, 1));
const isInside = (pM: Three) => pM.every((value, axis) => value >= BOX.minM[axis]! && value <= BOX.maxM[axis]!);

it('a way that begins within the workspace ends within it', () => {
  fc.assert(
    fc.property(fc.tuple(place(0.2, 0.6), place(-0.3, 0.3), place(0.01, 0.4)), anyPlace, (from, to) => {
      expect(isInside(within(BOX, from, to))).toBe(true);
    }),
  );
});

it('ways of the property above do lead out of it, so that there is something to cut', () => {
  const ends = fc.sample(anyPlace, 200);
  expect(ends.filter((to) => !isInside(to)).length).toBeGreaterThan(50);
});

it('what is within is left as it is, and so is everything where there is no workspace', () => {
  expect(within(BOX, [0.3, 0, 0.1], [0.31, 0.02, 0.09])).toEqual([0.31, 0.02, 0.09]);
  expect(within(undefined, [0.3, 0, 0.1], [9, 9, 9])).toEqual([9, 9, 9]);
});

it('from outside a way leads back, and no further out', () => {
  expect(within(BOX, [0.7, 0, 0.1], [0.65, 0, 0.1])).toEqual([0.65, 0, 0.1]);
  expect(within(BOX, [0.7, 0, 0.1], [0.75, 0, 0.1])).toEqual([0.7, 0, 0.1]);
});

it('cinder is shown a plunge as far as it will be let, and the next motion from there', () => {
  const pose = { frameId: 'base', pM: [0.4, 0, 0.03] as const, qXyzw: [0, 0, 0, 1] as const };
  const down = {
    kind: 'eef-delta',
    frameId: 'base',
    dPosM: [0, 0, -0.05],
    dRpyRad: [0, 0, 0],
    gripperOpen: 1,
  } as const;
  const up = { ...down, dPosM: [0, 0, 0.02] } as const;
  const motions = motionsOf([down, up], { measured: pose, commanded: pose, gripperOpen: 1 }, BOX);
  expect(motions.map(([, , dz]) => Number(dz!.toFixed(6)))).toEqual([-0.02, 0.02]);
});
