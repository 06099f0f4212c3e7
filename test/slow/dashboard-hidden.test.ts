/** Who leads an arm is no longer there, for real: their tab is hidden, another window has their keyboard, or their browser is killed. */
import { monotonicNowMs, sleep, wallMs } from 'pumice';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser } from '../../envs/browser/find-browser.ts';
import { dashboard } from '../../src/dashboard/index.ts';
import { again, lead, moves, REST_MS, restMs, speed, useArm } from '../dashboard/arm.ts';
import { type RawBrowser, type RawPage, rawBrowser } from '../dashboard/raw-browser.ts';
import { lacking, openScreen, type Screen } from '../dashboard/screen.ts';

const { source } = await findBrowser();
const cannot = source === 'sparticuz' ? 'the Chromium of the npm package hides no tab' : undefined;
if (cannot !== undefined && process.env.CI) throw new Error(`nothing can be hidden: ${cannot}`);
const hidden = cannot === undefined ? test : test.skip;
const screenless = cannot ?? lacking();
if (screenless !== undefined && process.env.CI) throw new Error(`there is no screen: ${screenless}`);

useArm();
let browser: RawBrowser;
beforeAll(async () => {
  browser = await rawBrowser();
}, 60_000);
afterAll(() => browser?.[Symbol.asyncDispose]());

const SILENCE = /who holds control gave no sign of life for 500 ms/;
/** When the browser itself hides the page, by the clock of this process, ms. */
const listens = (page: RawPage) =>
  page.evaluate(`void (() => {
    window.hiddenMs = null;
    document.addEventListener('visibilitychange', ({ isTrusted, timeStamp }) => {
      if (isTrusted && document.visibilityState === 'hidden') hiddenMs ??= performance.timeOrigin + timeStamp;
    });
  })()`);
async function hiddenMs(page: RawPage): Promise<number | undefined> {
  const atWallMs = await page.evaluate<number | null>('hiddenMs');
  return atWallMs === null ? undefined : atWallMs - wallMs(0);
}

/** Somebody at a page leads the arm. A busy machine lets a run end before that: the page is new and draws no frame, or the arm is late. Then anew. */
async function led(from: RawBrowser, screen?: Screen, tries = 10): ReturnType<typeof begun> {
  const one = await begun(from);
  const { board, going, page } = one;
  const keys = screen ?? page;
  const isOver = going.result.then(({ reason }) => Promise.reject(new Error(`it ended before: ${reason}`)));
  const isLed = async () => {
    await page.click('Take control');
    await page.becomes("document.querySelector('.dead-man:not(:disabled)')");
    await page.becomes("document.querySelector('.main-picture img')");
    await screen?.focus('pick up the red block');
    for (const key of ['Space', 'KeyE']) await keys.keyboard.down(key);
    await moves(again(keys, 'KeyE'));
    await listens(page);
  };
  try {
    await Promise.race([isLed(), isOver]);
    return one;
  } catch (error) {
    if (tries === 1) throw error;
    going.stop('anew');
    await going.result;
    await page.close();
    await board.close();
    return led(from, screen, tries - 1);
  }
}
async function begun(from: RawBrowser) {
  const board = await dashboard();
  const going = lead(board);
  return { board, going, page: await from.open(board.url) };
}

describe('the arm comes to rest', { timeout: 240_000 }, () => {
  hidden.each(['another tab is in front of the page', 'the window of the page is minimised'])(
    cannot === undefined ? 'when %s' : `when %s (skipped: ${cannot})`,
    async (how) => {
      const { board, going, page } = await led(browser);
      await using _board = board;
      await (how.includes('tab') ? page.goBehind() : page.minimise());
      const restedMs = monotonicNowMs() + (await restMs());
      const beganMs = await hiddenMs(page);
      expect(beganMs, 'the browser says that it is hidden').toBeDefined();
      expect(restedMs - beganMs!).toBeLessThan(REST_MS);
      expect(await page.evaluate("document.querySelector('.dead-man.held') === null")).toBe(true);
      await sleep(400);
      expect(speed()).toBeLessThan(0.01);
      // A page that nobody sees holds control no longer, with a dead-man or without one.
      expect((await going.result).reason).toMatch(SILENCE);
      await page.close();
    },
  );

  (screenless === undefined ? test : test.skip)(
    `when another window gets the keyboard${screenless === undefined ? '' : ` (skipped: ${screenless})`}`,
    async () => {
      await using screen = await openScreen();
      await using own = await rawBrowser(screen.display);
      await own.open('data:text/html,<title>the mail of somebody</title>');
      const { board, going, page } = await led(own, screen);
      await using _board = board;
      // Its keys stay down: that they are let go is heard by the other window.
      await screen.focus('the mail of somebody');
      expect(await restMs()).toBeLessThan(REST_MS);
      await page.becomes("document.body.textContent.includes('this window is no longer in front')");
      expect(
        await page.evaluate("[document.visibilityState, document.querySelector('.dead-man.held') === null]"),
      ).toEqual(['visible', true]);
      for (const key of ['KeyE', 'Space']) await screen.keyboard.up(key);
      await sleep(400);
      expect(speed()).toBeLessThan(0.01);
      // It is seen, and so it still holds control; and leads again once it has the keyboard.
      await screen.focus('pick up the red block');
      for (const key of ['Space', 'KeyE']) await screen.keyboard.down(key);
      await moves(again(screen, 'KeyE'));
      for (const key of ['KeyE', 'Space']) await screen.keyboard.up(key);
      going.stop('seen');
      expect((await going.result).outcome).toBe('stopped');
    },
  );

  test('when the browser is killed', async () => {
    await using own = await rawBrowser();
    const { board, going } = await led(own);
    await using _board = board;
    process.kill(own.pid, 'SIGKILL');
    expect(await restMs()).toBeLessThan(REST_MS);
    expect((await going.result).reason).toMatch(/who holds control is gone/);
    expect(speed()).toBeLessThan(0.01);
  });
});
