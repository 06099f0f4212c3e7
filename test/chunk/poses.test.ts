import fc from 'fast-check';
import type { Action, ActionOf, DeltaMeaning } from 'pumice';
import { describe, expect, it } from 'vitest';
import { endOf } from '../../src/chunk/path.ts';
import { type Anchor, type Course, courseOf, stepped } from '../../src/chunk/poses.ts';
import { angleBetween, deltas, orientations, points, pose } from './given.ts';

const BASE: DeltaMeaning = { axes: 'base', rotateAbout: 'tcp', reference: 'commanded' };
const TOOL: DeltaMeaning = { ...BASE, axes: 'tool' };
const at = (x: number, tick = 0): Anchor => ({
  tick,
  measured: { frameId: 'base', pM: [x - 0.1, 0, 0], qXyzw: [0, 0, 0, 1] },
  commanded: { frameId: 'base', pM: [x, 0, 0], qXyzw: [0, 0, 0, 1] },
  gripperOpen: 1,
});
const delta = (
  dPosM: [number, number, number],
  dRpyRad: [number, number, number] = [0, 0, 0],
  gripperOpen = 1,
): ActionOf<'eef-delta'> => ({
  ...{ kind: 'eef-delta', frameId: 'base', dPosM, dRpyRad },
  gripperOpen,
});
const course = (
  actions: readonly Action[],
  anchor = at(0),
  meaning: DeltaMeaning | undefined = BASE,
  ticksPerAction = 1,
): Course => {
  const read = courseOf(actions, anchor, { delta: meaning, ticksPerAction });
  if (typeof read === 'string') throw new Error(read);
  return read;
};

describe('a chunk of deltas', () => {
  it('is anchored where the tool was when the picture was taken: where it was told to be, or was, as the body counts', () => {
    const actions = [delta([0.01, 0, 0]), delta([0.01, 0, 0])];
    expect(course(actions, at(0.3, 7)).path.map(({ tick, pM }) => [tick, pM[0]])).toEqual([
      [7, 0.3],
      [8, 0.31],
      [9, expect.closeTo(0.32, 9)],
    ]);
    expect(course(actions, at(0.3), { ...BASE, reference: 'measured' }).path[0]!.pM[0]).toBeCloseTo(0.2, 9);
  });

  it('goes along the axes of the base, or of the tool as it is turned by then', () => {
    const quarter: [number, number, number] = [0, 0, Math.PI / 2];
    const actions = [delta([0.1, 0, 0], quarter), delta([0.1, 0, 0])];
    const end = (meaning: DeltaMeaning) => course(actions, at(0), meaning).path.at(-1)!.pM;
    expect(end(BASE).map((value) => Math.round(value * 1e9) / 1e9)).toEqual([0.2, 0, 0]);
    expect(end(TOOL).map((value) => Math.round(value * 1e9) / 1e9)).toEqual([0.1, 0.1, 0]);
  });

  it('turns by the axes of the base or of the tool, which differ', () => {
    const actions = [delta([0, 0, 0], [Math.PI / 2, 0, 0]), delta([0, 0, 0], [0, 0, Math.PI / 2])];
    const [base, tool] = [BASE, TOOL].map((meaning) => course(actions, at(0), meaning).path.at(-1)!.qXyzw);
    const half = 0.5;
    expect(angleBetween(base!, [half, half, half, half])).toBeLessThan(1e-6);
    expect(angleBetween(tool!, [half, -half, half, half])).toBeLessThan(1e-6);
  });

  it('a delta of a chunk is as long as it says, and turns by its angle, whatever the axes', () => {
    fc.assert(
      fc.property(points, orientations, deltas, fc.constantFrom(BASE, TOOL), (pM, qXyzw, action, meaning) => {
        const after = stepped({ pM, qXyzw }, action, meaning);
        const way = Math.hypot(...after.pM.map((value, axis) => value - pM[axis]!));
        const turn = angleBetween(qXyzw, after.qXyzw);
        const own = angleBetween([0, 0, 0, 1], stepped({ pM: [0, 0, 0], qXyzw: [0, 0, 0, 1] }, action, BASE).qXyzw);
        expect(way).toBeCloseTo(Math.hypot(...action.dPosM), 9);
        expect(turn).toBeCloseTo(own, 6);
      }),
    );
  });

  it('and the axes matter: of most tools the two lead to different places', () => {
    const pairs = fc.sample(fc.tuple(orientations, deltas), { numRuns: 200, seed: 1 });
    const differ = pairs.filter(([qXyzw, action]) => {
      const [base, tool] = [BASE, TOOL].map((meaning) => stepped({ pM: [0, 0, 0], qXyzw }, action, meaning).pM);
      return Math.hypot(...base!.map((value, axis) => value - tool![axis]!)) > 1e-3;
    });
    expect(differ.length).toBeGreaterThan(100);
  });
});

describe('any chunk', () => {
  it('an action lasts the ticks of the chunk, and a target is a target', () => {
    const { path, hasDeltas } = course([pose([0.1, 0, 0]), pose([0.2, 0, 0])], at(0, 3), undefined, 2);
    expect(path.map(({ tick, pM }) => [tick, pM[0]])).toEqual([
      [3, 0],
      [5, 0.1],
      [7, 0.2],
    ]);
    expect(hasDeltas).toBe(false);
  });

  it('hold stays where the action before led, with the hand as it was', () => {
    const { path } = course([delta([0.1, 0, 0], [0, 0, 0], 0), { kind: 'hold' }]);
    expect(path.at(-1)).toMatchObject({ tick: 2, pM: [0.1, 0, 0], gripperOpen: 0 });
  });

  it('done is said when the actions before it are over, and what follows it counts for nothing', () => {
    const done: Action = { kind: 'done', outcome: 'success' };
    const { path, ending } = course([delta([0.1, 0, 0]), done, delta([5, 0, 0])]);
    expect(ending).toEqual({ tick: 1, action: done });
    expect(endOf(path)).toBe(1);
  });

  it.each([
    ['a kind that no plan is made of', [{ kind: 'ui-back' } as Action], BASE, 'ui-back'],
    ['another frame', [{ ...delta([0, 0, 0]), frameId: 'camera' }], BASE, "'camera' is not 'base'"],
    ['deltas to a body that does not say what they mean', [delta([0, 0, 0])], undefined, 'what a delta means'],
  ])('%s is refused with the reason', (_what, actions, meaning, reason) => {
    expect(courseOf(actions, at(0), { delta: meaning, ticksPerAction: 1 })).toContain(reason);
  });
});
