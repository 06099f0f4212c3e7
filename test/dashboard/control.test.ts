/** Who holds control, and when they count as gone. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createControl, PING_MS, SILENCE_MS } from '../../src/dashboard/control.ts';

function held() {
  let nowMs = 1000;
  const control = createControl({ nowMs: () => nowMs });
  expect(control.take(1)).toBe(true);
  return {
    control,
    wait: (durationMs: number) => {
      nowMs += durationMs;
    },
  };
}

describe('who holds control', () => {
  it('is one: another gets it when they let go', () => {
    const { control } = held();
    expect(control.take(2)).toBe(false);
    expect(control.take(1)).toBe(true);
    control.release(2);
    expect(control.holder()).toBe(1);
    control.release(1);
    expect(control.take(2)).toBe(true);
  });

  it('keeps it by answering pings, and loses it once by silence', () => {
    const { control, wait } = held();
    for (let at = 0; at < 20; at++) {
      const ping = control.ping();
      wait(PING_MS);
      control.alive(1, ping);
      expect(control.lost()).toBeUndefined();
    }
    wait(SILENCE_MS - PING_MS);
    expect(control.lost()).toBeUndefined();
    wait(1);
    expect(control.lost()).toMatch(/no sign of life for 500 ms/);
    expect(control.lost()).toBeUndefined();
    expect(control.holder()).toBeUndefined();
  });

  it('is not kept by an answer that was held up: it is as old as its ping', () => {
    const { control, wait } = held();
    const old = control.ping();
    wait(SILENCE_MS - 10);
    control.alive(1, old);
    wait(20);
    expect(control.lost()).toBeDefined();
  });

  it('is not kept by another viewer’s answers, by pings that were never sent, or by answers to pings of before', () => {
    const { control, wait } = held();
    const ping = control.ping();
    wait(SILENCE_MS);
    control.alive(2, ping);
    control.alive(1, ping + 1);
    wait(1);
    expect(control.lost()).toBeDefined();
    control.take(1);
    const before = control.ping();
    control.release(1);
    wait(10);
    control.take(1);
    wait(SILENCE_MS + 1);
    control.alive(1, before);
    expect(control.lost()).toBeDefined();
  });

  it('loses it by being gone; who does not hold it is missed by nobody', () => {
    const { control } = held();
    expect(control.gone(2)).toBeUndefined();
    expect(control.gone(1)).toMatch(/is gone/);
    expect(control.gone(1)).toBeUndefined();
  });

  it('never stays longer than the bound after the newest ping that was answered left, whatever comes in which order', () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 300 }) }),
      fc.record({ kind: fc.constant('ping' as const) }),
      fc.record({ kind: fc.constant('alive' as const), back: fc.integer({ min: 0, max: 6 }) }),
    );
    let kept = 0;
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let nowMs = 0;
        const control = createControl({ nowMs: () => nowMs });
        control.take(1);
        const sentMs: number[] = [];
        let provenMs = 0;
        let last = 0;
        for (const one of events) {
          if (one.kind === 'wait') nowMs += one.ms;
          else if (one.kind === 'ping') {
            last = control.ping();
            sentMs[last] = nowMs;
          } else if (last > one.back) {
            control.alive(1, last - one.back);
            const leftMs = sentMs[last - one.back]!;
            provenMs = Math.max(provenMs, leftMs);
          }
          const cause = control.lost();
          if (cause !== undefined) return nowMs - provenMs > SILENCE_MS || nowMs > SILENCE_MS;
          if (nowMs - provenMs > SILENCE_MS) return false;
        }
        kept += 1;
        return true;
      }),
    );
    expect(kept).toBeGreaterThan(5);
  });
});
