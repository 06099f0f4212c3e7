import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderReport, writeReport } from '../../src/record/index.ts';
import { launchBrowser } from '../browser/chromium.ts';
import { armEpisode } from '../record/arm.ts';
import { hostileEpisode, sampleEnd, sampleFacts, sampleSteps } from '../record/sample.ts';

describe('the report in a browser', () => {
  let folder: string;
  let browser: Browser;
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pumice-page-'));
    const episode = {
      facts: sampleFacts,
      steps: await sampleSteps(),
      end: sampleEnd,
      isComplete: true,
      wallAtZeroMs: 0,
    };
    await writeFile(join(folder, 'report.html'), await renderReport(episode));
    await writeFile(join(folder, 'hostile.html'), await renderReport(await hostileEpisode()));
    await writeReport(await armEpisode(40), join(folder, 'arm.html'));
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(widthPx: number, name = 'report', javaScriptEnabled = true): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: widthPx, height: 900 }, javaScriptEnabled });
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) complaints.push(`request to ${request.url()}`);
    });
    await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
    return page;
  }
  const hash = (page: Page) => page.evaluate(() => location.hash);

  test('j and k go from step to step, n to the next exception, from wherever the reader is', async () => {
    const page = await open(1280);
    const visited: string[] = [];
    for (const key of ['j', 'j', 'k', 'n', 'n', 'n', 'n', 'j']) {
      await page.keyboard.press(key);
      visited.push(await hash(page));
    }
    expect(visited).toEqual(['#step-0', '#step-1', '#step-0', '#step-3', '#step-4', '#step-5', '#step-6', '#step-7']);
    // The step has the focus, so that a screen reader and Tab go on from there.
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('step-7');
  });

  test('Enter and a click enlarge the picture with its target, Escape and a click end it', async () => {
    const page = await open(1280);
    await page.keyboard.press('n');
    await page.keyboard.press('Enter');
    const viewer = page.locator('#viewer[open]');
    expect(await viewer.locator('img, svg').count()).toBe(2);
    expect((await viewer.boundingBox())!.width).toBeGreaterThan(1200);
    await page.keyboard.press('Escape');
    expect(await viewer.count()).toBe(0);
    await page.locator('#step-3 .enlarge').click();
    expect(await viewer.count()).toBe(1);
    await viewer.click();
    expect(await viewer.count()).toBe(0);
  });

  test.each([320, 390, 768, 1280, 1920])('nothing is cut off at a width of %i px', async (widthPx) => {
    const page = await open(widthPx);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(widthPx);
  });

  test('the target is drawn where the thing is on the picture', async () => {
    const page = await open(1280);
    const picture = (await page.locator('#step-3 .picture img').boundingBox())!;
    const drawn = (await page.locator('#step-3 .overlay path.line').boundingBox())!;
    // Mark 6 of the sample: [864, 560, 1144, 608] of 1280 x 800.
    expect(drawn.x - picture.x).toBeCloseTo((864 / 1280) * picture.width, -1);
    expect(drawn.y - picture.y).toBeCloseTo((560 / 800) * picture.height, -1);
    expect(drawn.width).toBeCloseTo((280 / 1280) * picture.width, -1);
  });

  test('hostile text of a page stays text: it makes no element, breaks no line, and runs nothing', async () => {
    const [hostile, plain] = [await open(390, 'hostile'), await open(390)];
    const elements = (page: Page) => page.locator('main *').count();
    // The note that the recording was not closed stands at its end.
    expect(await elements(hostile)).toBe((await elements(plain)) + 1);
    expect(await hostile.locator('img[src="x"], [onerror]').count()).toBe(0);
    expect(await hostile.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });

  test('is read without any script, and then offers no keys', async () => {
    const page = await open(1280, 'report', false);
    expect(await page.locator('article.step').count()).toBe(9);
    expect(await page.locator('#step-3 blockquote').isVisible()).toBe(true);
    expect(await page.getByText('How it ended').isVisible()).toBe(true);
    expect(await page.locator('.keys').isVisible()).toBe(false);
  });

  test('has one main heading and no level skipped, words for every picture, and names for all that is pressed', async () => {
    const page = await open(1280);
    const levels = await page
      .locator('h1, h2, h3, h4')
      .evaluateAll((all) => all.map((each) => Number(each.tagName[1])));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    for (const [index, level] of levels.entries()) expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
    const nameless = await page
      .locator('main img, button, a, summary')
      .evaluateAll((all) =>
        all.filter((each) => !(each.getAttribute('alt') ?? each.getAttribute('aria-label') ?? each.textContent)),
      );
    expect(nameless).toHaveLength(0);
  });

  test.each([320, 390, 768, 1280])('the report of an arm is not cut off at a width of %i px', async (widthPx) => {
    const page = await open(widthPx, 'arm');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(widthPx);
  });

  test('the video plays where it stands in the page, and shows what the cameras saw', async () => {
    const page = await open(1280, 'arm');
    const seen = await page.locator('video').evaluate(async (video: HTMLVideoElement) => {
      // The middle of step 20: five steps a second.
      const at = new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
      video.currentTime = 20.5 / 5;
      await at;
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
      const context = canvas.getContext('2d', { willReadFrequently: true })!;
      context.drawImage(video, 0, 0);
      const pixel = (x: number, y: number) => [...context.getImageData(x, y, 1, 1).data].slice(0, 3);
      // The plate, and beside it the block as the camera at the wrist sees it.
      const [plate, block] = [pixel(400, 32 + 380), pixel(540 + 270, 32 + 361)];
      return { size: [video.videoWidth, video.videoHeight], durationS: video.duration, plate, block };
    });
    expect(seen).toMatchObject({ size: [1080, 572], durationS: expect.closeTo(44 / 5, 1) });
    const near = (colour: readonly number[], expected: readonly number[]) =>
      Math.max(...colour.map((part, at) => Math.abs(part - expected[at]!)));
    expect(near(seen.plate, [40, 90, 200])).toBeLessThan(30);
    expect(near(seen.block, [205, 40, 40])).toBeLessThan(30);
  });

  test('each plot of the motion has a name and words for those who do not see it, and its strips lead to the steps', async () => {
    const page = await open(1280, 'arm', false);
    const plots = page.getByRole('img', { name: /of the tool/ });
    expect(await plots.count()).toBe(7);
    for (const plot of await plots.all()) expect((await plot.boundingBox())!.height).toBeGreaterThan(100);
    await plots.first().locator('a').nth(9).click();
    expect(new URL(page.url()).hash).toBe('#step-9');
    await page.getByText('Numbers of x').click();
    expect(await page.locator('.axis').first().locator('tbody tr').count()).toBe(40);
    expect(await page.locator('.axis').first().locator('tbody tr').first().isVisible()).toBe(true);
  });

  test('a trace ends where the thing is that it leads to', async () => {
    const page = await open(1280, 'arm');
    const picture = (await page.locator('#step-2 .picture img').first().boundingBox())!;
    const disc = (await page.locator('#step-2 .scene .disc').boundingBox())!;
    // The plate of the sample is at [176, 150] of 224 x 224.
    expect(disc.x + disc.width / 2 - picture.x).toBeCloseTo((176 / 224) * picture.width, -1);
    expect(disc.y + disc.height / 2 - picture.y).toBeCloseTo((150 / 224) * picture.height, -1);
  });

  test('nothing was complained of, and nothing was asked for from outside', () => {
    expect(complaints).toEqual([]);
  });
});
