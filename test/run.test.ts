/** The run handle and what surrounds the loop: people, budgets, misfits. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Action, ActionOf, Env, Policy, RunEvent, RunOptions, StepRecord } from 'pumice';
import { run } from 'pumice';
import { fakeMass, fakePage } from 'pumice/envs/fake';
import { delay, of, Subject, timer } from 'rxjs';
import { map } from 'rxjs/operators';
import { describe, expect, it } from 'vitest';
import { monotonicScheduler } from '../src/clock.ts';
import { readEpisode } from '../src/record/index.ts';
import { BODIES, done, fakeCritic, fakePolicy, inVirtualTime, repeating, story } from './loop-story.ts';

const [page, mass] = BODIES as [(typeof BODIES)[0], (typeof BODIES)[0]];
const save = page.ordinary;
const check: Action = { kind: 'ui-check', target: { markId: 1 }, checked: true };
const realPage = () => fakePage({ scheduler: monotonicScheduler });

describe('the handle of a run', () => {
  it('gives steps to iterate over, then the result', async () => {
    const env = realPage();
    const episode = run({ env, policy: repeating(env, save, 3), instruction: 'save' });
    const kinds: string[] = [];
    for await (const step of episode) kinds.push(step.proposed.kind);
    expect(kinds).toEqual(['ui-click', 'ui-click', 'ui-click', 'done']);
    expect(await episode.result).toMatchObject({ outcome: 'success', steps: 4, artifacts: [] });
  });

  it('a step that is stopped while it acts says what was done until then', async () => {
    const page = realPage();
    const executed: Action = { kind: 'ui-type', target: { markId: 0 }, text: 'half of', clear: false, submit: false };
    const env: Env = {
      ...page,
      act: async (action, { signal }) => {
        if (action.kind === 'hold') return { status: 'done', executed: action };
        await Promise.resolve();
        episode.stop('enough');
        expect(signal.aborted).toBe(true);
        return { status: 'stopped', executed };
      },
    };
    const typing: Action = { ...executed, text: 'half of the text' };
    const episode = run({ env, policy: repeating(page, typing, 1), instruction: 'type' });
    const steps: StepRecord[] = [];
    for await (const step of episode) steps.push(step);
    expect(steps.map(({ act }) => act)).toEqual([{ status: 'stopped', reason: 'enough', executed }]);
    expect(await episode.result).toMatchObject({ outcome: 'stopped', steps: 1 });
  });

  it('leaving the iteration does not stop the run', async () => {
    const env = realPage();
    const episode = run({ env, policy: repeating(env, save, 3), instruction: 'save' });
    for await (const _step of episode) break;
    expect(await episode.result).toMatchObject({ outcome: 'success', steps: 4 });
  });

  it('tells all events to whoever listens in the turn in which it was called, and ends', async () => {
    const env = realPage();
    const episode = run({ env, policy: repeating(env, save, 1), instruction: 'save' });
    const events: RunEvent[] = [];
    const isOver = new Promise<void>((resolve) => {
      episode.events$.subscribe({ next: (event) => events.push(event), complete: resolve });
    });
    await isOver;
    const step = ['step-start', 'observed', 'action-proposed', 'step-end'];
    expect(events.map(({ kind }) => kind)).toEqual(['episode-start', ...step, ...step, 'episode-end']);
  });

  it('a stop before the first event is not lost', async () => {
    const env = realPage();
    const episode = run({ env, policy: repeating(env, save, 3), instruction: 'save' });
    episode.stop('at once');
    expect(await episode.result).toMatchObject({ outcome: 'stopped', reason: 'at once', steps: 0 });
    expect(env.resets).toBe(0);
  });

  it('nor is one of a stop source that speaks in the turn in which the run was called', async () => {
    const env = realPage();
    const button = new Subject<string>();
    const stops = [{ name: 'button', stop$: button }];
    const episode = run({ env, policy: repeating(env, save, 3), instruction: 'save', stops });
    button.next('pressed');
    expect(await episode.result).toMatchObject({ outcome: 'stopped', reason: 'button: pressed', steps: 0 });
    expect(button.observed).toBe(false);
  });

  it('stop sources are left when the run is over', async () => {
    const env = realPage();
    const button = new Subject<string>();
    const stops = [{ name: 'button', stop$: button }];
    await run({ env, policy: repeating(env, save, 1), instruction: 'save', stops }).result;
    expect(button.observed).toBe(false);
  });

  it('stopped while its recording is being opened, it closes the file with how it ended', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'pumice-run-')), 'a.mcap');
    const env = realPage();
    const episode = run({ env, policy: repeating(env, save, 3), instruction: 'save', record: file });
    episode.events$.subscribe(({ kind }) => kind === 'episode-start' && setImmediate(() => episode.stop('at once')));
    expect(await episode.result).toMatchObject({ outcome: 'stopped', steps: 0 });
    expect(env.resets).toBe(0);
    const { end } = await readEpisode(file);
    expect(end).toMatchObject({ outcome: 'stopped', reason: 'at once' });
  });

  it('files that cannot be told of are a fault, not a rejection', async () => {
    const env: Env = {
      ...realPage(),
      artifacts: () => {
        throw new Error('folder gone');
      },
    };
    const { result } = run({ env, policy: repeating(env, save, 1), instruction: 'save' });
    expect(await result).toMatchObject({ outcome: 'fault', reason: expect.stringContaining('folder gone') });
  });

  it('leaving its scope stops it, body first', async () => {
    const env = realPage();
    {
      await using episode = run({
        env,
        policy: repeating(env, save, 1e9),
        instruction: 'save',
        budget: { maxSteps: 1e6 },
      });
      for await (const { index } of episode) if (index === 2) break;
    }
    expect(env.halts).toEqual(['1 the run was left']);
  });

  it('a body has one writer at a time', async () => {
    const env = realPage();
    const options = { env, policy: repeating(env, save, 1), instruction: 'save' };
    const first = run(options);
    expect(() => run(options)).toThrow(/in use by another run/);
    await first.result;
    await expect(run(options).result).resolves.toMatchObject({ outcome: 'success' });
  });

  it('8 runs side by side share nothing: stopping one leaves the others alone', async () => {
    const runs = Array.from({ length: 8 }, () => {
      const env = realPage();
      return run({ env, policy: repeating(env, save, 20), instruction: 'save' });
    });
    runs[3]!.stop('this one');
    const ends = await Promise.all(runs.map(({ result }) => result));
    expect(ends.map(({ outcome }) => outcome)).toEqual(runs.map((_, i) => (i === 3 ? 'stopped' : 'success')));
  });

  it('a listener that throws neither stops the run nor the body', async () => {
    const env = realPage();
    const errors: unknown[] = [];
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => errors.push(error));
    try {
      const episode = run({ env, policy: repeating(env, save, 2), instruction: 'save' });
      episode.events$.subscribe(() => {
        throw new Error('listener');
      });
      expect(await episode.result).toMatchObject({ outcome: 'success' });
      // RxJS reports what a listener throws as an uncaught error of its own.
      await new Promise((resolve) => setTimeout(resolve, 0));
      expect(errors.length).toBeGreaterThan(0);
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
  });
});

describe('a person at the run', () => {
  it('pause takes effect after the step, step lets one through, resume goes on', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = page.make(scheduler);
      const policy = fakePolicy(env, (call) => of({ actions: [call < 5 ? save : done] }).pipe(delay(8, scheduler)));
      const tale = story(scheduler, helpers, { env, policy });
      const countAt: number[] = [];
      tale.at(15, () => tale.controls.pause());
      tale.at(50, () => countAt.push(tale.records().length));
      tale.at(51, () => tale.controls.step());
      tale.at(100, () => countAt.push(tale.records().length));
      tale.at(101, () => tale.controls.resume());
      expect(tale.tellAll().outcome).toBe('success');
      expect(countAt).toEqual([2, 3]);
      const kinds = tale.told.map(({ event }) => event.kind);
      expect(kinds.filter((kind) => kind === 'paused' || kind === 'resumed')).toEqual(['paused', 'resumed']);
    });
  });

  it('a hand-over pauses when somebody is there, and is a failure when nobody is', () => {
    for (const isAttended of [true, false])
      inVirtualTime((scheduler, helpers) => {
        const env = page.make(scheduler);
        const policy = fakePolicy(env, (call) =>
          of({ actions: [call === 0 ? { kind: 'hand-over', reason: 'a code was sent to you' } : done] }),
        );
        const tale = story(scheduler, helpers, { env, policy, isAttended });
        tale.at(100, () => tale.controls.resume());
        const end = tale.tellAll();
        expect(end.outcome).toBe(isAttended ? 'success' : 'failure');
        expect(end.atMs).toBeGreaterThanOrEqual(isAttended ? 100 : 0);
        expect(tale.told.some(({ event }) => event.kind === 'hand-over')).toBe(true);
      });
  });

  it('an approval releases the same proposal on the next observation, once, and never the old action', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = page.make(scheduler);
      const critics = [fakeCritic(() => of({ kind: 'ask', reasons: ['buys something'] }))];
      let asked = 0;
      const approver = {
        name: 'ann',
        ask: () => {
          asked += 1;
          return timer(20, scheduler).pipe(
            map(() => ({ kind: asked === 1 ? ('approve' as const) : ('deny' as const) })),
          );
        },
      };
      const tale = story(scheduler, helpers, {
        env,
        policy: repeating(env, save, 3),
        critics,
        approver,
        budget: { maxSteps: 3 },
      });
      tale.tellAll();
      expect(tale.records().map(({ verdict }) => verdict.kind)).toEqual(['deny', 'allow', 'deny']);
      expect(env.begun).toHaveLength(1);
      const [refused, allowed] = tale.records();
      expect(allowed!.observation!.stampMs).toBeGreaterThan(refused!.observation!.stampMs + 20);
      expect(asked).toBe(2);
    });
  });

  it('an approval of what a rule made smaller counts for the same proposal', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = fakeMass({ scheduler });
      const far: Action = { ...(mass.ordinary as ActionOf<'eef-delta'>), dPosM: [0.08, 0, 0] };
      const critics = [fakeCritic(() => of({ kind: 'ask', reasons: ['goes far'] }))];
      const approver = { name: 'ann', ask: () => of({ kind: 'approve' } as const) };
      const policy = repeating(env, far, 2);
      const tale = story(scheduler, helpers, { env, policy, critics, approver, budget: { maxSteps: 2 } });
      tale.tellAll();
      expect(tale.records().map(({ verdict }) => verdict.kind)).toEqual(['deny', 'modify']);
      expect(env.begun).toMatchObject([{ dPosM: [expect.closeTo(0.05), 0, 0] }]);
    });
  });

  it('an approval is for that action alone', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = page.make(scheduler);
      const critics = [fakeCritic(() => of({ kind: 'ask', reasons: ['buys something'] }))];
      const approver = { name: 'ann', ask: () => of({ kind: 'approve' } as const) };
      const policy = fakePolicy(env, (call) => of({ actions: [call % 2 ? check : save] }));
      const tale = story(scheduler, helpers, { env, policy, critics, approver, budget: { maxSteps: 4 } });
      tale.tellAll();
      expect(env.begun).toEqual([]);
    });
  });

  it('an approval does not silence a deny', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = page.make(scheduler);
      const critics = [fakeCritic((call) => of({ kind: call === 0 ? 'ask' : 'deny', reasons: ['hm'] }))];
      const approver = { name: 'ann', ask: () => of({ kind: 'approve' } as const) };
      const tale = story(scheduler, helpers, {
        env,
        policy: repeating(env, save, 2),
        critics,
        approver,
        budget: { maxSteps: 2 },
      });
      tale.tellAll();
      expect(env.begun).toEqual([]);
    });
  });
});

describe('a policy learns', () => {
  it('what was refused by the body, and why', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = page.make(scheduler);
      const refusing = { ...env, act: () => of({ status: 'refused' as const, reason: 'covered' }) };
      const policy = repeating(env, save, 1);
      const tale = story(scheduler, helpers, { env: refusing, policy });
      tale.tellAll();
      expect(policy.seen[1]!.history).toMatchObject([{ index: 0, targetText: 'button "Save"', refusal: 'covered' }]);
      expect(policy.seen[1]!.epoch).toBe(1);
    });
  });

  it('no more than the last 20 steps', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = page.make(scheduler);
      const policy = repeating(env, save, 30);
      const tale = story(scheduler, helpers, { env, policy });
      tale.tellAll();
      expect(policy.seen.at(-1)!.history.map(({ index }) => index)).toEqual(
        Array.from({ length: 20 }, (_, i) => i + 10),
      );
    });
  });

  it('partial thoughts are events, until the call is over', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = page.make(scheduler);
      const thinking: Policy = {
        name: 'loud',
        actionKinds: ['done'],
        reset: () => {},
        act: (_observation, { report }) => {
          report({ kind: 'thought-delta', text: 'hm' });
          scheduler.schedule(() => report({ kind: 'thought-delta', text: 'too late' }), 50);
          return of({ actions: [done] });
        },
      };
      const tale = story(scheduler, helpers, { env, policy: thinking });
      tale.tellAll();
      expect(tale.told.flatMap(({ event }) => (event.kind === 'thought-delta' ? [event.text] : []))).toEqual(['hm']);
    });
  });
});

describe('the oracle', () => {
  it('ends the episode after an act, and is not in any observation', () => {
    inVirtualTime((scheduler, helpers) => {
      const env = page.make(scheduler);
      let acts = 0;
      const oracle = {
        judge: () => of(++acts === 2 ? ({ outcome: 'success', reason: 'reward 1' } as const) : undefined),
      };
      const tale = story(scheduler, helpers, { env, policy: repeating(env, save, 9), oracle });
      expect(tale.tellAll()).toMatchObject({ outcome: 'success', reason: 'reward 1' });
      expect(tale.records()).toHaveLength(2);
      expect(JSON.stringify(tale.records().map(({ observation }) => ({ ...observation, frames: [] })))).not.toContain(
        'reward',
      );
    });
  });
});

describe('before the first step is refused', () => {
  const env = realPage();
  const policy = repeating(env, save, 1);
  const refused: [string, Partial<RunOptions> & Record<string, unknown>, RegExp][] = [
    ['a rate for a body that takes no poses', { pace: { rateHz: 15 } }, /a paced body is sent eef-pose/],
    ['think ahead without a rate', { think: 'ahead' }, /think ahead does not go with pace demand/],
    ['check by lease without a rate', { check: 'lease' }, /check lease does not go with pace demand/],
    ['an empty instruction', { instruction: ' ' }, /instruction is empty/],
    ['a body without limits', { env: { ...env, limits: { ...env.limits, ui: undefined } as never } }, /no ui limits/],
    [
      'a body with limits that are no numbers',
      { env: { ...env, limits: { ...env.limits, maxPlanAgeMs: Number.NaN } } },
      /maxPlanAgeMs/,
    ],
    ['a machine without a driver', { env: { ...env, hardware: true } }, /body driver/],
    ['a policy for another body', { env: fakeMass({ scheduler: monotonicScheduler }) }, /ui-click.*fake-mass cannot/],
  ];
  it.each(refused)('%s', (_what, options, message) => {
    expect(() => run({ env, policy, instruction: 'save', ...options })).toThrow(message);
  });

  it('but a body that writes out that it has no limits runs, with a warning', () => {
    inVirtualTime((scheduler, helpers) => {
      const made = page.make(scheduler);
      const free = { ...made, limits: { ...made.limits, ui: 'unlimited' as const } };
      const tale = story(scheduler, helpers, { env: free, policy: repeating(made, save, 1) });
      tale.tellAll();
      expect(tale.told.some(({ event }) => event.kind === 'warning' && event.text.includes('without ui limits'))).toBe(
        true,
      );
    });
  });
});
