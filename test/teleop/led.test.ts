/** A person who leads: rate / a person / lease, over a mass. One frame is 1 ms, a tick without a sample is 125 ms. */
import type { Critic, Opinion, RunOptions } from 'pumice';
import { type FakeMass, fakeMass } from 'pumice/envs/fake';
import { delay, NEVER, of, type SchedulerLike } from 'rxjs';
import type { RunHelpers, TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { fakePolicy, inVirtualTime, type Story, story } from '../loop-story.ts';
import { type Hands, hands, twist } from './hands.ts';

const LED = { pace: { rateHz: 8 }, think: 'person', check: 'lease' } as const;
/** A millimetre. */
const NEAR = 1e-3;

interface Scene {
  readonly env: FakeMass;
  readonly person: Hands;
  readonly tale: Story;
  readonly scheduler: SchedulerLike;
}

function led(
  work: (scene: Scene) => void,
  more: (scheduler: SchedulerLike, env: FakeMass) => Partial<RunOptions> = () => ({}),
) {
  inVirtualTime((scheduler: TestScheduler, helpers: RunHelpers) => {
    const env = fakeMass({ scheduler, tickMs: 0 });
    const person = hands(scheduler);
    const policy = fakePolicy(env, () => NEVER);
    const tale = story(scheduler, helpers, {
      ...{ env, policy, pilot: person.pilot, budget: { timeoutMs: 3000 } },
      ...LED,
      ...more(scheduler, env),
    });
    work({ env, person, tale, scheduler });
  });
}
const warnings = ({ told }: Story) => told.flatMap(({ event }) => (event.kind === 'warning' ? [event.text] : []));
const moves = (env: FakeMass) => env.begun.length;

describe('manual', () => {
  it('the body goes where the stick leads while the dead-man is held, and is held when it is let go', () => {
    led(({ env, person, tale }) => {
      tale.at(100, () => person.say());
      person.keep({ command: twist(0.1) }, 500, 1500);
      tale.at(1500, () => person.say());
      let thenM = 0;
      tale.at(2000, () => (thenM = env.positionM()[0]!));
      tale.tellAll();
      // A second at 0.1 m/s, less what it takes to speed up, and what it takes to stop.
      expect(thenM).toBeGreaterThan(0.08);
      expect(thenM).toBeLessThan(0.115);
      expect(Math.abs(env.positionM()[0]! - thenM)).toBeLessThan(NEAR);
      const shares = tale.records().map(({ human }) => human?.share);
      expect(shares).toContain(1);
      expect(shares.at(-1)).toBe(0);
    });
  });

  it('a sample begins a step at once, not with the next tick', () => {
    led(({ person, tale }) => {
      tale.at(10, () => person.say());
      person.keep({ command: twist(0.1) }, 1020, 1100);
      tale.tellAll();
      const first = tale.records().find(({ human }) => human?.isHeld)!;
      expect(first.stampMs).toBe(1020);
      expect(first.human?.inputAgeMs).toBeLessThan(5);
    });
  });

  it('no more steps begin than one in 10 ms, whatever the controls send', () => {
    led(({ person, tale }) => {
      tale.at(10, () => person.say());
      for (let ms = 0; ms < 1000; ms++) tale.at(1000 + ms, () => person.say({ isHeld: true, command: twist(0.05) }));
      tale.tellAll();
      const held = tale.records().filter(({ human }) => human?.isHeld);
      expect(held.length).toBeGreaterThan(80);
      expect(held.length).toBeLessThanOrEqual(120);
      expect(warnings(tale).filter((text) => /only the newest counts/.test(text))).toHaveLength(1);
    });
  });

  it('a person is led by the limits: the fastest stick is reduced speed', () => {
    led(({ env, person, tale }) => {
      tale.at(10, () => person.say());
      person.keep({ command: twist(9, 9) }, 100, 2900);
      tale.tellAll();
      expect(env.meter.largestStepM).toBeLessThanOrEqual(0.05);
      expect(tale.records().every(({ verdict }) => verdict.kind === 'allow')).toBe(true);
      const speeds = tale.records().map(({ observation }) => observation?.proprio?.tcpPose?.pM[0] ?? 0);
      expect(Math.max(...speeds)).toBeLessThan(0.25 * 2.9);
    });
  });

  it('steps in the record say who led, by what command, and how old it was', () => {
    led(({ person, tale }) => {
      tale.at(10, () => person.say());
      person.keep({ command: twist(0.1) }, 100, 400);
      tale.tellAll();
      const { human, lease, proposed } = tale.records().find(({ proposed: { kind } }) => kind === 'eef-pose')!;
      expect(proposed.kind).toBe('eef-pose');
      expect(human).toMatchObject({
        ...{ share: 1, intervention: false, mode: 'manual', isHeld: true },
        command: { kind: 'eef-twist', linearMPerS: [0.1, 0, 0] },
      });
      expect(lease?.by).toEqual(['rules']);
    });
  });

  it('the hand stays as it was told last until the person changes it', () => {
    led(({ env, person, tale }) => {
      tale.at(10, () => person.say());
      person.keep({ command: twist(0.05, 0, 0, 0.2) }, 100, 600);
      person.keep({ command: twist(0.05, 0, 0, 0) }, 600, 1200);
      tale.tellAll();
      const opened = env.begun.flatMap((action) => (action.kind === 'eef-pose' ? [action.gripperOpen] : []));
      expect(opened[0]).toBe(1);
      expect(opened.at(-1)).toBe(0);
      expect(Math.max(...opened.slice(1).map((open, at) => opened[at]! - open))).toBeLessThanOrEqual(8 * 0.125 + 1e-9);
    });
  });
});

describe('what comes in badly moves nothing, and is said', () => {
  it('a held dead-man that falls silent for 200 ms is let go; it has to be pressed anew', () => {
    led(({ env, person, tale }) => {
      tale.at(10, () => person.say());
      person.keep({ command: twist(0.1) }, 100, 500);
      // Silent from 500 on, then as if nothing had been.
      person.keep({ command: twist(0.1) }, 1200, 1700);
      let stoodM = 0;
      tale.at(1150, () => (stoodM = env.positionM()[0]!));
      tale.tellAll();
      const held = tale
        .records()
        .filter(({ human }) => human?.isHeld)
        .map(({ stampMs }) => stampMs);
      expect(Math.max(...held)).toBeLessThan(700);
      expect(Math.abs(env.positionM()[0]! - stoodM)).toBeLessThan(NEAR);
      expect(warnings(tale).some((text) => /nothing was heard of a held dead-man/.test(text))).toBe(true);
      expect(tale.records().at(-1)?.human?.refused).toMatch(/press it again/);
      // The hold came with the silence, not with the next tick.
      const hold = tale.records().find(({ stampMs, proposed }) => stampMs > 600 && proposed.kind === 'hold')!;
      expect(hold.stampMs).toBeLessThanOrEqual(690);
    });
  });

  it.each([
    ['of the future', 500],
    ['older than another', -150],
  ])('letting go counts, %s too', (_what, offMs) => {
    led(({ env, person, tale, scheduler }) => {
      tale.at(10, () => person.say());
      person.keep({ command: twist(0.1) }, 100, 900);
      let atM = 0;
      tale.at(890, () => person.say({ stampMs: scheduler.now() + offMs }));
      tale.at(1000, () => (atM = env.begun.length));
      tale.tellAll();
      const isHeld = tale.records().filter(({ stampMs }) => stampMs > 900);
      expect(isHeld.every(({ human }) => human?.isHeld === false && human.refused === undefined)).toBe(true);
      expect(atM).toBeGreaterThan(0);
    });
  });

  it('a dead-man that was held before anybody saw it pressed does not count', () => {
    led(({ env, person, tale }) => {
      person.keep({ command: twist(0.1) }, 100, 1000);
      tale.tellAll();
      expect(moves(env)).toBe(0);
      expect(warnings(tale)).toEqual([expect.stringMatching(/let go of it first/)]);
    });
  });

  it.each([
    ['no sample at all', 'nonsense', /what is no sample/],
    ['a share of 7', { share: 7 }, /share/],
    ['a velocity that is no number', { command: twist(Number.NaN) }, /what is no sample/],
    ['a velocity without end', { command: twist(Number.POSITIVE_INFINITY) }, /what is no sample/],
    ['a stamp of the future', { stampMs: 1e9 }, /in the future/],
    ['a stamp of long ago', { stampMs: 25 }, /at most 200/],
  ])('%s', (_what, sample, text) => {
    led(({ env, person, tale, scheduler }) => {
      tale.at(20, () => person.say());
      for (let ms = 500; ms < 1000; ms += 20)
        scheduler.schedule(() => {
          if (typeof sample === 'string') person.input$.next(sample as never);
          else person.say({ isHeld: true, command: twist(0.1), ...sample } as never);
        }, ms);
      tale.tellAll();
      expect(moves(env)).toBe(0);
      expect(warnings(tale)).toEqual([expect.stringMatching(text)]);
    });
  });

  it("a frame that is not the body's is refused, and the step says so", () => {
    led(({ env, person, tale }) => {
      tale.at(20, () => person.say());
      person.keep({ command: { ...twist(0.1), frameId: 'camera' } }, 500, 1000);
      tale.tellAll();
      expect(moves(env)).toBe(0);
      expect(tale.records().some(({ human }) => /frame 'camera'/.test(human?.refused ?? ''))).toBe(true);
    });
  });

  it.each([
    ['ends', (person: Hands) => person.input$.complete(), /has ended/],
    ['fails', (person: Hands) => person.input$.error(new Error('unplugged')), /unplugged/],
  ])('controls that %s are a protective stop', (_how, end, text) => {
    led(({ env, person, tale }) => {
      tale.at(10, () => person.say());
      person.keep({ command: twist(0.1) }, 100, 600);
      tale.at(500, () => end(person));
      const told = tale.tellAll();
      expect(told).toMatchObject({ outcome: 'failure', reason: expect.stringMatching(text) });
      expect(told.atMs).toBeLessThan(520);
      expect(env.halts).toEqual([expect.stringMatching(/^2 /)]);
      expect(env.meter.afterHalt).toBe(0);
    });
  });
});

describe('critics', () => {
  const allow: Opinion = { kind: 'allow', reasons: [] };
  const critic = (answer: (call: number) => unknown): Critic & { calls: number } => {
    const made = {
      name: 'fake',
      calls: 0,
      judge: () => NEVER,
      judgeChunk: () => answer(made.calls++) as never,
    };
    return made;
  };

  it('nothing moves before one has judged where it leads', () => {
    led(
      ({ person, tale }) => {
        tale.at(10, () => person.say());
        person.keep({ command: twist(0.1) }, 500, 1500);
        tale.tellAll();
        const first = tale.records().find(({ proposed }) => proposed.kind === 'eef-pose')!;
        expect(first.stampMs).toBeGreaterThanOrEqual(700);
        expect(first.lease?.by).toEqual(['fake']);
        expect(first.verdict.kind).toBe('allow');
      },
      (scheduler) => ({ critics: [critic(() => of(allow).pipe(delay(200, scheduler)))] }),
    );
  });

  it('a no is that the motion is not done, said once, and another motion may be', () => {
    led(
      ({ env, person, tale }) => {
        tale.at(10, () => person.say());
        person.keep({ command: twist(0.1) }, 500, 1200);
        person.keep({ command: twist(-0.1) }, 1200, 2000);
        tale.tellAll();
        const denied = tale.records().filter(({ verdict }) => verdict.kind === 'deny');
        expect(denied.length).toBeGreaterThan(0);
        expect(denied.length).toBeLessThan(5);
        expect(denied[0]!.verdict.by).toBe('fake');
        expect(env.positionM()[0]).toBeLessThan(-0.05);
      },
      () => ({
        critics: [
          {
            name: 'fake',
            judge: () => NEVER,
            judgeChunk: (_seen: unknown, { actions }: { actions: readonly unknown[] }) => {
              const last = actions.at(-1) as { pM: readonly number[] };
              return of(last.pM[0]! > 0.02 ? { kind: 'deny', reasons: ['a hand is there'] } : allow) as never;
            },
          },
        ],
      }),
    );
  });

  it('a critic that falls silent leaves reduced speed, and the lease in the record says so', () => {
    led(
      ({ env, person, tale }) => {
        tale.at(10, () => person.say());
        person.keep({ command: twist(0.2) }, 100, 2900);
        let [earlyM, lateM] = [0, 0];
        tale.at(500, () => (earlyM = env.speedMPerS()));
        tale.at(2500, () => (lateM = env.speedMPerS()));
        tale.tellAll();
        expect(earlyM).toBeGreaterThan(0.1);
        expect(lateM).toBeGreaterThan(0.02);
        expect(lateM).toBeLessThan(0.6 * earlyM);
        expect(tale.records().at(-10)?.lease?.speedScale).toBe(0.3);
      },
      () => ({ critics: [critic((call) => (call < 3 ? of(allow) : NEVER))], realTime: { leaseMs: 1000 } }),
    );
  });

  it('one that stays silent ends it: after ten more seconds nothing moves, and it is said', () => {
    led(
      ({ env, person, tale }) => {
        tale.at(10, () => person.say());
        person.keep({ command: twist(0.02) }, 100, 12_900);
        let [slowM, stillM] = [0, 1];
        tale.at(10_000, () => (slowM = env.speedMPerS()));
        tale.at(12_800, () => (stillM = env.speedMPerS()));
        tale.tellAll();
        expect(slowM).toBeGreaterThan(0.001);
        expect(stillM).toBe(0);
        expect(tale.records().at(-2)?.human?.refused).toMatch(/no critic has answered/);
        expect(warnings(tale).filter((text) => /reduced speed/.test(text))).toHaveLength(1);
      },
      () => ({
        critics: [critic((call) => (call < 3 ? of(allow) : NEVER))],
        ...{ realTime: { leaseMs: 1000 }, budget: { timeoutMs: 13_000 } },
      }),
    );
  });

  it('a turn that nobody has judged is reduced speed, as a way is', () => {
    led(
      ({ person, tale }) => {
        tale.at(10, () => person.say());
        person.keep({ command: twist(0.001) }, 100, 600);
        const turning = { ...twist(0), angularRadPerS: [0, 0, 1] as [number, number, number] };
        person.keep({ command: turning }, 600, 1000);
        tale.tellAll();
        const scaleAt = (ms: number) =>
          tale.records().findLast(({ stampMs, lease }) => stampMs <= ms && lease)?.lease?.speedScale;
        expect(scaleAt(550)).toBe(1);
        expect(scaleAt(900)).toBe(0.3);
      },
      () => ({ critics: [critic((call) => (call < 1 ? of(allow) : NEVER))] }),
    );
  });

  it('a halt is a halt', () => {
    led(
      ({ env, person, tale }) => {
        tale.at(10, () => person.say());
        person.keep({ command: twist(0.1) }, 500, 1200);
        expect(tale.tellAll()).toMatchObject({ outcome: 'stopped' });
        expect(env.halts).toEqual([expect.stringMatching(/^1 /)]);
      },
      () => ({ critics: [critic(() => of({ kind: 'halt', reasons: ['a person fell'] }))] }),
    );
  });
});

describe('what is refused before the first step', () => {
  it.each([
    ['a pilot on demand', { pace: 'demand', think: undefined, check: undefined }, /pace is demand/],
    ['a person without a pilot', { pilot: undefined }, /nobody is there to lead/],
    ['a pilot and a policy that thinks ahead', { think: 'ahead' }, /does not go with/],
  ])('%s', (_what, more, text) => {
    expect(() =>
      led(
        () => {},
        () => more as never,
      ),
    ).toThrow(text);
  });
});
