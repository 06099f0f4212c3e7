/** The robot's clock by round trips, and the beacon that makes them, against the double of the bridge. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BEACON_TOPIC, createBeacon } from '../../envs/ros/beacon.ts';
import { createRobotClock } from '../../envs/ros/robot-clock.ts';
import { monotonicNowMs, wallMs } from '../../src/clock.ts';
import { until } from './double/bridge.ts';
import { bridge, connected, link } from './given.ts';

/** Round trips of a clock that is ahead, with ways of unequal length. */
const trips = (aheadMs: number, ways: readonly (readonly [number, number])[]) => {
  const clock = createRobotClock();
  let atMs = 1000;
  for (const [thereMs, backMs] of ways) {
    clock.add({ sentMs: atMs, robotMs: atMs + thereMs + aheadMs, receivedMs: atMs + thereMs + backMs });
    atMs += 100;
  }
  return { clock, nowMs: atMs };
};
const wayMs = fc.double({ min: 0, max: 30, noNaN: true });

describe("the robot's clock", () => {
  it('is never given as later than it is, and never as earlier by more than the best way there and back', () => {
    const ways = fc.array(fc.tuple(wayMs, wayMs), { minLength: 3, maxLength: 100 });
    fc.assert(
      fc.property(ways, fc.double({ min: -1e9, max: 2e12, noNaN: true }), (given, aheadMs) => {
        const { clock, nowMs } = trips(aheadMs, given);
        const robotMs = clock.at(nowMs)!;
        const best = Math.min(...given.slice(-60).map(([there, back]) => there + back));
        expect(robotMs).toBeLessThanOrEqual(nowMs + aheadMs + 1e-2);
        expect(robotMs).toBeGreaterThanOrEqual(nowMs + aheadMs - best - 2e-4 * 6100 - 1e-2);
        // And back: what is stamped now was made now at the latest, and not long before.
        const hereMs = clock.hereMs(nowMs + aheadMs, nowMs)!;
        expect(hereMs).toBeLessThanOrEqual(nowMs);
        expect(hereMs).toBeGreaterThanOrEqual(nowMs - best - 1);
      }),
    );
  });

  it('is not known before three round trips, after two seconds without one, and over ways that are too long', () => {
    expect(
      trips(5, [
        [1, 1],
        [1, 1],
      ]).clock.at(1300),
    ).toBeUndefined();
    const { clock, nowMs } = trips(5, [
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    expect(clock.at(nowMs)).toBeDefined();
    expect(clock.at(nowMs + 2000)).toBeUndefined();
    const slow = trips(5, [
      [60, 60],
      [60, 60],
      [60, 60],
    ]);
    expect(slow.clock.at(slow.nowMs)).toBeUndefined();
  });

  it('is void when it was set, and known again by three round trips that agree', () => {
    const { clock } = trips(5, [
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    const add = (sentMs: number) => clock.add({ sentMs, robotMs: sentMs + 1 - 500, receivedMs: sentMs + 2 });
    add(1300);
    expect([clock.at(1310), clock.steps()]).toEqual([undefined, 1]);
    add(1400);
    add(1500);
    expect(clock.at(1510)).toBeCloseTo(1510 - 501, 0);
    expect(clock.steps()).toBe(1);
  });

  it('takes no round trip that cannot be', () => {
    const { clock, nowMs } = trips(5, [
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    const before = clock.at(nowMs);
    clock.add({ sentMs: nowMs, robotMs: Number.NaN, receivedMs: nowMs });
    clock.add({ sentMs: nowMs, robotMs: 1, receivedMs: nowMs - 5 });
    expect(clock.at(nowMs)).toBe(before);
  });
});

describe('the beacon', () => {
  it('finds the time of a robot whose clock is wrong, for each version of ROS', async () => {
    for (const ros of [1, 2] as const) {
      const double = await bridge({ ros, clockAheadMs: -3_600_000 });
      const opened = link(double.url, { ros });
      const beacon = createBeacon(opened, { drives: false, periodMs: 5 });
      await until(() => beacon.clock.at(monotonicNowMs()) !== undefined, 'the time');
      const nowMs = monotonicNowMs();
      const robotMs = wallMs(nowMs) - 3_600_000;
      expect(beacon.clock.at(nowMs)!).toBeLessThanOrEqual(robotMs + 0.01);
      expect(beacon.clock.at(nowMs)!).toBeGreaterThan(robotMs - 100);
      expect(beacon.wayMs()).toBeGreaterThan(0);
      beacon.close();
    }
  });

  it('tells who else drives, and not of those who only look, nor of those who are gone', async () => {
    const double = await bridge();
    const made = [true, true, false].map((drives) => createBeacon(link(double.url), { drives, periodMs: 5 }));
    await until(() => made.map((beacon) => beacon.rivals()).join() === '1,1,2', 'each other');
    made[1]!.close();
    await until(() => made[0]!.rivals() === 0, 'the other to be gone');
    made[0]!.close();
    made[2]!.close();
  });

  it('gives a socket up through which nothing comes, though its pings are answered', async () => {
    const double = await bridge();
    const opened = link(double.url);
    const beacon = createBeacon(opened, { drives: true, periodMs: 5, mostSilenceMs: 100 });
    await connected(opened);
    await until(() => double.received(BEACON_TOPIC).length > 2, 'the beacon');
    double.poison();
    await until(() => opened.status().epoch > 1 && opened.status().state === 'connected', 'a fresh socket', 20_000);
    const before = double.received(BEACON_TOPIC).length;
    await until(() => double.received(BEACON_TOPIC).length > before, 'the beacon again');
    beacon.close();
  });
});
