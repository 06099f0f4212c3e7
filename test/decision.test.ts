/** How a person is asked, and how it is told what came of it. */
import type { Action, Decision, Question, Verdict } from 'pumice';
import { of } from 'rxjs';
import { expect, it } from 'vitest';
import { createApprovals } from '../src/approvals.ts';
import { createAsk, DEADLINES_MS } from '../src/ask.ts';
import { monotonicScheduler } from '../src/clock.ts';
import { createDesk } from '../src/decision.ts';
import { refuse } from '../src/gate/verdict.ts';
import { observation } from './gate/given.ts';

const back: Action = { kind: 'ui-back' };
const shown = observation();
const turn = { seq: shown.seq, epoch: shown.epoch };

/** The verdict after an answer, and what it is worth in the next step. */
function after(answer: unknown, canEdit = true, isThere = true) {
  const nowMs = () => 500;
  const approvals = createApprovals({ nowMs });
  const questions: Question[] = [];
  const desk = createDesk({
    approver: isThere ? { name: 'ann', ask: () => of(answer as Decision) } : undefined,
    ...{ approvals, nowMs, answerMs: 1000, onAsk: (question: Question) => questions.push(question) },
    ask: createAsk(DEADLINES_MS, monotonicScheduler, () => {}),
  });
  let verdict: Verdict | undefined;
  const asked = {
    verdict: refuse('ask', back, 'rule', 'it pays'),
    proposed: [back],
    observation: shown,
    turn,
    canEdit,
  };
  desk(asked).subscribe((said) => {
    verdict = said;
  });
  const next = observation({ seq: shown.seq + 1, epoch: shown.epoch + 1 });
  const [first, said] = verdict!.reasons;
  expect(verdict!.kind).toBe('deny');
  expect(first).toBe('rule: it pays');
  return { by: verdict!.by, said, edit: approvals.takeEdit(next), isReleased: approvals.take([back], next), questions };
}

it('each answer is told in words, and only a yes and an edit count for what is proposed next', () => {
  const instead: Action = { kind: 'ui-wait', durationMs: 5 };
  const none = { by: 'approver ann', edit: undefined, isReleased: false };
  expect(after({ kind: 'approve' })).toMatchObject({
    ...none,
    ...{ isReleased: true, said: 'approver ann: said yes: propose it again on what is there now' },
  });
  expect(after({ kind: 'deny' })).toMatchObject({ ...none, said: 'approver ann: said no' });
  expect(after({ kind: 'deny', reason: 'too dear' })).toMatchObject({
    ...none,
    said: 'approver ann: said no: too dear',
  });
  expect(after({ kind: 'edit', action: instead })).toMatchObject({
    ...none,
    ...{ edit: instead, said: 'approver ann: wants something else: ui-wait, in the next step' },
  });
  expect(after({ kind: 'edit', action: instead }, false)).toMatchObject({
    ...none,
    said: 'approver ann: wants something else, which nobody can put into a plan in motion: said no',
  });
  expect(after({ kind: 'perhaps' })).toMatchObject({
    ...none,
    said: expect.stringMatching(/^approver ann: no answer: .*answered with no decision.*An approver answers/),
  });
});

it('the question says until when an answer counts; with nobody there none is put', () => {
  expect(after({ kind: 'deny' }).questions).toMatchObject([
    { id: 'q1', proposed: back, expiresMs: 1500, canEdit: true },
  ]);
  expect(after({ kind: 'approve' }, true, false)).toEqual({
    ...{ by: 'gate', said: 'gate: a person would have to approve it, and there is none' },
    ...{ edit: undefined, isReleased: false, questions: [] },
  });
});
