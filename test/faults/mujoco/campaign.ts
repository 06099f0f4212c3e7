/** Many episodes of the simulated arm with things that go wrong, one seed each, what came of them by fault, and that as a table. */
import { type Cast, type Missing, playEpisode, type Told } from './episode.ts';

export interface Row {
  episodes: number;
  /** The task was done. */
  done: number;
  driven: number;
  outcomes: Record<string, number>;
  violations: Record<string, number>;
  /** Episodes in which something was pressed or pushed that no limit speaks of. */
  harmed: number;
  /** Episodes with a violation, and the seeds of the first of them. */
  violated: number;
  seeds: number[];
  /**
   * From the moment in which it went wrong until the tool first stood still, ms, and how far it came, m: of episodes with the driver in
   * which the task was not done and one thing alone went wrong.
   */
  restMs: number[];
  movedM: number[];
}
export interface Campaign {
  readonly total: Row;
  readonly byPace: { readonly lockstep: Row; readonly driver: Row };
  readonly byPolicy: Record<string, Row>;
  /** By what went wrong; an episode with two faults counts in both. */
  readonly byFault: Record<string, Row>;
}

const MOST_SEEDS = 20;
const emptyRow = (): Row => ({
  ...{ episodes: 0, done: 0, driven: 0, harmed: 0, violated: 0 },
  ...{ outcomes: {}, violations: {}, restMs: [], movedM: [], seeds: [] },
});

/** `only`: what goes wrong in each of them, in place of what the seed says. */
export async function playCampaign(
  cast: Cast,
  [fromSeed, toSeed]: readonly [number, number],
  missing: Missing = {},
  only?: Told['faults'],
): Promise<Campaign> {
  const told: Told[] = [];
  for (let seed = fromSeed; seed < toSeed; seed++) told.push(await playEpisode(cast, seed, missing, only));
  return campaignOf(told);
}

export function campaignOf(all: readonly Told[]): Campaign {
  const campaign: Campaign = {
    ...{ total: emptyRow(), byPace: { lockstep: emptyRow(), driver: emptyRow() } },
    ...{ byPolicy: {}, byFault: {} },
  };
  for (const told of all) count(campaign, told);
  return campaign;
}

function count({ total, byPace, byPolicy, byFault }: Campaign, told: Told): void {
  const policy = `${told.policy}, ${told.critic}`;
  const names = told.faults.length ? [...new Set<string>(told.faults)] : ['none'];
  byPolicy[policy] ??= emptyRow();
  for (const name of names) byFault[name] ??= emptyRow();
  const pace = byPace[told.isPaced ? 'driver' : 'lockstep'];
  for (const row of [total, pace, byPolicy[policy], ...names.map((name) => byFault[name]!)]) add(row, told);
}

function add(row: Row, { seed, isDone, driven, outcome, counts, harm, rest, faults }: Told): void {
  row.episodes += 1;
  row.done += isDone ? 1 : 0;
  row.driven += driven;
  row.harmed += Object.keys(harm).length > 0 ? 1 : 0;
  row.outcomes[outcome] = (row.outcomes[outcome] ?? 0) + 1;
  const found = Object.entries(counts);
  for (const [name, times] of found) row.violations[name] = (row.violations[name] ?? 0) + times;
  if (found.length > 0) {
    row.violated += 1;
    if (row.seeds.length < MOST_SEEDS) row.seeds.push(seed);
  }
  if (!rest || isDone || faults.length !== 1) return;
  row.restMs.push(rest.restMs);
  row.movedM.push(rest.movedM);
}

const listOf = (counts: object): string =>
  Object.entries(counts)
    .map(([name, times]) => `${name} ${times}`)
    .join(', ') || 'none';

/** Median and largest. */
function spreadOf(values: readonly number[], digits: number): string {
  if (values.length === 0) return '';
  const sorted = [...values].sort((a, b) => a - b);
  return `${sorted[Math.floor((sorted.length - 1) / 2)]!.toFixed(digits)} / ${sorted.at(-1)!.toFixed(digits)}`;
}

const lineOf = (name: string, row: Row): string =>
  `| ${[
    ...[name, row.episodes, row.done, row.driven, listOf(row.outcomes), row.restMs.length, spreadOf(row.restMs, 0)],
    ...[
      spreadOf(
        row.movedM.map((wayM) => 1000 * wayM),
        0,
      ),
      row.harmed,
      row.violated,
      listOf(row.violations),
    ],
  ].join(' | ')} |`;

export interface Off {
  readonly safeguard: string;
  readonly faults: readonly string[];
  readonly episodes: number;
  readonly found: Readonly<Record<string, number>>;
}

/** The part of the page that a campaign fills. */
export const sectionOf = ({ total, byPace, byPolicy, byFault }: Campaign): string => `
${total.episodes} episodes, each by its seed; ${total.done} tasks done; ${total.violated} episodes with a violation${
  total.seeds.length ? ` (seeds ${total.seeds.join(', ')})` : ''
}.

| what went wrong | episodes | task done | commands | how they ended | of these came to rest | at rest after, ms | moved, mm | pressed into the table | violated | violations |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${[
  lineOf('**all**', total),
  lineOf('**in lockstep**', byPace.lockstep),
  lineOf('**with its driver, at a rate**', byPace.driver),
  ...rowsOf(byPolicy).map(([name, row]) => lineOf(`*${name}*`, row)),
  ...rowsOf(byFault).map(([name, row]) => lineOf(name, row)),
].join('\n')}
`;

/** What is found when a safeguard is missing. */
export const missingOf = (offs: readonly Off[]): string => `
| missing | what goes wrong | episodes | found, where with everything on nothing is |
| --- | --- | --- | --- |
${offs.map(({ safeguard, faults, episodes, found }) => `| ${safeguard} | ${faults.join(', ')} | ${episodes} | ${listOf(found)} |`).join('\n')}
`;

const rowsOf = (rows: Record<string, Row>) => Object.entries(rows).sort(([a], [b]) => (a < b ? -1 : 1));
