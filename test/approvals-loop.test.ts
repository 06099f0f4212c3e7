/** A person is asked, over whole runs: what their answers release, and what not. One frame is 1 ms. */
import type { Action, Answer, Approver, Critic, Decision, Env, Opinion, Question, RunOptions } from 'pumice';
import { fakeMass, fakePage } from 'pumice/envs/fake';
import { from, NEVER, of, timer } from 'rxjs';
import { map } from 'rxjs/operators';
import { describe, expect, it } from 'vitest';
import { BODIES, fakeCritic, fakePolicy, inVirtualTime, repeating, type Story, story } from './loop-story.ts';

const save = BODIES[0]!.ordinary;
const YES = { kind: 'approve' } as const;
const asks: Critic = fakeCritic(() => of({ kind: 'ask', reasons: ['buys something'] }));

/** Answers as told; the questions come along. */
function person(answer: (asked: number, question: Question) => Answer<unknown>): Approver & { questions: Question[] } {
  const questions: Question[] = [];
  return {
    name: 'ann',
    questions,
    ask: (question) => answer(questions.push(question) - 1, question) as Answer<Decision>,
  };
}
const always = (decision: unknown) => person(() => of(decision));
const kindsOf = (tale: Story) => tale.records().map(({ verdict }) => verdict.kind);

/** The same click, step after step, on a page whose critic asks. */
function clicks(approver: Approver | undefined, over: Partial<RunOptions> = {}, maxSteps = 4) {
  return inVirtualTime((scheduler, helpers) => {
    const env = fakePage({ scheduler });
    const options = { env, policy: repeating(env, save, 9), critics: [asks], budget: { maxSteps }, ...over };
    const tale = story(scheduler, helpers, { ...options, ...(approver && { approver }) });
    tale.tellAll();
    return { env, tale, moved: env.begun };
  });
}

describe('whoever is asked', () => {
  it('is shown the action, why, the picture and until when an answer counts', () => {
    const ann = always({ kind: 'deny' });
    const { tale } = clicks(ann, { deadlinesMs: { approver: 5000 } }, 1);
    const [question] = ann.questions;
    const [step] = tale.records();
    expect(question).toMatchObject({ id: 'q1', proposed: save, canEdit: true });
    expect(question!.verdict).toMatchObject({ kind: 'ask', reasons: ['fake: buys something'] });
    expect(question!.observation).toBe(step!.observation);
    expect(question!.expiresMs).toBeGreaterThanOrEqual(5000);
    expect(tale.told.flatMap(({ event }) => (event.kind === 'approval-asked' ? [event.question.id] : []))).toEqual([
      'q1',
    ]);
  });

  it('releases each yes once: asked again after it', () => {
    const ann = always(YES);
    const { tale, moved } = clicks(ann);
    expect(kindsOf(tale)).toEqual(['deny', 'allow', 'deny', 'allow']);
    expect(moved).toHaveLength(2);
    expect(tale.records().map(({ verdict }) => verdict.approvedBy)).toEqual([undefined, 'ann', undefined, 'ann']);
    expect(new Set(ann.questions.map(({ id }) => id)).size).toBe(2);
  });

  it('says no by anything that is no decision, by silence, by being late, and by not being there', () => {
    const answers: (Approver | undefined)[] = [
      ...[true, 'yes', { kind: 'allow' }, { kind: 'approve', always: true }, null, undefined].map(always),
      ...[{ kind: 'edit' }, { kind: 'edit', action: { kind: 'ui-fly' } }, { kind: 'deny', reason: 'too dear' }].map(
        always,
      ),
      person(() => NEVER),
      person(() => {
        throw new Error('gone');
      }),
      undefined,
    ];
    for (const approver of answers) {
      const { tale, moved } = clicks(approver, { deadlinesMs: { approver: 50 } });
      expect(moved).toEqual([]);
      expect(kindsOf(tale)).toEqual(['deny', 'deny', 'deny', 'deny']);
    }
    // Non-vacuity: the same run with a yes moves.
    expect(clicks(always(YES)).moved.length).toBeGreaterThan(0);
  });

  it('changes nothing of what is judged, whatever they do to the question', () => {
    const ann = person((_, { proposed, verdict }) => {
      Object.assign(proposed, { target: { markId: 1 } });
      Object.assign(verdict, { kind: 'allow' });
      return of({ kind: 'deny' });
    });
    const { tale, moved } = clicks(ann, {}, 1);
    expect(moved).toEqual([]);
    expect(tale.records()[0]).toMatchObject({ proposed: save, verdict: { kind: 'deny', action: save } });
  });
});

describe('a yes is of no worth', () => {
  it('where the target has moved until the next frame', () => {
    for (const [movedPx, isReleased] of [
      [0, true],
      [3, true],
      [30, false],
    ] as const)
      inVirtualTime((scheduler, helpers) => {
        const page = fakePage({ scheduler });
        let looks = 0;
        const env: Env = {
          ...page,
          observe: (context) => {
            const shiftPx = looks++ * movedPx;
            return from(page.observe(context)).pipe(
              map((sensed) => ({
                ...sensed,
                marks: sensed.marks!.map((mark) => {
                  const [x0, y0, x1, y1] = mark.boxPx;
                  return { ...mark, boxPx: [x0, y0 + shiftPx, x1, y1 + shiftPx] as [number, number, number, number] };
                }),
              })),
            );
          },
        };
        const policy = repeating(page, save, 9);
        const options = { env, policy, critics: [asks], approver: always(YES), budget: { maxSteps: 2 } };
        story(scheduler, helpers, options).tellAll();
        expect(page.begun.length, `${movedPx} px`).toBe(isReleased ? 1 : 0);
      });
  });

  it('after another deny in between, and after another instruction', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = fakePage({ scheduler });
      const policy = fakePolicy(env, (call) =>
        of({ actions: [call === 1 ? { ...save, target: { markId: 77 } } : save] }),
      );
      const options = { env, policy, critics: [asks], approver: person((asked) => of(asked ? { kind: 'deny' } : YES)) };
      const tale = story(scheduler, helpers, { ...options, budget: { maxSteps: 4 } });
      tale.tellAll();
      expect(env.begun).toEqual([]);
    });
    inVirtualTime((scheduler, helpers) => {
      const env = fakePage({ scheduler });
      const ann = person((asked) => (asked ? of({ kind: 'deny' }) : timer(50, scheduler).pipe(map(() => YES))));
      const options = { env, policy: repeating(env, save, 9), critics: [asks], approver: ann, budget: { maxSteps: 3 } };
      const tale = story(scheduler, helpers, options);
      // While they look at it.
      tale.at(20, () => tale.controls.instruction$.next('something else'));
      tale.tellAll();
      expect(env.begun).toEqual([]);
    });
  });

  it('when the policy takes more than a minute to propose it again', () => {
    for (const [thinkMs, isReleased] of [
      [59_000, true],
      [61_000, false],
    ] as const)
      inVirtualTime((scheduler, helpers) => {
        const page = fakePage({ scheduler });
        const env = { ...page, limits: { ...page.limits, maxObservationAgeMs: 1e6, maxPlanAgeMs: 1e6 } };
        const policy = fakePolicy(env, (call) =>
          timer(call ? thinkMs : 0, scheduler).pipe(map(() => ({ actions: [save] }))),
        );
        const options = { env, policy, critics: [asks], approver: always(YES), budget: { maxSteps: 2 } };
        story(scheduler, helpers, options).tellAll();
        expect(page.begun.length, `${thinkMs} ms`).toBe(isReleased ? 1 : 0);
      });
  });
});

describe('an edit', () => {
  const instead: Action = { kind: 'ui-check', target: { markId: 1 }, checked: true };
  const edit = (action: Action) => ({ kind: 'edit', action }) as const;
  const onlySave = fakeCritic(() => of({ kind: 'allow', reasons: [] }));
  const asksAboutClicks: Critic = {
    ...onlySave,
    judge: (_, { kind }) => of({ kind: kind === 'ui-click' ? 'ask' : 'allow', reasons: ['buys something'] } as Opinion),
  };

  it('is proposed in the next step instead of a thought, judged, carried out, and on record as a person’s', () => {
    const { tale, moved } = clicks(always(edit(instead)), { critics: [asksAboutClicks] }, 2);
    expect(moved).toEqual([instead]);
    const [, step] = tale.records();
    expect(step).toMatchObject({
      proposed: instead,
      verdict: { kind: 'allow', opinions: [{ kind: 'allow' }] },
      human: { command: instead, share: 1, intervention: true },
    });
    expect(step!.verdict.approvedBy).toBeUndefined();
  });

  it('is no yes: rules deny it, and a critic may ask about it again', () => {
    const forbidden = { ...save, target: { markId: 77 } } as Action;
    expect(clicks(always(edit(forbidden)), {}, 2).moved).toEqual([]);
    const ann = always(edit(save));
    expect(clicks(ann, {}, 2).moved).toEqual([]);
    expect(ann.questions).toHaveLength(2);
    expect(clicks(always(edit({ kind: 'ui-navigate', url: 'https://evil.example' })), {}, 2).moved).toEqual([]);
  });

  it('counts once: then the policy thinks again', () => {
    const ann = person((asked) => of(asked === 0 ? edit(instead) : { kind: 'deny' }));
    const { tale, moved } = clicks(ann, { critics: [asksAboutClicks] }, 4);
    expect(moved).toEqual([instead]);
    expect(tale.records().map(({ human }) => human?.intervention)).toEqual([undefined, true, undefined, undefined]);
  });
});

describe('a plan in motion', () => {
  const PACED = { pace: { rateHz: 8 }, think: 'ahead', check: 'lease' } as const;
  const step: Action = { kind: 'eef-delta', frameId: 'base', dPosM: [0.01, 0, 0], dRpyRad: [0, 0, 0], gripperOpen: 1 };
  /** Plays plans of six steps of a length, the critic says `opinion`, for 60 ticks at most. */
  function play(approver: Approver | undefined, opinion: (call: number) => Opinion, lengthsM = [0.01], maxSteps = 20) {
    return inVirtualTime((scheduler, helpers) => {
      const env = fakeMass({ scheduler, tickMs: 0 });
      const policy = fakePolicy(env, (call) => {
        const dPosM = [lengthsM[Math.min(call, lengthsM.length - 1)]!, 0, 0];
        return of({ actions: Array.from({ length: 6 }, () => ({ ...step, dPosM })) });
      });
      const options = { env, policy, critics: [fakeCritic((call) => of(opinion(call)))], budget: { maxSteps } };
      const tale = story(scheduler, helpers, { ...options, ...(approver && { approver }), ...PACED });
      const end = tale.tellAll();
      return { tale, end, policy, moved: env.begun.filter(({ kind }) => kind !== 'hold') };
    });
  }
  const ask = (): Opinion => ({ kind: 'ask', reasons: ['near a hand'] });
  const slowly = (decision: Decision) => person(() => timer(1000).pipe(map(() => decision)));

  it('is held while a person is asked, and a yes releases a plan that is thought on what is there then', () => {
    const { tale, policy, moved } = play(slowly(YES), ask);
    // Half of it: then the next plan is thought, and asked about too.
    expect(moved).toHaveLength(3);
    const records = tale.records();
    const said = records.findIndex(({ verdict }) => verdict.by === 'approver ann');
    // Held until then, for a second at 8 ticks a second, without another thought.
    expect(said).toBeGreaterThanOrEqual(7);
    for (const { verdict } of records.slice(0, said)) expect(verdict.action.kind).toBe('hold');
    expect(records[said]!.verdict.reasons.join()).toMatch(/near a hand.*said yes/);
    expect(policy.seen[1]!.stampMs).toBeGreaterThan(1000);
    expect(policy.seen[1]!.seq).toBeGreaterThan(said);
    const released = records.find(({ lease }) => lease)!;
    expect(released.lease).toMatchObject({ by: ['fake', 'approver ann'], opinions: [{ kind: 'ask' }] });
  });

  it('of another length than the one that a person said yes to is asked about again', () => {
    const ann = slowly(YES);
    const { moved } = play(ann, ask, [0.01, 0.04]);
    expect(ann.questions.length).toBeGreaterThan(1);
    expect(ann.questions[0]!.canEdit).toBe(false);
    // The second plan was not released by the yes to the first.
    expect(moved.every((action) => action.kind !== 'eef-pose' || action.pM[0] > 0.02)).toBe(true);
  });

  it('gets nowhere with a no, an edit, no decision, or nobody there', () => {
    const nobody = [undefined, slowly({ kind: 'deny' }), slowly({ kind: 'edit', action: step }), person(() => NEVER)];
    for (const approver of nobody) expect(play(approver, ask).moved).toEqual([]);
  });

  it('is no further with a yes where a critic then says no', () => {
    const { moved } = play(slowly(YES), (call) => (call === 0 ? ask() : { kind: 'deny', reasons: ['a hand'] }));
    expect(moved).toEqual([]);
  });

  it('is not asked about any more when the run is over', () => {
    let isLeft = false;
    const ann: Approver = {
      name: 'ann',
      ask: (_, { signal }) => {
        signal.addEventListener('abort', () => {
          isLeft = true;
        });
        return NEVER;
      },
    };
    expect(play(ann, ask).end.outcome).toBe('truncated');
    expect(isLeft).toBe(true);
  });
});
