/** The five promises of the loop, over every allowed combination of strategies and the fake bodies. One frame is 1 ms. */

import type { Action, Context, Critic, Env } from 'pumice';
import { delay, EMPTY, NEVER, of, throwError, timer } from 'rxjs';
import { map } from 'rxjs/operators';
import { describe, expect, it } from 'vitest';
import { done, fakeCritic, fakePolicy, inVirtualTime, ROWS, repeating, story, type Told } from './loop-story.ts';

/** The ways in which a port can fail to answer. */
const FAILURES = [
  [
    'throws',
    () => {
      throw new Error('out of order');
    },
  ],
  ['fails', () => throwError(() => new Error('out of order'))],
  ['fails without a reason', () => throwError(() => undefined)],
  ['ends empty', () => EMPTY],
  ['is late', () => NEVER],
  ['is undecodable', () => of({ verdict: 'fine' })],
  ['answers nothing', () => of(undefined)],
] as const;

const kinds = (told: readonly Told[]) => told.map(({ event }) => event.kind);

/** What is said only of steps that wait for thought and verdict; of plans that do not, `loop-paced.test.ts` says its own. */
const NOWHERE = Object.assign(() => {}, { each: () => () => {} }) as unknown as typeof it;

describe.each(ROWS)('$title', ({ make, ordinary, forbidden, strategies, isPaced }) => {
  const inlineIt = isPaced ? NOWHERE : it;

  describe('1. one step at a time', () => {
    it('a step begins only when the one before is announced, and nothing is dropped', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const policy = fakePolicy(env, (call) =>
          of({ actions: [call < 4 ? ordinary : done] }).pipe(delay(7, scheduler)),
        );
        const tale = story(scheduler, helpers, { env, policy, ...strategies });
        expect(tale.tellAll().outcome).toBe('success');
        const bounds = kinds(tale.told).filter((kind) => kind === 'step-start' || kind === 'step-end');
        const steps = tale.records().length;
        if (!isPaced) expect(steps).toBe(5);
        expect(bounds).toEqual(Array.from({ length: steps }, () => ['step-start', 'step-end']).flat());
        expect(tale.records().map(({ index, dropped }) => [index, dropped])).toEqual(
          Array.from({ length: steps }, (_, index) => [index, 0]),
        );
      });
    });

    inlineIt('the actions of a chunk are played one by one, each on an observation of its own', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const policy = fakePolicy(env, (call) => of({ actions: call === 0 ? [ordinary, ordinary, ordinary] : [done] }));
        const tale = story(scheduler, helpers, { env, policy, ...strategies });
        tale.tellAll();
        expect(policy.seen).toHaveLength(2);
        expect(tale.records().map(({ observation, chunkId }) => [observation?.seq, chunkId])).toEqual([
          [0, 'c1'],
          [1, 'c1'],
          [2, 'c1'],
          [3, 'c2'],
        ]);
      });
    });
  });

  describe('2. no action reaches the body without a verdict of allow or modify for that very action', () => {
    it.each(['ask', 'deny', 'halt'] as const)('%s: the body gets nothing', (kind) => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const critics = [fakeCritic(() => of({ kind, reasons: ['no'] }))];
        const tale = story(scheduler, helpers, {
          env,
          policy: repeating(env, ordinary, 3),
          critics,
          budget: { maxSteps: 3 },
          ...strategies,
        });
        tale.tellAll();
        expect(env.begun).toEqual([]);
        expect(tale.records()[0]!.verdict.reasons.join()).toContain('no');
      });
    });

    inlineIt('what a rule denies does not reach the body, and critics are not asked for it', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        let asked = 0;
        const critics = [
          fakeCritic(() => {
            asked += 1;
            return of({ kind: 'allow', reasons: [] });
          }),
        ];
        const tale = story(scheduler, helpers, {
          env,
          policy: repeating(env, forbidden, 2),
          critics,
          budget: { maxSteps: 2 },
          ...strategies,
        });
        tale.tellAll();
        expect(env.begun).toEqual([]);
        expect(tale.records().map(({ verdict }) => verdict.kind)).toEqual(['deny', 'deny']);
        expect(asked).toBe(0);
      });
    });

    it('what was allowed reaches the body, as many times as it was allowed, and is what was judged', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const critics = [fakeCritic((call) => of({ kind: call % 2 ? 'deny' : 'allow', reasons: ['by turns'] }))];
        const tale = story(scheduler, helpers, { env, policy: repeating(env, ordinary, 6), critics, ...strategies });
        tale.tellAll();
        const allowed = tale
          .records()
          .filter(({ verdict, proposed }) => verdict.kind === 'allow' && proposed.kind !== 'done');
        expect(env.begun).toEqual(allowed.map(({ verdict }) => verdict.action));
        expect(env.begun.length).toBe(3);
      });
    });

    inlineIt('a critic cannot change an action', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const judge = (_: unknown, proposed: Action) => {
          Object.assign(proposed, forbidden);
          return of({ kind: 'allow' as const, reasons: [] });
        };
        const critics = [{ name: 'meddler', judge }];
        const tale = story(scheduler, helpers, { env, policy: repeating(env, ordinary, 1), critics, ...strategies });
        tale.tellAll();
        expect(env.begun).toEqual([ordinary]);
      });
    });

    inlineIt('an action whose chunk became void while it was judged does not reach the body', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const critics = [fakeCritic(() => timer(10, scheduler).pipe(map(() => ({ kind: 'allow', reasons: [] }))))];
        const tale = story(scheduler, helpers, { env, policy: repeating(env, ordinary, 1), critics, ...strategies });
        tale.at(5, () => tale.controls.instruction$.next('something else'));
        tale.tellAll();
        expect(env.begun).toEqual([]);
        expect(tale.records()[0]!.verdict).toMatchObject({ kind: 'deny', by: 'plan' });
      });
    });

    inlineIt(
      'a verdict keeps what each critic said, how long it took and which frame it was shown, also where a person must decide',
      () => {
        inVirtualTime((scheduler, helpers) => {
          const env = make(scheduler);
          const notes = { evidence: 'collision', confidence: 0.7, usage: { inputTokens: 9, outputTokens: 2 } };
          const critics = [
            fakeCritic((call) =>
              timer(10, scheduler).pipe(map(() => ({ kind: call ? 'ask' : 'allow', reasons: [], ...notes }))),
            ),
          ];
          const tale = story(scheduler, helpers, { env, policy: repeating(env, ordinary, 2), critics, ...strategies });
          tale.tellAll();
          const [first, second] = tale.records();
          const { frames, stampMs } = first!.observation!;
          const judgedStampMs = frames[0]?.stampMs ?? stampMs;
          expect(first!.verdict.opinions).toEqual([
            { critic: 'fake', kind: 'allow', reasons: [], tookMs: 10, judgedStampMs, ...notes },
          ]);
          expect(first).toMatchObject({ judgedStampMs, judgedAgeMs: 10, chunkId: 'c1' });
          expect(second!.verdict).toMatchObject({ kind: 'deny', opinions: [{ critic: 'fake', kind: 'ask' }] });
        });
      },
    );

    inlineIt('a critic is shown what its chunk would do next, and the limits of the body', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const shown: unknown[] = [];
        const judge: Critic['judge'] = (_, proposed, { following, limits }) => {
          shown.push([proposed, following, limits]);
          return of({ kind: 'allow' as const, reasons: [] });
        };
        const policy = fakePolicy(env, () => of({ actions: [ordinary, done] }));
        const tale = story(scheduler, helpers, { env, policy, critics: [{ name: 'asks', judge }], ...strategies });
        tale.tellAll();
        expect(shown[0]).toEqual([ordinary, [done], env.limits]);
      });
    });

    inlineIt('without a critic the record says that rules alone judged', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const tale = story(scheduler, helpers, { env, policy: repeating(env, ordinary, 1), ...strategies });
        tale.tellAll();
        expect(tale.records()[0]!.verdict.opinions).toEqual([]);
      });
    });

    inlineIt('what grew too old while critics judged it is judged again, and denied', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const critics = [fakeCritic(() => timer(1500, scheduler).pipe(map(() => ({ kind: 'allow', reasons: [] }))))];
        const tale = story(scheduler, helpers, {
          env,
          policy: repeating(env, ordinary, 1),
          critics,
          budget: { maxSteps: 1 },
          ...strategies,
        });
        tale.tellAll();
        expect(env.begun).toEqual([]);
        expect(tale.records()[0]!.verdict).toMatchObject({ kind: 'deny', by: 'age' });
      });
    });
  });

  describe('3. a policy or critic that does not answer never causes motion', () => {
    inlineIt.each(FAILURES)('a policy that %s: deny, the plan is void, and it may go on', (_how, fail) => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const policy = fakePolicy(env, (call) => (call === 0 ? fail() : of({ actions: [done] })));
        const tale = story(scheduler, helpers, { env, policy, deadlinesMs: { think: 50 }, ...strategies });
        expect(tale.tellAll().outcome).toBe('success');
        expect(env.begun).toEqual([]);
        expect(tale.records()[0]!.verdict).toMatchObject({ kind: 'deny', by: 'policy' });
        expect(policy.seen.map(({ epoch }) => epoch)).toEqual([0, 1]);
        // What the policy did wrong is told to it.
        expect(policy.seen[1]!.history).toMatchObject([{ index: 0, verdict: { kind: 'deny' } }]);
      });
    });

    inlineIt.each(FAILURES)('a critic that %s: deny, and the plan is void', (_how, fail) => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const critics = [fakeCritic((call) => (call === 0 ? fail() : of({ kind: 'allow', reasons: [] })))];
        const policy = fakePolicy(env, (call) => of({ actions: call === 0 ? [ordinary, ordinary] : [done] }));
        const tale = story(scheduler, helpers, { env, policy, critics, deadlinesMs: { critic: 50 }, ...strategies });
        expect(tale.tellAll().outcome).toBe('success');
        expect(env.begun).toEqual([]);
        expect(tale.records()[0]!.verdict).toMatchObject({ kind: 'deny', by: 'fake' });
      });
    });

    it('five failed inferences in a row are a protective stop, and the outcome is failure', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const policy = fakePolicy(env, () => throwError(() => new Error('gone')));
        const tale = story(scheduler, helpers, { env, policy, ...strategies });
        expect(tale.tellAll()).toMatchObject({ outcome: 'failure', reason: expect.stringContaining('gone') });
        expect(tale.records()).toHaveLength(5);
        expect(env.halts).toEqual([expect.stringMatching(/^2 /)]);
        expect(kinds(tale.told)).toContain('protective-stop');
      });
    });

    it('four failed inferences and a good one are not', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const policy = fakePolicy(env, (call) =>
          call === 9
            ? of({ actions: [done] })
            : call % 5 === 4
              ? of({ actions: [ordinary] })
              : throwError(() => new Error('gone')),
        );
        const tale = story(scheduler, helpers, { env, policy, ...strategies });
        expect(tale.tellAll().outcome).toBe('success');
        expect(env.halts).toEqual([]);
      });
    });

    inlineIt('a thought of an older epoch is void and is no failure', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const policy = fakePolicy(env, (call) =>
          of({ actions: [call === 0 ? ordinary : done] }).pipe(delay(20, scheduler)),
        );
        const tale = story(scheduler, helpers, { env, policy, ...strategies });
        tale.at(10, () => tale.controls.instruction$.next('another thing'));
        tale.tellAll();
        expect(env.begun).toEqual([]);
        expect(policy.seen.map(({ instruction }) => instruction)).toEqual(['go', 'another thing']);
      });
    });
  });

  describe('4. a stop aborts what is in flight and begins the stop of the body in the same turn', () => {
    inlineIt.each([
      ['observing', 0.5],
      ['thinking', 5],
      ['judging', 15],
      ['acting', 21.5],
    ])('while %s', (phase, atMs) => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const policy = fakePolicy(env, () => of({ actions: [ordinary] }).pipe(delay(10, scheduler)));
        const critics = [fakeCritic(() => of({ kind: 'allow', reasons: [] }).pipe(delay(10, scheduler)))];
        const tale = story(scheduler, helpers, { env, policy, critics, ...strategies });
        let haltsInSameTurn = 0;
        tale.at(atMs, () => {
          tale.controls.stop('somebody pressed it');
          haltsInSameTurn = env.halts.length;
        });
        const end = tale.tellAll();
        expect(haltsInSameTurn).toBe(1);
        expect(env.halts).toEqual(['1 somebody pressed it']);
        expect(end).toMatchObject({ outcome: 'stopped', reason: 'somebody pressed it', atMs });
        const cut = tale.records().at(-1)!;
        expect(cut).toMatchObject({ index: 0, act: { status: 'stopped', reason: 'somebody pressed it' } });
        expect(env.begun).toHaveLength(phase === 'acting' ? 1 : 0);
        expect(env.completed).toEqual([]);
        expect(policy.signals.every(({ aborted }) => aborted)).toBe(true);
      });
    });

    it('a body whose halt throws: what is in flight is aborted and the run ends all the same, with a warning', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const broken: Env = {
          ...env,
          halt: () => {
            throw new Error('relay stuck');
          },
        };
        const policy = fakePolicy(env, () => of({ actions: [ordinary] }).pipe(delay(10, scheduler)));
        const tale = story(scheduler, helpers, { env: broken, policy, ...strategies });
        tale.at(5, () => tale.controls.stop('now'));
        expect(tale.tellAll()).toMatchObject({ outcome: 'stopped', reason: 'now', atMs: 5 });
        expect(policy.signals[0]!.aborted).toBe(true);
        expect(env.begun).toEqual([]);
        const warnings = tale.told.flatMap(({ event }) => (event.kind === 'warning' ? [event.text] : []));
        expect(warnings.join()).toContain('relay stuck');
      });
    });

    it('what was in flight is left at that moment', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const thinking = helpers.cold('----------a', { a: { actions: [ordinary] } });
        const tale = story(scheduler, helpers, { env, policy: fakePolicy(env, () => thinking), ...strategies });
        tale.at(6, () => tale.controls.stop('now'));
        helpers.expectSubscriptions(thinking.subscriptions).toBe('-^----!');
        tale.tellAll();
      });
    });

    it.each([
      ['emits', () => of('pressed'), 'button: pressed'],
      ['ends', () => EMPTY, 'button: ended'],
      ['fails', () => throwError(() => new Error('cable cut')), 'button: failed: cable cut'],
    ])('a stop source that %s is a stop, before the first step too', (_how, stop$, cause) => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const tale = story(scheduler, helpers, {
          env,
          policy: repeating(env, ordinary, 1e9),
          stops: [{ name: 'button', stop$: stop$() }],
          budget: { maxSteps: 50 },
          ...strategies,
        });
        expect(tale.tellAll()).toMatchObject({ outcome: 'stopped', reason: cause });
        expect(env.halts).toEqual([`1 ${cause}`]);
      });
    });

    it('while paused, and after it nothing begins', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const tale = story(scheduler, helpers, { env, policy: repeating(env, ordinary, 1e9), ...strategies });
        tale.at(5, () => tale.controls.pause());
        tale.at(50, () => tale.controls.stop('enough'));
        tale.at(60, () => tale.controls.resume());
        expect(tale.tellAll()).toMatchObject({ outcome: 'stopped', atMs: 50 });
        const begun = env.begun.length;
        expect(begun).toBeGreaterThan(0);
        expect(tale.records().every(({ act }) => act?.status === 'done')).toBe(true);
      });
    });

    it('a verdict of halt is a stop', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const critics = [fakeCritic(() => of({ kind: 'halt', reasons: ['a hand in the way'] }))];
        const tale = story(scheduler, helpers, { env, policy: repeating(env, ordinary, 9), critics, ...strategies });
        expect(tale.tellAll()).toMatchObject({ outcome: 'stopped', reason: 'fake: a hand in the way' });
        expect(env.halts).toEqual(['1 fake: a hand in the way']);
        expect(tale.records()).toHaveLength(1);
      });
    });
  });

  describe('5. how a run ends', () => {
    it.each(['observe', 'act', 'reset'] as const)('an env fault in %s ends the run, halted and latched', (call) => {
      inVirtualTime((scheduler, helpers) => {
        const env = { ...make(scheduler), [call]: () => throwError(() => new Error('cable')) };
        const tale = story(scheduler, helpers, { env, policy: repeating(env, ordinary, 9), ...strategies });
        expect(tale.tellAll()).toMatchObject({ outcome: 'fault', reason: expect.stringContaining('cable') });
        expect(env.halts).toEqual([expect.stringMatching(/^1 .*cable/)]);
        expect(kinds(tale.told)).toContain('stop-latched');
        expect(tale.records()).toHaveLength(call === 'reset' ? 0 : 1);
        if (call !== 'reset') expect(tale.records()[0]!.act).toMatchObject({ status: 'stopped' });
      });
    });

    it('a run that ends by itself ends in hold, unlatched', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const holds: number[] = [];
        const held: Env = {
          ...env,
          act: (action: Action, context: Context) => {
            if (action.kind === 'hold') holds.push(scheduler.now());
            return env.act(action, context);
          },
        };
        const tale = story(scheduler, helpers, { env: held, policy: repeating(env, ordinary, 2), ...strategies });
        const end = tale.tellAll();
        expect(end.outcome).toBe('success');
        expect(holds.at(-1)).toBe(end.atMs);
        expect(env.halts).toEqual([]);
        expect(kinds(tale.told)).not.toContain('stop-latched');
      });
    });

    inlineIt.each([
      ['maxSteps', { maxSteps: 3 }],
      ['timeoutMs', { timeoutMs: 40 }],
      ['maxTokens', { maxTokens: 25 }],
    ])('%s used up: truncated, in hold', (_what, budget) => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const usage = { inputTokens: 8, outputTokens: 2 };
        const policy = fakePolicy(env, () => of({ actions: [ordinary], usage }).pipe(delay(10, scheduler)));
        const tale = story(scheduler, helpers, { env, policy, budget, ...strategies });
        expect(tale.tellAll().outcome).toBe('truncated');
        expect(env.halts).toEqual([]);
        expect(tale.records().length).toBeGreaterThanOrEqual(3);
        expect(tale.records().length).toBeLessThanOrEqual(4);
      });
    });

    it('the record of each step of a chunk has what the policy thought: words, answer and traces', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const traces = [{ markId: 3, pointsPx: [[1, 2] as [number, number]], stepMs: 200 }];
        const thought = { actions: [ordinary, ordinary], thought: 'left', rawText: '{}', traces };
        const policy = fakePolicy(env, () => of(thought));
        const tale = story(scheduler, helpers, { env, policy, budget: { maxSteps: 2 }, ...strategies });
        tale.tellAll();
        const told = tale.records().map((record) => [record.thought, record.rawText, record.traces]);
        expect(told).toEqual([
          ['left', '{}', traces],
          ['left', '{}', traces],
        ]);
      });
    });

    inlineIt('every record is with its sinks before it is announced, the cut one too', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const written: [number, number][] = [];
        const sink = {
          name: 'slow',
          required: true,
          write: (record: { index: number }) =>
            timer(4, scheduler).pipe(map(() => written.push([record.index, scheduler.now()]))),
          close: () => of(written.push([-1, scheduler.now()])),
        };
        const tale = story(scheduler, helpers, {
          env,
          policy: repeating(env, ordinary, 1e9),
          sinks: [sink],
          ...strategies,
        });
        // In the write of a step.
        tale.at(20, () => tale.controls.stop('now'));
        tale.tellAll();
        const announced = tale.told.flatMap(({ atMs, event }) =>
          event.kind === 'step-end' ? [[event.record.index, atMs]] : [],
        );
        expect(announced.length).toBeGreaterThan(2);
        expect(written.slice(0, -1)).toEqual(announced);
        expect(written.at(-1)![0]).toBe(-1);
      });
    });

    it('a required sink that fails is a fault; any other is told of once, and the run goes on', () => {
      for (const required of [true, false])
        inVirtualTime((scheduler, helpers) => {
          const env = make(scheduler);
          const sink = {
            name: 'disk',
            required,
            write: () => throwError(() => new Error('full')),
            close: () => of(null),
          };
          const tale = story(scheduler, helpers, {
            env,
            policy: repeating(env, ordinary, 2),
            sinks: [sink],
            ...strategies,
          });
          expect(tale.tellAll().outcome).toBe(required ? 'fault' : 'success');
          expect(env.halts).toHaveLength(required ? 1 : 0);
          expect(kinds(tale.told).filter((kind) => kind === 'sink-failed')).toHaveLength(required ? 0 : 1);
        });
    });

    it.each([
      ['the last record, after done', (index: number) => index === 1, undefined],
      ['the record of the step that a stop cut', () => true, 0.5],
    ])('%s is not written: a fault, whatever ended the run', (_what, isLost, stopMs) => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const sink = {
          name: 'disk',
          required: true,
          write: ({ index }: { index: number }) => (isLost(index) ? throwError(() => new Error('full')) : of(null)),
          close: () => of(null),
        };
        const tale = story(scheduler, helpers, {
          env,
          policy: repeating(env, ordinary, 1),
          sinks: [sink],
          ...strategies,
        });
        if (stopMs !== undefined) tale.at(stopMs, () => tale.controls.stop('enough'));
        expect(tale.tellAll()).toMatchObject({ outcome: 'fault', reason: expect.stringContaining('full') });
        expect(env.halts).toHaveLength(1);
      });
    });

    it('a body that faults in its last hold is a fault, though the policy was done', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const failing: Env = {
          ...env,
          act: (action, context) =>
            action.kind === 'hold' ? throwError(() => new Error('cable')) : env.act(action, context),
        };
        const tale = story(scheduler, helpers, { env: failing, policy: repeating(env, ordinary, 1), ...strategies });
        expect(tale.tellAll()).toMatchObject({ outcome: 'fault', reason: expect.stringContaining('cable') });
        expect(env.halts).toHaveLength(1);
      });
    });

    it('a required sink that does not close makes it a fault', () => {
      inVirtualTime((scheduler, helpers) => {
        const env = make(scheduler);
        const sink = {
          name: 'disk',
          required: true,
          write: () => of(null),
          close: () => throwError(() => new Error('full')),
        };
        const tale = story(scheduler, helpers, {
          env,
          policy: repeating(env, ordinary, 1),
          sinks: [sink],
          ...strategies,
        });
        expect(tale.tellAll()).toMatchObject({ outcome: 'fault', reason: expect.stringContaining('full') });
      });
    });
  });
});
