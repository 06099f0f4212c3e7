/** A policy that critics say no to, again and again: it is asked again, from a body at rest, and not for ever. */
import type { Critic, Opinion } from 'pumice';
import { of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { fakePolicy, inVirtualTime, ROWS, story } from './loop-story.ts';

const NO: Opinion = { kind: 'deny', reasons: ['not there'] };
const YES: Opinion = { kind: 'allow', reasons: [] };

/** Answers by how often it was asked, in both ways of asking. */
function criticBy(answer: (call: number) => Opinion): Critic & { readonly calls: () => number } {
  let calls = 0;
  const judge = () => of(answer(calls++));
  return { name: 'fake', judge, judgeChunk: judge, calls: () => calls };
}

describe.each(ROWS)('$title', ({ make, ordinary, forbidden, strategies, isPaced }) => {
  /** A plan that is paced has to be long. */
  const actions = isPaced ? Array(6).fill(ordinary) : [ordinary];
  const play = (critic: Critic, proposed = actions, maxVetoesInARow = 4) =>
    inVirtualTime((scheduler, helpers) => {
      const env = make(scheduler);
      const policy = fakePolicy(env, () => of({ actions: proposed }));
      const budget = { maxSteps: 60, maxVetoesInARow };
      const tale = story(scheduler, helpers, { env, policy, critics: [critic], budget, ...strategies });
      const end = tale.tellAll();
      return { end, tale, moved: env.begun.filter(({ kind }) => kind !== 'hold') };
    });

  it('is held, looked at and asked again at each no, and after the last one the run stops and says why', () => {
    const critic = criticBy(() => NO);
    const { end, tale, moved } = play(critic);
    expect(moved).toEqual([]);
    expect(critic.calls()).toBe(4);
    expect(tale.records().flatMap(({ vetoesInARow }) => vetoesInARow ?? [])).toEqual([1, 2, 3, 4]);
    expect(end).toMatchObject({
      outcome: 'failure',
      reason: 'critics said no 4 times in a row, the last: fake: not there',
    });
    expect(tale.told.map(({ event }) => event.kind)).toContain('protective-stop');
  });

  it('a yes between begins the count anew', () => {
    const { end, tale, moved } = play(criticBy((call) => (call % 3 === 2 ? YES : NO)));
    expect(end.outcome).toBe('truncated');
    expect(moved.length).toBeGreaterThan(2);
    expect(Math.max(...tale.records().map(({ vetoesInARow = 0 }) => vetoesInARow))).toBe(2);
  });

  it('a critic that fails is no yes either', () => {
    const failing = criticBy(() => {
      throw new Error('dead');
    });
    const { end, moved } = play(failing);
    expect(moved).toEqual([]);
    expect(end.outcome).toBe('failure');
  });

  it('what rules say no to is not counted: no critic was asked', () => {
    const { tale } = play(
      criticBy(() => YES),
      isPaced ? Array(6).fill(forbidden) : [forbidden],
    );
    expect(tale.records().filter(({ verdict }) => verdict.kind === 'deny').length).toBeGreaterThan(0);
    expect(tale.records().every((record) => record.vetoesInARow === undefined)).toBe(true);
  });
});
