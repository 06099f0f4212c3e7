/** `pumice eval miniwob`: many episodes of tasks that others wrote, side by side, and how often they were done. */
import { join } from 'node:path';
import { monotonicNowMs, wallMs } from '../clock.ts';
import { paint } from '../demo/progress.ts';
import { type Journal, noJournal, openJournal } from '../eval/journal.ts';
import { type MiniwobScore, openMiniwob } from '../eval/miniwob/episode.ts';
import { fetchMiniwob, listTasks } from '../eval/miniwob/fetch.ts';
import { parseSeeds, runPairs, type Scored, tableOf } from '../eval/run-pairs.ts';
import { mindOf, STATISTICS, versionsOf } from '../eval/suite/setup.ts';
import { countIn, policyIn, saveJson, tasksIn } from './eval-parts.ts';
import { EXIT } from './exit.ts';
import { watchInterrupts } from './interrupts.ts';

export interface MiniwobFlags {
  readonly tasks: string;
  readonly seeds: string;
  readonly policy: string;
  readonly policyOptions?: string;
  readonly json?: string;
  readonly parallel?: string;
  readonly records?: string;
}

/** @returns 0 when it ran, however many tasks were done. */
export async function evaluateMiniwob(options: MiniwobFlags): Promise<number> {
  const workers = countIn('--parallel', options.parallel);
  const seeds = parseSeeds(options.seeds);
  const policy = await policyIn(options.policy, options.policyOptions, 'page');

  using interrupts = watchInterrupts((text) => process.stderr.write(`\n${text}\n`));
  const { signal } = interrupts;
  try {
    const htmlDir = await fetchMiniwob({ signal });
    const tasks = tasksIn('--tasks', options.tasks, await listTasks(htmlDir));
    const setup = {
      suite: {
        name: 'miniwob',
        env: 'browser',
        successRule: 'the page says that it is done, with a raw reward of 1',
        tasks,
        seeds,
      },
      policy: { name: policy.name, options: policy.options, ...mindOf(policy.name, policy.options) },
      statistics: STATISTICS,
      versions: versionsOf(),
    };
    const journal: Journal<MiniwobScore> =
      options.json === undefined ? noJournal() : openJournal(`${options.json}.partial`, setup);
    const recordDir = options.records ?? join('runs', `miniwob-${stamp()}`);
    await using suite = await openMiniwob({ htmlDir, recordDir, policy: policy.create });
    const runEpisode = async (task: string, seed: number): Promise<MiniwobScore> => {
      const key = `${task} ${seed}`;
      const before = journal.done.get(key);
      const score = before ?? (await suite.runEpisode(task, seed));
      if (!before) journal.add(key, score);
      return score;
    };
    const evaluation = await runPairs({ ...suite, runEpisode, tasks, seeds, workers, signal, onEpisode: tell });
    process.stdout.write(`\n${tableOf(evaluation)}\n\nRecords: ${recordDir}\n`);
    if (options.json !== undefined) await saveJson({ setup, ...evaluation }, options.json);
    journal.remove();
    return EXIT.success;
  } catch (error) {
    const interrupted = interrupts.exitCode();
    if (interrupted !== undefined) return interrupted;
    throw error;
  }
}

const { good, bad } = paint(Boolean(process.stdout.isTTY) && process.env.NO_COLOR === undefined);
function tell({ task, seed, success, rawReward, steps, ms }: Scored<MiniwobScore>): void {
  const how = success ? good('done') : bad('not ');
  process.stdout.write(`${how}  ${task} ${seed}: reward ${rawReward}, ${steps} steps, ${(ms / 1000).toFixed(1)} s\n`);
}

/** `2026-11-25T12-34-56`, in local time. */
const stamp = () =>
  new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' })
    .format(wallMs(monotonicNowMs()))
    .replace(' ', 'T')
    .replaceAll(':', '-');
