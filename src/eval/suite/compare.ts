/** Two results on equal seeds: rates with intervals side by side, and whether the difference may be chance. Pure. */
import { PumiceError } from '../../errors.ts';
import { alignColumns } from '../run-pairs.ts';
import { countPairs, type Interval, mcnemar, type PairedCounts, wilson } from '../statistics.ts';
import { differencesOf, type Result, type ResultEpisode } from './result.ts';

export interface Row extends PairedCounts {
  readonly task: string;
  readonly n: number;
  readonly first: Interval;
  readonly second: Interval;
  /** McNemar's exact test, two-sided. */
  readonly p: number;
}

export interface Comparison {
  readonly names: readonly [string, string];
  readonly rows: readonly Row[];
  /** Episodes that only one of them has, and that count for nothing here. */
  readonly unpaired: number;
  /** What else differs between the two than the policy. */
  readonly differs: readonly string[];
}

/** What has to be the same, or the same seed is another episode. Policies, critics and versions may differ, and are named. */
const SAME = ['suite', 'env', 'perturb'] as const;

/**
 * @throws PumiceError `config/misfit` for results of different suites, or without an episode in common.
 */
export function compareResults(names: readonly [string, string], [a, b]: readonly [Result, Result]): Comparison {
  const misfit = (what: string) =>
    new PumiceError('config/misfit', what, { who: 'pumice compare', hint: 'Compare two results of the same suite' });
  const ofSuite = ({ setup }: Result) => ({ ...setup, suite: identityOf(setup.suite) });
  const differs = differencesOf(ofSuite(a), ofSuite(b));
  const other = SAME.filter((key) => differs.includes(key));
  if (other.length > 0)
    throw misfit(`${names.join(' and ')} differ in ${other.join(', ')}: these are numbers of different things`);
  const its = new Map(b.episodes.map((episode) => [keyOf(episode), episode.success]));
  const pairs = a.episodes.flatMap((episode) => {
    const success = its.get(keyOf(episode));
    return success === undefined ? [] : [{ task: episode.task, pair: [episode.success, success] as const }];
  });
  if (pairs.length === 0) throw misfit(`${names.join(' and ')} have no episode in common`);
  const tasks = [...new Set(pairs.map(({ task }) => task))];
  const rowOf = (task: string, some: typeof pairs): Row => {
    const counts = countPairs(some.map(({ pair }) => pair));
    const { both, onlyFirst, onlySecond } = counts;
    const n = some.length;
    return {
      ...{ task, n, ...counts, p: mcnemar(counts) },
      first: wilson(both + onlyFirst, n),
      second: wilson(both + onlySecond, n),
    };
  };
  const rows = tasks.map((task) =>
    rowOf(
      task,
      pairs.filter((pair) => pair.task === task),
    ),
  );
  return {
    names,
    rows: tasks.length > 1 ? [...rows, rowOf('all', pairs)] : rows,
    unpaired: a.episodes.length + b.episodes.length - 2 * pairs.length,
    differs: differs.filter((key) => !['policy', 'policies', 'facts', 'latencyMs'].includes(key)),
  };
}

const keyOf = ({ task, seed }: ResultEpisode) => `${task} ${seed}`;

/** A part of a suite is the same suite: only what both played is compared. */
const identityOf = (suite: unknown) => {
  const { tasks: _, seeds: __, ...rest } = (suite ?? {}) as Record<string, unknown>;
  return rest;
};

const percent = (share: number) => (100 * share).toFixed(1);
export const pText = (p: number): string => (p < 0.0001 ? '< 0.0001' : p.toFixed(4));
const rateText = ({ rate, low, high }: Interval) => `${percent(rate)} % (${percent(low)} - ${percent(high)})`;

/** One row a task; the first line says what stands below it. */
export const comparisonRows = ({ names, rows }: Comparison): readonly (readonly string[])[] => [
  ['task', 'n', names[0], names[1], 'both', 'only first', 'only second', 'neither', 'p (McNemar)'],
  ...rows.map(({ task, n, first, second, both, onlyFirst, onlySecond, neither, p }) => [
    ...[task, String(n), rateText(first), rateText(second)],
    ...[both, onlyFirst, onlySecond, neither].map(String),
    pText(p),
  ]),
];

/** Columns of a drawn interval. Chosen. */
const WIDTH = 50;

/** An interval as a line of characters, 0 to 100 %: its ends, its rate. */
export function drawn({ rate, low, high }: Interval): string {
  const at = (share: number) => Math.min(WIDTH - 1, Math.floor(share * WIDTH));
  return Array.from({ length: WIDTH }, (_, column) => {
    if (column === at(rate)) return '●';
    return column >= at(low) && column <= at(high) ? '─' : '·';
  }).join('');
}

/** The table, and below it both intervals of each task, drawn. */
export function comparisonText(comparison: Comparison): string {
  const { names, rows, unpaired, differs } = comparison;
  const width = Math.max(...names.map(({ length }) => length));
  const lines = rows.flatMap(({ task, first, second }) => [
    task,
    `  ${names[0].padEnd(width)} ${drawn(first)} ${percent(first.rate)} %`,
    `  ${names[1].padEnd(width)} ${drawn(second)} ${percent(second.rate)} %`,
  ]);
  return [
    alignColumns(comparisonRows(comparison)),
    `\n${lines.join('\n')}`,
    ...notesOf(unpaired, differs).map((note) => `\n${note}`),
  ].join('\n');
}

export const notesOf = (unpaired: number, differs: readonly string[]): readonly string[] => [
  ...(unpaired > 0 ? [`${unpaired} episodes have no partner on the same seed, and count for nothing here.`] : []),
  ...(differs.length > 0 ? [`Besides the policy these differ: ${differs.join(', ')}.`] : []),
];
