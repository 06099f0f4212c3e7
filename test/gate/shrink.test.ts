import { describe, expect, it } from 'vitest';
import { turnBetween, turned } from '../../src/gate/rotation.ts';
import { combine, isShrink, shareLeft, shrinkAction } from '../../src/gate/shrink.ts';
import type { ActionOf } from '../../src/types.ts';
import { did, HERE, inOrder, move, moveTo, observation, proprio, unruled } from './given.ts';

const WHOLE = { translation: 1, rotation: 1 };
const quarter: ActionOf<'eef-pose'>['qXyzw'] = [0, 0, Math.SQRT1_2, Math.SQRT1_2];
const closeTo = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12));
const seen = observation();

describe('shrinking a delta', () => {
  const action = move({ dPosM: [0.1, -0.2, 0.4], dRpyRad: [0.1, 0.2, 0.3], gripperOpen: 0.5 });

  it('scales its way, and leaves its turn and its gripper to the number', () => {
    const smaller = shrinkAction(action, { translation: 0.5, rotation: 1 }, seen);
    expect(smaller).toEqual({ ...action, dPosM: [0.05, -0.1, 0.2] });
  });

  it('scales its turn about its own axis', () => {
    const yawed = move({ dRpyRad: [0, 0.4, 0] });
    expect(shrinkAction(yawed, { translation: 1, rotation: 0.5 }, seen)).toEqual({
      ...yawed,
      dRpyRad: closeTo([0, 0.2, 0]),
    });
  });

  it('leaves of each axis, after the factor, what may be left of it, whichever way it leads', () => {
    const shrink = { translation: 0.5, rotation: 1, leftM: [0.02, 0.03, Infinity] } as const;
    expect(shrinkAction(action, shrink, seen)).toEqual({ ...action, dPosM: [0.02, -0.03, 0.2] });
    expect(shrinkAction(action, { ...WHOLE, leftM: [1, 0, 0.4] }, seen)).toEqual({ ...action, dPosM: [0.1, -0, 0.4] });
  });

  it('goes part of the way with the gripper, from what was commanded last, else from where it is', () => {
    const opening = (history: ReturnType<typeof did>[], gripper: number, wanted: number) => {
      const from = observation({ history, proprio: proprio({ gripperOpen: 0.8 }) });
      const smaller = shrinkAction(move({ gripperOpen: wanted }), { ...WHOLE, gripper }, from);
      return smaller.kind === 'eef-delta' ? smaller.gripperOpen : NaN;
    };
    expect(opening([], 0.5, 0)).toBeCloseTo(0.4, 12);
    expect(opening([did(move({ gripperOpen: 0.2 }))], 0.5, 0)).toBeCloseTo(0.1, 12);
    expect(opening([did(move({ gripperOpen: 0.2 })), did(move({ gripperOpen: 0.6 }))], 0.25, 1)).toBeCloseTo(0.7, 12);
    expect(opening([], 1, 0)).toBe(0);
    expect(opening([], 1, 0.1)).toBe(0.1);
    expect([opening([], 0.5, 9), opening([], 0.5, -9)]).toEqual([1, 0]);
  });

  it('leaves the gripper where nothing is known of the body', () => {
    const { proprio: _, ...blind } = observation();
    expect(shrinkAction(move({ gripperOpen: 0 }), { ...WHOLE, gripper: 0.5 }, blind)).toEqual(move({ gripperOpen: 0 }));
  });
});

describe('shrinking a target', () => {
  const action = moveTo({ pM: [0.5, -0.2, 0.2], qXyzw: quarter, gripperOpen: 0 });

  it('brings it nearer to where the tool is, on the straight way', () => {
    const smaller = shrinkAction(action, { translation: 0.25, rotation: 1 }, seen);
    expect(smaller).toEqual({ ...action, pM: closeTo([0.425, -0.05, 0.2]) });
  });

  it('turns part of the way, about the axis of the whole', () => {
    const smaller = shrinkAction(action, { translation: 1, rotation: 0.5 }, seen) as typeof action;
    expect(smaller).toEqual({ ...action, qXyzw: closeTo([0, 0, Math.sin(Math.PI / 8), Math.cos(Math.PI / 8)]) });
  });

  it('leaves of each axis what may be left of the way to it, and the rest exactly as it was', () => {
    const smaller = shrinkAction(action, { ...WHOLE, leftM: [0.03, Infinity, 0.1] }, seen) as typeof action;
    expect(smaller.pM).toEqual([expect.closeTo(0.43, 12), -0.2, 0.2]);
    expect(smaller.qXyzw).toBe(action.qXyzw);
    // 0.4 + (-0.15 - 0.4) is not -0.15.
    const far = moveTo({ pM: [-0.15, 0.1, 0.2] });
    const nearer = shrinkAction(far, { ...WHOLE, leftM: [Infinity, 0.05, Infinity] }, seen) as typeof far;
    expect(nearer.pM).toEqual([-0.15, 0.05, 0.2]);
  });

  it('goes part of the way with the gripper', () => {
    expect(shrinkAction(action, { ...WHOLE, gripper: 0.5 }, seen)).toEqual({ ...action, gripperOpen: 0.5 });
  });

  it('leaves it as it is where nobody knows where the tool is', () => {
    const elsewhere = observation({ proprio: proprio({ tcpPose: { ...HERE, frameId: 'tool' } }) });
    const { proprio: _, ...blind } = observation();
    for (const from of [elsewhere, blind])
      expect(shrinkAction(action, { translation: 0.5, rotation: 0.5 }, from)).toBe(action);
  });
});

it('shrinking leaves everything else as it is', () => {
  for (const action of [...inOrder, ...unruled].filter(({ kind }) => kind !== 'eef-delta' && kind !== 'eef-pose'))
    expect(shrinkAction(action, { translation: 0.5, rotation: 0.5, gripper: 0.5, leftM: [0, 0, 0] }, seen)).toBe(
      action,
    );
});

describe('two ways of making smaller', () => {
  it('are the smaller one in each respect', () => {
    const a = { translation: 0.5, rotation: 0.9, gripper: 0.3, leftM: [1, 2, Infinity] } as const;
    const b = { translation: 0.7, rotation: 0.8, gripper: 0.6, leftM: [3, 1, 4] } as const;
    const both = { translation: 0.5, rotation: 0.8, gripper: 0.3, leftM: [1, 1, 4] };
    expect([combine(a, b), combine(b, a)]).toEqual([both, both]);
  });

  it('leave whole what neither of them speaks of', () => {
    const all = [Infinity, Infinity, Infinity];
    expect(combine(WHOLE, WHOLE)).toEqual({ ...WHOLE, gripper: 1, leftM: all });
    expect(combine(WHOLE, { ...WHOLE, gripper: 0.5, leftM: [1, 2, 3] })).toMatchObject({
      gripper: 0.5,
      leftM: [1, 2, 3],
    });
    expect(combine({ ...WHOLE, gripper: 0.5, leftM: [1, 2, 3] }, WHOLE)).toMatchObject({
      gripper: 0.5,
      leftM: [1, 2, 3],
    });
  });

  it('make sense from 0 on, factors up to 1', () => {
    expect(isShrink(WHOLE)).toBe(true);
    expect(isShrink({ translation: 0, rotation: 0, gripper: 0, leftM: [0, -0, Infinity] })).toBe(true);
    expect(isShrink({ ...WHOLE, gripper: 1.01 })).toBe(false);
    expect(isShrink({ ...WHOLE, leftM: [0, 0, -1e-12] })).toBe(false);
  });
});

describe('what is left', () => {
  it('is the share of the way or of the turn, whichever is less', () => {
    const before = move({ dPosM: [0.03, 0.04, 0], dRpyRad: [0, 0, 0.2] });
    expect(shareLeft(before, before, seen)).toBe(1);
    expect(shareLeft(before, { ...before, dPosM: [0.03, 0, 0] }, seen)).toBeCloseTo(0.6, 12);
    expect(shareLeft(before, { ...before, dPosM: [0.03, 0, 0], dRpyRad: [0, 0, 0.02] }, seen)).toBeCloseTo(0.1, 12);
  });

  it('is all where there was nothing, or nothing is known', () => {
    const still = move({ dPosM: [0, -0, 0], dRpyRad: [0, 0, 0] });
    expect(shareLeft(still, still, seen)).toBe(1);
    const { proprio: _, ...blind } = observation();
    expect(shareLeft(moveTo(), moveTo(), blind)).toBe(1);
    expect(shareLeft(unruled[0]!, unruled[0]!, seen)).toBe(1);
  });

  it('is counted from where the tool is', () => {
    const pM = [0.42, 0, 0.2] as const;
    expect(shareLeft(moveTo({ pM: [0.44, 0, 0.2] }), moveTo({ pM }), seen)).toBeCloseTo(0.5, 12);
  });

  it('of a way that is too long for numbers is nothing', () => {
    const endless = move({ dPosM: [Number.MAX_VALUE, Number.MAX_VALUE, 0] });
    expect(shareLeft(endless, move({ dPosM: [0.05, 0, 0] }), seen)).toBe(0);
  });
});

describe('a turn between two orientations', () => {
  it('is the shortest, about the axes of their frame', () => {
    expect(turnBetween([0, 0, 0, 1], quarter)).toEqual(closeTo([0, 0, Math.PI / 2]));
    expect(turnBetween(quarter, [0, 0, 0, 1])).toEqual(closeTo([0, 0, -Math.PI / 2]));
    expect(turnBetween([0, 0, 0, 1], [0, 0, -Math.SQRT1_2, -Math.SQRT1_2])).toEqual(closeTo([0, 0, Math.PI / 2]));
    // Yawed by a quarter turn already: what turns the tool about the x of the base is no roll of its own.
    const rolled = turned(quarter, [0.4, 0, 0]);
    expect(turnBetween(quarter, rolled)).toEqual(closeTo([0.4, 0, 0]));
  });

  it('leads back where it came from, and is nothing from anywhere to the same', () => {
    for (const turn of [
      [0.1, -0.2, 0.3],
      [0, 0, 0],
      [1e-12, 0, 0],
      [3, 0, 0],
      [-1, 2, 0.5],
    ] as const) {
      const end = turned([0.5, 0.5, 0.5, 0.5], turn);
      expect(Math.hypot(...end)).toBeCloseTo(1, 12);
      expect(turnBetween([0.5, 0.5, 0.5, 0.5], end)).toEqual(closeTo(turn));
      expect(turnBetween(end, end)).toEqual(closeTo([0, 0, 0]));
    }
  });

  it('of less than a nanoradian keeps its size', () => {
    const end = turned([0, 0, 0, 1], [0, 2e-10, 0]);
    expect(end[1]).toBeCloseTo(1e-10, 18);
    expect(turnBetween([0, 0, 0, 1], end)[1]).toBeCloseTo(2e-10, 18);
  });
});
