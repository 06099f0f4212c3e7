/**
 * Runs MiniWoB++ episodes through the real runtime: one browser, a fresh page for each episode, the page's own score as
 * oracle. The policy sees the page without its display of rewards.
 */
import type { Browser, Page } from 'playwright';
import { browser as browserBody } from '../../../envs/browser/index.ts';
import { launchBrowser } from '../../../envs/browser/launch.ts';
import som from '../../../policies/markers/som.ts';
import { monotonicNowMs, sleep } from '../../clock.ts';
import type { Critic, Oracle, Policy } from '../../ports.ts';
import { run } from '../../run.ts';
import type { StepRecord } from '../../types.ts';
import { recordFile } from '../record-file.ts';
import type { PairOptions, Score } from '../run-pairs.ts';
import { serveFolder } from './server.ts';
import { isSuccess, readStatus, startEpisode, WINDOW_PX } from './task.ts';

export interface MiniwobOptions {
  /** The folder that `fetchMiniwob` answers. */
  readonly htmlDir: string;
  /** Makes a policy for each episode: some keep what they saw. */
  readonly policy: () => Policy;
  /** Folder of the records; without it none are made. */
  readonly recordDir?: string;
  readonly maxSteps?: number;
}

/** Steps of one episode. Chosen: twice what the longest task takes by rules. */
const MAX_STEPS = 60;
/** Chosen: far above what an episode without a model takes, so that one hung page does not hold up the others. */
const TIMEOUT_MS = 60_000;
/** How long a page may take to tell its score, ms. */
const SCORE_WAIT_MS = 5000;
/** How long the control waits for its button, ms. */
const CONTROL_WAIT_MS = 1000;

export interface MiniwobScore extends Score {
  readonly rawReward: number;
  readonly ms: number;
  /** Path of its record, when one was made. */
  readonly record?: string;
}

export interface Miniwob
  extends Required<Pick<PairOptions<MiniwobScore>, 'runEpisode' | 'isTrivial'>>,
    AsyncDisposable {}

/** Starts the browser and the server of the pages. */
export async function openMiniwob(options: MiniwobOptions): Promise<Miniwob> {
  const server = await serveFolder(options.htmlDir);
  const { browser } = await launchBrowser().catch(async (error) => {
    await server.close();
    throw error;
  });
  const { origin } = server;
  return {
    runEpisode: (task, seed) => onPage(browser, (page) => runEpisode(page, origin, task, seed, options)),
    isTrivial: (task, seed) => onPage(browser, (page) => submitWins(page, origin, task, seed)),
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      await server.close();
    },
  };
}

export async function onPage<T>(browser: Browser, use: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ viewport: WINDOW_PX });
  try {
    return await use(await context.newPage());
  } finally {
    await context.close();
  }
}

async function runEpisode(page: Page, origin: string, task: string, seed: number, options: MiniwobOptions) {
  const { recordDir, maxSteps = MAX_STEPS } = options;
  const record = recordDir === undefined ? undefined : recordFile(recordDir, `${task}-${seed}`);
  const startedMs = monotonicNowMs();
  const policy = options.policy();
  const { result, status } = await playPage(page, { origin, task, seed, policy, maxSteps, record });
  return {
    success: Boolean(status && isSuccess(status)),
    rawReward: status ? status.rawReward : 0,
    steps: result.steps,
    ms: Math.round(monotonicNowMs() - startedMs),
    ...(record !== undefined && { record }),
  };
}

export interface PageEpisode {
  /** Where the pages are served. */
  readonly origin: string;
  readonly task: string;
  readonly seed: number;
  readonly policy: Policy;
  readonly critics?: readonly Critic[];
  readonly maxSteps?: number;
  readonly record?: string | undefined;
  /** Longest thought, ms. Without it an episode has a time of its own, and a thought has none. */
  readonly thinkMs?: number;
  readonly onStep?: (step: StepRecord) => void;
}

/** One episode on a fresh page. The status is missing where the page cannot tell its score: it crashed or hangs. */
export async function playPage(page: Page, episode: PageEpisode) {
  const { origin, task, seed, policy, critics = [], maxSteps = MAX_STEPS, record, thinkMs, onStep } = episode;
  const instruction = await startEpisode(page, origin, task, seed);
  await using env = await browserBody({ page, irreversible: 'allow' });
  const going = run({
    ...{ env, policy, critics, instruction, seed, oracle: oracleOf(page), facts: { task } },
    marker: som.create(som.options.parse({})),
    budget: { maxSteps, ...(thinkMs === undefined && { timeoutMs: TIMEOUT_MS }) },
    ...(thinkMs !== undefined && { deadlinesMs: { think: thinkMs } }),
    ...(record !== undefined && { record }),
  });
  const watching = going.events$.subscribe((event) => {
    if (event.kind === 'step-end') onStep?.(event.record);
  });
  const result = await going.result;
  watching.unsubscribe();
  const status = await Promise.race([readStatus(page), sleep(SCORE_WAIT_MS)]).catch(() => undefined);
  return { instruction, result, status: status ?? undefined };
}

const oracleOf = (page: Page): Oracle => ({
  judge: async () => {
    const status = await readStatus(page);
    if (!status.done) return undefined;
    const reason = `the page gave ${status.rawReward}${status.reason ? `: ${status.reason}` : ''}`;
    return { outcome: isSuccess(status) ? 'success' : 'failure', reason };
  },
});

/** The control: presses Submit, whatever the task is. */
async function submitWins(page: Page, origin: string, task: string, seed: number): Promise<boolean> {
  await startEpisode(page, origin, task, seed);
  const button = page.getByRole('button', { name: 'Submit', exact: true }).first();
  if ((await button.count()) === 0) return false;
  await button.click({ timeout: CONTROL_WAIT_MS }).catch(() => {});
  return isSuccess(await readStatus(page));
}
