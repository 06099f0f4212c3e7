/** How a terminal and the dashboard share a person's answers. */
import type { Approver, Context, Decision, Question, Run } from 'pumice';
import { describe, expect, it } from 'vitest';
import { approverOf, overTo } from '../../src/cli/board.ts';
import type { Dashboard } from '../../src/dashboard/index.ts';

const question = { id: 'q1' } as Question;

/** An approver who answers when told to, and tells whether they are still asked. */
function fakePerson(name: string) {
  let signal: AbortSignal | undefined;
  let answer: (decision: Decision) => void = () => {};
  const approver: Approver = {
    name,
    ask: (_question, context) => {
      signal = context.signal;
      return new Promise<Decision>((resolve) => {
        answer = resolve;
        // As the real ones do: who is no longer asked says no.
        context.signal.addEventListener('abort', () => resolve({ kind: 'deny' }), { once: true });
      });
    },
  };
  return { approver, isAsked: () => signal !== undefined && !signal.aborted, say: (said: Decision) => answer(said) };
}
const fakeBoard = (approver: Approver, isAttended = true) => {
  const leaving: (() => void)[] = [];
  const board = {
    approver,
    isAttended: () => isAttended,
    left: () => new Promise<void>((resolve) => void leaving.push(resolve)),
  } as unknown as Dashboard;
  return { board, leave: () => leaving.map((left) => left()) };
};
const context = () => ({ signal: new AbortController().signal, nowMs: () => 0, report: () => {} }) satisfies Context;

describe('who is asked', () => {
  it('is nobody where there is neither, and the one there is', () => {
    const { approver } = fakePerson('ann');
    expect(approverOf(undefined, undefined)).toEqual({});
    expect(approverOf(approver, undefined).approver).toBe(approver);
    expect(approverOf(undefined, fakeBoard(approver).board).approver).toBe(approver);
  });

  it('is both: the first answer counts, and the other is no longer asked', async () => {
    for (const first of [0, 1]) {
      const people = [fakePerson('person'), fakePerson('person')];
      const { approver } = approverOf(people[0]!.approver, fakeBoard(people[1]!.approver).board);
      const answered = approver!.ask(question, context()) as Promise<Decision>;
      expect(people.map(({ isAsked }) => isAsked())).toEqual([true, true]);
      people[first]!.say({ kind: 'approve' });
      expect(await answered).toEqual({ kind: 'approve' });
      expect(people.map(({ isAsked }) => isAsked())).toEqual([false, false]);
    }
  });

  it('is the one at the terminal alone while nobody is at the page', async () => {
    const [terminal, page] = [fakePerson('person'), fakePerson('person')];
    const { approver } = approverOf(terminal.approver, fakeBoard(page.approver, false).board);
    const answered = approver!.ask(question, context()) as Promise<Decision>;
    expect(page.isAsked()).toBe(false);
    terminal.say({ kind: 'approve' });
    expect(await answered).toEqual({ kind: 'approve' });
  });
});

describe('a run that is handed over to the page', () => {
  const handedOver = () => {
    const stops: string[] = [];
    const { board, leave } = fakeBoard(fakePerson('person').approver);
    const tell = overTo(board, { stop: (reason: string) => void stops.push(reason) } as unknown as Run);
    tell({ kind: 'hand-over', reason: 'a second factor' });
    const left = async () => {
      leave();
      await new Promise(setImmediate);
    };
    return { tell, left, stops };
  };

  it('stops when whoever was to take over has left', async () => {
    const { left, stops } = handedOver();
    await left();
    expect(stops).toEqual(['nobody is there to take over']);
  });

  it('does not when they had taken over before, or it was over', async () => {
    for (const event of [
      { kind: 'resumed' },
      { kind: 'episode-end', end: { outcome: 'success', reason: '' } },
    ] as const) {
      const { tell, left, stops } = handedOver();
      tell(event);
      await left();
      expect(stops).toEqual([]);
    }
  });
});
