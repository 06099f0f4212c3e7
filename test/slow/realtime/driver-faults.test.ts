/**
 * What goes wrong with whoever posts, done for real: it hangs, it is killed, it posts without end. The body comes to rest within the
 * expiry of its last motion, the time that it takes to brake and one period, and stays there.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { monotonicNowMs } from '../../../src/clock.ts';
import { type Given, HOME, hang, PROFILE, type Rig, rig, until } from '../../robot/rig.ts';

const X = HOME.pM[0];
const { expiryMs, stopDecelerationMPerS2 } = PROFILE.driver!;
/** What the rule gives at most. */
const REST_MS = expiryMs + (1000 * PROFILE.limits.maxSpeedMPerS) / stopDecelerationMPerS2 + 20;
/** For a machine whose processors others use as well; the exact figures are those of the bench. */
const BUSY_MS = 500;

const threads: Worker[] = [];
afterEach(async () => {
  await Promise.all(threads.splice(0).map((thread) => thread.terminate()));
});

const lastMove = (given: readonly Given[]) => given.findLastIndex(({ xM }, i) => i > 0 && xM !== given[i - 1]!.xM);
const isLed = ({ given }: Rig) => given().at(-1)!.mode === 'set-point' && given().at(-1)!.xM > X + 0.005;

/** From the last post on: further motion, then braking, then rest, and nothing after it, however long one looks. */
function expectRest(given: readonly Given[], postedMs: number): void {
  const move = given[lastMove(given)]!;
  expect(move.receivedMs - postedMs).toBeLessThan(REST_MS + BUSY_MS);
  const after = given.filter(({ stampMs }) => stampMs > move.stampMs);
  expect(after.length).toBeGreaterThan(30);
  expect(new Set(after.map(({ xM }) => xM))).toEqual(new Set([move.xM]));
  expect(after.at(-1)!.mode).toBe('hold');
  const modes = given.filter(({ stampMs }) => stampMs >= postedMs).map(({ mode }) => mode);
  expect(modes.indexOf('hold')).toBeGreaterThanOrEqual(0);
  expect(modes.lastIndexOf('set-point')).toBeLessThan(modes.indexOf('hold'));
}

it('the thread that posts hangs for 2 s in mid-motion: the body rests by itself, and goes on when it posts again', async () => {
  await using arm = await rig();
  arm.post(0.05, { durationMs: 300 });
  await until(() => isLed(arm));
  arm.post(0.09, { durationMs: 300 });
  const postedMs = monotonicNowMs();
  hang(2000);
  const given = arm.given();
  expectRest(given, postedMs);
  // A motion that was decided before is too old by now; a fresh one leads on.
  expect(arm.post(0.1, { validUntilMs: postedMs + 300 })).toBe('expired');
  expect(arm.post(given.at(-1)!.xM - X + 0.02)).toBeUndefined();
  await until(() => arm.given().at(-1)!.mode === 'set-point');
});

it('the thread that posts is killed in mid-motion: the body rests by itself', async () => {
  await using arm = await rig();
  const poster = new Worker(new URL('../../robot/threads/poster.mjs', import.meta.url), {
    workerData: { buffers: arm.driver.buffers, home: HOME, epoch: 0, periodMs: 100, byM: 0.02 },
  });
  threads.push(poster);
  await until(() => isLed(arm));
  await once(poster, 'message');
  const postedMs = monotonicNowMs();
  await poster.terminate();
  await until(() => arm.driver.status().isAtRest);
  const from = arm.given().length;
  await until(() => arm.given().length > from + 60);
  expectRest(arm.given(), postedMs);
  // It was the one writer: nobody takes its place unasked.
  expect(arm.post(0.01)).toBe('second writer');
});

it('a flood of posts: each set-point is in its place, the stop comes through, and when it ends the body rests', async () => {
  await using arm = await rig();
  const untilMs = monotonicNowMs() + 400;
  let posts = 0;
  while (monotonicNowMs() < untilMs) {
    // Each far ahead of the one before would be beyond the limit; these are not.
    expect(arm.post(0.05 + (posts % 2) * 0.01, { durationMs: 300 })).toBeUndefined();
    posts += 1;
  }
  const postedMs = monotonicNowMs();
  expect(posts).toBeGreaterThan(1000);
  await until(() => arm.driver.status().isAtRest);
  const from = arm.given().length;
  await until(() => arm.given().length > from + 60);
  expectRest(arm.given(), postedMs);

  const again = arm.given().at(-1)!.xM - X;
  for (let n = 0; n < 3000; n++) arm.post(again + 0.05, { durationMs: 300 });
  await until(() => arm.given().at(-1)!.mode === 'set-point');
  arm.driver.halt(1, 'button');
  const haltedMs = monotonicNowMs();
  for (let n = 0; n < 3000; n++) expect(arm.post(again + 0.05)).toBe('stopped');
  await until(() => arm.driver.status().isAtRest);
  const late = arm.given().filter(({ stampMs, mode }) => stampMs > haltedMs && mode !== 'halt');
  expect(late.length).toBeLessThanOrEqual(1);
});
