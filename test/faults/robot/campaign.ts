/**
 * Many episodes with things that go wrong, one seed each, and what came of them by fault. It knows nothing of how an episode is played.
 */
import type { BodyViolation, Counts } from './body.ts';
import { type Missing, playEpisode, type Told } from './episode.ts';
import type { FaultName } from './faults.ts';

export interface Row {
  episodes: number;
  /** Reached the goal. */
  successes: number;
  /** Steps in which the body was driven. */
  driven: number;
  outcomes: Record<string, number>;
  violations: Counts;
  /** Episodes with a violation. */
  violated: number;
  /**
   * From the moment in which it went wrong until the tool first stood still, ms, and how far it came, m. Of paced episodes that did
   * not succeed and in which one thing alone went wrong: an arm on demand stands still between its thoughts anyway.
   */
  restMs: number[];
  movedM: number[];
  /** Seeds of the first episodes with a violation. */
  seeds: number[];
}
export interface Campaign {
  readonly total: Row;
  /** How it is paced and judged. */
  readonly byPace: { readonly demand: Row; readonly rate: Row };
  /** By what went wrong; an episode with two faults counts in both. */
  readonly byFault: Record<string, Row>;
}

const MOST_SEEDS = 20;
const emptyRow = (): Row => ({
  ...{ episodes: 0, successes: 0, driven: 0, violated: 0 },
  ...{ outcomes: {}, violations: {}, restMs: [], movedM: [], seeds: [] },
});

/** `only`: what goes wrong in each of them, in place of what the seed says. */
export function playCampaign(
  fromSeed: number,
  episodes: number,
  missing: Missing = {},
  only?: readonly FaultName[],
): Campaign {
  const total = emptyRow();
  const byPace = { demand: emptyRow(), rate: emptyRow() };
  const byFault: Record<string, Row> = {};
  for (let seed = fromSeed; seed < fromSeed + episodes; seed++) {
    const told = playEpisode(seed, missing, only);
    const names = told.faults.length ? [...new Set<string>(told.faults)] : ['none'];
    for (const name of names) byFault[name] ??= emptyRow();
    for (const row of [total, byPace[told.isPaced ? 'rate' : 'demand'], ...names.map((name) => byFault[name]!)])
      add(row, told);
  }
  return { total, byPace, byFault };
}

function add(row: Row, { seed, isThere, isPaced, driven, outcome, counts, rest, faults }: Told): void {
  row.episodes += 1;
  row.successes += isThere ? 1 : 0;
  row.driven += driven;
  row.outcomes[outcome] = (row.outcomes[outcome] ?? 0) + 1;
  const found = Object.entries(counts) as [BodyViolation, number][];
  for (const [name, count] of found) row.violations[name] = (row.violations[name] ?? 0) + count;
  if (found.length > 0) {
    row.violated += 1;
    if (row.seeds.length < MOST_SEEDS) row.seeds.push(seed);
  }
  if (rest?.restMs === undefined || !isPaced || isThere || faults.length !== 1) return;
  row.restMs.push(rest.restMs);
  row.movedM.push(rest.movedM);
}
