/** What goes wrong while a person leads, or watches: over a mass in virtual time. */
import type { Critic, PilotInput, Rule, RunOptions } from 'pumice';
import { type FakeMass, fakeMass } from 'pumice/envs/fake';
import { NEVER, of, type SchedulerLike, throwError } from 'rxjs';
import { delay } from 'rxjs/operators';
import { describe, expect, it } from 'vitest';
import { fakePolicy, inVirtualTime, story } from '../loop-story.ts';
import { type Hands, hands, twist } from './hands.ts';

const LED = { pace: { rateHz: 8 }, think: 'person', check: 'lease' } as const;
const step = { kind: 'eef-delta', frameId: 'base', dPosM: [0.01, 0, 0], dRpyRad: [0, 0, 0], gripperOpen: 1 } as const;
const chunk = { actions: Array.from({ length: 8 }, () => step) };

function led(
  mode: PilotInput['mode'],
  work: (scene: { env: FakeMass; person: Hands; tale: ReturnType<typeof story> }) => void,
  more: (scheduler: SchedulerLike) => Partial<RunOptions> = () => ({}),
  answer: (call: number, scheduler: SchedulerLike) => unknown = (_call, scheduler) =>
    of(chunk).pipe(delay(50, scheduler)),
) {
  inVirtualTime((scheduler, helpers) => {
    const env = fakeMass({ scheduler, tickMs: 0 });
    const person = hands(scheduler, mode);
    const policy = fakePolicy(env, (call) => answer(call, scheduler) as never);
    const parts = { env, policy, pilot: person.pilot, budget: { timeoutMs: 6000 }, ...LED, ...more(scheduler) };
    const tale = story(scheduler, helpers, parts);
    tale.at(5, () => person.say());
    work({ env, person, tale });
  });
}

describe('faults', () => {
  it('a first step that is denied moves nothing; the next one may', () => {
    let judged = 0;
    const first: Rule = {
      name: 'first',
      judge: (action) =>
        action.kind === 'eef-pose' && judged++ < 8 ? { kind: 'deny', reason: 'not yet' } : { kind: 'allow' },
    };
    led(
      'manual',
      ({ env, person, tale }) => {
        person.keep({ command: twist(0.1) }, 500, 1500);
        tale.tellAll();
        const asked = tale.records().filter(({ proposed }) => proposed.kind === 'eef-pose');
        expect(asked[0]!.verdict).toMatchObject({ kind: 'deny', by: 'first' });
        expect(asked[0]!.act).toBeUndefined();
        expect(env.positionM()[0]).toBeGreaterThan(0.05);
        const allowed = asked.filter(({ verdict }) => verdict.kind === 'allow').length;
        expect(env.begun).toHaveLength(allowed);
      },
      () => ({ rules: [first] }),
    );
  });

  it('a policy that dies while it drives comes to a protective stop, and until then a person may take over', () => {
    const dies = (call: number, scheduler: SchedulerLike) =>
      call < 2 ? of(chunk).pipe(delay(50, scheduler)) : throwError(() => new Error('connection refused'));
    led(
      'supervised',
      ({ env, tale }) => {
        expect(tale.tellAll()).toMatchObject({
          outcome: 'failure',
          reason: expect.stringMatching(/connection refused/),
        });
        expect(env.halts).toEqual([expect.stringMatching(/^2 /)]);
      },
      undefined,
      dies,
    );
    led(
      'supervised',
      ({ env, person, tale }) => {
        person.keep({ command: twist(0, 0.1) }, 700, 3000);
        let ledM = 0;
        tale.at(2900, () => (ledM = env.positionM()[1]!));
        tale.tellAll();
        expect(ledM).toBeGreaterThan(0.15);
      },
      undefined,
      dies,
    );
  });

  it.each([
    ['while a critic looks at where a person leads', 620],
    ['while they lead', 1200],
    ['while the policy drives under their eyes', 3000],
  ])('a stop %s begins in the same turn', (_when, atMs) => {
    const critic: Critic = {
      name: 'fake',
      judge: () => NEVER,
      judgeChunk: () => of({ kind: 'allow' as const, reasons: [] }),
    };
    led(
      'supervised',
      ({ env, person, tale }) => {
        person.keep({ command: twist(0, 0.1) }, 600, 2000);
        tale.at(2000, () => person.say());
        let [haltsThen, begunThen] = [0, 0];
        tale.at(atMs, () => {
          begunThen = env.begun.length;
          tale.controls.stop('somebody pressed it');
          haltsThen = env.halts.length;
        });
        expect(tale.tellAll()).toMatchObject({ outcome: 'stopped', atMs });
        expect(haltsThen).toBe(1);
        expect(env.begun).toHaveLength(begunThen);
        expect(env.meter.afterHalt).toBe(0);
      },
      (scheduler) => ({
        critics: [
          { ...critic, judgeChunk: () => of({ kind: 'allow' as const, reasons: [] }).pipe(delay(50, scheduler)) },
        ],
      }),
    );
  });

  it('a pause holds the body whoever leads it, and a held dead-man goes on only when the run does', () => {
    led('manual', ({ env, person, tale }) => {
      person.keep({ command: twist(0.1) }, 300, 3500);
      tale.at(1000, () => tale.controls.pause());
      let [pausedM, laterM] = [0, 0];
      tale.at(1500, () => (pausedM = env.positionM()[0]!));
      tale.at(2500, () => {
        laterM = env.positionM()[0]!;
        tale.controls.resume();
      });
      tale.tellAll();
      expect(Math.abs(laterM - pausedM)).toBeLessThan(1e-3);
      expect(env.positionM()[0]!).toBeGreaterThan(laterM + 0.03);
    });
  });

  it('a new instruction voids what was suggested and judged', () => {
    led('assist', ({ person, tale }) => {
      person.keep({ share: 0.5, command: twist(0.1) }, 300, 3000);
      tale.at(1500, () => tale.controls.instruction$.next('something else'));
      tale.tellAll();
      const epochs = new Set(tale.records().map(({ observation }) => observation?.epoch));
      expect(epochs.size).toBeGreaterThan(1);
      expect(tale.records().filter(({ verdict }) => verdict.kind === 'deny').length).toBeLessThan(3);
    });
  });
});
