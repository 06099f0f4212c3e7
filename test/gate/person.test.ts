/** What a person's yes changes for a rule. */
import { describe, expect, it } from 'vitest';
import { isPerson, personBy, withoutAsking } from '../../src/gate/person.ts';
import type { RuleOpinion } from '../../src/gate/rule.ts';
import { context } from './given.ts';

describe('a rule on what a person has said yes to', () => {
  const judged = (opinion: RuleOpinion) =>
    withoutAsking({ name: 'rule', judge: () => opinion }).judge({ kind: 'ui-back' }, context());

  it('asks nobody', () => {
    expect(judged({ kind: 'ask', reason: 'it pays' })).toEqual({ kind: 'allow' });
  });

  it('says no, halts, makes smaller and allows as before, under its name', () => {
    const opinions: RuleOpinion[] = [
      { kind: 'deny', reason: 'no' },
      { kind: 'halt', reason: 'no' },
      { kind: 'modify', reason: 'far', shrink: { translation: 0.5, rotation: 1 } },
      { kind: 'allow' },
    ];
    for (const opinion of opinions) expect(judged(opinion)).toBe(opinion);
    expect(withoutAsking({ name: 'rule', judge: () => ({ kind: 'allow' }) }).name).toBe('rule');
  });
});

it('a person is told from other judges by how they are named', () => {
  expect(isPerson(personBy('ann'))).toBe(true);
  for (const other of ['gate', 'cosmos', 'an approver ann', '']) expect(isPerson(other), other).toBe(false);
});
