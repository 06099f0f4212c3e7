/** What a paced run refuses before its first step, and what it answers with a named refusal or a protective stop. One frame is 1 ms. */
import type { Action, Critic, Env, Frame, RunOptions } from 'pumice';
import { type FakeMass, fakeMass, fakePage } from 'pumice/envs/fake';
import { delay, NEVER, type Observable, of, type SchedulerLike } from 'rxjs';
import { map } from 'rxjs/operators';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { rate } from '../src/pace.ts';
import { fakePolicy, inVirtualTime, type Story, story } from './loop-story.ts';

const TICK_MS = 125;
const PACED = { pace: { rateHz: 8 }, think: 'ahead', check: 'lease' } as const;
const mass = (scheduler: SchedulerLike): FakeMass => fakeMass({ scheduler, tickMs: 0 });
const steps = (count: number): readonly Action[] =>
  Array.from({ length: count }, () => ({
    ...{ kind: 'eef-delta', frameId: 'base', dPosM: [0.01, 0, 0], dRpyRad: [0, 0, 0] },
    gripperOpen: 1,
  }));
const target = (x: number): Action => ({
  ...{ kind: 'eef-pose', frameId: 'base', pM: [x, 0, 0], qXyzw: [0, 0, 0, 1] },
  gripperOpen: 1,
});
const ways = (env: FakeMass) => env.begun.flatMap((action) => (action.kind === 'eef-pose' ? [action.pM[0]] : []));
const refusals = ({ told }: Story) =>
  told.flatMap(({ event }) => (event.kind === 'chunk-refused' ? [`${event.reason} ${event.count}`] : []));

describe('refused before the first step', () => {
  const attempt = (over: (env: FakeMass) => Partial<RunOptions>) =>
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const policy = fakePolicy(env, () => of({ actions: steps(6) }));
      story(scheduler, helpers, { env, policy, ...PACED, ...over(env) } as RunOptions);
    });

  it('but a fitting run is not', () => {
    expect(() => attempt(() => ({}))).not.toThrow();
    expect(() => attempt(() => ({ think: undefined, check: undefined }) as never)).not.toThrow();
    expect(() =>
      attempt((env) => ({ env: { ...env, hardware: true, driver: { commandRateHz: 100, expiryMs: 250 } } })),
    ).not.toThrow();
  });

  it.each<[string, Partial<Record<'pace' | 'think' | 'check', unknown>>, RegExp]>([
    ['rate / inline / lease', { think: 'inline' }, /think inline does not go with pace rate.*Use think: 'ahead'/],
    ['rate / ahead / inline', { check: 'inline' }, /check inline does not go with pace rate.*Use check: 'lease'/],
    ['demand / ahead / lease', { pace: 'demand' }, /think ahead does not go with pace demand.*Set pace: \{ rateHz \}/],
    ['demand / inline / lease', { pace: undefined, think: undefined }, /check lease does not go with pace demand/],
    ['a pace that does not exist', { pace: 'fast' }, /pace fast is not known/],
    ['a way to think that does not exist', { think: 'slowly' }, /think slowly is not known/],
    ['no rate', { pace: { rateHz: 0 } }, /pace.rateHz is 0/],
    ['a rate that is no number', { pace: { rateHz: Number.NaN } }, /pace.rateHz is NaN/],
    ['a rate beyond all loops', { pace: { rateHz: 1000 } }, /at most 100/],
    ['another rate than the limits are for', { pace: { rateHz: 50 } }, /rateHz 50 is not the rate.*Use rateHz: 8/],
  ])('%s', (_what, strategies, message) => {
    expect(() => attempt(() => strategies as never)).toThrow(
      expect.objectContaining({ code: 'config/misfit', message: expect.anything() }),
    );
    try {
      attempt(() => strategies as never);
    } catch (error) {
      const { message: said, hint } = error as { message: string; hint: string };
      expect(`${said}. ${hint}`).toMatch(message);
    }
  });

  it.each<[string, (env: FakeMass) => Partial<RunOptions>, string]>([
    [
      'hardware without a driver',
      (env) => ({ env: { ...env, hardware: true } }),
      'needs a robot profile and a body driver',
    ],
    [
      'a body that does not say what a delta means',
      ({ delta: _, ...env }) => ({ env: env as Env }),
      'does not say what a delta means',
    ],
    [
      'a body without limits of motion',
      (env) => ({ env: { ...env, limits: { ...env.limits, motion: 'unlimited' } } }),
      'says not in which frame',
    ],
    [
      'a critic of single actions',
      () => ({ critics: [{ name: 'slow', judge: () => NEVER } as Critic] }),
      'critic slow cannot judge a chunk',
    ],
    ['a marker', () => ({ marker: { name: 'som', mark: () => NEVER } }), 'marker som does not go'],
  ])('%s', (_what, over, message) => {
    expect(() => attempt(over)).toThrow(message);
  });

  it('a page', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = fakePage({ scheduler });
      const policy = fakePolicy(env, () => of({ actions: [] }));
      expect(() => story(scheduler, helpers, { env, policy, ...PACED })).toThrow('a paced body is sent eef-pose');
    });
  });
});

describe('a horizon too short for the delay', () => {
  it('is refused before anything moves, with the way out named', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const policy = fakePolicy(env, () => of({ actions: steps(6) }).pipe(delay(500, scheduler)));
      const tale = story(scheduler, helpers, { env, policy, ...PACED });
      expect(tale.tellAll()).toMatchObject({
        outcome: 'failure',
        reason: expect.stringMatching(
          /a chunk of 750 ms took 500 ms .* twice as long: longer chunks, a faster server or critic, or pace: 'demand'/,
        ),
      });
      expect(ways(env)).toEqual([]);
      expect(env.halts).toEqual([expect.stringMatching(/^2 /)]);
      expect(refusals(tale)).toEqual(['slow 1', 'slow 2']);
    });
  });

  it('counts the time of judging too', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const policy = fakePolicy(env, () => of({ actions: steps(6) }).pipe(delay(100, scheduler)));
      const opinion = () => of({ kind: 'allow' as const, reasons: [] }).pipe(delay(400, scheduler));
      const critics = [{ name: 'slow', judge: opinion, judgeChunk: opinion }];
      const tale = story(scheduler, helpers, { env, policy, critics, ...PACED });
      expect(tale.tellAll().reason).toContain('took 500 ms to think and judge');
    });
  });

  it('a first inference that is slow is forgiven: servers warm up', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const policy = fakePolicy(env, (call) =>
        of({ actions: steps(6) }).pipe(delay(call === 0 ? 9000 : 100, scheduler)),
      );
      const tale = story(scheduler, helpers, { env, policy, budget: { maxSteps: 100 }, ...PACED });
      expect(tale.tellAll().outcome).toBe('truncated');
      expect(ways(env).length).toBeGreaterThan(20);
    });
  });
});

describe('the delay of a chunk is what was really played of the plan', () => {
  it.each([0, 60, 200, 340])('an inference of %i ms: no step is repeated, none left out', (thinkMs) => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      // Targets from where the tool was told to be: one that is played a tick late or early shows as a step of another size.
      const policy = fakePolicy(env, (_, { proprio }) => {
        const from = proprio!.commandedTcpPose!.pM[0];
        return of({ actions: Array.from({ length: 8 }, (_unused, at) => target(from + (at + 1) * 0.01)) }).pipe(
          delay(thinkMs, scheduler),
        );
      });
      const limits = { ...env.limits, maxPlanAgeMs: 2000 };
      const tale = story(scheduler, helpers, { env: { ...env, limits }, policy, budget: { maxSteps: 40 }, ...PACED });
      tale.tellAll();
      const way = ways(env);
      expect(way.length).toBeGreaterThan(30);
      for (const [at, x] of way.entries()) expect(x).toBeCloseTo((at + 1) * 0.01, 6);
    });
  });

  it('one that comes when all of it was played is stale, and counted', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const policy = fakePolicy(env, (call) =>
        of({ actions: steps(call === 1 ? 2 : 8) }).pipe(delay(call === 1 ? 450 : 50, scheduler)),
      );
      const tale = story(scheduler, helpers, { env, policy, budget: { maxSteps: 20 }, ...PACED });
      tale.tellAll();
      expect(refusals(tale)).toEqual(['stale 1']);
    });
  });
});

describe('answers that do not fit', () => {
  it.each([
    ['finer than the ticks', 50, 'rateHz 20'],
    ['between two ticks', 160, 'rateHz 6.25'],
  ])('steps that are %s: refused, with the rate that would fit', (_what, dtMs, rateHz) => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const policy = fakePolicy(env, () => of({ actions: steps(8), dtMs }));
      const tale = story(scheduler, helpers, { env, policy, ...PACED });
      expect(tale.tellAll()).toMatchObject({ outcome: 'failure', reason: expect.stringContaining(rateHz) });
      expect(ways(env)).toEqual([]);
    });
  });

  it('steps of two ticks are played in two', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const policy = fakePolicy(env, (call) => (call === 0 ? of({ actions: steps(3), dtMs: 2 * TICK_MS }) : NEVER));
      const tale = story(scheduler, helpers, { env, policy, budget: { maxSteps: 3 }, ...PACED });
      tale.tellAll();
      expect(ways(env)).toEqual([0.005, 0.01, 0.015].map((x) => expect.closeTo(x, 9)));
    });
  });

  it('an answer to another observation, or the same one again, is refused and counted', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      // The second answer is the first one again; the third is to a question that was never asked.
      const policy = fakePolicy(env, (call, { seq }) =>
        of({ actions: steps(8), answersSeq: call === 1 ? 0 : call === 2 ? seq - 1 : seq }),
      );
      const tale = story(scheduler, helpers, { env, policy, budget: { maxSteps: 20 }, ...PACED });
      tale.tellAll();
      expect(refusals(tale)).toEqual(['duplicate 1', 'out-of-order 1']);
      const ids = tale.records().flatMap(({ chunkId }) => chunkId ?? []);
      expect([ids.includes('c1'), ids.includes('c2'), ids.includes('c3'), ids.includes('c4')]).toEqual([
        true,
        false,
        false,
        true,
      ]);
    });
  });

  it('a thought of an older epoch is left, and its chunk never plays', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const thinking = helpers.cold('100ms a', { a: { actions: steps(8) } });
      const policy = fakePolicy(env, (call) => (call === 0 ? thinking : NEVER));
      const tale = story(scheduler, helpers, { env, policy, budget: { maxSteps: 4 }, ...PACED });
      tale.at(50, () => tale.controls.instruction$.next('something else'));
      helpers.expectSubscriptions(thinking.subscriptions).toBe('-^ 48ms !');
      tale.tellAll();
      expect(ways(env)).toEqual([]);
    });
  });
});

describe('senses and clocks that fail', () => {
  /** The mass with a camera whose pictures are stamped as told. */
  const withCamera = (env: FakeMass, stampOf: (nowMs: number) => number): Env => ({
    ...env,
    observe: (context) =>
      (env.observe(context) as Observable<{ stampMs: number; frames: readonly Frame[] }>).pipe(
        map((sensed) => ({
          ...sensed,
          frames: [{ ...PICTURE, stampMs: stampOf(sensed.stampMs) }],
        })),
      ) as ReturnType<Env['observe']>,
  });
  const PICTURE = { data: new Uint8Array(3), encoding: 'rgb8', widthPx: 1, heightPx: 1, camera: 'third' } as const;

  it('a camera that freezes: the plan thought on its last picture plays out, and a protective stop names it', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const seen = withCamera(env, (nowMs) => Math.min(nowMs, 600));
      const policy = fakePolicy(env, () => of({ actions: steps(6) }));
      const tale = story(scheduler, helpers, { env: seen, policy, ...PACED });
      const end = tale.tellAll();
      expect(end).toMatchObject({
        outcome: 'failure',
        reason: expect.stringMatching(/nothing to play for 2000 ms: no picture is newer than \d+ ms/),
      });
      expect(env.halts).toEqual([expect.stringMatching(/^2 /)]);
      const last = tale
        .records()
        .findLast(({ proposed, verdict }) => proposed.kind === 'eef-pose' && verdict.kind === 'allow')!;
      expect(last.stampMs).toBeLessThan(600 + 1000 + TICK_MS);
    });
  });

  it('pictures by another clock, from the future: nothing moves, and the record says why', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const seen = withCamera(env, (nowMs) => nowMs + 10_000);
      const policy = fakePolicy(env, () => of({ actions: steps(6) }));
      const tale = story(scheduler, helpers, { env: seen, policy, budget: { maxSteps: 10 }, ...PACED });
      tale.tellAll();
      expect(ways(env)).toEqual([]);
      expect(
        tale
          .records()
          .flatMap(({ verdict }) => verdict.reasons)
          .join(),
      ).toContain('stamped 10000 ms in the future');
    });
  });

  it('a clock that steps back ends the ticks with its name', () => {
    const scheduler = new TestScheduler(() => {});
    let offMs = 0;
    const stepping = Object.create(scheduler, { now: { value: () => scheduler.now() + offMs } }) as SchedulerLike;
    let failure: unknown;
    scheduler.run(({ flush }) => {
      scheduler.schedule(() => {
        rate(100, stepping)(() => of(null)).subscribe({ error: (cause) => (failure = cause) });
      }, 0);
      scheduler.schedule(() => (offMs = -5000), 250);
      flush();
    });
    expect(failure).toMatchObject({ code: 'clock/stepped', message: expect.stringContaining('went back by') });
  });

  it('a clock that steps forward skips ticks, which are counted', () => {
    const scheduler = new TestScheduler(() => {});
    let offMs = 0;
    const stepping = Object.create(scheduler, { now: { value: () => scheduler.now() + offMs } }) as SchedulerLike;
    const dropped: number[] = [];
    scheduler.run(({ flush }) => {
      scheduler.schedule(() => {
        const five = rate(100, stepping)((skipped) => of(dropped.push(skipped)));
        const ticking = five.subscribe();
        scheduler.schedule(() => ticking.unsubscribe(), 550);
      }, 0);
      scheduler.schedule(() => (offMs = 1000), 250);
      flush();
    });
    expect(dropped).toEqual([0, 0, 0, 0, 9, 0, 0]);
  });
});
