/**
 * What holds for every action, every set of rules and every number. Each property has a twin that shows that it is not empty:
 * a gate that denies everything would pass the first and fail the second.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { review } from '../../src/gate/review.ts';
import { angleOfRpy, rotationVectorOfRpy } from '../../src/gate/rotation.ts';
import {
  ALLOW,
  deny,
  type GateContext,
  halt,
  LIMIT_TOLERANCE,
  type Rule,
  type RuleOpinion,
} from '../../src/gate/rule.ts';
import { defaultRules } from '../../src/gate/rules/index.ts';
import { severity } from '../../src/gate/verdict.ts';
import type { Action, ActionOf } from '../../src/types.ts';
import {
  anyAction,
  borderMove,
  click,
  context,
  HERE,
  inOrder,
  limits,
  move,
  nastyMove,
  observation,
  ordinaryMove,
} from './given.ts';

type Gate = (rules: readonly Rule[], action: Action, context: GateContext) => ReturnType<typeof review>;
const denyAll: Gate = (_rules, action) => ({ kind: 'deny', action, reasons: [], by: 'wall' });

/** Share of `count` samples for which `holds`. */
const share = <T>(arbitrary: fc.Arbitrary<T>, holds: (sample: T) => boolean, count = 500): number =>
  fc.sample(arbitrary, { numRuns: count, seed: 7 }).filter(holds).length / count;
const passed = ({ kind }: { kind: string }): boolean => kind === 'allow' || kind === 'modify';

const isFiniteThroughout = (value: unknown): boolean =>
  typeof value === 'number'
    ? Number.isFinite(value)
    : typeof value !== 'object' || value === null || Object.values(value).every(isFiniteThroughout);

/** The limits once more, in other words than the gate's. */
function isInsideLimits(action: Action): boolean {
  const slack = 1 + 2 * LIMIT_TOLERANCE;
  switch (action.kind) {
    case 'eef-delta': {
      const { dPosM, dRpyRad, frameId, gripperOpen } = action;
      const isShort = dPosM.reduce((sum, part) => sum + part * part, 0) <= (0.05 * slack) ** 2;
      return (
        isShort && angleByMatrix(dRpyRad) <= 0.2 * slack && frameId === 'base' && gripperOpen >= 0 && gripperOpen <= 1
      );
    }
    case 'eef-pose': {
      const way = action.pM.map((part, axis) => part - HERE.pM[axis]!);
      return way.reduce((sum, part) => sum + part * part, 0) <= (0.05 * slack) ** 2;
    }
    case 'ui-scroll':
      return action.dxPx ** 2 <= 1000 ** 2 && action.dyPx ** 2 <= 1000 ** 2;
    case 'ui-wait':
      return action.durationMs >= 0 && action.durationMs <= 5000;
    case 'ui-type':
      return action.text.length <= 40;
    case 'ui-click':
      return 'markId' in action.target
        ? [1, 2].includes(action.target.markId)
        : Math.abs(action.target.xPx - 400) <= 400 && Math.abs(action.target.yPx - 300) <= 300;
    default:
      return !action.kind.startsWith('eef') && !action.kind.startsWith('joint');
  }
}

/** Angle by the trace of the rotation matrix and its skew part: shares no code with `rotation.ts`. */
function angleByMatrix([roll, pitch, yaw]: readonly [number, number, number]): number {
  const [cr, sr, cp, sp, cy, sy] = [roll, pitch, yaw].flatMap((part) => [Math.cos(part), Math.sin(part)]) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const trace = cy * cp + (sy * sp * sr + cy * cr) + cp * cr;
  const skew = [cp * sr - (sy * sp * cr - cy * sr), cy * sp * cr + sy * sr + sp, sy * cp - (cy * sp * sr - sy * cr)];
  return Math.atan2(Math.hypot(...skew), trace - 1);
}

const rowOfModifies = fc.constantFrom(0, 1);

describe('what passes', () => {
  const holds = (gate: Gate) =>
    fc.assert(
      fc.property(anyAction, rowOfModifies, (action, modifiedInARow) => {
        const verdict = gate(defaultRules, action, context({ modifiedInARow }));
        if (passed(verdict)) {
          expect(isFiniteThroughout(verdict.action)).toBe(true);
          expect(isInsideLimits(verdict.action)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  const isNotEmpty = (gate: Gate): boolean => {
    const allows = (action: Action) => gate(defaultRules, action, context()).kind === 'allow';
    const modifies = (action: Action) => gate(defaultRules, action, context()).kind === 'modify';
    return (
      share(ordinaryMove, allows) === 1 &&
      share(fc.constantFrom(...inOrder), allows) === 1 &&
      share(borderMove, modifies) > 0.2 &&
      share(borderMove, allows) > 0.02 &&
      share(nastyMove, (action) => passed(gate(defaultRules, action, context()))) > 0.005
    );
  };

  it('is finite and inside the limits', () => holds(review));
  it('is most of what is ordinary, and a good part of what is near the limits', () =>
    expect(isNotEmpty(review)).toBe(true));
  it('would be found missing if everything were denied', () => {
    holds(denyAll);
    expect(isNotEmpty(denyAll)).toBe(false);
  });

  it('is nothing that is not finite: that halts', () => {
    fc.assert(
      fc.property(nastyMove, (action) => {
        fc.pre(!isFiniteThroughout(action));
        expect(review(defaultRules, action, context()).kind).toBe('halt');
      }),
    );
  });

  it('is allowed by every single rule, whatever the rules are', () => {
    fc.assert(
      fc.property(anyRules, borderMove, (rules, action) => {
        const verdict = review(rules, action, context());
        if (passed(verdict)) for (const rule of rules) expect(rule.judge(verdict.action, context()).kind).toBe('allow');
      }),
      { numRuns: 2000 },
    );
  });

  it('with such rules is some of the time modified, so that the last sentence is not empty', () => {
    const pairs = fc.tuple(anyRules, borderMove);
    expect(share(pairs, ([rules, action]) => review(rules, action, context()).kind === 'modify')).toBeGreaterThan(0.03);
  });

  it('changes nothing when it is reviewed again', () => {
    fc.assert(
      fc.property(anyAction, (action) => {
        const first = review(defaultRules, action, context());
        fc.pre(passed(first));
        const again = review(defaultRules, first.action, context());
        expect(again).toEqual({ kind: 'allow', action: first.action, reasons: [], by: 'gate' });
        expect(again.action).toBe(first.action);
      }),
    );
  });
});

const sizeOf = (action: Action): number =>
  action.kind === 'eef-delta' ? Math.max(Math.hypot(...action.dPosM) / 0.05, angleOfRpy(action.dRpyRad) / 0.2) : 0;
/** A rule that wants at most `limit` times the usual step: it keeps its word, and what it allows it allows smaller. */
const limiter = (limit: number): Rule => ({
  name: `limit-${limit}`,
  judge: (action) => {
    if (action.kind !== 'eef-delta') return ALLOW;
    const factor = (size: number, max: number) => (size <= max * (1 + LIMIT_TOLERANCE) ? 1 : max / size);
    const shrink = {
      translation: factor(Math.hypot(...action.dPosM), 0.05 * limit),
      rotation: factor(angleOfRpy(action.dRpyRad), 0.2 * limit),
    };
    return shrink.translation === 1 && shrink.rotation === 1 ? ALLOW : { kind: 'modify', shrink, reason: 'too much' };
  },
});
/** A rule that has one thing to say of all that is larger than `limit` times the usual step. */
const threshold = (limit: number, said: RuleOpinion): Rule => ({
  name: `${said.kind}-${limit}`,
  judge: (action) => (sizeOf(action) <= limit ? ALLOW : said),
});
const thrower: Rule = {
  name: 'thrower',
  judge: () => {
    throw new Error('oops');
  },
};
const someLimit = fc.double({ min: 0.4, max: 2.5, noNaN: true });
const someWord = fc.constantFrom<RuleOpinion>({ kind: 'ask', reason: 'unsure' }, deny('no'), halt('broken'));
/** Rules that keep the two promises of `rule.ts`. */
const anyRule: fc.Arbitrary<Rule> = fc.oneof(
  { weight: 6, arbitrary: someLimit.map(limiter) },
  { weight: 6, arbitrary: fc.tuple(someLimit, someWord).map(([limit, said]) => threshold(limit, said)) },
  { weight: 6, arbitrary: fc.constantFrom(...defaultRules) },
  { weight: 1, arbitrary: fc.constant(thrower) },
);
const anyRules = fc.array(anyRule, { maxLength: 5 });

describe('one rule more', () => {
  const insert = (rules: readonly Rule[], at: number, rule: Rule) => rules.toSpliced(at % (rules.length + 1), 0, rule);
  const anyCase = fc.record({ rules: anyRules, rule: anyRule, at: fc.nat(5), action: fc.oneof(borderMove, anyAction) });

  const endless = {
    rules: defaultRules.filter(({ name }) => name === 'gripper'),
    rule: limiter(0.4),
    at: 0,
    action: move({ dPosM: [0, Math.PI, 0], gripperOpen: Infinity }),
  };

  it('in any place never makes a verdict milder, nor a motion larger', () => {
    fc.assert(
      fc.property(anyCase, rowOfModifies, ({ rules, rule, at, action }, modifiedInARow) => {
        const without = review(rules, action, context({ modifiedInARow }));
        const more = review(insert(rules, at, rule), action, context({ modifiedInARow }));
        expect(severity(more.kind)).toBeGreaterThanOrEqual(severity(without.kind));
        if (passed(more)) expect(sizeOf(more.action) > sizeOf(without.action) * (1 + 1e-12)).toBe(false);
      }),
      // An opening without end, which the gripper's rule alone once made into no number.
      { numRuns: 3000, examples: [[endless, 0]] },
    );
  });

  it('often makes it stricter and often does not, so that the last sentence is not empty', () => {
    const stricter = share(anyCase, ({ rules, rule, at, action }) => {
      const without = review(rules, action, context());
      return severity(review(insert(rules, at, rule), action, context()).kind) > severity(without.kind);
    });
    expect(stricter).toBeGreaterThan(0.1);
    expect(stricter).toBeLessThan(0.9);
  });
});

describe('the order of the rules', () => {
  it('changes neither the kind of the verdict, nor the action, nor what reasons there are', () => {
    const shuffled = anyRules.chain((rules) =>
      fc.tuple(fc.constant(rules), fc.shuffledSubarray(rules, { minLength: rules.length })),
    );
    fc.assert(
      fc.property(shuffled, fc.oneof(borderMove, anyAction), ([rules, other], action) => {
        const one = review(rules, action, context());
        const two = review(other, action, context());
        expect(two.kind).toBe(one.kind);
        expect(two.action).toEqual(one.action);
        expect(two.reasons.toSorted()).toEqual(one.reasons.toSorted());
      }),
      { numRuns: 2000 },
    );
  });

  it('is put to the test by all kinds of verdict', () => {
    const kinds = new Set(
      fc
        .sample(fc.tuple(anyRules, borderMove), { numRuns: 500, seed: 7 })
        .map(([rules, action]) => review(rules, action, context()).kind),
    );
    expect([...kinds].toSorted()).toEqual(['allow', 'ask', 'deny', 'halt', 'modify']);
  });
});

describe('a stop', () => {
  it('halts everything', () => {
    fc.assert(
      fc.property(anyAction, (action) => {
        const verdict = review(defaultRules, action, context({ isRunning: false }));
        expect(verdict.kind).toBe('halt');
        expect(verdict.action).toBe(action);
      }),
    );
  });

  it('is what halts: the same ordinary actions pass without it', () => {
    expect(share(ordinaryMove, (action) => passed(review(defaultRules, action, context())))).toBe(1);
  });
});

describe('a rule that throws', () => {
  const withThrower = fc.tuple(anyRules, fc.nat(5)).map(([rules, at]) => rules.toSpliced(at, 0, thrower));

  it('halts everything, in whatever place it stands', () => {
    fc.assert(
      fc.property(withThrower, anyAction, (rules, action) => {
        expect(review(rules, action, context()).kind).toBe('halt');
      }),
    );
  });

  it('is what halts: without it the same actions often pass', () => {
    const cases = fc.tuple(anyRules, ordinaryMove);
    expect(share(cases, ([rules, action]) => passed(review(rules, action, context())))).toBeGreaterThan(0.2);
  });
});

describe('modify', () => {
  const modified = borderMove.map((action) => ({ action, verdict: review(defaultRules, action, context()) }));

  it('never enlarges, nor turns the direction, nor touches anything else', () => {
    fc.assert(
      fc.property(modified, ({ action, verdict }) => {
        fc.pre(verdict.kind === 'modify');
        const smaller = verdict.action as ActionOf<'eef-delta'>;
        expect({ ...smaller, dPosM: action.dPosM, dRpyRad: action.dRpyRad }).toEqual(action);
        isShorterAlong(action.dPosM, smaller.dPosM);
        isShorterAlong(rotationVectorOfRpy(action.dRpyRad), rotationVectorOfRpy(smaller.dRpyRad));
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves at least half, and as much as the limits allow', () => {
    fc.assert(
      fc.property(modified, ({ action, verdict }) => {
        fc.pre(verdict.kind === 'modify');
        const smaller = verdict.action as ActionOf<'eef-delta'>;
        const way = [Math.hypot(...action.dPosM), Math.hypot(...smaller.dPosM)] as const;
        const turn = [angleOfRpy(action.dRpyRad), angleOfRpy(smaller.dRpyRad)] as const;
        expect(Math.abs(way[1] - Math.min(way[0], 0.05))).toBeLessThanOrEqual(0.05 * LIMIT_TOLERANCE);
        expect(Math.abs(turn[1] - Math.min(turn[0], 0.2))).toBeLessThanOrEqual(0.2 * LIMIT_TOLERANCE);
        expect(way[1]).toBeGreaterThanOrEqual(way[0] * 0.5 * (1 - 2 * LIMIT_TOLERANCE));
        expect(turn[1]).toBeGreaterThanOrEqual(turn[0] * 0.5 * (1 - 2 * LIMIT_TOLERANCE));
      }),
    );
  });

  it('happens often enough for that to mean something', () => {
    expect(share(modified, ({ verdict }) => verdict.kind === 'modify')).toBeGreaterThan(0.2);
  });

  type Three = readonly [number, number, number];
  /** `b` is `a` times something in 0..1, within rounding. */
  function isShorterAlong(a: Three, b: Three): void {
    const length = Math.hypot(...a);
    expect(Math.hypot(...b)).toBeLessThanOrEqual(length * (1 + 1e-12));
    if (length < 1e-100) return; // Its square is lost.
    const along = (a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) / length ** 2;
    expect(along).toBeGreaterThanOrEqual(0);
    expect(along).toBeLessThanOrEqual(1 + 1e-12);
    const aside = Math.hypot(b[0] - along * a[0], b[1] - along * a[1], b[2] - along * a[2]);
    expect(aside / length).toBeLessThan(1e-9);
  }
});

describe('age', () => {
  it('lets nothing pass on stamps outside the window, and everything in order inside it', () => {
    const stamp = fc.oneof(
      fc.integer({ min: 0, max: 1100 }),
      fc.constantFrom(NaN, Infinity, -Infinity, 799.9999, 1000.0001),
    );
    fc.assert(
      fc.property(stamp, stamp, fc.constantFrom<Action>(move(), click()), (stampMs, plannedStampMs, action) => {
        const seen = observation({ stampMs, frames: observation().frames.map((one) => ({ ...one, stampMs })) });
        const verdict = review(defaultRules, action, context({ observation: seen, plannedStampMs, limits: limits() }));
        const isFresh = stampMs >= 800 && stampMs <= 1000 && plannedStampMs >= 0 && plannedStampMs <= 1000;
        expect(verdict.kind).toBe(isFresh ? 'allow' : 'deny');
      }),
    );
  });
});
