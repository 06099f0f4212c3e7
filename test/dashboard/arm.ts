/** The simulated arm in real time, led from a dashboard's page: how it moves is measured at the robot. */
import type { Page } from 'playwright';
import { monotonicNowMs, run, sleep } from 'pumice';
import { type SimEnv, sim } from 'pumice/envs/sim';
import { stopsOf } from 'pumice/stops';
import { afterAll, beforeAll } from 'vitest';
import { hold } from '../../policies/hold.ts';
import { type Dashboard, dashboard } from '../../src/dashboard/index.ts';
import { button, open, shows } from './page.ts';

/** Above it the arm counts as moving, and at and below it as at rest, m/s. */
const MOVES_M_PER_S = 0.05;
export const RESTS_M_PER_S = 0.005;
const RATE_HZ = 10;

let env: SimEnv;
/** One arm for the tests of a file. */
export function useArm(): void {
  beforeAll(async () => {
    env = await sim({ realtime: true, rateHz: RATE_HZ, cameras: ['third'], oracle: true });
  }, 60_000);
  afterAll(async () => {
    await env?.close();
  });
}

/**
 * The longest that it may take from a loss of the dead-man to rest, ms: 200 of silence at most, 50 at which it is looked at, braking of
 * less than 100 from any speed that is led at here, and what a busy machine may add.
 */
export const REST_MS = 800;

export const speed = (): number => env.instruments!.state()?.speedMPerS ?? 0;
/** Waits until the arm moves. @param again - presses the dead-man again, which a machine that is busy lets go of. */
export async function moves(again: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 16; tries++) {
    for (const endMs = monotonicNowMs() + 1500; monotonicNowMs() < endMs; await sleep(10))
      if (speed() > MOVES_M_PER_S) return;
    await again();
  }
  throw new Error('the arm does not move');
}
/** What has keys. */
interface Pressed {
  readonly keyboard: { readonly down: (key: string) => Promise<void>; readonly up: (key: string) => Promise<void> };
}
/** The dead-man pressed again, and the keys that were let go with it. */
export const again =
  (page: Pressed, ...keys: readonly string[]) =>
  async () => {
    for (const key of ['Space', ...keys]) await page.keyboard.up(key);
    await sleep(50);
    for (const key of ['Space', ...keys]) await page.keyboard.down(key);
  };
/**
 * What shows only while the dead-man is held.
 *
 * @param shown - resolves when it does, within so many ms.
 * @param again - as of `moves`, with what leads to it.
 */
export async function whileHeld(
  shown: (timeoutMs: number) => Promise<unknown>,
  again: () => Promise<unknown>,
): Promise<void> {
  for (let tries = 0; tries < 5; tries++) {
    const isShown = await shown(2500).then(
      () => true,
      () => false,
    );
    if (isShown) return;
    await again();
  }
  await shown(2500);
}
export const whereIs = (): readonly number[] => env.instruments!.state()!.measured.pM;

/** From now until the arm stands, and stays so for a moment, ms. */
export async function restMs(withinMs = 8000): Promise<number> {
  const beganMs = monotonicNowMs();
  let movedMs = beganMs;
  for (let now = beganMs; now - movedMs < 400; now = monotonicNowMs()) {
    if (speed() > RESTS_M_PER_S) movedMs = now;
    if (now - beganMs > withinMs) throw new Error(`the arm did not come to rest within ${withinMs} ms`);
    await sleep(4);
  }
  return movedMs - beganMs;
}

/** Begins a run that waits for who leads it. */
export function lead(board: Dashboard) {
  const going = run({
    ...{ env, policy: hold(), instruction: 'pick up the red block', seed: 3, pace: { rateHz: RATE_HZ } },
    marker: { name: 'segmentation', mark: async (seen) => ({ ...seen, marks: [...env.oracle!.marks('third')] }) },
    ...{ pilot: board.pilot, stops: [board.stops, stopsOf(() => env.instruments!.driver())] },
  });
  board.watch(going, env);
  return going;
}

/** A dashboard, a run, and somebody at the page who has taken control. */
export async function led(opening: Parameters<typeof open>[1] = {}, before?: (page: Page) => Promise<unknown>) {
  const board = await dashboard();
  const going = lead(board);
  const page = await open(board.url, opening, before);
  await takeControl(page);
  return { board, going, page };
}

/** Until the page can lead. */
export async function takeControl(page: Page): Promise<void> {
  await button(page, 'Take control').click();
  await shows(page, 'You hold control');
  await page.locator('.main-picture img').waitFor();
  await page.locator('.dead-man:not(:disabled)').waitFor();
}

export const isDriven = (page: Page, word: string, timeoutMs = 15_000) =>
  page.locator('.who-drives', { hasText: word }).waitFor({ timeout: timeoutMs });
