/** Plays MiniWoB++ episodes as a suite has them played: one at a time in a process of its own, with what an arm's episode says of itself too. */
import { launchBrowser } from '../../../envs/browser/launch.ts';
import type { Critic, Policy } from '../../ports.ts';
import type { StepRecord } from '../../types.ts';
import {
  brokenBy,
  countsOf,
  type EpisodeSettings,
  type PlayedEpisode,
  timesOf,
  watchServer,
} from '../manipulator/episode.ts';
import { recordFile } from '../record-file.ts';
import { onPage, playPage } from './episode.ts';
import { serveFolder } from './server.ts';
import { isSuccess } from './task.ts';

export interface PlayedPages {
  readonly facts: Readonly<Record<string, string>>;
  /** @param onStep - is told of every step, as a sign of life. */
  readonly play: (task: string, seed: number, onStep?: () => void) => Promise<PlayedEpisode>;
}

/** Ends with its process. */
export async function openPages(
  { policy, critics }: { readonly policy: Policy; readonly critics: readonly Critic[] },
  { pages, stepTimeoutMs, records }: EpisodeSettings,
): Promise<PlayedPages> {
  const { origin } = await serveFolder(pages!.htmlDir);
  const { browser } = await launchBrowser();
  const play: PlayedPages['play'] = async (task, seed, onStep = () => {}) => {
    const steps: StepRecord[] = [];
    const watched = watchServer(policy);
    const { instruction, result, status } = await onPage(browser, (page) =>
      playPage(page, {
        ...{ origin, task, seed, policy: watched.policy, critics, thinkMs: stepTimeoutMs },
        ...(records !== undefined && { record: recordFile(records, `${policy.name}-${task}-${seed}`) }),
        onStep: ({ observation: _, ...step }) => {
          onStep();
          // Pictures are large, and only what was decided counts.
          steps.push(step);
        },
      }),
    );
    const { outcome, reason } = result;
    const success = outcome !== 'fault' && status !== undefined && isSuccess(status);
    return {
      score: {
        ...{ success, steps: steps.length, instruction, layoutSeed: seed, wrong: false, outcome, reason },
        // A page says once how it went, and it stands.
        ...{ final: success, held: success, any: success },
        ...countsOf(steps),
      },
      times: timesOf(steps),
      ...brokenBy(watched),
    };
  };
  return { facts: { body: 'MiniWoB++ 1.1.0', browser: `chromium ${browser.version()}` }, play };
}
