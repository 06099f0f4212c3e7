import { describe, expect, it } from 'vitest';
import { isGated, LEAST_SHARE, MODIFIED_IN_A_ROW, review } from '../../src/gate/review.ts';
import { ALLOW, deny, halt, LIMIT_TOLERANCE, type Rule, type RuleOpinion } from '../../src/gate/rule.ts';
import { defaultRules } from '../../src/gate/rules/index.ts';
import type { Action } from '../../src/types.ts';
import { click, context, inOrder, limits, motionLimits, move, unruled } from './given.ts';

const says = (said: RuleOpinion, name: string = said.kind): Rule => ({ name, judge: () => said });
/** A rule that keeps its word: asks for `factor` until the way is no longer than that share of 1 m. */
const shorten = (factor: number, name = 'shorten'): Rule => ({
  name,
  judge: (action) => {
    const isShort = action.kind === 'eef-delta' && Math.hypot(...action.dPosM) <= factor * (1 + LIMIT_TOLERANCE);
    return isShort
      ? ALLOW
      : { kind: 'modify', shrink: { translation: factor, rotation: 1 }, reason: `too far for ${name}` };
  },
});
const oneMetre = move({ dPosM: [1, 0, 0] });

describe('review', () => {
  it('allows what every rule allows, untouched', () => {
    for (const action of inOrder) {
      const verdict = review(defaultRules, action, context());
      expect(verdict).toEqual({ kind: 'allow', action, reasons: [], by: 'gate' });
      expect(verdict.action).toBe(action);
    }
  });

  it('answers with the worst opinion, and keeps every reason of every rule', () => {
    const rules = [
      says({ kind: 'ask', reason: 'unsure' }),
      says(halt('broken')),
      says(deny('no')),
      shorten(0.9),
      says(ALLOW),
    ];
    expect(review(rules, oneMetre, context())).toEqual({
      kind: 'halt',
      action: oneMetre,
      reasons: ['ask: unsure', 'halt: broken', 'deny: no', 'shorten: too far for shorten'],
      by: 'halt',
    });
  });

  it('halts, and does not throw, when a rule throws', () => {
    const thrower = (thrown: unknown): Rule => ({
      name: 'thrower',
      judge: () => {
        throw thrown;
      },
    });
    expect(review([says(ALLOW), thrower(new Error('oops'))], move(), context())).toEqual({
      kind: 'halt',
      action: move(),
      reasons: ['thrower: threw: oops'],
      by: 'thrower',
    });
    expect(review([thrower(Object.create(null))], move(), context()).reasons).toEqual(['thrower: threw: object']);
    expect(review([thrower(undefined)], move(), context()).kind).toBe('halt');
  });

  it('halts when a rule answers with no opinion', () => {
    for (const answer of [undefined, null, true, {}, { kind: 'fine' }, Promise.resolve(ALLOW)]) {
      const rule = says(answer as unknown as RuleOpinion, 'odd');
      expect(review([rule], move(), context()).kind).toBe('halt');
    }
    expect(review([says({ kind: 'fine' } as unknown as RuleOpinion, 'odd')], move(), context()).reasons).toEqual([
      'odd: answered with no opinion',
    ]);
  });

  it('halts when what is to make smaller would enlarge, turn around or is no number', () => {
    const factors = [1.0001, 2, -0.0001, -1, NaN, Infinity].flatMap((bad) => [
      { translation: bad, rotation: 1 },
      { translation: 1, rotation: bad },
      { translation: 1, rotation: 1, gripper: bad },
    ]);
    const lengths = [-1e-9, NaN, -Infinity].flatMap((bad) =>
      [0, 1, 2].map((axis) => ({
        translation: 1,
        rotation: 1,
        leftM: [9, 9, 9].with(axis, bad) as [number, number, number],
      })),
    );
    for (const shrink of [...factors, ...lengths]) {
      const verdict = review([says({ kind: 'modify', shrink, reason: 'x' }, 'odd')], move(), context());
      expect(verdict).toMatchObject({ kind: 'halt', reasons: ['odd: answered with what does not make smaller'] });
    }
  });

  it('halts on an action that is not one', () => {
    for (const action of [undefined, null, 7, 'ui-click', {}])
      expect(review(defaultRules, action as unknown as Action, context()).kind).toBe('halt');
  });

  it('allows nothing that no rule has looked at twice: with no rules at all it allows, which is why runs are given rules', () => {
    expect(review([], move(), context()).kind).toBe('allow');
  });
});

describe('making smaller', () => {
  it('takes one factor for the way and one for the turn, the smallest of each', () => {
    const turnOnly: Rule = {
      name: 'turn',
      judge: (action) =>
        action.kind === 'eef-delta' && action.dRpyRad[2] > 0.2
          ? { kind: 'modify', shrink: { translation: 1, rotation: 0.5 }, reason: 'turns too far' }
          : ALLOW,
    };
    const verdict = review(
      [shorten(0.9, 'a'), turnOnly, shorten(0.6, 'b'), shorten(0.8, 'c')],
      move({ dPosM: [1, 0, 0], dRpyRad: [0, 0, 0.4] }),
      context(),
    );
    expect(verdict).toEqual({
      kind: 'modify',
      action: { ...move({ dPosM: [0.6, 0, 0] }), dRpyRad: [0, 0, 0.2].map((part) => expect.closeTo(part, 12)) },
      reasons: ['a: too far for a', 'turn: turns too far', 'b: too far for b', 'c: too far for c'],
      by: 'a',
    });
  });

  it('denies when less than half would be left, and passes exactly half', () => {
    expect(review([shorten(LEAST_SHARE)], oneMetre, context()).kind).toBe('modify');
    const verdict = review([shorten(LEAST_SHARE - 0.001)], oneMetre, context());
    expect(verdict).toEqual({
      kind: 'deny',
      action: oneMetre,
      reasons: ['shorten: too far for shorten', 'gate: less than half of the proposed motion would be left'],
      by: 'gate',
    });
    const turn = says({ kind: 'modify', shrink: { translation: 1, rotation: 0.4 }, reason: 'x' });
    expect(review([turn], oneMetre, context()).reasons).toContain(
      'gate: less than half of the proposed motion would be left',
    );
  });

  it('denies the third in a row on one chunk', () => {
    const following = (modifiedInARow: number) => review([shorten(0.9)], oneMetre, context({ modifiedInARow }));
    expect(MODIFIED_IN_A_ROW).toBe(3);
    expect([following(0).kind, following(1).kind, following(2).kind, following(3).kind]).toEqual([
      'modify',
      'modify',
      'deny',
      'deny',
    ]);
    expect(following(2)).toMatchObject({ action: oneMetre, by: 'gate' });
    expect(following(2).reasons).toContain('gate: 3 actions of one chunk in a row went too far');
    expect(following(NaN).kind).toBe('deny');
  });

  it('denies when a rule does not allow the smaller motion either, whatever milder word it has for it', () => {
    const only = (when: number, said: RuleOpinion): Rule => ({
      name: 'picky',
      judge: (action) => (action.kind === 'eef-delta' && action.dPosM[0] === when ? said : ALLOW),
    });
    for (const said of [
      { kind: 'ask', reason: 'x' },
      { kind: 'modify', shrink: { translation: 0.9, rotation: 1 }, reason: 'x' },
      deny('x'),
    ] as const) {
      expect(review([shorten(0.8), only(0.8, said)], oneMetre, context())).toEqual({
        kind: 'deny',
        action: oneMetre,
        reasons: ['shorten: too far for shorten', 'picky: not even the smaller motion: x'],
        by: 'picky',
      });
    }
    expect(review([shorten(0.8), only(0.8, halt('broken'))], oneMetre, context())).toEqual({
      kind: 'halt',
      action: oneMetre,
      reasons: ['shorten: too far for shorten', 'picky: not even the smaller motion: broken'],
      by: 'picky',
    });
  });

  it('asks where a rule asks of the motion and of the smaller one, and leaves the action as it was proposed', () => {
    const asker = says({ kind: 'ask', reason: 'unsure' });
    expect(review([asker, shorten(0.8)], oneMetre, context())).toEqual({
      kind: 'ask',
      action: oneMetre,
      reasons: ['ask: unsure', 'shorten: too far for shorten'],
      by: 'ask',
    });
  });

  it('denies what would be denied without the rule that asks', () => {
    const asker = says({ kind: 'ask', reason: 'unsure' });
    expect(review([asker, shorten(0.4)], oneMetre, context()).kind).toBe('deny');
    expect(review([asker, shorten(0.8)], oneMetre, context({ modifiedInARow: 2 })).kind).toBe('deny');
  });

  it('denies what cannot be made smaller', () => {
    const rule = says({ kind: 'modify', shrink: { translation: 0.9, rotation: 0.9 }, reason: 'x' });
    for (const action of [click(), ...unruled]) expect(review([rule], action, context()).kind).toBe('deny');
  });

  it('brings a motion that is too long and turns too far to the limits of both', () => {
    const verdict = review(defaultRules, move({ dPosM: [0.06, 0.06, 0], dRpyRad: [0.2, 0, 0.2] }), context());
    expect(verdict.kind).toBe('modify');
    expect(verdict.by).toBe('step');
    if (verdict.action.kind !== 'eef-delta') throw new Error('another kind');
    expect(Math.hypot(...verdict.action.dPosM)).toBeCloseTo(0.05, 12);
  });

  it('lets a body that may not move at all be told to stay', () => {
    const still = { limits: limits({ motion: motionLimits({ maxStepM: 0, maxStepRad: 0 }) }) };
    expect(review(defaultRules, move({ dPosM: [0, -0, 0], dRpyRad: [0, 0, 0] }), context(still)).kind).toBe('allow');
    expect(review(defaultRules, move(), context(still)).kind).toBe('deny');
  });
});

describe('hold', () => {
  it('is the one action that is not gated', () => {
    expect(isGated({ kind: 'hold' })).toBe(false);
    for (const action of [...inOrder, ...unruled]) expect(isGated(action)).toBe(true);
  });
});
