/** The dashboard's page in a real browser, and what is wrong with it there. */
import checker from 'axe-core';
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { launchBrowser } from '../browser/chromium.ts';

let browser: Browser;
/** What a page wrote into its console, threw, or asked others for, in the test that runs. */
export const complaints: string[] = [];

/** A browser for the tests of a file; each test's pages end with it. */
export function useBrowser(): void {
  beforeAll(async () => {
    browser = await launchBrowser();
  }, 60_000);
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    complaints.length = 0;
  });
  afterAll(async () => {
    await browser?.close();
  });
}

interface Opening {
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly hasTouch?: boolean;
  readonly colorScheme?: 'light' | 'dark';
  readonly proxy?: number;
}
export async function open(
  url: string,
  { widthPx = 1280, heightPx = 900, colorScheme = 'light', proxy, hasTouch = false }: Opening = {},
  before?: (page: Page) => Promise<unknown>,
): Promise<Page> {
  const context = await browser.newContext({
    ...{ viewport: { width: widthPx, height: heightPx }, hasTouch, colorScheme, locale: 'en-GB' },
    ...(proxy !== undefined && { proxy: { server: `http://127.0.0.1:${proxy}`, bypass: '<-loopback>' } }),
  });
  const page = await context.newPage();
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!/^(http:\/\/127\.0\.0\.1:\d+\/|blob:|data:)/.test(request.url()))
      complaints.push(`asked for ${request.url()}`);
  });
  await before?.(page);
  await page.goto(url);
  return page;
}
export const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
export const shows = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor({ timeout: 15_000 });
export const phase = (page: Page, word: string) =>
  page.locator('.phase', { hasText: word }).waitFor({ timeout: 15_000 });
export const theBrowser = (): Browser => browser;

/** What axe finds wrong with it. */
export async function violationsIn(page: Page): Promise<readonly string[]> {
  // The page's own policy forbids scripts of others: the checker is put in beside it.
  await page.evaluate(checker.source);
  const { violations } = await page.evaluate(() =>
    (
      window as unknown as {
        axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      }
    ).axe.run(),
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 150)).join(' | ')}`);
}
