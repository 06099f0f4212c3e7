/** A person in the place of a policy: what they chose is done on what is there now, or not at all. */
import type { Deed, Hand, Mark, Observation } from 'pumice';
import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { person, settle } from '../../policies/person.ts';
import { deedSchema } from '../../src/hand.ts';

const mark = (id: number, name: string, x: number, more: Partial<Mark> = {}): Mark => ({
  ...{ id, name, role: 'button', source: 'dom', document: 'd1', boxPx: [x, 0, x + 50, 20], pointPx: [x + 25, 10] },
  ...more,
});
const look = (seq: number, marks: readonly Mark[], url = 'https://a.example/'): Observation => ({
  ...{ seq, epoch: 0, stampMs: 0, instruction: 'x', history: [], frames: [], marks },
  ui: { url, title: '', tabs: [], scroll: { xPx: 0, yPx: 0, maxXPx: 0, maxYPx: 0 }, notices: [] },
});
const click = (seq: number, target: { markId: number } | { xPx: number; yPx: number }): Deed => ({
  seq,
  action: { kind: 'ui-click', target, button: 'left', count: 1 },
});
const context = (signal = new AbortController().signal) => ({ signal, nowMs: () => 0, report: () => {} });

describe('a deed', () => {
  const before = look(3, [mark(1, 'Keep', 0), mark(2, 'Delete', 100)]);

  it('is done where the same thing is there now, by the number that it has now', () => {
    const now = look(5, [mark(1, 'New', 300), mark(2, 'Keep', 0), mark(3, 'Delete', 100)]);
    expect(settle(click(3, { markId: 2 }), before, now)).toMatchObject({ target: { markId: 3 } });
    expect(settle(click(3, { xPx: 110, yPx: 5 }), before, now)).toMatchObject({ target: { xPx: 110, yPx: 5 } });
    // Where nothing was and nothing is.
    expect(settle(click(3, { xPx: 500, yPx: 5 }), before, now)).toMatchObject({ kind: 'ui-click' });
  });

  it.each([
    [
      'another thing is there',
      look(5, [mark(1, 'Keep', 0), mark(2, 'Delete all', 100)]),
      /"Delete all" at that place now/,
    ],
    ['nothing is there', look(5, [mark(1, 'Keep', 0)]), /nothing at that place now/],
    ['it is that of another document', look(5, [mark(2, 'Delete', 100, { document: 'd2' })]), /at that place now/],
    ['it plays another role', look(5, [mark(2, 'Delete', 100, { role: 'link' })]), /link "Delete" at that place now/],
    ['another page is there', look(5, before.marks!, 'https://b.example/'), /another page/],
  ])('is not done, and said, where %s', (_what, now, why) => {
    expect(settle(click(3, { markId: 2 }), before, now)).toMatch(why);
    expect(settle(click(3, { xPx: 110, yPx: 5 }), before, now)).toMatch(why);
  });

  it('is not done on a mark that was not there', () => {
    expect(settle(click(3, { markId: 9 }), before, look(5, [...before.marks!, mark(9, 'Buy', 200)]))).toMatch(
      /no mark 9/,
    );
  });

  it('is not done on a look that nobody remembers', () => {
    expect(settle(click(1, { markId: 2 }), undefined, before)).toMatch(/too old/);
  });

  it('is not typed where another thing has the keyboard now', () => {
    const type: Deed = { seq: 3, action: { kind: 'ui-type', text: 'secret', clear: false, submit: false } };
    const at = (seq: number, name: string) =>
      look(seq, [mark(1, name, 0, { role: 'textbox', state: { focused: true } })]);
    expect(settle(type, at(3, 'Password'), at(5, 'Password'))).toMatchObject({ text: 'secret' });
    expect(settle(type, at(3, 'Password'), at(5, 'Comment'))).toMatch(/"Comment" has the keyboard now/);
    expect(settle(type, at(3, 'Password'), look(5, []))).toMatch(/nothing has the keyboard now/);
  });

  it('answers a dialog while the page asks the same, and nothing else that it asks', () => {
    const asked = (seq: number, message?: string) => {
      const { ui, ...rest } = look(seq, []);
      return { ...rest, ui: { ...ui!, ...(message !== undefined && { dialog: { kind: 'confirm', message } }) } };
    };
    const yes: Deed = { seq: 3, action: { kind: 'ui-dialog', accept: true } };
    expect(settle(yes, asked(3, 'Sure?'), asked(5, 'Sure?'))).toEqual(yes.action);
    expect(settle(yes, asked(3, 'Sure?'), asked(5, 'Delete all?'))).toMatch(/asks something else/);
    expect(settle(yes, asked(3), asked(5, 'Delete all?'))).toMatch(/asks something else/);
    expect(settle(yes, asked(3, 'Sure?'), asked(5))).toMatch(/the dialog is gone/);
  });

  it('is one of a hand, and none of an arm or of the loop', () => {
    expect(deedSchema.safeParse(click(3, { markId: 2 })).success).toBe(true);
    for (const action of [{ kind: 'hold' }, { kind: 'ui-upload', target: { markId: 1 }, paths: ['/etc/passwd'] }])
      expect(deedSchema.safeParse({ seq: 1, action }).success).toBe(false);
  });
});

describe('a person', () => {
  const begun = () => {
    const deeds$ = new Subject<Deed>();
    const refused: string[] = [];
    const hand: Hand = {
      ...{ name: 'test', refuse: (why) => void refused.push(why) },
      listen: (take) => {
        const listening = deeds$.subscribe(take);
        return () => listening.unsubscribe();
      },
    };
    const policy = person();
    policy.useHand(hand);
    policy.reset({ instruction: 'x' });
    return { deeds$, refused, policy };
  };

  it('does one thing at a time, on the look after it was chosen', async () => {
    const { deeds$, refused, policy } = begun();
    const waiting = policy.act(look(3, [mark(1, 'Save', 0)]), context());
    deeds$.next(click(3, { markId: 1 }));
    deeds$.next(click(3, { markId: 1 }));
    expect(await waiting).toMatchObject({ actions: [{ kind: 'hold' }] });
    expect(refused).toEqual([expect.stringMatching(/One thing at a time/)]);
    expect(await policy.act(look(4, [mark(7, 'Save', 0)]), context())).toMatchObject({
      actions: [{ kind: 'ui-click', target: { markId: 7 } }],
    });
  });

  it('is told why something was not done', async () => {
    const { deeds$, refused, policy } = begun();
    const waiting = policy.act(look(3, [mark(1, 'Save', 0)]), context());
    deeds$.next(click(3, { markId: 1 }));
    await waiting;
    expect(await policy.act(look(4, [mark(1, 'Delete', 0)]), context())).toMatchObject({ actions: [{ kind: 'hold' }] });
    expect(refused).toEqual([expect.stringMatching(/"Delete" at that place now, and not button "Save"/)]);
  });

  it('answers once, however often it is pressed: the same question may come again', async () => {
    const { deeds$, refused, policy } = begun();
    const asking = (seq: number): Observation => {
      const { ui, ...rest } = look(seq, []);
      return { ...rest, ui: { ...ui!, dialog: { kind: 'confirm', message: 'Sure?' } } };
    };
    const deedOn = async (seq: number, now: number) => {
      const waiting = policy.act(asking(now - 1), context());
      deeds$.next({ seq, action: { kind: 'ui-dialog', accept: true } });
      await waiting;
      return policy.act(asking(now), context());
    };
    expect(await deedOn(3, 4)).toMatchObject({ actions: [{ kind: 'ui-dialog' }] });
    expect(await deedOn(3, 6)).toMatchObject({ actions: [{ kind: 'hold' }] });
    expect(await deedOn(4, 8)).toMatchObject({ actions: [{ kind: 'hold' }] });
    expect(refused).toEqual(['it was answered already', 'it was answered already']);
    expect(await deedOn(8, 10)).toMatchObject({ actions: [{ kind: 'ui-dialog' }] });
  });

  it('is needed: without one no run begins', async () => {
    await expect(Promise.resolve(person().prepare!(context()))).rejects.toMatchObject({ code: 'config/misfit' });
  });
});
