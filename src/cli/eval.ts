/** `pumice eval <suite>`: many episodes of tasks that others wrote, side by side, and how often they were done. */
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { monotonicNowMs, wallMs } from '../clock.ts';
import { paint } from '../demo/progress.ts';
import { describeError, PumiceError } from '../errors.ts';
import { openMiniwob } from '../eval/miniwob/episode.ts';
import { fetchMiniwob, listTasks } from '../eval/miniwob/fetch.ts';
import { type Evaluation, parseSeeds, runPairs, tableOf } from '../eval/run-pairs.ts';
import { parseOptions } from '../ports.ts';
import { EXIT } from './exit.ts';
import { watchInterrupts } from './interrupts.ts';
import { policyOptionsIn } from './policy-options.ts';
import { loadPlugin } from './registry.ts';
import { byLikeness } from './words.ts';

export interface EvalOptions {
  readonly tasks: string;
  readonly seeds: string;
  readonly policy: string;
  readonly policyOptions?: string;
  readonly json?: string;
  readonly parallel?: string;
  readonly records?: string;
}

const who = 'pumice eval';
const usage = (message: string, hint: string) => new PumiceError('cli/usage', message, { who, hint });

/** Runs `suite`, of which there is one so far: MiniWoB++. @returns 0 when it ran, however many tasks were done. */
export async function evaluate(_suite: 'miniwob', options: EvalOptions): Promise<number> {
  const workers = options.parallel === undefined ? Math.max(1, availableParallelism() - 1) : Number(options.parallel);
  if (!(Number.isInteger(workers) && workers >= 1))
    throw usage(`--parallel: expected a whole number from 1 on, got '${options.parallel}'`, 'Write --parallel 2');
  const seeds = parseSeeds(options.seeds);
  const plugin = await loadPlugin('policy', options.policy);
  const policyOptions = parseOptions(
    plugin.options,
    policyOptionsIn(options.policyOptions),
    `policy ${options.policy}`,
  );
  plugin.create(policyOptions);

  using interrupts = watchInterrupts((text) => process.stderr.write(`\n${text}\n`));
  const { signal } = interrupts;
  try {
    const htmlDir = await fetchMiniwob({ signal });
    const tasks = tasksIn(options.tasks, await listTasks(htmlDir));
    const recordDir = options.records ?? join('runs', `miniwob-${stamp()}`);
    await using suite = await openMiniwob({ htmlDir, recordDir, policy: () => plugin.create(policyOptions) });
    const evaluation = await runPairs({ ...suite, tasks, seeds, workers, signal, onEpisode: tell });
    process.stdout.write(`\n${tableOf(evaluation)}\n\nRecords: ${recordDir}\n`);
    if (options.json !== undefined) await save(evaluation, options.json);
    return EXIT.success;
  } catch (error) {
    const interrupted = interrupts.exitCode();
    if (interrupted !== undefined) return interrupted;
    throw error;
  }
}

function tasksIn(text: string, known: readonly string[]): readonly string[] {
  if (text === 'all') return known;
  const tasks = [...new Set(text.split(',').map((task) => task.trim()))];
  const unknown = tasks.find((task) => !known.includes(task));
  if (unknown === undefined) return tasks;
  throw usage(
    `no task '${unknown}' (closest: ${byLikeness(unknown, known).slice(0, 5).join(', ')})`,
    'Write --tasks all for all of them',
  );
}

const { good, bad } = paint(Boolean(process.stdout.isTTY) && process.env.NO_COLOR === undefined);
function tell({ task, seed, success, rawReward, steps, ms }: Evaluation['episodes'][number]): void {
  const how = success ? good('done') : bad('not ');
  process.stdout.write(`${how}  ${task} ${seed}: reward ${rawReward}, ${steps} steps, ${(ms / 1000).toFixed(1)} s\n`);
}

async function save(evaluation: Evaluation, file: string): Promise<void> {
  await writeFile(file, `${JSON.stringify(evaluation, null, 2)}\n`).catch((cause: unknown) => {
    throw new PumiceError('record/write-failed', `could not write '${file}': ${describeError(cause)}`, {
      who,
      hint: 'Give another place with --json FILE',
      cause,
    });
  });
}

/** `2026-11-25T12-34-56`, in local time. */
const stamp = () =>
  new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' })
    .format(wallMs(monotonicNowMs()))
    .replace(' ', 'T')
    .replaceAll(':', '-');
