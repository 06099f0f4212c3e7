/**
 * Runs tasks x seeds in parallel and adds up how they went. Knows nothing of browsers and policies: what an episode is comes in
 * as a function.
 */
import { PumiceError } from '../errors.ts';
import { type Interval, wilson } from './statistics.ts';

/** What every evaluation knows of how one episode went; each adds its own. */
export interface Score {
  readonly success: boolean;
  readonly steps: number;
}

export type Scored<S extends Score> = { readonly task: string; readonly seed: number } & S;

interface Tally extends Interval {
  readonly successes: number;
  readonly attempts: number;
}

/** The form of every evaluation result. */
export interface Evaluation<S extends Score = Score> {
  readonly summary: Tally & { readonly tasks: readonly (Tally & { readonly task: string })[] };
  /** By task as given, then by seed. */
  readonly episodes: readonly Scored<S>[];
}

export interface PairOptions<S extends Score> {
  readonly tasks: readonly string[];
  readonly seeds: readonly number[];
  /** Which of them are played, by their place in tasks x seeds; all without it. */
  readonly isPlayed?: (at: number) => boolean;
  /** Episodes under way at a time. */
  readonly workers: number;
  readonly runEpisode: (task: string, seed: number) => Promise<S>;
  /** Whether a control that reads nothing wins this pair too. Such a pair says nothing: the next seed takes its place. */
  readonly isTrivial?: (task: string, seed: number) => Promise<boolean>;
  readonly onEpisode?: (episode: Scored<S>) => void;
  readonly signal?: AbortSignal;
}

/** Replacements of one task before it counts as one that the control always wins. Chosen. */
const MAX_REPLACEMENTS = 100;

/**
 * Runs each task with each seed, once.
 *
 * @throws what `runEpisode` throws, after the episodes under way have ended; `eval/setup` when a task is always trivial.
 */
export async function runPairs<S extends Score>(options: PairOptions<S>): Promise<Evaluation<S>> {
  const { tasks, seeds, workers, runEpisode, isTrivial, onEpisode, signal, isPlayed = () => true } = options;
  const queue = tasks.flatMap((task) => seeds.map((seed) => ({ task, seed }))).filter((_, at) => isPlayed(at));
  const nextSeeds = new Map(tasks.map((task) => [task, Math.max(...seeds) + 1]));
  const episodes: Scored<S>[] = [];

  async function tellingSeed(task: string, seed: number): Promise<number> {
    for (let telling = seed; ; ) {
      signal?.throwIfAborted();
      if (!(await isTrivial?.(task, telling))) return telling;
      telling = nextSeeds.get(task)!;
      nextSeeds.set(task, telling + 1);
      if (telling > Math.max(...seeds) + MAX_REPLACEMENTS)
        throw new PumiceError('eval/setup', `the control wins ${task} with every seed up to ${telling}`, {
          who: 'eval',
          hint: 'Leave this task out',
        });
    }
  }
  async function work(): Promise<void> {
    for (let pair = queue.shift(); pair; pair = queue.shift()) {
      const { task } = pair;
      const seed = await tellingSeed(task, pair.seed);
      signal?.throwIfAborted();
      const episode: Scored<S> = { task, seed, ...(await runEpisode(task, seed)) };
      episodes.push(episode);
      onEpisode?.(episode);
    }
  }
  const ends = await Promise.allSettled(
    Array.from({ length: workers }, () =>
      work().catch((error) => {
        queue.length = 0;
        throw error;
      }),
    ),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;

  return evaluationOf(tasks, episodes);
}

/** Sorts and adds up. */
export function evaluationOf<S extends Score>(tasks: readonly string[], unsorted: readonly Scored<S>[]): Evaluation<S> {
  const place = new Map(tasks.map((task, at) => [task, at]));
  const episodes = [...unsorted].sort((a, b) => place.get(a.task)! - place.get(b.task)! || a.seed - b.seed);
  const tally = (some: readonly Scored<S>[]): Tally => {
    const successes = some.filter(({ success }) => success).length;
    return { successes, attempts: some.length, ...wilson(successes, some.length) };
  };
  const byTask = tasks.map((task) => ({ task, ...tally(episodes.filter((episode) => episode.task === task)) }));
  return { summary: { ...tally(episodes), tasks: byTask }, episodes };
}

/** The result as a table for people, rates in per cent with their 95 % intervals. */
export function tableOf({ summary }: Evaluation): string {
  const rows = [...summary.tasks, { ...summary, task: 'all' }].map(({ task, successes, attempts, rate, low, high }) => [
    task,
    `${successes}/${attempts}`,
    `${(100 * rate).toFixed(1)} %`,
    `${(100 * low).toFixed(1)} - ${(100 * high).toFixed(1)} %`,
  ]);
  return alignColumns([['task', 'done', 'rate', '95 % interval'], ...rows]);
}

/** Rows of equal length as lines: the first column to the left, numbers to the right. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  '))
    .join('\n');
}

/**
 * Reads `11-15`, `1,2,7` or a mix of both.
 *
 * @throws PumiceError `config/invalid`.
 */
export function parseSeeds(text: string): readonly number[] {
  const seeds = text.split(',').flatMap((part) => {
    const [, first, last = first] = /^\s*(\d{1,9})(?:\s*-\s*(\d{1,9}))?\s*$/.exec(part) ?? [];
    const count = Number(last) - Number(first) + 1;
    return count >= 1 && count <= 10_000 ? Array.from({ length: count }, (_, at) => Number(first) + at) : [Number.NaN];
  });
  if (!seeds.some(Number.isNaN) && new Set(seeds).size === seeds.length) return seeds;
  throw new PumiceError('config/invalid', `expected seeds like 11-15 or 1,2,7, each once, got '${text}'`, {
    who: 'eval',
    hint: 'Give whole numbers from 0 on',
  });
}
