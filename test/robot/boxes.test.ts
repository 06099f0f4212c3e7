/** Boxes and the stop word between two real threads. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { PumiceError } from 'pumice';
import { afterEach, expect, it } from 'vitest';
import { monotonicNowMs } from '../../src/clock.ts';
import { createBox, createStopWord, openBox, openStopWord } from '../../src/robot/boxes.ts';

const FIELDS = 64;
const threads: Worker[] = [];
async function startThread(data: object): Promise<{ thread: Worker; stampMs: number }> {
  const thread = new Worker(new URL('./threads/writer.mjs', import.meta.url), { workerData: data });
  threads.push(thread);
  const [stampMs] = (await once(thread, 'message')) as [number];
  return { thread, stampMs };
}
afterEach(async () => {
  await Promise.all(threads.splice(0).map((thread) => thread.terminate()));
});

const isWhole = (values: Float64Array) => values.every((value) => value === values[0]);

it('a message is read whole, and never an older one after a newer one, while another thread writes without end', async () => {
  const buffer = createBox(FIELDS);
  const box = openBox(buffer);
  await startThread({ box: buffer, fields: FIELDS });
  let seq = 0;
  let changes = 0;
  while (changes < 2000) {
    const message = box.read();
    if (!message) continue;
    expect(isWhole(message.values)).toBe(true);
    expect(message.values[0]).toBe(message.seq);
    expect(message.seq).toBeGreaterThanOrEqual(seq);
    if (message.seq !== seq) changes += 1;
    seq = message.seq;
  }
});

it('the same words read without a box are found torn, so that the rule above can fail', async () => {
  const buffer = createBox(FIELDS);
  await startThread({ box: buffer, fields: FIELDS });
  const slots = new Float64Array(buffer, 32);
  const read = () => slots.slice(0, FIELDS);
  while (isWhole(read()));
});

it('a writer that is killed while it writes leaves a whole message', async () => {
  for (let round = 0; round < 5; round++) {
    const buffer = createBox(FIELDS);
    const box = openBox(buffer);
    const { thread } = await startThread({ box: buffer, fields: FIELDS });
    box.waitForNext(box.read()?.seq ?? 0, monotonicNowMs() + 5000);
    await thread.terminate();
    const message = box.read();
    expect(message && isWhole(message.values)).toBe(true);
  }
});

it('the newest message is all there is, and nothing is read from an empty box', () => {
  const box = openBox(createBox(['a', 'b']));
  expect(box.read()).toBeUndefined();
  for (let n = 1; n <= 9; n++) box.write([n, -n]);
  expect(box.read()).toEqual({ seq: 9, values: Float64Array.of(9, -9) });
});

it('a second writer is refused and counted until the first one gives the box up', () => {
  const buffer = createBox(1);
  const [first, second] = [openBox(buffer), openBox(buffer)];
  first.write([1]);
  expect(() => second.write([2])).toThrow(/has a writer already/);
  second.giveUp();
  expect(() => second.write([2])).toThrow(PumiceError);
  expect([first.read()?.values[0], first.refused()]).toEqual([1, 2]);
  first.giveUp();
  second.write([3]);
  expect(first.read()?.values[0]).toBe(3);
});

it('a message of the wrong size is refused', () => {
  expect(() => openBox(createBox(2)).write([1])).toThrow(/expected 2 numbers, got 1/);
  expect(() => createBox(0)).toThrow(/one number or more/);
});

it('whoever waits gets the next message, and nothing when none comes in time', async () => {
  const buffer = createBox(FIELDS);
  const box = openBox(buffer);
  expect(box.waitForNext(0, monotonicNowMs() + 5)).toBeUndefined();
  await startThread({ box: buffer, fields: FIELDS });
  const first = box.waitForNext(0, monotonicNowMs() + 5000)!;
  expect(box.waitForNext(first.seq, monotonicNowMs() + 5000)!.seq).toBeGreaterThan(first.seq);
});

it('threads share one clock', async () => {
  const beforeMs = monotonicNowMs();
  const { stampMs } = await startThread({});
  expect(stampMs).toBeGreaterThan(beforeMs);
  expect(stampMs).toBeLessThan(monotonicNowMs());
});

it('a stop only ever gets stricter until it is cleared, and each clear begins an epoch', () => {
  const step = fc.oneof(fc.constant('clear' as const), fc.constantFrom(0 as const, 1 as const, 2 as const));
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const buffer = createStopWord();
      const [one, other] = [openStopWord(buffer), openStopWord(buffer)];
      let strictest: number | undefined;
      let epoch = 0;
      for (const what of steps) {
        if (what === 'clear') one.clear();
        else other.stop(what);
        strictest = what === 'clear' ? undefined : Math.min(strictest ?? 2, what);
        if (what === 'clear') epoch += 1;
        expect([one.read(), other.read(), one.epoch()]).toEqual([strictest, strictest, epoch]);
      }
    }),
  );
});

it('a stop that comes while another thread clears is never lost', async () => {
  const buffer = createStopWord();
  const word = openStopWord(buffer);
  await startThread({ stopWord: buffer });
  // The other thread stops once in each epoch: were one stop lost, the next turn would wait without end.
  for (let epoch = 0; epoch < 500; epoch++) {
    while (word.read() === undefined);
    word.clear();
  }
  expect(word.epoch()).toBe(500);
});

it('a stop from another thread wakes whoever waits, also one that came just before', async () => {
  const buffer = createStopWord();
  const word = openStopWord(buffer);
  expect(word.read()).toBeUndefined();
  await startThread({ stopWord: buffer });
  const untilMs = monotonicNowMs() + 20_000;
  word.waitUntil(untilMs);
  expect(word.read()).toBe(1);
  expect(monotonicNowMs()).toBeLessThan(untilMs);
});

it('a thread with an event loop is woken by the next message, and goes on by itself when none comes', async () => {
  const buffer = createBox(1);
  const box = openBox(buffer);
  const writer = openBox(buffer);
  expect(await box.nextAfter(0, monotonicNowMs() + 5)).toBeUndefined();
  const next = box.nextAfter(0, monotonicNowMs() + 20_000);
  writer.write([7]);
  expect(await next).toMatchObject({ seq: 1 });
  expect((await box.nextAfter(0, monotonicNowMs()))?.values[0]).toBe(7);
  expect(await box.nextAfter(1, monotonicNowMs())).toBeUndefined();
});
