/** The result of an evaluation of arms as tables for people. Pure. */
import { alignColumns, type Scored } from '../run-pairs.ts';
import { countPairs, mcnemar, type PairedCounts, wilson } from '../statistics.ts';
import type { ArmScore, ArmTimes } from './episode.ts';

export type TimedEpisode = Scored<ArmScore> & { readonly times: ArmTimes };

const percent = (share: number) => (100 * share).toFixed(1);
const sum = <T>(items: readonly T[], value: (item: T) => number) =>
  items.reduce((total, item) => total + value(item), 0);
const ratio = (part: number, whole: number) => (whole === 0 ? '-' : (part / whole).toFixed(1));

/** One row a task and one for all; rates in per cent, the interval is Wilson's at 95 % for `held`. */
export function armTable(tasks: readonly string[], episodes: readonly TimedEpisode[]): string {
  const head = ['task', 'n', 'final', 'held', 'any', '95 % of held', 'steps', 'ms/step', 'ms/thought'];
  const counts = ['denied', 'limited', 'wrong', 'declined', 'faults'];
  const row = (name: string, some: readonly TimedEpisode[]) => {
    const share = (rule: 'final' | 'held' | 'any') =>
      some.length === 0 ? '-' : `${percent(some.filter((episode) => episode[rule]).length / some.length)} %`;
    const { low, high } = wilson(some.filter(({ success }) => success).length, some.length);
    const steps = sum(some, (episode) => episode.steps);
    return [
      name,
      String(some.length),
      ...(['final', 'held', 'any'] as const).map(share),
      `${percent(low)} - ${percent(high)} %`,
      ratio(steps, some.length),
      ratio(
        sum(some, ({ times }) => times.stepMs),
        steps,
      ),
      ratio(
        sum(some, ({ times }) => times.thinkMs),
        sum(some, ({ times }) => times.thoughts),
      ),
      ...[
        sum(some, ({ denied }) => denied),
        sum(some, ({ limited }) => limited),
        some.filter(({ wrong }) => wrong).length,
        some.filter(({ declined }) => declined).length,
        some.filter(({ outcome }) => outcome === 'fault').length,
      ].map(String),
    ];
  };
  const rows = tasks.map((task) =>
    row(
      task,
      episodes.filter((episode) => episode.task === task),
    ),
  );
  return alignColumns([[...head, ...counts], ...rows, ...(tasks.length > 1 ? [row('all', episodes)] : [])]);
}

export interface Comparison extends PairedCounts {
  readonly task: string;
  /** McNemar's exact test, two-sided. */
  readonly p: number;
}

/** Two policies on the same episodes, by task and, where there are several, over all. */
export function compare(
  tasks: readonly string[],
  first: readonly Scored<ArmScore>[],
  second: readonly Scored<ArmScore>[],
): readonly Comparison[] {
  const other = new Map(second.map((episode) => [`${episode.task} ${episode.seed}`, episode.success]));
  const of = (task: string, some: readonly Scored<ArmScore>[]): Comparison => {
    const pairs = some.flatMap(({ task: kind, seed, success }) => {
      const its = other.get(`${kind} ${seed}`);
      return its === undefined ? [] : [[success, its] as const];
    });
    const counts = countPairs(pairs);
    return { task, ...counts, p: mcnemar(counts) };
  };
  const rows = tasks.map((task) =>
    of(
      task,
      first.filter((episode) => episode.task === task),
    ),
  );
  return tasks.length > 1 ? [...rows, of('all', first)] : rows;
}

export function comparisonTable(names: readonly [string, string], rows: readonly Comparison[]): string {
  const cells = rows.map(({ task, both, onlyFirst, onlySecond, neither, p }) => [
    task,
    ...[both, onlyFirst, onlySecond, neither].map(String),
    p < 0.0001 ? '< 0.0001' : p.toFixed(4),
  ]);
  return alignColumns([['task', 'both', `only ${names[0]}`, `only ${names[1]}`, 'neither', 'p (McNemar)'], ...cells]);
}
