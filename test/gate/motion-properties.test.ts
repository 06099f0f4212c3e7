/**
 * The two promises of `rule.ts`, for every rule of motion, wherever the tool is and whatever it did before: of a smaller motion it says
 * nothing worse, and it keeps its word. Numbers lie densely near the limits. Each property has a twin that shows that it is not empty.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { review } from '../../src/gate/review.ts';
import { turned, type Vec3 } from '../../src/gate/rotation.ts';
import type { GateContext, Rule, Shrink } from '../../src/gate/rule.ts';
import { defaultRules } from '../../src/gate/rules/index.ts';
import { shrinkAction } from '../../src/gate/shrink.ts';
import { severity } from '../../src/gate/verdict.ts';
import type { Action, StepFeedback } from '../../src/types.ts';
import { context, denied, did, HERE, limits, motionLimits, move, moveTo, observation, proprio } from './given.ts';

const MOTION = motionLimits({
  workspace: { minM: [0.3, -0.1, 0.1], maxM: [0.5, 0.1, 0.3] },
  keepOut: [
    { name: 'post', minM: [0.42, 0.02, 0], maxM: [0.46, 0.06, 0.25] },
    { name: 'thin', minM: [0.34, -0.2, 0], maxM: [0.35, 0.2, 0.15] },
  ],
  ...{ maxSpeedMPerS: 0.2, maxTurnRadPerS: 0.8, maxAccelerationMPerS2: 0.8, maxTurnAccelerationRadPerS2: 4 },
  ...{ maxGripperPerS: 2, decelerationMPerS2: 1 },
});
const RULES = defaultRules.filter(({ name }) =>
  ['step', 'workspace', 'keep-out', 'velocity', 'acceleration', 'gripper', 'following'].includes(name),
);

const around = (size: number): fc.Arbitrary<number> =>
  fc.oneof(fc.double({ min: -size, max: size, noNaN: true }), fc.constantFrom(0, -0, size, -size, size / 2, -size / 2));
const vec = (number: fc.Arbitrary<number>): fc.Arbitrary<[number, number, number]> => fc.tuple(number, number, number);
/** Within the workspace and a little beyond; on its walls and those of the keep-outs. */
const place = fc.tuple(
  fc.oneof(fc.double({ min: 0.28, max: 0.52, noNaN: true }), fc.constantFrom(0.3, 0.5, 0.42, 0.46, 0.35, 0.44)),
  fc.oneof(fc.double({ min: -0.12, max: 0.12, noNaN: true }), fc.constantFrom(-0.1, 0.1, 0.02, 0.06, 0.04)),
  fc.oneof(fc.double({ min: 0.08, max: 0.32, noNaN: true }), fc.constantFrom(0.1, 0.3, 0.25, 0.15)),
);
const orientation = vec(around(0.5)).map((turn) => turned([0, 0, 0, 1], turn));

interface Case {
  readonly given: GateContext;
  readonly action: Action;
}

const anyCase: fc.Arbitrary<Case> = fc
  .record({
    pM: place,
    qXyzw: orientation,
    ahead: fc.oneof({ weight: 4, arbitrary: fc.constant([0, 0, 0]) }, vec(around(0.02))),
    wayM: vec(around(0.06)),
    turn: vec(around(0.15)),
    gripperOpen: fc.constantFrom(0, 0.3, 0.7, 1),
    isTarget: fc.boolean(),
    last: fc.option(fc.record({ wayM: vec(around(0.04)), turn: vec(around(0.1)) })),
    held: fc.nat(2),
    modifiedInARow: fc.nat(1),
  })
  .map(({ pM, qXyzw, ahead, wayM, turn, gripperOpen, isTarget, last, held, modifiedInARow }) => {
    const here = { ...HERE, pM, qXyzw };
    const there = { ...here, pM: pM.map((value, axis) => value + ahead[axis]!) as [number, number, number] };
    const history: StepFeedback[] = last
      ? [did(move({ dPosM: last.wayM, dRpyRad: last.turn, gripperOpen: 0.5 })), ...Array(held).fill(denied)]
      : [];
    const seen = observation({ history, proprio: proprio({ tcpPose: here, commandedTcpPose: there }) });
    const target = pM.map((value, axis) => value + wayM[axis]!) as [number, number, number];
    return {
      given: context({ observation: seen, limits: limits({ motion: MOTION }), modifiedInARow }),
      action: isTarget
        ? moveTo({ pM: target, qXyzw: turned(qXyzw, turn), gripperOpen })
        : move({ dPosM: wayM, dRpyRad: turn, gripperOpen }),
    };
  });

const share01 = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1));
const anyShrink: fc.Arbitrary<Shrink> = fc.record({
  translation: share01,
  rotation: share01,
  gripper: share01,
  leftM: vec(fc.oneof(fc.double({ min: 0, max: 0.05, noNaN: true }), fc.constantFrom(0, Infinity))),
});

/** Share of samples for which `holds`. */
const share = <T>(arbitrary: fc.Arbitrary<T>, holds: (sample: T) => boolean): number =>
  fc.sample(arbitrary, { numRuns: 600, seed: 11 }).filter(holds).length / 600;
const passed = ({ kind }: { kind: string }): boolean => kind === 'allow' || kind === 'modify';

describe.each(RULES)('$name', (rule) => {
  it('says nothing worse of a smaller motion', () => {
    fc.assert(
      fc.property(anyCase, anyShrink, ({ given, action }, shrink) => {
        const smaller = shrinkAction(action, shrink, given.observation);
        const [before, after] = [rule.judge(action, given), rule.judge(smaller, given)];
        expect(severity(after.kind)).toBeLessThanOrEqual(severity(before.kind));
      }),
      { numRuns: 1500 },
    );
  });

  it('keeps its word: allows what is as small as it wanted, or smaller', () => {
    fc.assert(
      fc.property(anyCase, anyShrink, ({ given, action }, shrink) => {
        const said = rule.judge(action, given);
        if (said.kind !== 'modify') return;
        const wanted = shrinkAction(action, said.shrink, given.observation);
        expect(rule.judge(wanted, given)).toEqual({ kind: 'allow' });
        expect(rule.judge(shrinkAction(wanted, shrink, given.observation), given)).toEqual({ kind: 'allow' });
      }),
      { numRuns: 1500 },
    );
  });

  it('says now the one and now the other, so that neither sentence is empty', () => {
    const kinds = (kind: string) => share(anyCase, ({ given, action }) => rule.judge(action, given).kind === kind);
    expect(kinds('allow')).toBeGreaterThan(0.1);
    expect(kinds('modify')).toBeGreaterThan(0.02);
  });
});

describe('a rule of motion that breaks a promise', () => {
  /** Judges the end alone, and so a smaller motion worse: the end of a shorter way may lie in what the longer one jumps over. */
  const endOnly: Rule = {
    name: 'end-only',
    judge: (action, { observation: { proprio: body } }) => {
      if (action.kind !== 'eef-delta') return { kind: 'allow' };
      const x = body!.tcpPose!.pM[0] + action.dPosM[0];
      return x > 0.42 && x < 0.46 ? { kind: 'deny', reason: 'inside' } : { kind: 'allow' };
    },
  };
  it('would be found', () => {
    const worse = share(fc.tuple(anyCase, anyShrink), ([{ given, action }, shrink]) => {
      const smaller = shrinkAction(action, shrink, given.observation);
      return severity(endOnly.judge(smaller, given).kind) > severity(endOnly.judge(action, given).kind);
    });
    expect(worse).toBeGreaterThan(0.005);
  });
});

describe('the rules of motion together', () => {
  it('pass only what every one of them allows', () => {
    fc.assert(
      fc.property(anyCase, ({ given, action }) => {
        const verdict = review(RULES, action, given);
        if (passed(verdict)) for (const rule of RULES) expect(rule.judge(verdict.action, given).kind).toBe('allow');
      }),
      { numRuns: 2000 },
    );
  });

  it('are never milder by one more, nor is anything longer', () => {
    fc.assert(
      fc.property(anyCase, fc.subarray(RULES), fc.constantFrom(...RULES), ({ given, action }, rules, more) => {
        const [without, with_] = [review(rules, action, given), review([...rules, more], action, given)];
        expect(severity(with_.kind)).toBeGreaterThanOrEqual(severity(without.kind));
        if (passed(with_))
          expect(lengthOf(with_.action, given)).toBeLessThanOrEqual(lengthOf(without.action, given) + 1e-12);
      }),
      { numRuns: 3000 },
    );
  });

  it('make no axis longer, nor turn any around', () => {
    fc.assert(
      fc.property(anyCase, ({ given, action }) => {
        const verdict = review(RULES, action, given);
        if (verdict.kind !== 'modify') return;
        const [before, after] = [wayOf(action, given), wayOf(verdict.action, given)];
        for (const axis of [0, 1, 2] as const) {
          expect(Math.abs(after[axis])).toBeLessThanOrEqual(Math.abs(before[axis]) + 1e-12);
          expect(after[axis] * before[axis]).toBeGreaterThanOrEqual(-1e-15);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('lead from inside never out, and from outside of a keep-out never in', () => {
    fc.assert(
      fc.property(anyCase, ({ given, action }) => {
        const verdict = review(RULES, action, given);
        fc.pre(passed(verdict));
        const body = given.observation.proprio!;
        const from = verdict.action.kind === 'eef-pose' ? body.tcpPose!.pM : body.commandedTcpPose!.pM;
        const way = wayOf(verdict.action, given);
        const to = from.map((value, axis) => value + way[axis]!);
        const { workspace, keepOut } = MOTION;
        for (const axis of [0, 1, 2] as const) {
          if (from[axis] <= workspace.maxM[axis]) expect(to[axis]).toBeLessThanOrEqual(workspace.maxM[axis] + 2e-9);
          if (from[axis] >= workspace.minM[axis]) expect(to[axis]).toBeGreaterThanOrEqual(workspace.minM[axis] - 2e-9);
        }
        const isIn = (point: readonly number[], box: typeof workspace, by: number) =>
          point.every((value, axis) => value > box.minM[axis]! + by && value < box.maxM[axis]! - by);
        const starts = [from, body.tcpPose!.pM];
        for (const box of keepOut)
          if (starts.every((start) => !isIn(start, box, 0))) expect(isIn(to, box, 2e-9)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('allow, modify and deny, so that the last sentences are not empty', () => {
    const of = (kind: string) => share(anyCase, ({ given, action }) => review(RULES, action, given).kind === kind);
    expect(of('allow')).toBeGreaterThan(0.01);
    expect(of('modify')).toBeGreaterThan(0.05);
    expect(of('deny')).toBeGreaterThan(0.05);
  });
});

function wayOf(action: Action, { observation: { proprio: body } }: GateContext): Vec3 {
  if (action.kind === 'eef-delta') return action.dPosM;
  if (action.kind !== 'eef-pose') throw new Error('another kind');
  const from = body!.tcpPose!.pM;
  return [action.pM[0] - from[0], action.pM[1] - from[1], action.pM[2] - from[2]];
}
const lengthOf = (action: Action, given: GateContext): number => Math.hypot(...wayOf(action, given));
