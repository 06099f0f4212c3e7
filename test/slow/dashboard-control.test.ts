/** Who holds control of a dashboard and is silent, and viewers that are slow, in a real browser: what counts here are half seconds. */
import { once } from 'node:events';
import type { Page } from 'playwright';
import { monotonicNowMs, sleep } from 'pumice';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { dashboard } from '../../src/dashboard/index.ts';
import type { ToPage } from '../../src/dashboard/messages.ts';
import { createStopWord, openStopWord } from '../../src/robot/boxes.ts';
import { button, open, phase, shows, theBrowser, useBrowser } from '../dashboard/page.ts';
import { begin, until } from '../dashboard/stand.ts';

useBrowser();

describe('who holds control', () => {
  const held = async (page: Page) => {
    await button(page, 'Hold control').click();
    await page.getByRole('button', { name: 'Release control', pressed: true }).waitFor();
  };
  const silence = /dashboard: who holds control gave no sign of life for 500 ms/;

  test('lets go on purpose, and nothing stops', async () => {
    await using board = await dashboard();
    const { env, going } = begin(board);
    const page = await open(board.url);
    await held(page);
    await sleep(1500);
    expect(env.halts).toEqual([]);
    await button(page, 'Release control').click();
    await button(page, 'Hold control').waitFor();
    await page.context().close();
    await sleep(1000);
    expect(env.halts).toEqual([]);
    going.stop('seen');
    await going.result;
  });

  const ways: readonly (readonly [string, (page: Page) => Promise<unknown>, RegExp])[] = [
    [
      'is busy',
      (page) =>
        page.evaluate(() => {
          for (const end = Date.now() + 1500; Date.now() < end; );
        }),
      silence,
    ],
    ['is gone', (page) => page.close(), /who holds control is gone/],
    [
      'crashes',
      (page) => Promise.race([page.goto('chrome://crash').catch(() => {}), sleep(3000)]),
      /who holds control/,
    ],
    [
      'sleeps',
      async () => {
        // The processes of all pages, as a machine that is put to sleep stops them.
        const devtools = await theBrowser().newBrowserCDPSession();
        const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
        const pages = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
        expect(pages.length).toBeGreaterThan(0);
        for (const id of pages) process.kill(id, 'SIGSTOP');
        await sleep(1000);
        for (const id of pages) process.kill(id, 'SIGCONT');
      },
      silence,
    ],
  ];
  test.each(ways)('%s: the body stops', async (_name, vanish, why) => {
    await using board = await dashboard();
    const { env, going } = begin(board);
    const page = await open(board.url);
    await phase(page, 'running');
    await held(page);
    await sleep(700);
    expect(env.halts).toEqual([]);
    await vanish(page);
    const result = await going.result;
    expect(result.outcome).toBe('stopped');
    expect(result.reason).toMatch(why);
  });

  test('leads alone, but anybody who may command can stop; who only looks on can do nothing, and is missed by nobody', async () => {
    await using board = await dashboard();
    const { env, going } = begin(board);
    const [leader, other, watcher] = [await open(board.url), await open(board.url), await open(board.viewUrl)];
    await phase(watcher, 'running');
    expect(await watcher.getByRole('button', { name: /Pause|Stop|Hold|E-STOP|Change/ }).count()).toBe(0);
    await shows(watcher, /You look on/);
    await held(leader);
    await until(() => button(other, 'Pause').isDisabled(), 'the other one cannot lead');
    await watcher.close();
    await sleep(800);
    expect(env.halts).toEqual([]);
    await button(other, /E-STOP/).click();
    expect((await going.result).outcome).toBe('stopped');
  });
});

describe('while the main thread hangs', () => {
  /** Nothing else happens in this process meanwhile. */
  const hangUntil = (isSo: () => boolean, mostMs = 8000): number => {
    const beganMs = monotonicNowMs();
    while (!isSo() && monotonicNowMs() - beganMs < mostMs);
    return monotonicNowMs() - beganMs;
  };

  test('the stop button writes the stop word of the driver', async () => {
    const stopWord = createStopWord();
    const word = openStopWord(stopWord);
    await using board = await dashboard();
    const { going } = begin(board, { body: { stopWord } });
    const page = await open(board.url);
    await phase(page, 'running');
    await page.evaluate(() => void setTimeout(() => document.querySelector<HTMLElement>('.estop')!.click(), 300));
    hangUntil(() => word.read() !== undefined);
    expect(word.read()).toBe(1);
    // And the run gets to know of it.
    expect((await going.result).outcome).toBe('stopped');
  });

  test('so does the silence of who holds control', async () => {
    const stopWord = createStopWord();
    const word = openStopWord(stopWord);
    await using board = await dashboard();
    const { going } = begin(board, { body: { stopWord } });
    const page = await open(board.url);
    await phase(page, 'running');
    await button(page, 'Hold control').click();
    await button(page, 'Release control').waitFor();
    await page.evaluate(
      () =>
        void setTimeout(() => {
          for (const end = Date.now() + 3000; Date.now() < end; );
        }, 300),
    );
    hangUntil(() => word.read() !== undefined);
    expect(word.read()).toBe(2);
    expect((await going.result).outcome).toBe('stopped');
  });
});

describe('a viewer that reads nothing', () => {
  test('keeps the run from nothing, and gets every step when it reads again', async () => {
    await using board = await dashboard();
    const socket = new WebSocket(
      board.url.replace(/^http(.*)#.*/, 'ws$1live'),
      ['pumice', `pumice.token.${board.url.split('#')[1]}`],
      {
        origin: new URL(board.url).origin,
      },
    );
    await once(socket, 'open');
    socket.pause();
    const { going } = begin(board, { thinkMs: 0, steps: 150, thought: (step) => `${step} ${'x'.repeat(3900)}` });
    const { outcome, steps } = await going.result;
    expect({ outcome, steps }).toEqual({ outcome: 'success', steps: 151 });
    const seen: number[] = [];
    const isOver = new Promise<void>((resolve) =>
      socket.on('message', (data) => {
        const message = JSON.parse(String(data)) as ToPage;
        if (message.kind === 'entries')
          for (const entry of message.entries) if (entry.kind === 'step') seen.push(entry.step.record.index);
        if (seen.length >= 151) resolve();
      }),
    );
    socket.resume();
    await isOver;
    expect(seen).toEqual(Array.from({ length: 151 }, (_, at) => at));
    socket.close();
  });
});
