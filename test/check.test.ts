/** How a proposal is judged: rules, critics, a person. Against a model of it, over any course of what they say. */
import fc from 'fast-check';
import type { Action, Critic, Decision, Opinion, Rule, Verdict } from 'pumice';
import { of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createApprovals } from '../src/approvals.ts';
import { createAsk, DEADLINES_MS } from '../src/ask.ts';
import { type Check, inline } from '../src/check.ts';
import { monotonicScheduler } from '../src/clock.ts';
import { createDesk } from '../src/decision.ts';
import type { GateContext } from '../src/gate/rule.ts';
import { passes } from '../src/gate/verdict.ts';
import type { ActionChunk } from '../src/types.ts';
import { context as given, observation } from './gate/given.ts';

const click = (markId: number): Action => ({ kind: 'ui-click', target: { markId }, button: 'left', count: 1 });
const chunkOf = (...actions: Action[]): ActionChunk => ({
  ...{ id: 'c1', actions, epoch: 0, basedOnSeq: 0, basedOnStampMs: 0 },
});
const ask = createAsk(DEADLINES_MS, monotonicScheduler, () => {});

type Said = 'allow' | 'ask' | 'deny' | 'halt' | 'throws' | 'nonsense';
const opinionOf = (said: Said) => {
  if (said === 'throws') throw new Error('down');
  return of((said === 'nonsense' ? { kind: 'fine' } : { kind: said, reasons: [`says ${said}`] }) as Opinion);
};

/** Judges whose words are set from outside, and what they were asked. */
function court(nowMs: () => number = () => 0) {
  const says = { rule: 'allow' as 'allow' | 'ask' | 'deny' | 'halt', critics: [] as Said[], person: 'no' as unknown };
  const asked = { critics: 0, person: 0, following: [] as unknown[] };
  const rule: Rule = {
    name: 'rule',
    judge: () => (says.rule === 'allow' ? { kind: 'allow' } : { kind: says.rule, reason: `says ${says.rule}` }),
  };
  const critics = [0, 1].map(
    (at): Critic => ({
      name: `critic ${at}`,
      judge: (_, proposed, { following }) => {
        asked.critics += 1;
        asked.following.push(following);
        // It may only be stricter, whatever it does to what it is given.
        Object.assign(proposed, { kind: 'ui-back' });
        return opinionOf(says.critics[at] ?? 'allow');
      },
    }),
  );
  const approvals = createApprovals({ nowMs });
  const approver = {
    name: 'ann',
    ask: () => {
      asked.person += 1;
      return says.person === 'throws' ? throwError(() => new Error('gone')) : of(says.person as Decision);
    },
  };
  const askPerson = createDesk({ approver, approvals, ask, answerMs: 1000, nowMs, onAsk: () => {} });
  const check = inline(
    { rules: [rule], critics, approvals, askPerson, approvedBy: 'ann', actionKinds: ['ui-click'], nowMs },
    ask,
  );
  return { says, asked, check };
}

/** What a check says at once; every judge here answers at once. */
function verdictOf(check: Check, action: Action, context: () => GateContext, chunk = chunkOf(action)): Verdict {
  let verdict: Verdict | undefined;
  check(action, context, chunk).subscribe((said) => {
    verdict = said;
  });
  return verdict!;
}
const contextAt = (seq: number, epoch: number) => () => given({ observation: observation({ seq, epoch }) });

const WORST = ['allow', 'ask', 'deny', 'halt'];
const worstOf = (kinds: readonly string[]): string => WORST[Math.max(...kinds.map((kind) => WORST.indexOf(kind)))]!;

describe('over any course of rules, critics and people', () => {
  const said = fc.oneof(
    { arbitrary: fc.constantFrom<Said>('allow', 'ask'), weight: 4 },
    { arbitrary: fc.constantFrom<Said>('deny', 'halt', 'throws', 'nonsense'), weight: 1 },
  );
  const step = fc.record({
    action: fc.oneof(
      { arbitrary: fc.constant(1), weight: 6 },
      { arbitrary: fc.constantFrom<number | 'hold'>(2, 'hold'), weight: 1 },
    ),
    rule: fc.oneof(
      { arbitrary: fc.constantFrom('allow' as const, 'ask' as const), weight: 5 },
      { arbitrary: fc.constantFrom('deny' as const, 'halt' as const), weight: 1 },
    ),
    critics: fc.tuple(said, said),
    person: fc.constantFrom<unknown>({ kind: 'approve' }, { kind: 'approve' }, { kind: 'deny' }, true, 'throws'),
  });

  it('a proposal passes if nobody is against it, and a person has said yes just before where somebody asks', () => {
    let [passed, released, refused] = [0, 0, 0];
    const property = fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const { says, asked, check } = court();
      let epoch = 0;
      let yes: number | undefined;
      for (const [seq, { action, rule, critics, person }] of steps.entries()) {
        Object.assign(says, { rule, critics, person });
        const before = { ...asked };
        const proposed: Action = action === 'hold' ? { kind: 'hold' } : click(action);
        const verdict = verdictOf(check, proposed, contextAt(seq, epoch));
        const isGranted = yes !== undefined && yes === action;
        yes = undefined;
        if (!passes(verdict)) epoch += 1;
        if (action === 'hold') {
          // Coming to rest is never judged.
          expect(verdict.kind).toBe('allow');
          expect([asked.critics, asked.person]).toEqual([before.critics, before.person]);
          continue;
        }
        const soften = (kind: string) => (kind === 'ask' && isGranted ? 'allow' : kind);
        const words = critics.map((word) => (WORST.includes(word) ? word : 'deny'));
        const isRuledOut = rule === 'deny' || rule === 'halt';
        const worst = isRuledOut ? rule : worstOf([rule, ...words].map(soften));
        expect(verdict.kind).toBe(worst === 'ask' ? 'deny' : worst);
        expect(verdict.action).toEqual(proposed);
        expect(verdict.approvedBy).toBe(isGranted && worst === 'allow' ? 'ann' : undefined);
        expect(asked.critics - before.critics).toBe(isRuledOut ? 0 : 2);
        expect(asked.person - before.person).toBe(worst === 'ask' ? 1 : 0);
        if (!isRuledOut) expect(verdict.opinions!.map(({ kind }) => kind)).toEqual(words);
        if (worst === 'ask' && (person as Decision).kind === 'approve') yes = action;
        if (worst === 'allow') passed += 1;
        if (worst === 'allow' && isGranted) released += 1;
        if (worst !== 'allow') refused += 1;
      }
    });
    fc.assert(property, { numRuns: 300 });
    // Non-vacuity: to deny everything, or to allow it, would not do.
    expect(passed).toBeGreaterThan(50);
    expect(released).toBeGreaterThan(20);
    expect(refused).toBeGreaterThan(200);
  });
});

describe('one proposal', () => {
  it('says who decided, and keeps every reason', () => {
    const { says, check } = court();
    Object.assign(says, { rule: 'ask', critics: ['ask', 'deny'] });
    expect(verdictOf(check, click(1), contextAt(0, 0))).toMatchObject({
      by: 'critic 1',
      reasons: ['rule: says ask', 'critic 0: says ask', 'critic 1: says deny'],
    });
    Object.assign(says, { rule: 'allow', critics: ['throws', 'allow'] });
    const failed = verdictOf(check, click(1), contextAt(1, 1));
    expect(failed).toMatchObject({ by: 'critic 0', reasons: ['critic 0: no opinion: down', 'critic 1: says allow'] });
    expect(failed.opinions![0]).toMatchObject({ critic: 'critic 0', kind: 'deny', judgedStampMs: 990, tookMs: 0 });
    Object.assign(says, { critics: ['ask', 'allow'], person: { kind: 'deny', reason: 'too dear' } });
    expect(verdictOf(check, click(1), contextAt(2, 2))).toMatchObject({
      by: 'approver ann',
      reasons: ['critic 0: says ask', 'critic 1: says allow', 'approver ann: said no: too dear'],
    });
  });

  it('that the body cannot do is no, and nobody is asked', () => {
    const { asked, check } = court();
    const verdict = verdictOf(check, { kind: 'ui-back' }, contextAt(0, 0));
    expect(verdict).toMatchObject({ kind: 'deny', by: 'body', reasons: ['body: cannot ui-back; it can ui-click'] });
    expect(asked.critics).toBe(0);
    // What the loop itself carries out every body can.
    expect(verdictOf(check, { kind: 'done', outcome: 'success' }, contextAt(1, 1)).kind).toBe('allow');
  });

  it('is shown to critics with what its chunk would do after it', () => {
    const { asked, check } = court();
    const [first, second, third] = [click(1), click(2), click(1)] as const;
    verdictOf(check, second, contextAt(0, 0), chunkOf(first, second, third));
    expect(asked.following).toEqual([[third], [third]]);
  });

  it('is judged once more by the rules when critics have answered, by the clock of then', () => {
    let nowMs = 0;
    const late: Rule = {
      name: 'late',
      judge: (_, context) => (context.nowMs > 1000 ? { kind: 'deny', reason: 'too old' } : { kind: 'allow' }),
    };
    const slow: Critic = {
      name: 'slow',
      judge: () => {
        nowMs += 2000;
        return of({ kind: 'allow', reasons: ['well'] });
      },
    };
    const approvals = createApprovals({ nowMs: () => nowMs });
    const askPerson = createDesk({
      ...{ approver: undefined, approvals, ask, answerMs: 1000 },
      ...{ nowMs: () => nowMs, onAsk: () => {} },
    });
    const checkBy = (critics: readonly Critic[]) =>
      inline(
        {
          ...{ rules: [late], critics, approvals, askPerson, approvedBy: undefined },
          ...{ actionKinds: ['ui-click'] as const, nowMs: () => nowMs },
        },
        ask,
      );
    const context = () => given({ nowMs });
    const verdict = verdictOf(checkBy([slow]), click(1), context);
    expect(verdict).toMatchObject({ kind: 'deny', by: 'late', reasons: ['slow: well', 'late: too old'] });
    expect(verdict.opinions![0]).toMatchObject({ tookMs: 2000 });
    nowMs = 0;
    expect(verdictOf(checkBy([]), click(1), context)).toMatchObject({ kind: 'allow', opinions: [] });
  });
});
