/**
 * Many episodes with things that go wrong, one seed each, and what came of them by fault. It knows nothing of how an episode is played.
 */
import type { BodyViolation, Counts } from './body.ts';
import { type Missing, playEpisode } from './episode.ts';

export interface Row {
  episodes: number;
  /** Reached the goal. */
  successes: number;
  /** Steps in which the body was driven. */
  driven: number;
  outcomes: Record<string, number>;
  violations: Counts;
  /** Seeds of the first episodes with a violation. */
  seeds: number[];
}
export interface Campaign {
  readonly total: Row;
  /** By what went wrong; an episode with two faults counts in both. */
  readonly byFault: Record<string, Row>;
}

const MOST_SEEDS = 20;
const emptyRow = (): Row => ({ episodes: 0, successes: 0, driven: 0, outcomes: {}, violations: {}, seeds: [] });

export function playCampaign(fromSeed: number, episodes: number, missing: Missing = {}): Campaign {
  const total = emptyRow();
  const byFault: Record<string, Row> = {};
  for (let seed = fromSeed; seed < fromSeed + episodes; seed++) {
    const told = playEpisode(seed, missing);
    const names = told.faults.length ? [...new Set<string>(told.faults)] : ['none'];
    for (const name of names) byFault[name] ??= emptyRow();
    for (const row of [total, ...names.map((name) => byFault[name]!)]) {
      row.episodes += 1;
      row.successes += told.isThere ? 1 : 0;
      row.driven += told.driven;
      row.outcomes[told.outcome] = (row.outcomes[told.outcome] ?? 0) + 1;
      const found = Object.entries(told.counts) as [BodyViolation, number][];
      for (const [name, count] of found) row.violations[name] = (row.violations[name] ?? 0) + count;
      if (found.length && row.seeds.length < MOST_SEEDS) row.seeds.push(seed);
    }
  }
  return { total, byFault };
}
