/** The tool in three dimensions, in a real browser: what is drawn, what is said of it, and a browser that cannot draw it. */
import type { Page } from 'playwright';
import { type actionSchema, run } from 'pumice';
import { fakeMass } from 'pumice/envs/fake';
import scripted from 'pumice/policies/scripted';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { monotonicScheduler } from '../../src/clock.ts';
import { type Dashboard, dashboard } from '../../src/dashboard/index.ts';
import { button, complaints, open, useBrowser } from '../dashboard/page.ts';

useBrowser();

/** Motions of the policy: 1 cm along x. */
const MOVE: z.input<typeof actionSchema> = {
  ...{ kind: 'eef-delta', frameId: 'base', dPosM: [0.01, 0, 0], dRpyRad: [0, 0, 0], gripperOpen: 1 },
};

/** A run that moves the mass by 2 cm and is over. */
async function moved(board: Dashboard): Promise<void> {
  const env = fakeMass({ scheduler: monotonicScheduler, tickMs: 15 });
  const going = run({
    env,
    policy: scripted.create(scripted.options.parse({ actions: [MOVE, MOVE, { kind: 'done', outcome: 'success' }] })),
    instruction: 'move',
  });
  board.watch(going);
  await going.result;
}
/** How much of the drawing there is: bits a pixel. */
const entropyOf = async (page: Page) => (await sharp(await page.locator('.space canvas').screenshot()).stats()).entropy;

test('what is drawn is loaded when it is asked for, says in words what it shows, and is another from another side', async () => {
  await using board = await dashboard();
  await moved(board);
  const page = await open(board.url);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await button(page, 'Show in 3D').click();
  await page.locator('.space canvas').waitFor();
  await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => /three/.test(name)));
  await expect.poll(() => entropyOf(page), { timeout: 10_000 }).toBeGreaterThan(0.2);
  expect(asked.some((url) => url.includes('/lib/three'))).toBe(true);
  expect(await page.getByRole('img', { name: /The tool is at \S+, \S+, \S+ mm.*It is kept within/ }).count()).toBe(1);
  const before = await page.locator('.space canvas').screenshot();
  await button(page, 'from above').click();
  await expect
    .poll(async () => before.equals(await page.locator('.space canvas').screenshot()), { timeout: 5000 })
    .toBe(false);
  // The driver of a picture without a graphics card tells that it is slow to be read back.
  expect(complaints.filter((text) => !text.includes('GPU stall due to ReadPixels'))).toEqual([]);
});

test('a browser that cannot draw it says so, and the rest goes on', async () => {
  await using board = await dashboard();
  await moved(board);
  const page = await open('about:blank');
  await page.addInitScript(() => {
    HTMLCanvasElement.prototype.getContext = () => null;
  });
  await page.goto(board.url);
  await button(page, 'Show in 3D').click();
  await page.getByText('it has no WebGL').waitFor();
  await button(page, 'Hide').click();
  await page.getByText('it has no WebGL').waitFor({ state: 'hidden' });
});
