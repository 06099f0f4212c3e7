/** What of a person's controls counts, and when it was made. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createControl, SILENCE_MS } from '../../src/dashboard/control.ts';
import { fromPageSchema, type PageSample } from '../../src/dashboard/messages.ts';
import { createPilotIntake, MOST_AGE_MS, queued } from '../../src/dashboard/pilot-intake.ts';
import { createFlood } from '../../src/dashboard/security.ts';
import { type PilotInput, pilotInputSchema } from '../../src/ports.ts';

const TWIST = {
  kind: 'eef-twist' as const,
  frameId: 'base',
  linearMPerS: [0.1, 0, 0] as [number, number, number],
  angularRadPerS: [0, 0, 0] as [number, number, number],
  gripperOpen: 1,
};
const sample = (over: Partial<PageSample> = {}): PageSample => ({
  ...{ kind: 'pilot', ping: 1, sinceMs: 0, isHeld: true, mode: 'manual', share: 1, command: TWIST },
  ...over,
});
const letGo = (ping: number) => sample({ ping, isHeld: false });

/** Viewer 1 holds control, and was seen with the dead-man let go. */
function ready() {
  let nowMs = 1000;
  const control = createControl({ nowMs: () => nowMs });
  control.take(1);
  const intake = createPilotIntake({ control, nowMs: () => nowMs });
  const ping = control.ping();
  intake.take(1, letGo(ping));
  const wait = (durationMs: number) => {
    nowMs += durationMs;
  };
  return { control, intake, ping, wait, nowMs: () => nowMs };
}

describe('a sample of the controls', () => {
  it('counts from who holds control alone', () => {
    const { control, intake, ping } = ready();
    expect(intake.take(1, sample({ ping }))).toMatchObject({ isHeld: true, command: TWIST });
    expect(intake.take(2, sample({ ping }))).toBeUndefined();
    control.release(1);
    expect(intake.take(1, sample({ ping }))).toBeUndefined();
  });

  it('is as old as the newest ping that its page had seen, less the time since then by the page itself', () => {
    const { intake, ping, wait, nowMs } = ready();
    wait(40);
    expect(intake.take(1, sample({ ping, sinceMs: 35 }))?.stampMs).toBe(nowMs() - 5);
    expect(intake.state()).toMatchObject({ ageMs: 5, dropped: 0 });
    // A fast clock makes nothing in the future, a slow one only makes it older.
    wait(40);
    expect(intake.take(1, sample({ ping, sinceMs: 5000 }))?.stampMs).toBe(nowMs());
  });

  it('that was held up on the way moves nothing, and is counted', () => {
    const { intake, ping, wait } = ready();
    wait(MOST_AGE_MS);
    expect(intake.take(1, sample({ ping }))).toBeDefined();
    wait(1);
    expect(intake.take(1, sample({ ping }))?.isHeld).not.toBe(true);
    expect(intake.take(1, sample({ ping: ping + 7 }))?.isHeld).not.toBe(true);
    expect(intake.state().dropped).toBe(2);
  });

  it('with the dead-man let go always counts, however old, and leads nowhere', () => {
    const { intake, ping, wait } = ready();
    intake.take(1, sample({ ping }));
    wait(10 * SILENCE_MS);
    const seen = intake.take(1, sample({ ping, isHeld: false, help: { kind: 'descend' } }));
    expect(seen).toMatchObject({ isHeld: false });
    expect(seen).not.toHaveProperty('command');
    expect(seen).not.toHaveProperty('help');
  });

  it('is what the run takes', () => {
    const { intake, ping } = ready();
    expect(pilotInputSchema.safeParse(intake.take(1, sample({ ping }))).success).toBe(true);
  });
});

describe('the dead-man', () => {
  it('does not count before it was seen let go: not when control is taken with it held', () => {
    const { control, intake } = ready();
    control.release(1);
    intake.leave();
    control.take(2);
    const ping = control.ping();
    expect(intake.take(2, sample({ ping }))).toBeUndefined();
    expect(intake.take(2, letGo(ping))).toMatchObject({ isHeld: false });
    expect(intake.take(2, sample({ ping }))).toMatchObject({ isHeld: true });
  });

  it('is let go by a gap, once, and counts again when it was let go', () => {
    const { control, intake, ping, wait } = ready();
    intake.take(1, sample({ ping }));
    wait(MOST_AGE_MS);
    expect(intake.lapse()).toBeUndefined();
    wait(1);
    expect(intake.lapse()).toMatchObject({ isHeld: false });
    expect(intake.lapse()).toBeUndefined();
    expect(intake.state().isLapsed).toBe(true);
    const fresh = control.ping();
    expect(intake.take(1, sample({ ping: fresh }))).toBeUndefined();
    intake.take(1, letGo(fresh));
    expect(intake.take(1, sample({ ping: fresh }))).toMatchObject({ isHeld: true });
    expect(intake.state().isLapsed).toBe(false);
  });

  it('that was held through a gap starts no policy', () => {
    const { intake, ping, wait } = ready();
    intake.take(1, sample({ ping, mode: 'supervised' }));
    wait(MOST_AGE_MS + 1);
    expect(intake.lapse()).toMatchObject({ isHeld: false, mode: 'manual' });
  });

  it('is let go, and the policy no longer led to drive, when nobody holds control', () => {
    const { intake, ping } = ready();
    intake.take(1, sample({ ping, mode: 'supervised' }));
    expect(intake.leave()).toMatchObject({ isHeld: false, mode: 'manual' });
  });

  it('never counts on a sample older than the bound, nor through a gap, whatever comes in which order', () => {
    const event = fc.oneof(
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 150 }) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('ping' as const) }) },
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('sample' as const),
          isHeld: fc.integer({ min: 0, max: 4 }).map((of5) => of5 > 0),
          back: fc.integer({ min: 0, max: 2 }),
          // By a page's clock that runs true, and is read after the ping came: at most what has passed.
          part: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
      },
    );
    let moved = 0;
    fc.assert(
      fc.property(fc.array(event, { minLength: 20, maxLength: 80 }), (events) => {
        let nowMs = 0;
        const control = createControl({ nowMs: () => nowMs, silenceMs: 1e9 });
        control.take(1);
        const intake = createPilotIntake({ control, nowMs: () => nowMs });
        const sentMs: number[] = [];
        let last = 0;
        let lastMovedMs: number | undefined;
        let isReady = false;
        for (const one of events) {
          if (one.kind === 'wait') nowMs += one.ms;
          else if (one.kind === 'ping') {
            last = control.ping();
            sentMs[last] = nowMs;
          } else if (last > one.back) {
            const ping = last - one.back;
            const sinceMs = (nowMs - sentMs[ping]!) * one.part;
            const taken = intake.take(1, sample({ ping, sinceMs, isHeld: one.isHeld }));
            if (!one.isHeld) isReady = true;
            if (taken?.isHeld) {
              moved += 1;
              if (!isReady || nowMs - (sentMs[ping]! + sinceMs) > MOST_AGE_MS) return false;
              if (lastMovedMs !== undefined && nowMs - lastMovedMs > 2 * MOST_AGE_MS) return false;
            }
            lastMovedMs = taken?.isHeld ? nowMs : one.isHeld ? lastMovedMs : undefined;
          }
        }
        return true;
      }),
    );
    expect(moved).toBeGreaterThan(50);
  });
});

describe('what waits for a thread that is busy', () => {
  const inputs = fc.array(
    fc.boolean().map((isHeld) => ({ isHeld })),
    { minLength: 1, maxLength: 20 },
  );
  const waits = (held: readonly { readonly isHeld: boolean }[]) => {
    const all = held.map(({ isHeld }, at): PilotInput => ({ stampMs: at, isHeld, mode: 'manual', share: 1 }));
    return { all, waiting: all.reduce(queued, [] as readonly PilotInput[]) };
  };

  it('is the newest, and before it the dead-man that was let go last: no press is taken for the one before', () => {
    let presses = 0;
    fc.assert(
      fc.property(inputs, (held) => {
        const { all, waiting } = waits(held);
        const newest = all.at(-1)!;
        const free = all.findLast(({ isHeld }) => !isHeld);
        if (free && newest.isHeld) presses += 1;
        expect(waiting).toEqual(free && free !== newest ? [free, newest] : [newest]);
      }),
    );
    expect(presses).toBeGreaterThan(20);
  });
});

describe('what a page says of its controls', () => {
  it('is a sample, and nothing near it', () => {
    expect(fromPageSchema.safeParse(sample()).success).toBe(true);
    expect(fromPageSchema.safeParse(sample({ help: { kind: 'go-above', markId: 2, seq: 5 } })).success).toBe(true);
    const near: readonly object[] = [
      { share: 1.1 },
      { share: '1' },
      { mode: 'auto' },
      { isHeld: 1 },
      { sinceMs: -1 },
      { sinceMs: null },
      { ping: 0.5 },
      { stampMs: 5 },
      { command: { ...TWIST, linearMPerS: [0, 0] } },
      { command: { ...TWIST, linearMPerS: [0, 0, null] } },
      { command: { ...TWIST, gripperOpen: 2 } },
      { command: { kind: 'eef-delta', frameId: 'base', dPosM: [1, 0, 0], dRpyRad: [0, 0, 0], gripperOpen: 1 } },
      { command: { kind: 'ui-back' } },
      { help: { kind: 'go-above' } },
      { help: { kind: 'ascend' } },
      { more: true },
    ];
    for (const over of near)
      expect(fromPageSchema.safeParse({ ...sample(), ...over }).success, JSON.stringify(over)).toBe(false);
  });

  it('may come often, and not without bound', () => {
    let nowMs = 0;
    const isBounded = createFlood(() => nowMs);
    for (let at = 0; at < 2400; at++) {
      nowMs += 1000 / 480;
      expect(isBounded()).toBe(true);
    }
    const burst = Array.from({ length: 2000 }, isBounded);
    expect(burst[0]).toBe(true);
    expect(burst.at(-1)).toBe(false);
  });
});
