/**
 * Starts one MiniWoB++ episode in a page and reads its score. Talks to the page's own globals only; knows nothing of
 * policies, marks or Playwright beyond two methods.
 * The order of the reset is that of `miniwob/selenium_instance.py`; the globals are those of `html/core/core.js` (1.1.0).
 */
import { z } from 'zod';
import { PumiceError } from '../../errors.ts';

/** Window of the original Selenium wrapper, CSS pixels; the task itself is the top left 160 x 210. */
export const WINDOW_PX = { width: 500, height: 320 } as const;

/** Longest episode, ms: as BrowserGym, so that thinking is not timed. */
const MAX_EPISODE_MS = 1_000_000;

/** What is needed of a browser page; a Playwright `Page` fits. */
export interface TaskPage {
  readonly goto: (url: string, options: { waitUntil: 'load' }) => Promise<unknown>;
  readonly evaluate: (expression: string) => Promise<unknown>;
}

export interface TaskStatus {
  readonly done: boolean;
  /** Not scaled by time; 1 is a full success, -1 a failure or a time-out. */
  readonly rawReward: number;
  readonly reason: string | undefined;
}

const who = 'eval miniwob';
const statusSchema = z.object({ done: z.boolean(), raw: z.number(), reason: z.unknown() });

/**
 * Loads the task afresh, starts its episode with this seed and answers the instruction.
 * Success is `isSuccess` of the status; the display of past rewards is hidden, else it would tell them to the policy.
 *
 * @throws PumiceError `eval/setup` when the page is not a MiniWoB++ task.
 */
export async function startEpisode(page: TaskPage, origin: string, task: string, seed: number): Promise<string> {
  await page.goto(`${origin}/miniwob/${task}.html`, { waitUntil: 'load' });
  const instruction = await page.evaluate(`(() => {
    const style = document.createElement('style');
    style.textContent = '#reward-display, #click-canvas, #sync-task-cover { display: none !important }';
    document.head.append(style);
    core.endEpisode(0);
    Math.seedrandom(${JSON.stringify(seed)});
    core.setDataMode('train');
    core.EPISODE_MAX_TIME = ${MAX_EPISODE_MS};
    core.startEpisodeReal();
    const said = core.getUtterance();
    return typeof said === 'string' ? said : said.utterance;
  })()`);
  if (typeof instruction === 'string' && instruction !== '') return instruction;
  throw new PumiceError('eval/setup', `task ${task} gave no instruction (${String(instruction)})`, { who });
}

/** Where the episode stands. */
export async function readStatus(page: TaskPage): Promise<TaskStatus> {
  const answer = await page.evaluate(
    '({ done: WOB_DONE_GLOBAL, raw: WOB_RAW_REWARD_GLOBAL, reason: WOB_REWARD_REASON })',
  );
  const status = statusSchema.safeParse(answer);
  if (!status.success) throw new PumiceError('eval/setup', `the page has no score: ${status.error.message}`, { who });
  const { done, raw, reason } = status.data;
  return { done, rawReward: raw, reason: typeof reason === 'string' ? reason : undefined };
}

/** A full success, and nothing less. */
export const isSuccess = (status: TaskStatus): boolean => status.done && status.rawReward >= 1;
