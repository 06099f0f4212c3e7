/**
 * What the five promises of the loop mean to a plan that does not wait: rate / ahead / lease over a mass. One frame is 1 ms, a tick is
 * 125 ms. What holds whatever the strategies is in `loop.test.ts`.
 */
import type { Action, Critic, Env, Opinion, ProposedChunk } from 'pumice';
import { type FakeMass, fakeMass } from 'pumice/envs/fake';
import { delay, EMPTY, NEVER, type Observable, of, type SchedulerLike, throwError, timer } from 'rxjs';
import { map, mergeMap } from 'rxjs/operators';
import { describe, expect, it } from 'vitest';
import { done, fakePolicy, inVirtualTime, type Story, story } from './loop-story.ts';

const TICK_MS = 125;
const PACED = { pace: { rateHz: 8 }, think: 'ahead', check: 'lease' } as const;

const mass = (scheduler: SchedulerLike): FakeMass => fakeMass({ scheduler, tickMs: 0 });
const delta = (x: number, gripperOpen = 1): Action => ({
  ...{ kind: 'eef-delta', frameId: 'base', dPosM: [x, 0, 0], dRpyRad: [0, 0, 0] },
  gripperOpen,
});
/** A chunk of equal deltas. */
const steps = (count: number, x = 0.01): readonly Action[] => Array.from({ length: count }, () => delta(x));
const kinds = ({ told }: Story) => told.map(({ event }) => event.kind);
const refusals = ({ told }: Story) =>
  told.flatMap(({ event }) => (event.kind === 'chunk-refused' ? [event.reason] : []));
/** Where the body was told to be, tick by tick. */
const ways = (env: FakeMass) => env.begun.flatMap((action) => (action.kind === 'eef-pose' ? [action.pM[0]] : []));
const allow: Opinion = { kind: 'allow', reasons: [] };

/** Judges chunks as told; what it was shown comes along. */
function chunkCritic(answer: (call: number) => Observable<Opinion>): Critic & { readonly shown: ProposedChunk[] } {
  const shown: ProposedChunk[] = [];
  return {
    name: 'fake',
    shown,
    judge: () => throwError(() => new Error('single actions are not for it')),
    judgeChunk: (_, chunk) => {
      shown.push(chunk);
      return answer(shown.length - 1);
    },
  };
}

describe('1. one step at a time, at absolute deadlines', () => {
  it('steps begin at deadlines, whatever a step takes', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = fakeMass({ scheduler, tickMs: 0, observeMs: 7 });
      const policy = fakePolicy(env, () => of({ actions: steps(6) }).pipe(delay(50, scheduler)));
      const tale = story(scheduler, helpers, { env, policy, budget: { maxSteps: 20 }, ...PACED });
      tale.tellAll();
      const starts = tale.told.flatMap(({ event, atMs }) => (event.kind === 'step-start' ? [atMs] : []));
      expect(starts).toEqual(Array.from({ length: 20 }, (_, tick) => tick * TICK_MS));
    });
  });

  it('a deadline that finds a step in flight is dropped and counted, never made up for', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const sink = {
        name: 'slow',
        required: true,
        write: ({ index }: { index: number }) => timer(index === 3 ? 300 : 0, scheduler),
        close: () => of(null),
      };
      const policy = fakePolicy(env, () => of({ actions: steps(6) }));
      const tale = story(scheduler, helpers, { env, policy, sinks: [sink], budget: { maxSteps: 6 }, ...PACED });
      tale.tellAll();
      const starts = tale.told.flatMap(({ event, atMs }) => (event.kind === 'step-start' ? [atMs / TICK_MS] : []));
      expect(starts).toEqual([0, 1, 2, 3, 6, 7]);
      expect(tale.records().map(({ dropped }) => dropped)).toEqual([0, 0, 0, 0, 2, 0]);
    });
  });

  it('one inference is in flight at a time, and no tick waits for it', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      let [inFlight, most] = [0, 0];
      const policy = fakePolicy(env, () => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        return timer(200, scheduler).pipe(
          map(() => {
            inFlight -= 1;
            return { actions: steps(6) };
          }),
        );
      });
      const tale = story(scheduler, helpers, { env, policy, budget: { maxSteps: 30 }, ...PACED });
      tale.tellAll();
      expect(most).toBe(1);
      expect(policy.seen.length).toBeGreaterThan(5);
      expect(tale.records().every(({ timings }) => timings.thinkMs === 0)).toBe(true);
      // Once it moves it never stands still again.
      const moved = tale.records().map(({ proposed }) => proposed.kind);
      expect(moved.slice(moved.indexOf('eef-pose'))).not.toContain('hold');
    });
  });
});

describe('2. what plays has been judged', () => {
  it('a chunk plays only when the critics have allowed it, and its lease counts from the frame that they saw', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const critic = chunkCritic(() => of(allow).pipe(delay(200, scheduler)));
      const policy = fakePolicy(env, () => of({ actions: steps(7) }));
      const tale = story(scheduler, helpers, { env, policy, critics: [critic], budget: { maxSteps: 12 }, ...PACED });
      tale.tellAll();
      // Asked at 1 ms, answered at 201 ms: the ticks at 0 and 125 ms hold.
      expect(
        tale
          .records()
          .slice(0, 3)
          .map(({ proposed }) => proposed.kind),
      ).toEqual(['hold', 'hold', 'eef-pose']);
      expect(tale.records()[2]).toMatchObject({
        chunkId: 'c1',
        judgedStampMs: 1,
        lease: { chunkId: 'c1', epoch: 0, judgedStampMs: 1, untilMs: 3501, speedScale: 1, by: ['fake'] },
      });
      expect(critic.shown[0]).toMatchObject({ id: 'c1', dtMs: TICK_MS });
      expect(critic.shown[0]!.actions).toHaveLength(7);
      // While it plays it is looked at again, on newer frames, and less of it is left.
      const again = critic.shown.filter(({ id }) => id === 'c1');
      expect(again.length).toBeGreaterThan(1);
      expect(again.at(-1)!.actions.length).toBeLessThan(7);
    });
  });

  it('with no critic the rules issue the lease, and the record says so', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const policy = fakePolicy(env, () => of({ actions: steps(6) }));
      const tale = story(scheduler, helpers, { env, policy, budget: { maxSteps: 9 }, ...PACED });
      tale.tellAll();
      for (const { lease, judgedStampMs, observation } of tale.records()) {
        expect(lease).toMatchObject({ by: ['rules'] });
        expect(judgedStampMs).toBe(observation?.stampMs);
      }
    });
  });

  it('the rules judge the very action that is sent, in its tick', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const judged: Action[] = [];
      // Slowing down looks at more: what is sent is the last that was looked at.
      const rule = {
        name: 'witness',
        judge: (action: Action) => {
          judged.push(action);
          return { kind: 'allow' as const };
        },
      };
      const policy = fakePolicy(env, () => of({ actions: steps(6) }));
      const tale = story(scheduler, helpers, { env, policy, rules: [rule], budget: { maxSteps: 9 }, ...PACED });
      tale.tellAll();
      const sent = env.begun.filter(({ kind }) => kind !== 'hold');
      expect(sent).toHaveLength(9);
      for (const action of sent) expect(judged).toContain(action);
      expect(tale.records().map(({ verdict }) => verdict.action)).toEqual(sent);
    });
  });

  it('a rule that comes to deny in mid-plan: nothing is sent, and the plan is void', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const isFar = (action: Action) => action.kind === 'eef-pose' && action.pM[0] > 0.025;
      const rule = {
        name: 'fence',
        judge: (action: Action) =>
          isFar(action) ? { kind: 'deny' as const, reason: 'too far' } : { kind: 'allow' as const },
      };
      const policy = fakePolicy(env, () => of({ actions: steps(6) }).pipe(delay(10, scheduler)));
      const tale = story(scheduler, helpers, { env, policy, rules: [rule], budget: { maxSteps: 12 }, ...PACED });
      tale.tellAll();
      expect(Math.max(...ways(env))).toBeLessThanOrEqual(0.025);
      const denied = tale.records().filter(({ verdict }) => verdict.by === 'fence');
      expect(denied.length).toBeGreaterThan(0);
      expect(new Set(policy.seen.map(({ epoch }) => epoch)).size).toBeGreaterThan(1);
    });
  });

  it.each(['deny', 'ask'] as const)('%s revokes at once, in mid-tick: the body holds and the plan is void', (kind) => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const holds: number[] = [];
      const held: Env = {
        ...env,
        act: (action, context) => {
          if (action.kind === 'hold') holds.push(scheduler.now());
          return env.act(action, context);
        },
      };
      const critic = chunkCritic((call) =>
        call < 2 ? of(allow) : of({ kind, reasons: ['a hand'] }).pipe(delay(60, scheduler)),
      );
      const policy = fakePolicy(env, (call) => (call === 0 ? of({ actions: steps(8) }) : NEVER));
      const tale = story(scheduler, helpers, {
        env: held,
        policy,
        critics: [critic],
        budget: { maxSteps: 6 },
        ...PACED,
      });
      tale.tellAll();
      // The third opinion is asked for in the third tick, at 251 ms, and comes 60 ms later.
      expect(holds[0]).toBe(311);
      const next = tale.records()[3]!;
      expect(next.verdict).toMatchObject({ kind: 'deny', by: 'fake' });
      expect(next.verdict.reasons.join()).toContain('fake: a hand');
      expect(policy.seen.every(({ epoch }, at) => at === 0 || epoch > 0)).toBe(true);
    });
  });

  it('halt of a critic between two ticks is a stop at once', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const critic = chunkCritic((call) =>
        call < 2 ? of(allow) : of({ kind: 'halt' as const, reasons: ['a hand'] }).pipe(delay(60, scheduler)),
      );
      const policy = fakePolicy(env, () => of({ actions: steps(8) }));
      const tale = story(scheduler, helpers, { env, policy, critics: [critic], ...PACED });
      expect(tale.tellAll()).toMatchObject({ outcome: 'stopped', reason: 'fake: a hand', atMs: 311 });
      expect(env.halts).toEqual(['1 fake: a hand']);
    });
  });

  it('a lease is for one instruction: another one voids plan and thought', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const policy = fakePolicy(env, () => of({ actions: steps(6) }).pipe(delay(40, scheduler)));
      const tale = story(scheduler, helpers, { env, policy, budget: { maxSteps: 10 }, ...PACED });
      tale.at(300, () => tale.controls.instruction$.next('another thing'));
      tale.tellAll();
      const played = tale.records().filter(({ proposed }) => proposed.kind === 'eef-pose');
      const after = played.filter(({ stampMs }) => stampMs > 300);
      expect(after.length).toBeGreaterThan(0);
      expect(after.every(({ lease }) => lease?.epoch === 1)).toBe(true);
      expect(policy.seen.at(-1)).toMatchObject({ instruction: 'another thing', epoch: 1 });
    });
  });
});

/** The ways in which a port can fail to answer. */
const FAILURES: readonly (readonly [string, () => Observable<never>])[] = [
  [
    'throws',
    () => {
      throw new Error('out of order');
    },
  ],
  ['fails', () => throwError(() => new Error('out of order'))],
  ['ends empty', () => EMPTY],
  ['is undecodable', () => of({ verdict: 'fine' }) as Observable<never>],
];

describe('3. a policy or critic that does not answer: the plan plays out, slows, holds; then a protective stop', () => {
  it.each([...FAILURES, ['is late', () => NEVER] as const])('a policy that %s', (_how, fail) => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      // One failure a second at the most, so that it is starvation that ends the run.
      const policy = fakePolicy(env, (call) =>
        call === 0 ? of({ actions: steps(6, 0.02) }) : timer(900, scheduler).pipe(mergeMap(fail)),
      );
      const late = fakePolicy(env, (call) => (call === 0 ? of({ actions: steps(6, 0.02) }) : NEVER));
      const tale = story(scheduler, helpers, { env, policy: _how === 'is late' ? late : policy, ...PACED });
      const end = tale.tellAll();
      expect(end).toMatchObject({ outcome: 'failure', reason: expect.stringContaining('nothing to play for 2000 ms') });
      expect(env.halts).toEqual([expect.stringMatching(/^2 /)]);
      expect(kinds(tale)).toContain('protective-stop');
      const way = ways(env);
      expect(way.at(-1)).toBeCloseTo(0.12, 6);
      const byTick = way.map((x, tick) => x - (way[tick - 1] ?? 0));
      // It plays at full speed, goes on slower, and then nothing but holds come.
      expect(byTick.slice(0, 4).every((step) => Math.abs(step - 0.02) < 1e-9)).toBe(true);
      expect(byTick.slice(4).length).toBeGreaterThan(2);
      expect(byTick.slice(4).every((step, at, all) => step <= (all[at - 1] ?? 0.02) + 1e-9)).toBe(true);
      const held = tale.records().slice(way.length);
      expect(held.length * TICK_MS).toBe(2000);
      expect(
        held.slice(0, -1).every(({ proposed, verdict }) => proposed.kind === 'hold' && verdict.kind === 'allow'),
      ).toBe(true);
    });
  });

  it('five failed inferences in a row while the plan plays are a protective stop', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const policy = fakePolicy(env, (call) =>
        call === 0 ? of({ actions: steps(8) }) : throwError(() => new Error('gone')),
      );
      const tale = story(scheduler, helpers, { env, policy, ...PACED });
      expect(tale.tellAll()).toMatchObject({
        outcome: 'failure',
        reason: expect.stringMatching(/failed inferences in a row, the last: .*gone/),
      });
      expect(policy.seen).toHaveLength(6);
      expect(env.halts).toEqual([expect.stringMatching(/^2 /)]);
    });
  });

  it('a critic that stops answering: reduced speed when the lease has run out, for the time of grace, then a protective stop', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const critic = chunkCritic((call) => (call === 0 ? of(allow) : NEVER));
      const policy = fakePolicy(env, (call) => (call === 0 ? of({ actions: steps(16, 0.01) }) : NEVER));
      const realTime = { leaseMs: 500, graceMs: 375, reducedSpeed: 0.3, starveMs: 5000 };
      const limits = { ...env.limits, maxPlanAgeMs: 5000 };
      const tale = story(scheduler, helpers, {
        env: { ...env, limits },
        policy,
        critics: [critic],
        realTime,
        ...PACED,
      });
      const end = tale.tellAll();
      expect(end).toMatchObject({
        outcome: 'failure',
        reason: expect.stringContaining('the lease of chunk c1 has run out'),
      });
      expect(env.halts).toEqual([expect.stringMatching(/^2 /)]);
      const scales = tale.records().map(({ lease }) => lease?.speedScale);
      // Judged at 1 ms: until 501 ms at full speed, until 876 ms at 0.3.
      expect(scales).toEqual([1, 1, 1, 1, 1, 0.3, 0.3, 0.3, undefined]);
      const way = ways(env);
      // Slowed in time, not in size: it goes over the same path.
      expect(way.map((x) => x * 100)).toEqual([1, 2, 3, 4, 5, 5.3, 5.6, 5.9].map((x) => expect.closeTo(x, 6)));
    });
  });

  it('what stands at the end of its plan starves, and has not run out of leave', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const critic = chunkCritic((call) => (call === 0 ? of(allow) : NEVER));
      const policy = fakePolicy(env, (call) => (call === 0 ? of({ actions: steps(2) }) : NEVER));
      const realTime = { leaseMs: 900, graceMs: 100 };
      const tale = story(scheduler, helpers, { env, policy, critics: [critic], realTime, ...PACED });
      expect(tale.tellAll().reason).toContain('nothing to play for 2000 ms');
    });
  });

  it('a lease is renewed while the next chunk is being thought', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const critic = chunkCritic(() => of(allow));
      const policy = fakePolicy(env, () => of({ actions: steps(8) }).pipe(delay(450, scheduler)));
      const realTime = { leaseMs: 200, graceMs: 100 };
      const tale = story(scheduler, helpers, {
        env,
        policy,
        critics: [critic],
        realTime,
        budget: { maxSteps: 30 },
        ...PACED,
      });
      expect(tale.tellAll().outcome).toBe('truncated');
      expect(tale.records().every(({ lease }) => (lease?.speedScale ?? 1) === 1)).toBe(true);
    });
  });

  it.each(FAILURES)('a critic that %s for a new chunk: it never plays, the old one plays out', (_how, fail) => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      let asked = 0;
      const critic: Critic = {
        name: 'fake',
        judge: () => EMPTY,
        judgeChunk: (_, { id }) => {
          asked += 1;
          return id === 'c1' ? of(allow) : fail();
        },
      };
      const policy = fakePolicy(env, () => of({ actions: steps(6) }).pipe(delay(100, scheduler)));
      const tale = story(scheduler, helpers, { env, policy, critics: [critic], ...PACED });
      expect(tale.tellAll()).toMatchObject({ outcome: 'failure' });
      expect(asked).toBeGreaterThan(2);
      expect(new Set(tale.records().flatMap(({ chunkId }) => chunkId ?? []))).toEqual(new Set(['c1']));
      expect(refusals(tale)).toContain('unjudged');
      expect(env.halts).toEqual([expect.stringMatching(/^2 /)]);
    });
  });
});

describe('4. a stop aborts what is in flight and begins the stop of the body in the same turn', () => {
  it.each([
    ['while a chunk is thought of', 290],
    ['while a chunk is judged', 340],
    ['between two ticks', 440],
  ])('%s', (_when, atMs) => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const policy = fakePolicy(env, () => of({ actions: steps(8) }).pipe(delay(50, scheduler)));
      const critic = chunkCritic(() => of(allow).pipe(delay(50, scheduler)));
      const tale = story(scheduler, helpers, { env, policy, critics: [critic], ...PACED });
      let haltsInSameTurn = 0;
      let begun = 0;
      tale.at(atMs, () => {
        begun = env.begun.length;
        tale.controls.stop('somebody pressed it');
        haltsInSameTurn = env.halts.length;
      });
      expect(tale.tellAll()).toMatchObject({ outcome: 'stopped', atMs });
      expect(haltsInSameTurn).toBe(1);
      expect(env.begun).toHaveLength(begun);
      expect(policy.signals.every(({ aborted }) => aborted)).toBe(true);
      expect(env.meter.afterHalt).toBe(0);
    });
  });

  it('a pause holds the body at once and voids the plan; after it the plan is a new one', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const policy = fakePolicy(env, () => of({ actions: steps(6) }));
      const tale = story(scheduler, helpers, { env, policy, budget: { maxSteps: 10 }, ...PACED });
      tale.at(300, () => tale.controls.pause());
      tale.at(3000, () => {
        expect(env.speedMPerS()).toBeLessThan(1e-3);
        tale.controls.resume();
      });
      expect(tale.tellAll().outcome).toBe('truncated');
      const epochs = tale.records().map(({ observation }) => observation?.epoch);
      expect(epochs).toEqual([0, 0, 0, 1, 1, 1, 1, 1, 1, 1]);
    });
  });
});

describe('5. how a run ends', () => {
  it('done is said at its place in the plan, and the run ends in hold', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const policy = fakePolicy(env, (call) => (call === 0 ? of({ actions: [...steps(3), done] }) : NEVER));
      const tale = story(scheduler, helpers, { env, policy, ...PACED });
      expect(tale.tellAll()).toMatchObject({ outcome: 'success' });
      expect(ways(env).map((x) => x * 100)).toEqual([1, 2, 3].map((x) => expect.closeTo(x, 6)));
      expect(tale.records().map(({ proposed }) => proposed.kind)).toEqual(['eef-pose', 'eef-pose', 'eef-pose', 'done']);
      expect(env.halts).toEqual([]);
    });
  });

  it('nothing is thought or judged any more when it is over', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = mass(scheduler);
      const policy = fakePolicy(env, () => of({ actions: steps(6) }).pipe(delay(300, scheduler)));
      const tale = story(scheduler, helpers, { env, policy, budget: { maxSteps: 7 }, ...PACED });
      const end = tale.tellAll();
      expect(end.outcome).toBe('truncated');
      expect(scheduler.now()).toBe(end.atMs);
      expect(policy.signals.every(({ aborted }) => aborted)).toBe(true);
    });
  });
});
