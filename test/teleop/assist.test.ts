/** A person and a policy together, and help to things that are marked: over a mass in virtual time. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Action, Critic, Marker, RunOptions, Sensed, StepRecord } from 'pumice';
import { type FakeMass, fakeMass } from 'pumice/envs/fake';
import { readEpisode, recorder } from 'pumice/record';
import { from, NEVER, type Observable, of, type SchedulerLike, throwError } from 'rxjs';
import { delay, map } from 'rxjs/operators';
import { describe, expect, it } from 'vitest';
import { fakePolicy, inVirtualTime, story } from '../loop-story.ts';
import { sampleFacts } from '../record/sample.ts';
import { type Hands, hands, twist } from './hands.ts';

const LED = { pace: { rateHz: 8 }, think: 'person', check: 'lease' } as const;
const going = (x: number, y: number, gripperOpen = 1): Action => ({
  ...{ kind: 'eef-delta', frameId: 'base', dPosM: [x, y, 0], dRpyRad: [0, 0, 0] },
  gripperOpen,
});
/** 0.08 m/s to the side. */
const aside = Array.from({ length: 8 }, () => going(0, 0.01));

function together(
  work: (scene: { env: FakeMass; person: Hands; tale: ReturnType<typeof story>; scheduler: SchedulerLike }) => void,
  more: (scheduler: SchedulerLike, env: FakeMass) => Partial<RunOptions> = () => ({}),
  answer: (scheduler: SchedulerLike) => unknown = (scheduler) => of({ actions: aside }).pipe(delay(50, scheduler)),
) {
  inVirtualTime((scheduler, helpers) => {
    const env = fakeMass({ scheduler, tickMs: 0 });
    const person = hands(scheduler, 'assist');
    const policy = fakePolicy(env, () => answer(scheduler) as never);
    const parts = { env, policy, pilot: person.pilot, budget: { timeoutMs: 3000 }, ...LED, ...more(scheduler, env) };
    const tale = story(scheduler, helpers, parts);
    tale.at(5, () => person.say());
    work({ env, person, tale, scheduler });
  });
}
const led = (records: readonly StepRecord[]) => records.filter(({ human }) => human?.isHeld);
const late = (records: readonly StepRecord[]) => led(records).filter(({ stampMs }) => stampMs > 1000);

describe('assist', () => {
  it('a person and a policy each have their share, and the record says whose is what', () => {
    together(({ env, person, tale }) => {
      person.keep({ share: 0.5, command: twist(0.1, 0.001) }, 100, 2500);
      tale.tellAll();
      const [x, y] = env.positionM();
      expect(x).toBeGreaterThan(0.05);
      expect(y).toBeGreaterThan(0.05);
      for (const { human } of late(tale.records()))
        expect(human).toMatchObject({
          mode: 'assist',
          share: 0.5,
          intervention: false,
          policy: { kind: 'eef-pose' },
          command: { kind: 'eef-twist' },
        });
    });
  });

  it('with the dead-man let go the policy moves nothing', () => {
    together(({ env, person, tale }) => {
      for (let ms = 100; ms < 2900; ms += 50) tale.at(ms, () => person.say({ share: 0 }));
      tale.tellAll();
      expect(env.begun).toEqual([]);
    });
  });

  it('a held dead-man without a command confirms: the policy goes on at its share', () => {
    together(({ env, person, tale }) => {
      person.keep({ share: 0.25 }, 100, 2500);
      tale.tellAll();
      expect(env.positionM()[1]).toBeGreaterThan(0.05);
      expect(Math.abs(env.positionM()[0]!)).toBeLessThan(1e-6);
    });
  });

  it('a policy that leads against the person is left, and the person has it all', () => {
    together(({ env, person, tale }) => {
      person.keep({ share: 0.5, command: twist(0, -0.15) }, 100, 2500);
      tale.tellAll();
      expect(env.positionM()[1]).toBeLessThan(-0.15);
      expect(late(tale.records()).at(-1)?.human?.share).toBeGreaterThan(0.95);
    });
  });

  it.each([
    ['fails', () => throwError(() => new Error('the server died'))],
    ['never answers', () => NEVER],
    ['answers with nonsense', () => of({ actions: [] })],
  ])('a policy that %s leaves the person alone with it, and is said once', (_how, answer) => {
    together(
      ({ env, person, tale }) => {
        person.keep({ share: 0.5, command: twist(0.1) }, 100, 2500);
        tale.tellAll();
        expect(env.positionM()[0]).toBeGreaterThan(0.15);
        expect(late(tale.records()).every(({ human }) => human?.share === 1 && human.policy === undefined)).toBe(true);
        const warnings = tale.told.filter(
          ({ event }) => event.kind === 'warning' && /suggests nothing/.test(event.text),
        );
        expect(warnings.length).toBeLessThanOrEqual(1);
      },
      undefined,
      answer,
    );
  });

  it('what a critic says no to is no suggestion', () => {
    const critic: Critic = {
      name: 'fake',
      judge: () => NEVER,
      judgeChunk: (_seen, { id }) =>
        of(id.startsWith('a') ? { kind: 'deny', reasons: ['not that'] } : { kind: 'allow', reasons: [] }),
    };
    together(
      ({ env, person, tale }) => {
        person.keep({ share: 0.5, command: twist(0.1) }, 100, 2500);
        tale.tellAll();
        expect(env.positionM()[1]).toBe(0);
        expect(env.positionM()[0]).toBeGreaterThan(0.1);
      },
      () => ({ critics: [critic] }),
    );
  });

  it('what a critic halts on is a halt, though nobody would have done it', () => {
    const critic: Critic = {
      name: 'fake',
      judge: () => NEVER,
      judgeChunk: (_seen, { id }) =>
        of(id.startsWith('a') ? { kind: 'halt', reasons: ['a person fell'] } : { kind: 'allow', reasons: [] }),
    };
    together(
      ({ env, person, tale }) => {
        person.keep({ share: 0.5, command: twist(0.1) }, 100, 2500);
        expect(tale.tellAll()).toMatchObject({ outcome: 'stopped', reason: expect.stringMatching(/a person fell/) });
        expect(env.halts).toEqual([expect.stringMatching(/^1 /)]);
      },
      () => ({ critics: [critic] }),
    );
  });

  it("the hand is the policy's until the person commands it", () => {
    together(
      ({ env, person, tale }) => {
        person.keep({ share: 0.5, command: twist(0.05, 0.02, 0, 1) }, 100, 1500);
        person.keep({ share: 0.5, command: twist(0.05, 0.02, 0, 0.5) }, 1500, 2500);
        tale.tellAll();
        const opened = env.begun.flatMap((action) => (action.kind === 'eef-pose' ? [action.gripperOpen] : []));
        expect(opened).toContain(0);
        expect(opened.at(-1)).toBe(0.5);
      },
      undefined,
      (scheduler) => of({ actions: Array.from({ length: 8 }, () => going(0, 0.01, 0)) }).pipe(delay(50, scheduler)),
    );
  });
});

describe('help', () => {
  const frame = (stampMs: number) => ({
    ...{ data: new Uint8Array(3), encoding: 'rgb8' as const, widthPx: 128, heightPx: 128, stampMs, camera: 'top' },
    intrinsics: { fxPx: 100, fyPx: 100, cxPx: 64, cyPx: 64 },
    cameraInBase: {
      pM: [0, 0, 1] as [number, number, number],
      qXyzw: [0, 0, 0, 1] as [number, number, number, number],
    },
  });
  const marker: Marker = {
    name: 'fake',
    mark: (seen) =>
      of({
        ...seen,
        frames: [frame(seen.stampMs)],
        marks: [{ id: 1, boxPx: [70, 60, 80, 70], pointPx: [84, 64], source: 'fake' }],
      } as Sensed),
  };
  const seqOf = (tale: ReturnType<typeof story>) =>
    tale.told.flatMap(({ event }) => (event.kind === 'observed' ? [event.observation.seq] : []))[0];
  const marked = (_scheduler: SchedulerLike, env: FakeMass): Partial<RunOptions> => ({
    marker,
    realTime: { thingsAtM: 0 },
    env: {
      ...env,
      observe: (context) =>
        from(env.observe(context) as Observable<Sensed>).pipe(
          map((sensed) => ({ ...sensed, frames: [frame(sensed.stampMs)] })),
        ),
    },
  });

  it('a number leads above what it marks, within the limits, and only while the dead-man is held', () => {
    together(({ env, person, tale, scheduler }) => {
      for (let ms = 400; ms < 2500; ms += 20)
        scheduler.schedule(
          () => person.say({ isHeld: true, mode: 'manual', help: { kind: 'go-above', markId: 1, seq: seqOf(tale)! } }),
          ms,
        );
      tale.tellAll();
      const [x, y, z] = env.positionM();
      // The ray through it meets the plane a metre below the camera, 20 pixels aside of 100.
      expect([x, y, z]).toEqual([expect.closeTo(0.2, 1), expect.closeTo(0, 2), expect.closeTo(0.1, 1)]);
      expect(led(tale.records()).some(({ human }) => human?.help === 'go-above')).toBe(true);
      expect(env.meter.largestStepM).toBeLessThan(0.05);
    }, marked);
  });

  it('a number that was never drawn leads nowhere, and the step says so', () => {
    together(({ env, person, tale }) => {
      person.keep({ mode: 'manual', help: { kind: 'go-above', markId: 9, seq: 0 } }, 400, 1500);
      tale.tellAll();
      expect(env.begun).toEqual([]);
      expect(led(tale.records()).at(-1)?.human?.refused).toMatch(/nothing is marked 9/);
    }, marked);
  });

  it('down is straight down, to the plane of the things', () => {
    together(({ env, person, tale }) => {
      person.keep({ mode: 'manual', command: twist(0.05, 0, 0.1) }, 100, 1100);
      person.keep({ mode: 'manual', help: { kind: 'descend' } }, 1100, 2900);
      let [x, z] = [0, 0];
      tale.at(1500, () => ([x = 0, , z = 0] = env.positionM()));
      tale.tellAll();
      expect(z).toBeGreaterThan(0.02);
      expect(env.positionM()[2]).toBeLessThan(z - 0.02);
      expect(env.positionM()[2]).toBeGreaterThan(-0.005);
      expect(Math.abs(env.positionM()[0]! - x)).toBeLessThan(0.005);
    }, marked);
  });
});

describe('the record', () => {
  it('is read back with what the person and the policy wanted, whose it was, and what was done', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pumice-teleop-'));
    try {
      const file = join(folder, 'led.mcap');
      let records: readonly StepRecord[] = [];
      together(({ person, tale }) => {
        person.keep({ share: 0.5, command: twist(0.1, 0.01) }, 100, 1500);
        tale.tellAll();
        records = tale.records();
      });
      const sink = recorder({ file });
      await sink.open?.(sampleFacts);
      for (const record of records) await sink.write(record);
      await sink.close({ outcome: 'truncated', reason: 'enough' });
      const back = (await readEpisode(file)).steps;
      const at = records.findIndex(({ human }) => human?.policy);
      expect(at).toBeGreaterThan(0);
      expect(back.map(({ human }) => human)).toEqual(records.map(({ human }) => human));
      expect(back[at]?.human).toMatchObject({
        command: { kind: 'eef-twist' },
        policy: { kind: 'eef-pose' },
        intervention: false,
      });
      expect(back[at]?.act?.executed).toEqual(records[at]?.act?.executed);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
