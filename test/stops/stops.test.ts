/** Stop sources: what stops, what does not, and that nothing is left behind. */
import { createSocket } from 'node:dgram';
import { PassThrough } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { EMPTY, firstValueFrom, from, NEVER, Subject, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { monotonicNowMs } from '../../src/clock.ts';
import { createStopWord, openStopWord } from '../../src/robot/boxes.ts';
import { causesOf } from '../../src/stops/causes.ts';
import { deadMan, type KeyInput, keyboard, network, signals } from '../../src/stops/index.ts';

const causes = (source: Parameters<typeof causesOf>[0][number]) => {
  const heard: string[] = [];
  const listening = causesOf([source]).subscribe((cause) => heard.push(cause));
  return { heard, leave: () => listening.unsubscribe() };
};

describe('stop sources', () => {
  it('stop when they emit, when they end and when they fail, once each', () => {
    const button = new Subject<string>();
    const heard: string[] = [];
    causesOf([
      { name: 'button', stop$: button },
      { name: 'gone', stop$: EMPTY },
      { name: 'broken', stop$: throwError(() => new Error('unplugged')) },
      { name: 'quiet', stop$: NEVER },
    ]).subscribe((cause) => heard.push(cause));
    button.next('pressed');
    button.next('pressed again');
    expect(heard).toEqual(['gone: ended', 'broken: failed: unplugged', 'button: pressed']);
  });
});

describe('the keyboard', () => {
  const terminal = () => {
    const raw: boolean[] = [];
    const input = Object.assign(new PassThrough(), {
      isTTY: true,
      isRaw: false,
      setRawMode: (isRaw: boolean) => raw.push(isRaw),
    });
    return { input: input as typeof input & KeyInput, raw };
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it.each([
    [' ', 'space'],
    ['q', 'q'],
    ['Q', 'Q'],
    ['\u001b', 'Escape'],
    ['\u001b[A', 'Escape'],
    ['\u0003', 'Ctrl-C'],
    ['xyz ', 'space'],
  ])('stops for %j, without Enter', async (bytes, key) => {
    const { input, raw } = terminal();
    const { heard, leave } = causes(keyboard(input));
    expect(raw).toEqual([true]);
    input.write(bytes);
    await settled();
    expect(heard).toEqual([`keyboard: ${key} was pressed`]);
    leave();
    expect(raw).toEqual([true, false]);
    expect(input.listenerCount('data')).toBe(0);
  });

  it('does not stop for other keys, and stops when it goes', async () => {
    const { input } = terminal();
    const { heard } = causes(keyboard(input));
    input.write('yes, go on\n'.replaceAll(' ', '_'));
    await settled();
    expect(heard).toEqual([]);
    input.end();
    await settled();
    expect(heard).toEqual(['keyboard: ended']);
  });

  it('stops when it fails', async () => {
    const { input } = terminal();
    const { heard } = causes(keyboard(input));
    input.destroy(new Error('unplugged'));
    await settled();
    expect(heard).toEqual(['keyboard: failed: unplugged']);
  });
});

it('a signal stops while it is listened to, and nothing stays behind', async () => {
  const before = process.listenerCount('SIGUSR2');
  const source = signals(['SIGUSR2']);
  expect(process.listenerCount('SIGUSR2')).toBe(before);
  const came = firstValueFrom(causesOf([source]));
  process.kill(process.pid, 'SIGUSR2');
  expect(await came).toBe('signals: SIGUSR2 came');
  expect(process.listenerCount('SIGUSR2')).toBe(before);
});

describe('a dead-man', () => {
  const story = (renewals: string, expected: string) => {
    const testScheduler = new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted));
    testScheduler.run(({ cold, expectObservable }) => {
      const { stop$ } = deadMan({ renewals$: cold(renewals), withinMs: 5, scheduler: testScheduler });
      expectObservable(from(stop$)).toBe(expected, { s: 'was not renewed within 5 ms' });
    });
  };

  it('that is renewed in time does not stop', () => story('r---r---r---r----|', '-----------------|'));
  it('that falls silent stops', () => story('r---r------', '---------(s|)'));
  it('that was never renewed stops', () => story('-----------', '-----(s|)'));
  it('that fails or ends hands it on, and that is a stop as well', () => {
    story('r--#', '---#');
    story('r--|', '---|');
  });
  it('is refused without a time', () => {
    for (const withinMs of [0, -1, NaN, Infinity])
      expect(() => deadMan({ renewals$: NEVER, withinMs })).toThrow(/expected a time above 0/);
  });
});

describe('the network', () => {
  const send = (port: number, text: string) =>
    new Promise<void>((resolve) => {
      const socket = createSocket('udp4');
      socket.send(text, port, '127.0.0.1', () => socket.close(() => resolve()));
    });

  it('stops for any datagram but alive, and writes the stop word before anybody is told', async () => {
    const stopWord = createStopWord();
    const source = network({ port: 0, stopWord });
    const came = firstValueFrom(causesOf([source]));
    const { host, port } = await source.listening;
    expect(host).toBe('127.0.0.1');
    await send(port, 'alive');
    await send(port, 'stop');
    expect(await came).toMatch(/^network: a datagram came from 127\.0\.0\.1:/);
    expect(openStopWord(stopWord).read()).toBe(1);
  });

  it('stops the body while the rest of the program hangs', async () => {
    const stopWord = createStopWord();
    const source = network({ port: 0, stopWord, category: 2 });
    const { heard, leave } = causes(source);
    const { port } = await source.listening;
    const go = new SharedArrayBuffer(4);
    const sender = new Worker(new URL('./threads/sender.mjs', import.meta.url), {
      workerData: { port, text: 'stop', go },
    });
    await new Promise((resolve) => sender.once('online', resolve));
    const word = openStopWord(stopWord);
    Atomics.store(new Int32Array(go), 0, 1);
    Atomics.notify(new Int32Array(go), 0);
    // This thread hears nothing meanwhile.
    const untilMs = monotonicNowMs() + 10_000;
    while (word.read() === undefined && monotonicNowMs() < untilMs);
    expect(word.read()).toBe(2);
    expect(heard).toEqual([]);
    leave();
    await sender.terminate();
  });

  it('as a dead-man stops when nobody says alive any more, and not before', async () => {
    const stopWord = createStopWord();
    const source = network({ port: 0, stopWord, renewWithinMs: 300 });
    const came = firstValueFrom(causesOf([source]));
    const { port } = await source.listening;
    const sinceMs = monotonicNowMs();
    for (let n = 0; n < 8; n++) {
      await send(port, 'alive');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await came).toBe('network: was not renewed within 300 ms');
    expect(monotonicNowMs() - sinceMs).toBeGreaterThan(400);
    expect(openStopWord(stopWord).read()).toBe(1);
  });

  it('that cannot listen stops: a button that nobody hears is none', async () => {
    const stopWord = createStopWord();
    const source = network({ port: 0, host: '203.0.113.1', stopWord });
    expect(await firstValueFrom(causesOf([source]))).toMatch(/^network: failed: .*cannot listen at 203\.0\.113\.1:0/);
    expect(openStopWord(stopWord).read()).toBe(1);
    await expect(source.listening).rejects.toThrow(/cannot listen/);
  });

  it('is refused with a port or a time that is none', () => {
    for (const port of [-1, 65_536, 1.5, NaN]) expect(() => network({ port })).toThrow(/expected 0 to 65535/);
    expect(() => network({ port: 0, renewWithinMs: 0 })).toThrow(/expected a time above 0/);
  });
});
