/** A page of the dashboard that leads the real-time arm, and says by its own clock when it sent what. */
import { type Browser, chromium, type Page } from 'playwright';
import { wallMs } from 'pumice';
import { findBrowser } from '../envs/browser/find-browser.ts';

export async function openBrowser(): Promise<Browser> {
  const { executablePath, args, env } = await findBrowser();
  const own = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
  return chromium.launch({
    executablePath,
    env: { ...process.env, ...env } as Record<string, string>,
    args: [...own, ...args],
  });
}

/** What a page noted, wall time in ms. */
export interface Noted {
  /** Samples of the controls, each with a number of its own in place of the share, which says nothing while a person is alone. */
  readonly sent: readonly (readonly [sentMs: number, share: number])[];
  /** Keys, from when the browser had them. */
  readonly keys: readonly (readonly [pressedMs: number, code: string])[];
}

const note = () => {
  const noted = { sent: [] as [number, number][], keys: [] as [number, string][] };
  Object.assign(window, { noted });
  const send = WebSocket.prototype.send;
  let floor: WebSocket | undefined;
  Object.assign(window, {
    openFloor: (port: number) => {
      floor = new WebSocket(`ws://127.0.0.1:${port}`);
    },
  });
  let isFloorFirst = false;
  WebSocket.prototype.send = function (data) {
    if (typeof data !== 'string' || !data.includes('"kind":"pilot"')) return send.call(this, data);
    const share = noted.sent.length / 1e6;
    const text = data.replace(/"share":[\d.]+/, `"share":${share}`);
    noted.sent.push([performance.timeOrigin + performance.now(), share]);
    const ways = floor?.readyState === WebSocket.OPEN ? [floor, this] : [this];
    // Whoever is second waits for the first: in turns.
    isFloorFirst = !isFloorFirst;
    for (const way of isFloorFirst ? ways : ways.reverse()) send.call(way, text);
  };
  addEventListener(
    'keydown',
    ({ timeStamp, code, repeat }) => {
      if (!repeat) noted.keys.push([performance.timeOrigin + timeStamp, code]);
    },
    { capture: true },
  );
};

export async function openPage(browser: Browser, url: string, proxy?: number): Promise<Page> {
  const context = await browser.newContext({
    // The floor is another server, which the page's own policy forbids.
    ...{ viewport: { width: 1280, height: 900 }, bypassCSP: true },
    ...(proxy !== undefined && { proxy: { server: `http://127.0.0.1:${proxy}`, bypass: '<-loopback>' } }),
  });
  const page = await context.newPage();
  await page.addInitScript(note);
  await page.goto(url);
  await page.getByRole('button', { name: 'Take control' }).click();
  return page;
}

/** From now on each sample goes to this server too, as it is: what the browser and its machine take by themselves. */
export const openFloor = (page: Page, port: number): Promise<void> =>
  page.evaluate((to) => (window as never as { openFloor: (port: number) => void }).openFloor(to), port);
export const ready = (page: Page) => page.locator('.dead-man:not(:disabled)').waitFor();
export const notedBy = (page: Page): Promise<Noted> => page.evaluate(() => (window as never as { noted: Noted }).noted);
/** The clock of this process, ms, at a wall time. */
export const atWall = (wall: number): number => wall - wallMs(0);
