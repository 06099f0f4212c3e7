/** A person leads the simulated arm from the page, and everything that can go wrong with them: the arm comes to rest. A real browser. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Page } from 'playwright';
import { Server as ProxyServer } from 'proxy-chain';
import { monotonicNowMs, sleep } from 'pumice';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { dashboard } from '../../src/dashboard/index.ts';
import type { FromPage, ToPage } from '../../src/dashboard/messages.ts';
import {
  again,
  isDriven,
  lead,
  led,
  moves,
  REST_MS,
  restMs,
  speed,
  takeControl,
  useArm,
  whereIs,
  whileHeld,
} from '../dashboard/arm.ts';
import { button, complaints, open, phase, shows, theBrowser, useBrowser, violationsIn } from '../dashboard/page.ts';
import { until } from '../dashboard/stand.ts';

useBrowser();
useArm();

const hold = async (page: Page, ...keys: readonly string[]) => {
  await page.keyboard.down('Space');
  for (const key of keys) await page.keyboard.down(key);
};

describe('a person at the page', { timeout: 60_000 }, () => {
  test('leads by keys while the dead-man is held, in the direction of the picture, and no longer', async () => {
    const { board, going, page } = await led();
    await using _board = board;
    // Keys alone are nothing.
    await page.keyboard.down('KeyD');
    await sleep(500);
    expect(speed()).toBeLessThan(0.01);
    const [, y] = whereIs();
    await page.keyboard.down('Space');
    await moves(again(page, 'KeyD'));
    await whileHeld((timeoutMs) => isDriven(page, 'Person drives', timeoutMs), again(page, 'KeyD'));
    await page.keyboard.up('KeyD');
    expect(await restMs()).toBeLessThan(REST_MS);
    // The camera looks at the arm: right in the picture is left of the arm.
    expect(whereIs()[1]!).toBeGreaterThan(y! + 0.005);
    await page.keyboard.down('KeyE');
    await moves(again(page, 'KeyE'));
    await page.keyboard.up('Space');
    expect(await restMs()).toBeLessThan(REST_MS);
    await isDriven(page, 'Nobody drives');
    going.stop('seen');
    await going.result;
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
  });

  test('leads by sliders, which spring back, and keys that are typed into a field let go', async () => {
    const { board, going, page } = await led();
    await using _board = board;
    await page.keyboard.down('Space');
    const slider = page.getByLabel(/^Up, down/);
    const box = (await slider.boundingBox())!;
    const pull = async () => {
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.9, box.y + box.height / 2);
    };
    await pull();
    // With the dead-man the slider was let go too.
    await moves(async () => {
      await page.mouse.up();
      await again(page)();
      await pull();
    });
    await page.mouse.up();
    expect(await restMs()).toBeLessThan(REST_MS);
    expect(await slider.inputValue()).toBe('0');
    await page.keyboard.down('KeyE');
    await moves(again(page, 'KeyE'));
    await page.keyboard.up('KeyE');
    await button(page, 'Change').click();
    const field = page.getByLabel('Instruction');
    const why = page.getByText('a field has the keyboard').first();
    await field.focus();
    await whileHeld(
      (timeout) => why.waitFor({ timeout }),
      async () => {
        await field.blur();
        await again(page)();
        await field.focus();
      },
    );
    await page.keyboard.down('KeyE');
    await sleep(300);
    expect(speed()).toBeLessThan(0.01);
    going.stop('seen');
    await going.result;
  });

  test('leads by a gamepad, and one that is unplugged lets go', async () => {
    // There is none in a browser without a screen: what the page reads is in its place.
    const withPad = (page: Page) =>
      page.addInitScript(() => {
        const pad = {
          ...{ id: 'pad', index: 0, connected: true, mapping: 'standard', axes: [0, 0, 0, 0] },
          buttons: Array.from({ length: 17 }, () => ({ pressed: false })),
        };
        Object.assign(window, { pad, isPlugged: true });
        navigator.getGamepads = () => ((window as unknown as { isPlugged: boolean }).isPlugged ? [pad] : []) as never;
      });
    const { board, going, page } = await led({}, withPad);
    await using _board = board;
    await shows(page, /Hold a shoulder button/);
    await page.evaluate(() => Object.assign((window as never as { pad: object }).pad, { axes: [0, 0, 0, -1] }));
    await sleep(300);
    expect(speed()).toBeLessThan(0.01);
    const press = (isPressed: boolean) =>
      page.evaluate((pressed) => {
        (window as never as { pad: { buttons: { pressed: boolean }[] } }).pad.buttons[5]!.pressed = pressed;
      }, isPressed);
    await press(true);
    await moves(async () => {
      // Long enough for a frame of a page that is busy: between two frames nobody sees a button.
      await press(false);
      await sleep(400);
      await press(true);
    });
    await page.evaluate(() => Object.assign(window, { isPlugged: false }));
    expect(await restMs()).toBeLessThan(REST_MS);
    await shows(page, 'the gamepad was unplugged');
    going.stop('seen');
    await going.result;
  });

  test('names what the tool is to go above, by its number and in the picture; whoever steers goes there no longer', async () => {
    const { board, going, page } = await led();
    await using _board = board;
    await page.locator('.mark-buttons button').first().waitFor();
    await page.keyboard.press('1');
    await sleep(300);
    expect(speed()).toBeLessThan(0.01);
    await page.keyboard.down('Space');
    await sleep(300);
    // What was pressed before the dead-man is forgotten.
    expect(speed()).toBeLessThan(0.01);
    await page.keyboard.down('Digit1');
    await moves(again(page, 'Digit1'));
    await page.keyboard.up('Digit1');
    const goesAbove = (id: number) => (timeout: number) =>
      page.getByRole('button', { name: new RegExp(`^${id} above`), pressed: true }).waitFor({ timeout });
    await whileHeld(goesAbove(1), async () => {
      await again(page)();
      await page.keyboard.press('Digit1');
    });
    await page.keyboard.press('KeyE');
    await page.getByRole('button', { name: /^1 above/, pressed: false }).waitFor();
    const second = page.locator('.mark-buttons button').nth(1);
    await second.click();
    await whileHeld(goesAbove(2), async () => {
      await again(page)();
      await second.click();
    });
    await page.keyboard.up('Space');
    expect(await restMs()).toBeLessThan(REST_MS);
    await page.getByRole('button', { name: /^2 above/, pressed: false }).waitFor();
    expect(await violationsIn(page)).toEqual([]);
    going.stop('seen');
    await going.result;
  });

  test('leads on a phone with two thumbs', async () => {
    const { board, going, page } = await led({ widthPx: 390, heightPx: 844, hasTouch: true, colorScheme: 'dark' });
    await using _board = board;
    const devtools = await page.context().newCDPSession(page);
    await page.getByLabel(/^Up, down/).scrollIntoViewIfNeeded();
    const middle = async (place: ReturnType<Page['locator']>, part = 0.5) => {
      const box = (await place.boundingBox())!;
      return { x: box.x + box.width * part, y: box.y + box.height / 2 };
    };
    const one = { ...(await middle(page.locator('.dead-man'))), id: 1 };
    const two = { ...(await middle(page.getByLabel(/^Up, down/))), id: 2 };
    const more = { ...two, x: (await middle(page.getByLabel(/^Up, down/), 0.95)).x };
    const touch = (type: 'touchStart' | 'touchMove' | 'touchCancel', ...touchPoints: readonly (typeof one)[]) =>
      devtools.send('Input.dispatchTouchEvent', { type, touchPoints: [...touchPoints] });
    const thumbs = async () => {
      await touch('touchStart', one);
      await touch('touchStart', one, two);
      await touch('touchMove', one, more);
    };
    await thumbs();
    await moves(async () => {
      await touch('touchCancel');
      await thumbs();
    });
    await touch('touchCancel');
    expect(await restMs()).toBeLessThan(REST_MS);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect(await violationsIn(page)).toEqual([]);
    going.stop('seen');
    await going.result;
  });
});

describe('the arm comes to rest', { timeout: 60_000 }, () => {
  const sockets = new Set<Socket>();
  const ways: readonly (readonly [string, (page: Page) => Promise<unknown>])[] = [
    [
      'when the page stands still for 5 s',
      (page) =>
        page.evaluate(() => {
          setTimeout(() => {
            for (const end = Date.now() + 5000; Date.now() < end; );
          });
        }),
    ],
    [
      'when the network carries nothing any more, and says nothing of it',
      async () => {
        for (const socket of sockets) socket.pause();
      },
    ],
    [
      'when the machine of the page is asleep',
      async () => {
        const devtools = await theBrowser().newBrowserCDPSession();
        const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
        const pages = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
        for (const id of pages) process.kill(id, 'SIGSTOP');
        setTimeout(() => {
          for (const id of pages) process.kill(id, 'SIGCONT');
        }, 2000);
      },
    ],
    [
      'when the page is killed',
      async () => {
        const devtools = await theBrowser().newBrowserCDPSession();
        const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
        for (const { type, id } of processInfo) if (type === 'renderer') process.kill(id, 'SIGKILL');
      },
    ],
  ];
  test.each(ways)('%s', async (name, vanish) => {
    const proxy = name.includes('network') ? new ProxyServer({ port: 0, host: '127.0.0.1' }) : undefined;
    await proxy?.listen();
    proxy?.server.on('connection', (socket: Socket) => sockets.add(socket));
    const { board, going, page } = await led(proxy ? { proxy: proxy.port } : {});
    await using _board = board;
    await hold(page, 'KeyE');
    await moves(again(page, 'KeyE'));
    const beganMs = monotonicNowMs();
    await vanish(page);
    const vanishedMs = monotonicNowMs() - beganMs;
    expect(vanishedMs + (await restMs())).toBeLessThan(REST_MS);
    // Nothing that comes after it moves it again.
    await sleep(400);
    expect(speed()).toBeLessThan(0.01);
    going.stop('seen');
    await going.result;
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await proxy?.close(true);
  });
});

describe('who does not hold control', { timeout: 60_000 }, () => {
  /** What a page can say, without the page. */
  async function speaking(url: string) {
    const { origin, hash } = new URL(url);
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/live`, ['pumice', `pumice.token.${hash.slice(1)}`], {
      origin,
    });
    const heard: ToPage[] = [];
    let seenMs = 0;
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as ToPage;
      heard.push(message);
      if (message.kind === 'ping') seenMs = monotonicNowMs();
    });
    const closed = once(socket, 'close').then(([code, why]) => ({ code: code as number, why: String(why) }));
    await once(socket, 'open');
    const say = (message: FromPage | object) =>
      socket.readyState === socket.OPEN && socket.send(JSON.stringify(message));
    const ping = () => heard.findLast((message) => message.kind === 'ping');
    const twist = {
      kind: 'eef-twist',
      frameId: 'base',
      linearMPerS: [0, 0, 0.2],
      angularRadPerS: [0, 0, 0],
      gripperOpen: 1,
    };
    const sample = (isHeld: boolean) => {
      const { ping: nth = 0, pilot } = ping() ?? {};
      // A machine that is busy lets go of the dead-man: it is pressed again.
      const held = isHeld && pilot?.isLapsed !== true;
      say({
        ...{ kind: 'pilot', ping: nth, sinceMs: monotonicNowMs() - seenMs, isHeld: held, mode: 'manual', share: 1 },
        ...(held && { command: twist }),
      });
      say({ kind: 'alive', ping: nth });
    };
    return { socket, heard, closed, say, sample };
  }

  test('cannot drive, and sees who does; nor can a link that only looks on', async () => {
    await using board = await dashboard();
    const going = lead(board);
    // All pages are open before one of them takes control: opening one keeps a small machine so busy that the holder would seem silent.
    const other = await open(board.url);
    const watcher = await open(board.viewUrl);
    const page = await open(board.url);
    for (const one of [other, watcher]) await shows(one, 'Nobody holds control');
    await takeControl(page);
    for (const one of [other, watcher]) await shows(one, 'Viewer 3 holds control');
    expect(await button(other, 'Take control').isDisabled()).toBe(true);
    expect(await watcher.locator('.dead-man, .take').count()).toBe(0);
    await hold(other, 'KeyE');
    for (const url of [board.url, board.viewUrl]) {
      const one = await speaking(url);
      one.say({ kind: 'take-control' });
      for (let at = 0; at < 10; at++) {
        one.sample(at > 0);
        await sleep(20);
      }
      await until(() => one.heard.some(({ kind }) => kind === 'refused'), 'it is said');
      one.socket.terminate();
    }
    expect(speed()).toBeLessThan(0.01);
    // Whoever holds it still does.
    await other.close();
    await watcher.close();
    await hold(page, 'KeyE');
    await moves(again(page, 'KeyE'));
    going.stop('seen');
    await going.result;
  });

  test('who does and says what is no message, or too much, is shut out, and the arm is stopped', async () => {
    for (const badly of ['malformed', 'flood'] as const) {
      await using board = await dashboard();
      const going = lead(board);
      const one = await speaking(board.url);
      await until(
        // A dead-man that is held before somebody listens does not count.
        () => one.heard.some((message) => message.kind === 'status' && message.status.isPiloted === true),
        'somebody listens',
      );
      one.say({ kind: 'take-control' });
      await until(() => one.heard.some(({ kind }) => kind === 'ping'), 'a ping');
      one.sample(false);
      let isLed = false;
      for (const endMs = monotonicNowMs() + 20_000; monotonicNowMs() < endMs && !isLed; await sleep(20)) {
        one.sample(true);
        isLed = speed() > 0.05;
      }
      expect(isLed, 'it led before').toBe(true);
      if (badly === 'malformed') one.say({ kind: 'pilot', isHeld: 'yes' });
      else for (let at = 0; at < 5000; at++) one.sample(true);
      expect(await restMs()).toBeLessThan(REST_MS);
      expect(await one.closed).toEqual({
        code: 1008,
        why: badly === 'flood' ? 'too many messages' : 'expected a message of the dashboard',
      });
      expect((await going.result).reason).toMatch(/who holds control is gone/);
    }
  });

  test('after a stop at the page the arm is at rest, and the page says in which category', async () => {
    const { board, going, page } = await led();
    await using _board = board;
    await hold(page, 'KeyE');
    await moves(again(page, 'KeyE'));
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    expect(await restMs()).toBeLessThan(REST_MS);
    expect(await going.result).toMatchObject({ outcome: 'stopped' });
    await phase(page, 'stopped');
    await page.locator('.drive .driver, .run-facts', { hasText: 'category 1' }).first().waitFor();
  });
});
