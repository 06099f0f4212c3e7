/** A policy drives under a person's eyes, and they take over: over a mass in virtual time, and at the robot of the simulated arm. */
import type { ActionOf, Observation, PilotInput } from 'pumice';
import { type FakeMass, fakeMass } from 'pumice/envs/fake';
import { NEVER, of, type SchedulerLike } from 'rxjs';
import { delay } from 'rxjs/operators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { turned } from '../../src/gate/rotation.ts';
import { fakePolicy, inVirtualTime, story } from '../loop-story.ts';
import { deltas, foresight } from '../realtime/policies.ts';
import { openTable, type Table } from './arm.ts';
import { type Hands, hands, twist } from './hands.ts';
import { caseOf, lead } from './play.ts';

const LED = { pace: { rateHz: 8 }, think: 'person', check: 'lease' } as const;
const step = { kind: 'eef-delta', frameId: 'base', dPosM: [0.01, 0, 0], dRpyRad: [0, 0, 0], gripperOpen: 1 } as const;

function watched(
  work: (scene: {
    readonly env: FakeMass;
    readonly person: Hands;
    readonly tale: ReturnType<typeof story>;
    readonly policy: ReturnType<typeof fakePolicy>;
    readonly scheduler: SchedulerLike;
  }) => void,
  answer: (call: number, seen: Observation, scheduler: SchedulerLike) => unknown = (_call, _seen, scheduler) =>
    of({ actions: Array.from({ length: 8 }, () => step) }).pipe(delay(50, scheduler)),
) {
  inVirtualTime((scheduler, helpers) => {
    const env = fakeMass({ scheduler, tickMs: 0 });
    const person = hands(scheduler, 'supervised');
    const policy = fakePolicy(env, (call, seen) => answer(call, seen, scheduler) as never);
    const parts = { env, policy, pilot: person.pilot, budget: { timeoutMs: 4000 } };
    const tale = story(scheduler, helpers, { ...parts, ...LED });
    tale.at(5, () => person.say());
    work({ env, person, tale, policy, scheduler });
  });
}

describe('supervised', () => {
  it('the policy drives until the dead-man is pressed, then the person does, and the record tells them apart', () => {
    watched(({ person, tale }) => {
      person.keep({ command: twist(0, 0.1) }, 1500, 2500);
      tale.at(2500, () => person.say());
      tale.tellAll();
      const of = (fromMs: number, toMs: number) =>
        tale
          .records()
          .filter(({ stampMs, proposed }) => stampMs >= fromMs && stampMs < toMs && proposed.kind === 'eef-pose');
      expect(of(500, 1500).length).toBeGreaterThan(5);
      for (const { human, chunkId } of of(500, 1500)) {
        expect(human).toMatchObject({
          mode: 'supervised',
          share: 0,
          intervention: false,
          policy: { kind: 'eef-pose' },
        });
        expect(chunkId).toMatch(/^c/);
      }
      expect(of(1500, 2500).length).toBeGreaterThan(40);
      for (const { human, chunkId } of of(1505, 2500)) {
        expect(human).toMatchObject({ share: 1, intervention: true, command: { kind: 'eef-twist' } });
        expect(chunkId).toMatch(/^h/);
      }
    });
  });

  it('plan and inference in flight are void from the first tick of a person', () => {
    watched(({ person, tale, policy }) => {
      person.keep({ command: twist(0, 0.1) }, 1510, 2500);
      let flying: AbortSignal | undefined;
      tale.at(1505, () => (flying = policy.signals.at(-1)));
      tale.tellAll();
      const epochs = tale.records().map(({ stampMs, observation }) => [stampMs, observation?.epoch ?? -1] as const);
      const before = epochs.findLast(([ms]) => ms < 1510)![1];
      expect(epochs.find(([ms]) => ms > 1540)![1]).toBe(before + 1);
      expect(flying?.aborted).toBe(true);
      // What was thought before and arrives now is nobody's.
      const late = tale.records().filter(({ stampMs, chunkId }) => stampMs > 1515 && chunkId?.startsWith('c'));
      expect(late).toEqual([]);
    });
  });

  it('letting go holds the body until a new plan is there, thought on what is seen then', () => {
    watched(
      ({ person, tale, policy, env }) => {
        person.keep({ command: twist(0, 0.1) }, 1500, 2000);
        tale.at(2000, () => person.say());
        let [heldM, calls] = [0, 0];
        tale.at(2400, () => {
          heldM = env.positionM()[1]!;
          calls = policy.seen.length;
        });
        tale.tellAll();
        const after = tale.records().filter(({ stampMs }) => stampMs > 2020);
        const first = after.find(({ proposed }) => proposed.kind === 'eef-pose')!;
        // It takes 300 ms to think it.
        expect(first.stampMs).toBeGreaterThanOrEqual(2300);
        expect(
          after.filter(({ stampMs }) => stampMs < first.stampMs).every(({ proposed }) => proposed.kind === 'hold'),
        ).toBe(true);
        expect(policy.seen[calls - 1]!.proprio!.tcpPose!.pM[1]).toBeGreaterThan(0.02);
        // And it goes on from there: nothing leads back to where the policy was before.
        expect(Math.abs(env.positionM()[1]! - heldM)).toBeLessThan(0.005);
      },
      (_call, _seen, scheduler) => of({ actions: Array.from({ length: 8 }, () => step) }).pipe(delay(300, scheduler)),
    );
  });

  it('another mode holds the policy', () => {
    watched(({ person, tale, env }) => {
      tale.at(1500, () => person.say({ mode: 'manual' }));
      let thenM = 0;
      tale.at(2200, () => (thenM = env.positionM()[0]!));
      tale.tellAll();
      expect(env.positionM()[0]! - thenM).toBeLessThan(1e-3);
      expect(tale.records().at(-1)?.human).toMatchObject({ mode: 'manual', share: 0, isHeld: false });
    });
  });

  it('with a policy that never answers the body never moves, and it ends in a protective stop', () => {
    watched(
      ({ tale, env }) => {
        const end = tale.tellAll();
        expect(env.begun).toEqual([]);
        expect(['failure', 'truncated']).toContain(end.outcome);
      },
      () => NEVER,
    );
  });
});

/** What a robot received in a takeover: the largest command, and by how much the worst one sticks out of its neighbours. */
function stepsOf(
  arrivals: readonly (readonly number[])[],
  [fromMs, toMs]: readonly [number, number],
  column: 2 | 3,
  least: number,
) {
  const steps = arrivals.filter(([atMs]) => atMs! >= fromMs && atMs! <= toMs).map((row) => row[column]!);
  const ratios = steps
    .slice(1, -1)
    .map((one, at) => (one < least ? 0 : one / Math.max(steps[at]!, steps[at + 2]!, least)));
  return { largest: Math.max(...steps), worst: Math.max(...ratios) };
}

describe('a takeover is bumpless at the robot', () => {
  let table: Table;
  beforeAll(async () => {
    table = await openTable();
  });
  afterAll(() => table.world.close());

  /** A device that is 5 cm and 0.3 rad elsewhere than the tool, and moves on from there. */
  const device = (
    sinceMs: number,
    tool: { pM: readonly number[]; qXyzw: readonly number[] },
  ): ActionOf<'eef-pose'> => ({
    kind: 'eef-pose',
    frameId: 'base',
    pM: [tool.pM[0]! + 0.03, tool.pM[1]! - 0.04 + 0.00008 * sinceMs, tool.pM[2]!],
    qXyzw: turned(tool.qXyzw as never, [0, 0, 0.3]),
    gripperOpen: 1,
  });
  it.each([
    ['by a device with a pose', (sinceMs: number, tool: never) => ({ command: device(sinceMs, tool) })],
    ['by a stick that is pushed the other way', () => ({ command: twist(-0.2, -0.1) })],
    ['by hands that do nothing', () => ({})],
  ])('%s', { timeout: 60_000 }, async (_how, sample) => {
    const TAKEN_MS = 1200;
    let tool: { pM: readonly number[]; qXyzw: readonly number[] } | undefined;
    const { arm, records } = await lead(caseOf(4), {
      table,
      policy: (made) => deltas(foresight(made.oracle, 16), 16),
      mostMs: 2400,
      act: (nowMs, made): PilotInput => {
        const whole = { stampMs: nowMs, mode: 'supervised', share: 1 } as const;
        if (nowMs < TAKEN_MS) return { ...whole, isHeld: false };
        const { pM } = made.world.arm.measured();
        tool ??= { pM: [...pM], qXyzw: [0, 0, 0, 1] };
        return { ...whole, isHeld: true, ...(sample(nowMs - TAKEN_MS, tool as never) as object) };
      },
    });
    const taken = records.filter(({ human }) => human?.intervention);
    expect(taken.length).toBeGreaterThan(10);
    const before = records.filter(({ human, proposed }) => human?.share === 0 && proposed.kind === 'eef-pose');
    expect(before.length).toBeGreaterThan(5);
    const around = [TAKEN_MS - 200, TAKEN_MS + 600] as const;
    const metres = stepsOf(arm.arrivals, around, 2, 2e-4);
    const radians = stepsOf(arm.arrivals, around, 3, 1e-3);
    // 0.4 m/s and 1.75 rad/s at 50 Hz.
    expect(metres.largest).toBeLessThanOrEqual(0.4 / 50 + 1e-9);
    expect(radians.largest).toBeLessThanOrEqual(1.75 / 50 + 1e-9);
    expect(metres.largest).toBeGreaterThan(0.004);
    expect(metres.worst).toBeLessThanOrEqual(1.2);
    expect(radians.worst).toBeLessThanOrEqual(1.2);
    expect(arm.refused()).toBe(0);
  });

  it('and a leap would be seen', () => {
    const smooth = Array.from({ length: 50 }, (_, at) => [at * 20, 1, 0.004, 0]);
    const leap = smooth.map((row, at) => (at === 25 ? [row[0]!, 1, 0.05, 0.3] : row));
    expect(stepsOf(smooth, [0, 1000], 2, 2e-4).worst).toBeLessThanOrEqual(1.2);
    expect(stepsOf(leap, [0, 1000], 2, 2e-4)).toMatchObject({ largest: 0.05, worst: 12.5 });
  });
});
