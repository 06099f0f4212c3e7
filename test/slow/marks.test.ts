/** Pages that are huge, blocked, hung or crashed: a look ends, with marks or with an error. And many generated pages. */
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PumiceError } from '../../src/errors.ts';
import { launchBrowser } from '../browser/chromium.ts';
import { generatePage } from '../browser/generated-page.ts';
import { coverageOf, look, open } from '../browser/look.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

it('a page of 50,000 elements that can be clicked is seen, with the marks in view only', async () => {
  const rows = Array.from({ length: 50_000 }, (_, i) => `<a href="#${i}">${i}</a> `);
  // Wide ones, so that a view of them stays below the bound of marks per frame.
  const { collector, page, close } = await open(
    browser,
    `<style>a{display:inline-block;width:60px}</style>${rows.join('')}`,
  );
  const top = await look(collector);
  expect(top.marks[0]!.name).toBe('0');
  expect(top.marks.length).toBeGreaterThan(200);
  expect(top.marks.length).toBeLessThan(5000);
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  expect((await look(collector)).marks.at(-1)!.name).toBe('49999');
  await close();
}, 60_000);

describe('a page whose script is blocked ends in an error, and is seen again when it is free', () => {
  it('by an endless loop', async () => {
    const { collector, page, close } = await open(browser, '<button>free</button>');
    await look(collector);
    await page.evaluate(() => {
      setTimeout(() => {
        const untilMs = Date.now() + 9000;
        while (Date.now() < untilMs);
      }, 50);
    });
    await page.waitForTimeout(200);
    const error = await look(collector).catch((error) => error);
    expect(PumiceError.is(error, 'browser/protocol'), String(error)).toBe(true);
    await page.evaluate(() => 1);
    await expect.poll(async () => (await look(collector)).marks.length, { timeout: 9000 }).toBe(1);
    await close();
  });

  it('by a dialog', async () => {
    const { collector, page, close } = await open(browser, '<button>free</button>');
    const shown = page.waitForEvent('dialog');
    page.on('dialog', () => {});
    await look(collector);
    await page.evaluate(() => void setTimeout(() => alert('stop'), 0));
    const dialog = await shown;
    const error = await look(collector).catch((error) => error);
    expect(PumiceError.is(error, 'browser/protocol'), String(error)).toBe(true);
    await dialog.accept();
    await expect.poll(async () => (await look(collector)).marks.length).toBe(1);
    await close();
  });

  it('a frame that hangs holds up neither the marks of the others nor, twice, the look', async () => {
    const pages = new Map([
      ['/', '<button>main</button><iframe src="SITE_B/f"></iframe>'],
      ['/f', '<button>hung</button><script>onmessage = () => { for (;;); }</script>'],
    ]);
    const { collector, page } = await open(browser, pages);
    await expect.poll(async () => (await look(collector)).marks.length).toBe(2);
    await page.evaluate(() => frames[0]!.postMessage('', '*'));
    // The first look waits for it, later ones do not: together they would take longer than the test may.
    for (let i = 0; i < 20; i++) expect((await look(collector)).marks.map(({ name }) => name)).toEqual(['main']);
    await collector.dispose();
  });
});

it('a page that crashed ends in an error', async () => {
  const { collector, page } = await open(browser, '<button>x</button>');
  const crashed = page.waitForEvent('crash');
  page.goto('chrome://crash').catch(() => {});
  await crashed;
  const error = await look(collector).catch((error) => error);
  expect(PumiceError.is(error, 'browser/protocol'), String(error)).toBe(true);
  await collector.dispose();
});

/** Seeds of generated pages, each with some 230 targets and 90 decoys: `MARK_SEEDS`, else 5. */
const SEEDS = Number(process.env.MARK_SEEDS ?? 5);

it(`on ${SEEDS} generated pages every target is marked, and at most 1 % of the marks are none`, {
  timeout: SEEDS * 10_000,
}, async () => {
  const missed: string[] = [];
  const wrong: string[] = [];
  let marks = 0;
  for (let seed = 100; seed < 100 + SEEDS; seed++) {
    const generated = generatePage(seed, ['SITE_A', 'SITE_B']);
    const { collector, close } = await open(browser, generated.pages);
    // Late roots and frames come within moments of the load.
    await expect
      .poll(async () => coverageOf(generated, await look(collector)).missed.length, { timeout: 5000 })
      .toBe(0)
      .catch(() => {});
    const found = coverageOf(generated, await look(collector));
    missed.push(...found.missed.map((name) => `${seed}:${name}`));
    wrong.push(...found.false.map((name) => `${seed}:${name}`));
    marks += found.marks;
    await close();
  }
  console.log(`${SEEDS} pages, ${marks} marks, ${missed.length} missed, ${wrong.length} false`);
  expect(missed).toEqual([]);
  expect(wrong.length, wrong.join()).toBeLessThanOrEqual(marks / 100);
});
