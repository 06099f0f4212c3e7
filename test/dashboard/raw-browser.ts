/**
 * A browser that nobody but its debugger's own protocol speaks to. Playwright tells each page that it is in front and seen, whatever the
 * browser does with its tab: here a tab that is behind another one is hidden for real.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from 'pumice';
import { WebSocket } from 'ws';
import { launchOptions } from '../browser/chromium.ts';
import { until } from './stand.ts';

export interface RawPage {
  /** The value of an expression, as JSON. */
  readonly evaluate: <T>(expression: string) => Promise<T>;
  readonly keyboard: { readonly down: (code: string) => Promise<void>; readonly up: (code: string) => Promise<void> };
  /** Until an expression is true. */
  readonly becomes: (expression: string) => Promise<void>;
  /** Clicks the button with that name, once it is there. */
  readonly click: (name: string) => Promise<void>;
  readonly minimise: () => Promise<void>;
  /** The tab beside it comes in front. */
  readonly goBehind: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface RawBrowser extends AsyncDisposable {
  /** In front, in a window of its own, in which an empty tab lies behind it. */
  readonly open: (url: string) => Promise<RawPage>;
  /** Of the browser itself, whose end is that of all its processes. */
  readonly pid: number;
}

/** For a page that a browser loads first, on a machine that is busy, ms. */
const PATIENCE_MS = 40_000;
const LISTENS = /DevTools listening on (\S+)/;
/** `key` and `text` of a key by its place. */
const keyOf = (code: string) => (code === 'Space' ? ' ' : code.replace(/^Key/, '').toLowerCase());

/** @param display - of an X server whose windows it opens; without one it has windows that nobody sees. */
export async function rawBrowser(display?: { readonly DISPLAY: string }): Promise<RawBrowser> {
  const { executablePath, args, env } = await launchOptions();
  const profile = await mkdtemp(join(tmpdir(), 'pumice-raw-'));
  const own = [
    ...(display ? ['--ozone-platform=x11'] : ['--headless=new']),
    ...['--remote-debugging-port=0', `--user-data-dir=${profile}`, '--window-size=1280,1000'],
  ];
  const child = spawn(executablePath!, [...own, ...args, 'about:blank'], {
    env: { ...(env as NodeJS.ProcessEnv), ...display },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  const address = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stderr!.on('data', (data) => {
      said += data;
      const found = LISTENS.exec(said)?.[1];
      if (found) resolve(found);
    });
    void exited.then(() => reject(new Error(`the browser ended: ${said}`)));
  });
  const socket = new WebSocket(address);
  await once(socket, 'open');
  let count = 0;
  const waiting = new Map<number, (answer: { result?: unknown; error?: { message: string } }) => void>();
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  });
  const send = <T>(method: string, params: object = {}, sessionId?: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const id = ++count;
      waiting.set(id, ({ result, error }) =>
        error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result as T),
      );
      socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
  const { processInfo } = await send<{ processInfo: { type: string; id: number }[] }>('SystemInfo.getProcessInfo');
  const pid = processInfo.find(({ type }) => type === 'browser')!.id;

  const create = (params: object) => send<{ targetId: string }>('Target.createTarget', params);
  const open = async (url: string): Promise<RawPage> => {
    const { targetId: beside } = await create({ url: 'about:blank', newWindow: true });
    const { targetId } = await create({ url });
    const { sessionId } = await send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
    const evaluate = async <T>(expression: string): Promise<T> => {
      const { result, exceptionDetails } = await send<{
        result: { value: T };
        exceptionDetails?: { exception?: { description?: string } };
      }>('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true }, sessionId);
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? expression);
      return result.value;
    };
    // Between two documents there is nothing that could answer.
    const becomes = (expression: string) =>
      until(() => evaluate<boolean>(`!!(${expression})`).catch(() => false), expression, PATIENCE_MS);
    const press = (type: 'keyDown' | 'keyUp') => async (code: string) => {
      const key = keyOf(code);
      const windowsVirtualKeyCode = key.toUpperCase().charCodeAt(0);
      await send('Input.dispatchKeyEvent', { type, code, key, windowsVirtualKeyCode }, sessionId);
    };
    return {
      evaluate,
      becomes,
      keyboard: { down: press('keyDown'), up: press('keyUp') },
      click: async (name) => {
        const found = `[...document.querySelectorAll('button')].find((one) => one.textContent.includes(${JSON.stringify(name)}) && !one.disabled)`;
        await becomes(found);
        await evaluate(`${found}.click()`);
      },
      minimise: async () => {
        const { windowId } = await send<{ windowId: number }>('Browser.getWindowForTarget', { targetId });
        await send('Browser.setWindowBounds', { windowId, bounds: { windowState: 'minimized' } });
      },
      goBehind: async () => void (await send('Target.activateTarget', { targetId: beside })),
      close: async () => {
        for (const id of [targetId, beside]) await send('Target.closeTarget', { targetId: id });
      },
    };
  };
  return {
    open,
    pid,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        await Promise.race([send('Browser.close').catch(() => {}), sleep(2000)]);
        await Promise.race([exited, sleep(5000)]);
        if (child.exitCode === null && child.signalCode === null) process.kill(pid, 'SIGKILL');
      }
      socket.terminate();
      await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}
