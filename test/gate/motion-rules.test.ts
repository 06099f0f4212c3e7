import { describe, expect, it, test } from 'vitest';
import { review } from '../../src/gate/review.ts';
import type { GateContext, Rule } from '../../src/gate/rule.ts';
import { acceleration } from '../../src/gate/rules/acceleration.ts';
import { age } from '../../src/gate/rules/age.ts';
import { following } from '../../src/gate/rules/following.ts';
import { gripper } from '../../src/gate/rules/gripper.ts';
import { defaultRules } from '../../src/gate/rules/index.ts';
import { keepOut } from '../../src/gate/rules/keep-out.ts';
import { pose } from '../../src/gate/rules/pose.ts';
import { step } from '../../src/gate/rules/step.ts';
import { velocity } from '../../src/gate/rules/velocity.ts';
import { workspace } from '../../src/gate/rules/workspace.ts';
import { shrinkAction } from '../../src/gate/shrink.ts';
import type { MotionLimits } from '../../src/ports.ts';
import type { Action, Observation, Proprio } from '../../src/types.ts';
import {
  at,
  click,
  context,
  denied,
  did,
  HERE,
  kindOf,
  limits,
  motionLimits,
  move,
  moveTo,
  observation,
  opinion,
  proprio,
  reasonOf,
  unruled,
} from './given.ts';

type Point = readonly [number, number, number];
const by = (x: number, y = 0, z = 0) => move({ dPosM: [x, y, z], dRpyRad: [0, 0, 0] });
const turn = (roll: number, pitch = 0, yaw = 0) => move({ dPosM: [0, 0, 0], dRpyRad: [roll, pitch, yaw] });

/** With other limits, at another place, after other steps. */
const given = (
  motion: Partial<MotionLimits> = {},
  seen: Proprio | undefined = proprio(),
  history: Observation['history'] = [],
): Partial<GateContext> => {
  const { proprio: _, ...blind } = observation({ history });
  return {
    limits: limits({ motion: motionLimits(motion) }),
    observation: seen ? { ...blind, proprio: seen } : blind,
  };
};
const shrinkOf = (rule: Rule, action: Action, over: Partial<GateContext> = {}) => {
  const said = opinion(rule, action, over);
  return said.kind === 'modify' ? said.shrink : said.kind;
};
const leftOf = (said: ReturnType<typeof shrinkOf>, axis: number): number =>
  typeof said === 'string' ? NaN : (said.leftM?.[axis] ?? NaN);
const judged = [workspace, keepOut, velocity, acceleration, gripper, following];

describe.each(judged)('$name', (rule) => {
  it('has nothing to say of pages, words, or where there are no limits', () => {
    const free = { limits: limits({ motion: 'unlimited' }) };
    const { motion: _, ...none } = limits();
    for (const action of [click(), { kind: 'hold' } as const, { kind: 'done', outcome: 'success' } as const])
      expect(kindOf(rule, action)).toBe('allow');
    for (const over of [free, { limits: none }]) expect(kindOf(rule, by(9, 9, 9), over)).toBe('allow');
  });

  it('passes by what cannot be read: others have denied it', () => {
    const tiny = { maxSpeedMPerS: 1e-6, maxGripperPerS: 1e-6, maxFollowingErrorM: 1e-9, maxAccelerationMPerS2: 1e-6 };
    const { tcpPose: _t, ...unplaced } = proprio();
    const { commandedTcpPose: _c, ...untold } = proprio();
    const foreign = { ...HERE, frameId: 'tool' };
    const blind = [undefined, unplaced, untold, proprio({ tcpPose: foreign }), proprio({ commandedTcpPose: foreign })];
    for (const seen of blind) {
      const { proprio: _p, ...bare } = observation();
      const over = { ...given(tiny), observation: seen ? { ...bare, proprio: seen } : bare };
      expect(kindOf(rule, by(0.03), over)).toBe('allow');
      expect(kindOf(pose, by(0.03), over)).toBe('deny');
    }
    for (const action of [...unruled, move({ frameId: 'tool', dPosM: [9, 9, 9] })]) {
      expect(kindOf(rule, action, given(tiny))).toBe('allow');
      expect(kindOf(step, action, given(tiny))).toBe('deny');
    }
  });
});

describe('step, of a target', () => {
  it('allows one that is near, and wants one that is farther nearer, by the length of the way', () => {
    expect(kindOf(step, moveTo({ pM: [0.43, 0.04, 0.2] }))).toBe('allow');
    expect(shrinkOf(step, moveTo({ pM: [0.4, 0.08, 0.2] }))).toEqual({
      translation: expect.closeTo(0.625, 12),
      rotation: 1,
    });
  });

  it('wants one that is turned too far turned less, by the angle between', () => {
    const qXyzw = [0, Math.sin(0.2), 0, Math.cos(0.2)] as [number, number, number, number];
    expect(shrinkOf(step, moveTo({ qXyzw }))).toEqual({ translation: 1, rotation: expect.closeTo(0.5, 12) });
    expect(reasonOf(step, moveTo({ qXyzw }))).toBe('0.01 m and 0.4 rad in one step (allowed: 0.05 m, 0.2 rad)');
    const turned = given({}, proprio({ tcpPose: { ...HERE, qXyzw } }));
    expect(kindOf(step, moveTo({ qXyzw }), turned)).toBe('allow');
  });

  it('denies it where nobody knows how far that is', () => {
    const reason = "how far a target is cannot be told without proprio.tcpPose in frame 'base'";
    const { proprio: _, ...blind } = observation();
    expect(reasonOf(step, moveTo(), { observation: blind })).toBe(reason);
    expect(reasonOf(step, moveTo(), given({}, proprio({ tcpPose: { ...HERE, frameId: 'tool' } })))).toBe(reason);
    expect(kindOf(step, move(), { observation: blind })).toBe('allow');
  });

  it('denies one in another frame, and one that is turned by no rotation', () => {
    expect(reasonOf(step, moveTo({ frameId: 'tool' }))).toMatch(/^frame 'tool' is not 'base'/);
    for (const w of [0, 0.99, 1.01, 2]) {
      const reason = 'qXyzw is not of length 1: it is no rotation';
      expect(reasonOf(step, moveTo({ qXyzw: [0, 0, 0, w] }))).toBe(reason);
    }
    for (const w of [0.9991, 1.0009, -1]) expect(kindOf(step, moveTo({ qXyzw: [0, 0, 0, w] }))).toBe('allow');
  });
});

describe('age, of a body', () => {
  it('denies readings that are older than allowed or from the future, for motions alone', () => {
    expect(kindOf(age, by(0.01), given({}, proprio({ stampMs: 800 })))).toBe('allow');
    expect(reasonOf(age, by(0.01), given({}, proprio({ stampMs: 799 })))).toBe(
      'the proprioception is 201 ms old (allowed: 0 to 200)',
    );
    expect(kindOf(age, by(0.01), given({}, proprio({ stampMs: 1001 })))).toBe('deny');
    expect(kindOf(age, by(0.01), given({}, proprio({ stampMs: NaN })))).toBe('deny');
    expect(kindOf(age, click(), given({}, proprio({ stampMs: 0 })))).toBe('allow');
  });
});

describe('pose', () => {
  it('denies motion of a tool of which it is not known where it is, and says what was expected', () => {
    const { proprio: _, ...blind } = observation();
    expect(reasonOf(pose, by(0), { observation: blind })).toBe(
      "expected proprio.tcpPose in frame 'base', and the observation has none",
    );
    const { tcpPose: _t, ...unplaced } = proprio();
    expect(kindOf(pose, moveTo(), given({}, unplaced))).toBe('deny');
    expect(reasonOf(pose, by(0), given({}, proprio({ tcpPose: { ...HERE, frameId: 'world' } })))).toBe(
      "expected proprio.tcpPose in frame 'base', and it came in frame 'world'",
    );
  });

  it('denies motion of a tool that does not say where it was told to be', () => {
    const { commandedTcpPose: _, ...untold } = proprio();
    expect(reasonOf(pose, by(0), given({}, untold))).toBe(
      "expected proprio.commandedTcpPose in frame 'base', and the observation has none",
    );
    const foreign = proprio({ commandedTcpPose: { ...HERE, frameId: 'world' } });
    expect(reasonOf(pose, by(0), given({}, foreign))).toMatch(/commandedTcpPose.*'world'$/);
  });

  it('denies motion from an orientation that is none', () => {
    expect(reasonOf(pose, by(0), given({}, proprio({ tcpPose: { ...HERE, qXyzw: [0, 0, 0, 0] } })))).toBe(
      "expected proprio.tcpPose in frame 'base', and its qXyzw is not of length 1",
    );
  });

  it('asks only where something is moved within limits', () => {
    const { proprio: _, ...blind } = observation();
    const { motion: _m, ...none } = limits();
    expect(kindOf(pose, click(), { observation: blind })).toBe('allow');
    expect(kindOf(pose, { kind: 'hold' }, { observation: blind })).toBe('allow');
    expect(kindOf(pose, by(0), { observation: blind, limits: limits({ motion: 'unlimited' }) })).toBe('allow');
    expect(kindOf(pose, by(0), { observation: blind, limits: none })).toBe('allow');
    expect(kindOf(pose, unruled[0]!, { observation: blind })).toBe('deny');
  });
});

/** At 0.25 m/s the way to a stop is 1/64 m by 2 m/s2: 5 cm in a step of 200 ms reach 6.5625 cm. */
const REACH = 0.05 + 0.25 ** 2 / 4;

describe('workspace', () => {
  const box = (minM: Point, maxM: Point) => ({ workspace: { minM, maxM } });
  const small = box([0.3, -0.1, 0.1], [0.5, 0.1, 0.3]);

  it('allows what ends inside, with the way that stopping takes', () => {
    for (const sign of [1, -1])
      for (const action of [by(0.05 * sign), by(0, 0.05 * sign), by(0, 0, 0.05 * sign)])
        expect(kindOf(workspace, action, given(small))).toBe('allow');
    expect(kindOf(workspace, by(0.05), given(box([0, -1, 0], [0.4 + REACH, 1, 1])))).toBe('allow');
    expect(kindOf(workspace, by(0.05), given(box([0, -1, 0], [0.4 + REACH - 1e-6, 1, 1])))).toBe('modify');
  });

  it('leaves of the way that leads out as much as can be stopped inside, on that axis alone', () => {
    const near = given(small, at([0.48, 0, 0.2]));
    const said = shrinkOf(workspace, by(0.04, 0.03), near);
    expect(said).toMatchObject({ translation: 1, rotation: 1, leftM: [expect.any(Number), Infinity, Infinity] });
    const left = leftOf(said, 0);
    expect(left * (1 + Math.hypot(left, 0.03) / (2 * 2 * 0.2 ** 2))).toBeCloseTo(0.02, 9);
    expect(reasonOf(workspace, by(0.04, 0.03), near)).toBe('leads out of the workspace, or too fast to stop in it');
  });

  it.each([
    [[0.495, 0, 0.2], [0.04, 0, 0], 0],
    [[0.305, 0, 0.2], [-0.04, 0, 0], 0],
    [[0.4, 0.095, 0.2], [0, 0.04, 0], 1],
    [[0.4, -0.095, 0.2], [0, -0.04, 0], 1],
    [[0.4, 0, 0.295], [0, 0, 0.04], 2],
    [[0.4, 0, 0.105], [0, 0, -0.04], 2],
  ] as const)('is a wall on each of its six sides: at %j by %j', (place, [x, y, z], axis) => {
    const near = given(small, at([...place]));
    const said = shrinkOf(workspace, by(x, y, z), near);
    const leftM = [Infinity, Infinity, Infinity].with(axis, expect.closeTo(0.0045, 3) as unknown as number);
    expect(said).toEqual({ translation: 1, rotation: 1, leftM });
    expect(kindOf(workspace, by(-x, -y, -z), near)).toBe('allow');
  });

  it('lets the tool slide along a wall, through the whole gate', () => {
    const verdict = review(defaultRules, by(0.02, 0.03), context(given(small, at([0.5, 0, 0.2]))));
    expect(verdict).toMatchObject({ kind: 'modify', by: 'workspace', action: { dPosM: [0, 0.03, 0] } });
    expect(review(defaultRules, by(0.03, 0.01), context(given(small, at([0.5, 0, 0.2])))).kind).toBe('deny');
  });

  it('counts a delta from where the tool is and from where it was told to be, a target from where it is', () => {
    const ahead = proprio({ commandedTcpPose: { ...HERE, pM: [0.47, 0, 0.2] } });
    expect(kindOf(workspace, by(0.04), given(small, ahead))).toBe('modify');
    expect(kindOf(workspace, by(-0.04), given(small, ahead))).toBe('allow');
    const behind = proprio({ commandedTcpPose: { ...HERE, pM: [0.33, 0, 0.2] } });
    expect(kindOf(workspace, by(-0.04), given(small, behind))).toBe('modify');
    expect(kindOf(workspace, moveTo({ pM: [0.44, 0, 0.2] }), given(small, ahead))).toBe('allow');
    expect(kindOf(workspace, moveTo({ pM: [0.5, 0, 0.2] }), given(small, ahead))).toBe('modify');
  });

  it('lets a tool that is outside go back or aside slowly, and not further out', () => {
    const out = given(small, at([0.52, 0, 0.2]));
    // Half of 0.3 m/s for 200 ms.
    expect(kindOf(workspace, by(-0.03), out)).toBe('allow');
    expect(shrinkOf(workspace, by(-0.05), out)).toMatchObject({ translation: expect.closeTo(0.6, 12) });
    expect(kindOf(workspace, by(0, 0.02), out)).toBe('allow');
    expect(shrinkOf(workspace, by(0.02, 0.01), out)).toMatchObject({ translation: 1, leftM: [0, Infinity, Infinity] });
    expect(reasonOf(workspace, by(0.02), out)).toBe(
      'the tool is outside of the workspace, where it may go slowly and not further out',
    );
    expect(kindOf(workspace, by(0), out)).toBe('allow');
    const below = given(small, at([0.4, -0.12, 0.2]));
    expect([kindOf(workspace, by(0, 0.03), below), kindOf(workspace, by(0, -0.03), below)]).toEqual([
      'allow',
      'modify',
    ]);
    expect(kindOf(workspace, by(0, 0.031), below)).toBe('modify');
  });

  it('takes a tool for outside that was told to be there', () => {
    const ahead = proprio({ commandedTcpPose: { ...HERE, pM: [0.52, 0, 0.2] } });
    expect(shrinkOf(workspace, by(0, 0.05), given(small, ahead))).toMatchObject({
      translation: expect.closeTo(0.6, 12),
    });
    expect(kindOf(workspace, by(0, 0.03), given(small, ahead))).toBe('allow');
  });

  it('takes a tool on the wall for one that is inside', () => {
    for (const place of [
      [0.5, 0, 0.2],
      [0.3, 0, 0.2],
      [0.5 + 0.9e-9, 0, 0.2],
      [0.3 - 0.9e-9, 0, 0.2],
    ] as Point[])
      expect(kindOf(workspace, by(0, 0.05), given(small, at([...place])))).toBe('allow');
    for (const place of [
      [0.5 + 2e-9, 0, 0.2],
      [0.3 - 2e-9, 0, 0.2],
    ] as Point[])
      expect(kindOf(workspace, by(0, 0.05), given(small, at([...place])))).toBe('modify');
  });

  it('never allows where a number is none', () => {
    for (const over of [box([0, -1, 0], [NaN, 1, 1]), box([0, -1, 0], [1, NaN, 1]), { decelerationMPerS2: NaN }])
      expect(review([workspace], by(0.01, 0.01, 0.01), context(given(over))).kind).not.toBe('allow');
    expect(kindOf(workspace, by(NaN), given(small))).not.toBe('allow');
    expect(kindOf(workspace, by(0.01), given(small, at([NaN, 0, 0.2])))).not.toBe('allow');
  });
});

describe('keep-out', () => {
  const post = { name: 'post', minM: [0.5, -0.1, 0], maxM: [0.6, 0.1, 0.5] } as const;
  const one = { keepOut: [post] };
  const inside = (place: Point) => given(one, at([...place]));

  it('allows what stays out, with the way that stopping takes', () => {
    expect(kindOf(keepOut, by(0.05), given(one))).toBe('allow');
    const nearer = (gap: number) => ({ keepOut: [{ ...post, minM: [0.4 + gap, -0.1, 0] as const }] });
    expect(kindOf(keepOut, by(0.05), given(nearer(REACH)))).toBe('allow');
    expect(kindOf(keepOut, by(0.05), given(nearer(REACH - 1e-6)))).toBe('modify');
  });

  it.each([
    ['from below in x', [0.49, 0, 0.2], [0.04, 0.01, 0], 0],
    ['from above in x', [0.61, 0, 0.2], [-0.04, 0.01, 0], 0],
    ['from below in y', [0.55, -0.11, 0.2], [0.01, 0.04, 0], 1],
    ['from above in y', [0.55, 0.11, 0.2], [0.01, -0.04, 0], 1],
    ['from above in z', [0.55, 0, 0.51], [0.01, 0, -0.04], 2],
    ['from below in z', [0.55, 0, -0.01], [0.01, 0, 0.04], 2],
  ] as const)(
    'leaves of the way that leads in as much as can be stopped before it: %s',
    (_, place, [x, y, z], axis) => {
      const said = shrinkOf(keepOut, by(x, y, z), inside(place));
      const leftM = [Infinity, Infinity, Infinity].with(axis, expect.closeTo(0.009, 2) as unknown as number);
      expect(said).toMatchObject({ translation: 1, rotation: 1, leftM });
      expect(leftOf(said, axis)).toBeLessThan(0.01);
      expect(kindOf(keepOut, by(-x, -y, -z), inside(place))).toBe('allow');
      expect(reasonOf(keepOut, by(x, y, z), inside(place))).toBe("leads into 'post', or too fast to stop before it");
    },
  );

  it('judges the straight way, not its end alone: nothing is jumped over', () => {
    const thin = { keepOut: [{ ...post, minM: [0.41, -0.1, 0] as const, maxM: [0.42, 0.1, 0.5] as const }] };
    expect(kindOf(keepOut, by(0.05), given(thin))).toBe('modify');
  });

  it('judges the box around the way: what another rule takes away must not lead in', () => {
    // It would pass the corner at (0.5, -0.1), straight, by 7 mm.
    const corner = at([0.47, -0.11, 0.2]);
    expect(kindOf(keepOut, by(0.04, 0.02), given(one, corner))).toBe('modify');
    expect(kindOf(keepOut, by(0, 0.04), given(one, corner))).toBe('allow');
    expect(kindOf(keepOut, by(0.04, 0), given(one, corner))).toBe('allow');
  });

  it('takes away on the axis on which the least is lost', () => {
    const corner = at([0.49, -0.105, 0.2]);
    expect(shrinkOf(keepOut, by(0.02, 0.04), given(one, corner))).toMatchObject({
      leftM: [expect.closeTo(0.008, 3), Infinity, Infinity],
    });
    expect(shrinkOf(keepOut, by(0.04, 0.01), given(one, corner))).toMatchObject({
      leftM: [Infinity, expect.closeTo(0.004, 3), Infinity],
    });
  });

  it('counts a delta from both places where it may begin', () => {
    const ahead = proprio({ commandedTcpPose: { ...HERE, pM: [0.47, 0, 0.2] } });
    expect(kindOf(keepOut, by(0.03), given(one, ahead))).toBe('modify');
    expect(kindOf(keepOut, by(0.03), given(one))).toBe('allow');
    expect(kindOf(keepOut, moveTo({ pM: [0.43, 0, 0.2] }), given(one, ahead))).toBe('allow');
  });

  it('takes a tool for outside when it is and was told to be, however one lies on the other side of a corner', () => {
    const pM = [0.55, 0.1, 0.2] as [number, number, number];
    const corner = given(one, { ...at([0.6, 0.05, 0.2]), commandedTcpPose: { ...HERE, pM } });
    expect(reasonOf(keepOut, by(0, -0.02), corner)).toMatch(/^leads into 'post'/);
    expect(kindOf(keepOut, by(0.01, 0.01), corner)).toBe('allow');
  });

  it('lets a tool that is inside go out by the nearest side or aside, slowly, and not deeper in', () => {
    const low = inside([0.52, 0, 0.2]);
    expect(kindOf(keepOut, by(-0.03), low)).toBe('allow');
    expect(shrinkOf(keepOut, by(-0.05), low)).toMatchObject({
      translation: expect.closeTo(0.6, 12),
      rotation: 1,
      leftM: [Infinity, Infinity, Infinity],
    });
    expect(kindOf(keepOut, by(0, 0.02), low)).toBe('allow');
    expect(shrinkOf(keepOut, by(0.02, 0.01), low)).toMatchObject({ translation: 1, leftM: [0, Infinity, Infinity] });
    expect(reasonOf(keepOut, by(0.02), low)).toBe(
      "the tool is inside 'post', where it may go slowly and not deeper in",
    );
    expect(kindOf(keepOut, by(0), low)).toBe('allow');
    expect(kindOf(keepOut, by(-0.01, -0.01), inside([0.52, 0.05, 0.2]))).toBe('allow');
    const exact = { keepOut: [{ ...post, minM: [0.5, -0.5, 0] as const, maxM: [0.75, 0.5, 0.5] as const }] };
    for (const x of [0.02, -0.02]) expect(kindOf(keepOut, by(x), given(exact, at([0.625, 0, 0.25])))).toBe('allow');
    for (const [place, out] of [
      [
        [0.58, 0, 0.2],
        [0.02, 0, 0],
      ],
      [
        [0.55, -0.09, 0.2],
        [0, -0.02, 0],
      ],
      [
        [0.55, 0.09, 0.2],
        [0, 0.02, 0],
      ],
      [
        [0.55, 0, 0.49],
        [0, 0, 0.02],
      ],
      [
        [0.55, 0, 0.01],
        [0, 0, -0.02],
      ],
    ] as const) {
      const there = inside(place);
      const [x, y, z] = out;
      expect([place, kindOf(keepOut, by(x, y, z), there)]).toEqual([place, 'allow']);
      expect([place, kindOf(keepOut, by(-x, -y, -z), there)]).toEqual([place, 'modify']);
    }
  });

  it('takes a tool on its side for one that is outside', () => {
    for (const x of [0.5, 0.5 + 0.9e-9]) {
      expect(kindOf(keepOut, by(0, 0.05), inside([x, 0, 0.2]))).toBe('allow');
      expect(shrinkOf(keepOut, by(0.02), inside([x, 0, 0.2]))).toMatchObject({
        leftM: [expect.closeTo(0, 8), Infinity, Infinity],
      });
      expect(reasonOf(keepOut, by(0.02), inside([x, 0, 0.2]))).toMatch(/^leads into/);
    }
    expect(reasonOf(keepOut, by(0.02), inside([0.5 + 2e-9, 0, 0.2]))).toMatch(/^the tool is inside/);
  });

  it('keeps out of each of several, and says of which', () => {
    const wall = { name: 'wall', minM: [0.3, 0.05, 0], maxM: [0.49, 0.2, 0.5] } as const;
    const both = given({ keepOut: [post, wall] }, at([0.485, 0.04, 0.2]));
    expect(opinion(keepOut, by(0.03, 0.03), both)).toMatchObject({
      kind: 'modify',
      shrink: { leftM: [expect.closeTo(0.013, 2), expect.closeTo(0.009, 2), Infinity] },
      reason: "leads into 'post', or too fast to stop before it; leads into 'wall', or too fast to stop before it",
    });
    expect(reasonOf(keepOut, by(0, 0.03), both)).toMatch(/^leads into 'wall'/);
    expect(reasonOf(keepOut, by(0.03, 0), both)).toMatch(/^leads into 'post'/);
    expect(kindOf(keepOut, by(-0.01, -0.01), both)).toBe('allow');
  });

  it('never allows where a number is none', () => {
    const broken = { keepOut: [{ ...post, minM: [NaN, -0.1, 0] as const }] };
    expect(kindOf(keepOut, by(NaN), inside([0.49, 0, 0.2]))).not.toBe('allow');
    expect(review([keepOut], by(0.05), context(given(broken, at([0.55, 0, 0.2])))).kind).not.toBe('allow');
  });
});

describe('velocity', () => {
  it('reckons by the time that the body is given for one action', () => {
    expect(kindOf(velocity, by(0.03, 0.04), given({ maxSpeedMPerS: 0.25 }))).toBe('allow');
    expect(shrinkOf(velocity, by(0.03, 0.04), given({ maxSpeedMPerS: 0.2 }))).toEqual({
      translation: expect.closeTo(0.8, 12),
      rotation: 1,
    });
    expect(shrinkOf(velocity, by(0.03, 0.04), given({ stepMs: 100 }))).toMatchObject({
      translation: expect.closeTo(0.6, 12),
    });
    expect(reasonOf(velocity, move({ dPosM: [0.03, 0.04, 0] }), given({ maxSpeedMPerS: 0.2 }))).toBe(
      '0.25 m/s and 0.25 rad/s (allowed: 0.2 m/s, 1.2 rad/s)',
    );
  });

  it('reckons turns by their angle', () => {
    expect(kindOf(velocity, turn(0.2), given({ maxTurnRadPerS: 1 }))).toBe('allow');
    expect(shrinkOf(velocity, turn(0.2), given({ maxTurnRadPerS: 0.5 }))).toEqual({
      translation: 1,
      rotation: expect.closeTo(0.5, 12),
    });
  });

  it('never allows where a number is none', () => {
    for (const over of [{ maxSpeedMPerS: NaN }, { maxTurnRadPerS: NaN }, { stepMs: NaN }])
      expect(kindOf(velocity, move(), given(over))).not.toBe('allow');
  });
});

describe('acceleration', () => {
  /** 0.5 m/s2 over 200 ms, and that for 200 ms: 2 cm more or less in each step. Brakes by 2 m/s2, four times that. */
  const soft = (history: Observation['history'] = [], over: Partial<MotionLimits> = {}) =>
    given({ maxAccelerationMPerS2: 0.5, maxTurnAccelerationRadPerS2: 1, ...over }, proprio(), history);

  it('lets a body that is at rest begin as fast as it may speed up', () => {
    expect(kindOf(acceleration, by(0.02), soft())).toBe('allow');
    expect(shrinkOf(acceleration, by(0.04), soft())).toEqual({ translation: expect.closeTo(0.5, 9), rotation: 1 });
    expect(kindOf(acceleration, turn(0, 0, 0.04), soft())).toBe('allow');
    expect(shrinkOf(acceleration, turn(0, 0, 0.08), soft())).toEqual({
      translation: 1,
      rotation: expect.closeTo(0.5, 9),
    });
    expect(reasonOf(acceleration, by(0.04), soft())).toBe(
      'speeds up or turns around too suddenly (allowed: 0.5 m/s2, 1 rad/s2)',
    );
  });

  it('counts from what was executed last', () => {
    const fast = soft([did(by(0.01)), did(by(0.03))]);
    expect(kindOf(acceleration, by(0.05), fast)).toBe('allow');
    expect(shrinkOf(acceleration, by(0.08), fast)).toMatchObject({ translation: expect.closeTo(0.625, 9) });
    expect(kindOf(acceleration, by(0.03, 0.02), fast)).toBe('allow');
    expect(kindOf(acceleration, by(0.03, 0.021), fast)).toBe('modify');
    expect(kindOf(acceleration, by(0.042, 0.016), fast)).toBe('allow');
    expect(kindOf(acceleration, by(0.043, 0.016), fast)).toBe('modify');
  });

  it('counts a target from the pose at which it was begun', () => {
    const from = { ...HERE, pM: [0.37, 0, 0.2] as [number, number, number] };
    const fast = soft([did(moveTo({ pM: [0.4, 0, 0.2] }), from)]);
    expect(kindOf(acceleration, moveTo({ pM: [0.45, 0, 0.2] }), fast)).toBe('allow');
    expect(kindOf(acceleration, moveTo({ pM: [0.451, 0, 0.2] }), fast)).toBe('modify');
  });

  it('takes nothing for slowing down, on one axis or on all', () => {
    const fast = soft([did(by(0.05, 0.05))]);
    for (const action of [by(0), by(0.01, 0.01), by(0.05, 0), by(0, 0.05), by(0.049, 0.001)])
      expect(kindOf(acceleration, action, fast)).toBe('allow');
  });

  it('takes for turning around what is gained, and the braking before it', () => {
    // Braking from 0.04 costs a quarter of it: there is as much again left for going back.
    const fast = soft([did(by(0.04))]);
    expect(kindOf(acceleration, by(-0.01), fast)).toBe('allow');
    expect(kindOf(acceleration, by(-0.0101), fast)).toBe('modify');
    const faster = soft([did(by(0.09))]);
    expect(kindOf(acceleration, by(-1e-6), faster)).toBe('modify');
    expect(review([acceleration], by(-0.01), context(faster)).kind).toBe('deny');
    // What brakes no better than it speeds up counts whole.
    const weak = soft([did(by(0.015))], { decelerationMPerS2: 0.25 });
    expect(kindOf(acceleration, by(-0.005), weak)).toBe('allow');
    expect(kindOf(acceleration, by(-0.0051), weak)).toBe('modify');
  });

  it('takes less than a nanometre on an axis for standing still', () => {
    const faster = soft([did(by(0.09))]);
    expect(kindOf(acceleration, by(-0.9e-9), faster)).toBe('allow');
    expect(kindOf(acceleration, by(-1e-9), faster)).toBe('allow');
    expect(kindOf(acceleration, by(-1.1e-9), faster)).toBe('modify');
  });

  it('is content with what it wanted to stand still, whatever rounding does', () => {
    const seen = { ...HERE, pM: [0.28, 0, 0.1] as [number, number, number] };
    const fast = given({}, proprio({ tcpPose: seen, commandedTcpPose: seen }), [did(by(-0.09))]);
    const over = { ...fast, limits: limits({ motion: motionLimits({ maxAccelerationMPerS2: 0.5 }) }) };
    const action = moveTo({ pM: [0.28000000100000005, 0, 0.1] });
    const said = shrinkOf(acceleration, action, over);
    if (typeof said === 'string') throw new Error(said);
    expect(kindOf(acceleration, shrinkAction(action, said, context(over).observation), over)).toBe('allow');
  });

  it('counts turns about their axes in the same way', () => {
    const fast = soft([did(turn(0, 0, 0.1))]);
    expect(kindOf(acceleration, turn(0, 0, 0.14), fast)).toBe('allow');
    expect(kindOf(acceleration, turn(0, 0, 0.141), fast)).toBe('modify');
    expect(kindOf(acceleration, turn(0, 0, 0.01), fast)).toBe('allow');
    expect(kindOf(acceleration, turn(0, 0, -0.001), fast)).toBe('modify');
    const slow = soft([did(turn(0, 0, 0.03))]);
    expect(kindOf(acceleration, turn(0, 0, -0.01), slow)).toBe('allow');
    expect(kindOf(acceleration, turn(0, 0, -0.011), slow)).toBe('modify');
  });

  it('knows that a step without motion was spent braking', () => {
    // 5 cm in 200 ms are gone after 8 cm of braking by 2 m/s2: at rest after one step.
    const stopped = soft([did(by(0.05)), denied]);
    expect(kindOf(acceleration, by(0.021), stopped)).toBe('modify');
    expect(kindOf(acceleration, by(-0.02), stopped)).toBe('allow');
    // By 0.5 m/s2 it loses 2 cm a step.
    const slow = (...steps: Observation['history']) => soft(steps, { decelerationMPerS2: 0.5 });
    expect(kindOf(acceleration, by(0.05), slow(did(by(0.05)), denied))).toBe('allow');
    expect(kindOf(acceleration, by(0.051), slow(did(by(0.05)), denied))).toBe('modify');
    expect(kindOf(acceleration, by(0.03), slow(did(by(0.05)), denied, denied))).toBe('allow');
    expect(kindOf(acceleration, by(0.031), slow(did(by(0.05)), denied, denied))).toBe('modify');
    expect(kindOf(acceleration, by(0.021), slow(did(by(0.05)), denied, denied, denied))).toBe('modify');
    // By 0.5 rad/s2 it turns 0.02 rad less in each step, and may turn as much more.
    const turning = (...steps: Observation['history']) => soft(steps, { maxTurnAccelerationRadPerS2: 0.5 });
    for (const held of [1, 2, 3]) {
      const seen = turning(did(turn(0, 0, 0.1)), ...Array(held).fill(denied));
      expect(kindOf(acceleration, turn(0, 0, 0.12 - 0.02 * held), seen)).toBe('allow');
      expect(kindOf(acceleration, turn(0, 0, 0.121 - 0.02 * held), seen)).toBe('modify');
    }
  });

  it('of a body that nobody led since lets through what suits it at rest and as fast as it was', () => {
    const fast = did(by(0.03));
    const unled = (...steps: Observation['history']) => soft(steps.map((step) => ({ ...step, mayRest: true })));
    expect(kindOf(acceleration, by(0.05), soft([fast]))).toBe('allow');
    expect(kindOf(acceleration, by(0.021), unled(fast))).toBe('modify');
    expect(kindOf(acceleration, by(0.02), unled(fast))).toBe('allow');
    expect(shrinkOf(acceleration, by(0.04), unled(fast))).toMatchObject({ translation: expect.closeTo(0.5, 9) });
    // At rest it might go back by 2 cm at once.
    expect(kindOf(acceleration, by(-0.0126), unled(fast))).toBe('modify');
    expect(kindOf(acceleration, by(-0.0124), unled(fast))).toBe('allow');
    expect(kindOf(acceleration, turn(0, 0, 0.041), unled(did(turn(0, 0, 0.03))))).toBe('modify');
    expect(kindOf(acceleration, turn(0, 0, 0.04), unled(did(turn(0, 0, 0.03))))).toBe('allow');
    expect(kindOf(acceleration, turn(0, 0, -0.011), unled(did(turn(0, 0, 0.03))))).toBe('modify');
    expect(kindOf(acceleration, turn(0, 0, -0.01), unled(did(turn(0, 0, 0.03))))).toBe('allow');
  });

  it('takes a hold or a word for a step without motion', () => {
    const held = soft([did(by(0.05)), did({ kind: 'hold' })]);
    expect(kindOf(acceleration, by(0.021), held)).toBe('modify');
    expect(kindOf(acceleration, by(0.02), held)).toBe('allow');
  });

  it('denies when the last motion is one of which nobody can tell how fast it was, until the body has been held', () => {
    const { tcpPose: _, ...placeless } = did(moveTo());
    for (const last of [placeless, did(unruled[0]!)]) {
      expect(reasonOf(acceleration, by(0.01), soft([last]))).toMatch(/^how fast the tool is cannot be told/);
      expect(kindOf(acceleration, by(0.01), soft([last, denied]))).toBe('allow');
      expect(kindOf(acceleration, by(0.021), soft([last, denied]))).toBe('modify');
    }
  });

  it('forgives one part in a thousand million for rounding, and no more', () => {
    expect(kindOf(acceleration, by(0.02 * (1 + 0.9e-9)), soft())).toBe('allow');
    expect(kindOf(acceleration, by(0.02 * (1 + 1.2e-9)), soft())).toBe('modify');
  });

  it('never allows where a number is none', () => {
    for (const over of [{ maxAccelerationMPerS2: NaN }, { maxTurnAccelerationRadPerS2: NaN }, { stepMs: NaN }])
      expect(kindOf(acceleration, move(), soft([], over))).not.toBe('allow');
    expect(kindOf(acceleration, by(-0.01), soft([did(by(0.05))], { decelerationMPerS2: NaN }))).not.toBe('allow');
  });
});

describe('gripper', () => {
  const grip = (gripperOpen: number) => move({ gripperOpen });
  const slow = (history: Observation['history'] = [], open = 1) =>
    given({ maxGripperPerS: 2 }, proprio({ gripperOpen: open }), history);

  it('opens and closes no faster than it may, from where it is', () => {
    expect(kindOf(gripper, grip(0.6), slow())).toBe('allow');
    expect(shrinkOf(gripper, grip(0.2), slow())).toEqual({
      translation: 1,
      rotation: 1,
      gripper: expect.closeTo(0.5, 12),
    });
    expect(kindOf(gripper, grip(0.4), slow([], 0))).toBe('allow');
    expect(kindOf(gripper, grip(0.41), slow([], 0))).toBe('modify');
    expect(reasonOf(gripper, grip(0), slow())).toBe('the gripper moves by 5 of its opening per second (allowed: 2)');
  });

  it('counts from what it was told last: a hand that holds a thing is not open', () => {
    const holding = slow([did(grip(0)), denied], 0.5);
    expect(kindOf(gripper, grip(0), holding)).toBe('allow');
    expect(kindOf(gripper, grip(0.5), holding)).toBe('modify');
    expect(kindOf(gripper, grip(0.4), slow([did(grip(1)), did(grip(0)), did({ kind: 'hold' })]))).toBe('allow');
  });

  it('is brought to where it may be, and that is no smaller motion', () => {
    const verdict = review(defaultRules, grip(0), context(slow()));
    expect(verdict).toMatchObject({ kind: 'modify', by: 'gripper', action: { ...grip(0), gripperOpen: 0.6 } });
  });

  it('never allows where a number is none', () => {
    for (const opening of [NaN, Infinity, -Infinity]) {
      expect(kindOf(gripper, grip(opening), slow())).toBe('deny');
      expect(reasonOf(gripper, grip(opening), slow())).toBe(`${opening} is no opening of a gripper`);
    }
    expect(kindOf(gripper, grip(0.9), given({ maxGripperPerS: NaN }))).not.toBe('allow');
  });
});

describe('following', () => {
  const told = (pM: Point) => given({}, proprio({ commandedTcpPose: { ...HERE, pM: [...pM] } }));

  it('allows a tool to be as far from where it was told to be as is allowed, by the length of the way', () => {
    expect(kindOf(following, by(0.05), told([0.412, 0.016, 0.2]))).toBe('allow');
    expect(kindOf(following, by(0.05), told([0.4121, 0.016, 0.2]))).toBe('modify');
    expect(reasonOf(following, by(0.05), told([0.43, 0, 0.2]))).toBe(
      'the tool is 0.03 m from where it was told to be (allowed: 0.02)',
    );
  });

  it('lets a delta only lead back to where the tool is, on each axis, slowly', () => {
    const ahead = told([0.43, 0, 0.18]);
    expect(kindOf(following, by(-0.02, 0, 0.01), ahead)).toBe('allow');
    expect(shrinkOf(following, by(0.01, 0.01, 0.01), ahead)).toEqual({
      translation: 1,
      rotation: 1,
      leftM: [0, 0, expect.closeTo(0.02, 12)],
    });
    expect(shrinkOf(following, by(-0.06, 0, 0), ahead)).toMatchObject({
      translation: expect.closeTo(0.5, 12),
      leftM: [expect.closeTo(0.03, 12), 0, 0],
    });
    expect(kindOf(following, by(0), ahead)).toBe('allow');
    expect(shrinkOf(following, by(-0.05), told([0.46, 0, 0.2]))).toMatchObject({
      translation: expect.closeTo(0.6, 12),
    });
    expect(kindOf(following, by(-0.031), told([0.43, 0, 0.2]))).toBe('modify');
  });

  it('lets a target only be as near as the last one was, on each axis', () => {
    const ahead = told([0.43, 0, 0.2]);
    expect(kindOf(following, moveTo({ pM: [0.42, 0, 0.2] }), ahead)).toBe('allow');
    expect(kindOf(following, moveTo({ pM: [0.38, 0, 0.2] }), ahead)).toBe('allow');
    expect(kindOf(following, moveTo({ pM: [0.431, 0, 0.2] }), ahead)).toBe('modify');
    expect(kindOf(following, moveTo({ pM: [0.41, 0.01, 0.2] }), ahead)).toBe('modify');
    expect(kindOf(following, moveTo({ pM: HERE.pM }), ahead)).toBe('allow');
  });

  it('denies a blocked tool that is told to go on, through the whole gate', () => {
    const verdict = review(defaultRules, by(0.02), context(told([0.43, 0, 0.2])));
    expect(verdict.kind).toBe('deny');
    expect(verdict.reasons[0]).toMatch(/^following: the tool is 0.03 m/);
  });

  it('never allows where a number is none', () => {
    expect(kindOf(following, by(0.01), told([NaN, 0, 0.2]))).not.toBe('allow');
    expect(
      kindOf(following, by(0.01), {
        ...told([0.42, 0, 0.2]),
        limits: limits({ motion: motionLimits({ maxFollowingErrorM: NaN }) }),
      }),
    ).not.toBe('allow');
  });
});

describe('bad motions are refused, with the reason', () => {
  test.each<[string, Action, 'deny' | 'halt', RegExp]>([
    ['NaN', by(NaN), 'halt', /finite: dPosM\.0 is not finite/],
    ['Infinity', by(0, -Infinity), 'halt', /finite: dPosM\.1 is not finite/],
    ['a turn that is none', turn(0, NaN), 'halt', /finite: dRpyRad\.1 is not finite/],
    ['the largest number', by(Number.MAX_VALUE, Number.MAX_VALUE), 'deny', /step: Infinity m .*less than half/],
    [
      '10 times too far',
      by(0.5),
      'deny',
      /step: 0\.5 m and 0 rad in one step \(allowed: 0\.05 m, 0\.2 rad\).*less than half/,
    ],
    ['a target 10 times too far', moveTo({ pM: [0.9, 0, 0.2] }), 'deny', /step: 0\.5 m .*less than half/],
    ['a turn 10 times too far', turn(0, 0, 2), 'deny', /step: 0 m and 2 rad in one step.*less than half/],
    ['another frame', move({ frameId: 'tool' }), 'deny', /step: frame 'tool' is not 'base'/],
    ['another kind', unruled[2]!, 'deny', /step: no limits are known for joint-velocity/],
    ['a gripper that is more than open', move({ gripperOpen: 1.5 }), 'deny', /schema: gripperOpen/],
  ])('%s', (_, action, kind, reason) => {
    const verdict = review(defaultRules, action, context());
    expect(verdict.kind).toBe(kind);
    expect(verdict.action).toBe(action);
    expect(verdict.reasons.join('; ')).toMatch(reason);
  });

  test('minus nothing is nothing', () => {
    expect(review(defaultRules, by(-0, -0, -0), context()).kind).toBe('allow');
  });
});
