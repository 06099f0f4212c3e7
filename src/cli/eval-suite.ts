/**
 * `pumice eval suite`: a suite with its guards: an oracle that has to succeed and a policy that does nothing and must not, on the same
 * episodes, before a number of any other policy is reported.
 */
import { join } from 'node:path';
import { PROFILE } from '../../envs/sim/profile.ts';
import { sleep } from '../clock.ts';
import { PumiceError } from '../errors.ts';
import { type Journal, openJournal } from '../eval/journal.ts';
import type { ArmScore, EpisodeSettings, PlayedEpisode, SimulatorSettings } from '../eval/manipulator/episode.ts';
import { openPool, type Pool } from '../eval/manipulator/pool.ts';
import { armTable, type TimedEpisode } from '../eval/manipulator/report.ts';
import { fetchMiniwob } from '../eval/miniwob/fetch.ts';
import { evaluationOf, parseSeeds, runPairs } from '../eval/run-pairs.ts';
import { compareResults, comparisonText } from '../eval/suite/compare.ts';
import { guardProblem } from '../eval/suite/guards.ts';
import { mergeShards, type Result, readResult } from '../eval/suite/result.ts';
import { mindOf, STATISTICS, suiteHash, versionsOf } from '../eval/suite/setup.ts';
import { isInShard, readSuite, type Shard, type Suite } from '../eval/suite/suite.ts';
import { SUITES } from '../eval/suites/index.ts';
import { camerasOf, untimed, WORKER } from './eval-manipulator.ts';
import { countIn, criticIn, type NamedPolicy, policyIn, saveJson, secondsIn, tasksIn, usage } from './eval-parts.ts';
import { createProgress, type Progress } from './eval-progress.ts';
import { EXIT } from './exit.ts';
import { watchInterrupts } from './interrupts.ts';
import { byLikeness } from './words.ts';

export interface SuiteFlags {
  readonly policy?: string;
  readonly policyOptions?: string;
  readonly critic: readonly string[];
  readonly tasks: string;
  readonly seeds?: string;
  readonly latency?: string;
  readonly shard?: string;
  readonly stepTimeout: string;
  readonly python?: string;
  readonly workers?: string;
  readonly records?: string;
  readonly json: string;
}

/** Plays of one episode whose process or server broke. Chosen. */
const MOST_PLAYS = 3;
/** Between two of them, ms. Chosen: a server that starts again. */
const RETRY_MS = 2000;

/** One policy on the episodes of the suite, or on some of them. */
interface Condition {
  /** What it is called in journal and records. */
  readonly name: string;
  readonly policy: NamedPolicy;
  readonly critics: readonly { readonly name: string; readonly options: unknown }[];
  readonly settings: EpisodeSettings;
  readonly seeds: readonly number[];
  readonly isPlayed?: (at: number) => boolean;
}

/** Says which suites there are. @returns the exit code. */
export function listSuites(): number {
  for (const { name, summary, tasks, seeds, successRule } of SUITES)
    process.stdout.write(`${name}\n  ${summary}\n  ${tasks.join(', ')}; seeds ${seeds}\n  done: ${successRule}\n`);
  return EXIT.success;
}

/** @returns 0 when it ran, however many tasks were done; 130 after Ctrl-C. @throws PumiceError `eval/setup` when a guard fails. */
export async function evaluateSuite(name: string, flags: SuiteFlags): Promise<number> {
  const suite = suiteOf(name);
  const tasks = tasksIn('--tasks', flags.tasks, suite.tasks);
  const seeds = parseSeeds(flags.seeds ?? suite.seeds);
  const workers = countIn('--workers', flags.workers);
  const shard = shardIn(flags.shard);
  const added = latenciesIn(flags.latency);
  const simulator = simulatorIn(suite, flags);
  const stepTimeoutMs = secondsIn('--step-timeout', flags.stepTimeout) * 1000;
  const acts = suite.env === 'browser' ? 'page' : 'arm';
  const policy = await policyIn(
    flags.policy ?? (acts === 'page' ? 'mark-matcher' : 'ember'),
    flags.policyOptions,
    acts,
  );
  const critics = (await Promise.all(flags.critic.map(criticIn))).map(({ name, options }) => ({ name, options }));
  const { oracle, nothing, seedsPerTask } = suite.guards;
  const hasOwnArm = suite.env === 'sim';
  const pages = suite.env === 'browser' ? { htmlDir: await fetchMiniwob() } : undefined;

  const settingsOf = (of: NamedPolicy, at: string, delay = 0): EpisodeSettings => ({
    perturb: delay === 0 ? {} : { delay },
    cameras: hasOwnArm ? camerasOf(undefined, of) : [],
    stepTimeoutMs,
    ...(simulator && { simulator: shownTo(of, simulator, flags) }),
    ...(pages && { pages }),
    ...(flags.records !== undefined && { records: join(flags.records, at) }),
  });
  const guard = async (at: string, of: string): Promise<Condition> => {
    const guarding = await policyIn(of, undefined, acts);
    const settings = settingsOf(guarding, at);
    return { name: at, policy: guarding, critics: [], settings, seeds: seeds.slice(0, seedsPerTask) };
  };
  const isPlayed = (at: number) => shard === undefined || isInShard(at, shard);
  const main = { name: 'policy', policy, critics, settings: settingsOf(policy, 'policy'), seeds, isPlayed };
  const late = added.map(({ addedMs, delaySteps }): Condition => {
    const at = `policy+${addedMs}ms`;
    return { ...main, name: at, settings: settingsOf(policy, at, delaySteps) };
  });
  const guards = [await guard('oracle', oracle.policy), await guard('nothing', nothing.policy)];
  const conditions: readonly Condition[] = [...guards, main, ...late];

  const { name: suiteName, env, successRule } = suite;
  const setup = {
    suite: { name: suiteName, sha256: suiteHash(suite), env, successRule, tasks, seeds },
    policy: {
      name: policy.name,
      options: policy.options,
      // Those of a simulator are its own, and among the facts of its body.
      ...(hasOwnArm && { cameras: main.settings.cameras }),
      ...mindOf(policy.name, policy.options),
    },
    critics,
    stepTimeoutMs,
    latencyMs: added.map(({ addedMs }) => addedMs),
    statistics: STATISTICS,
    versions: versionsOf(),
  };
  const command = { ...setup, ...(shard && { shard }) };
  const partial = `${flags.json}.partial`;
  const journal = openJournal<PlayedEpisode>(partial, command);
  const sizes = conditions.map((one) => pairsOf(tasks, one));
  const progress = createProgress(sizes.reduce((total, size) => total + size, 0));
  using interrupts = watchInterrupts((text) => process.stderr.write(`\n${text}\n`));
  const { signal } = interrupts;
  const played: TimedEpisode[][] = [];
  let facts: Readonly<Record<string, string>> = {};
  try {
    for (const condition of conditions) {
      const did = await playCondition(condition, { tasks, workers, journal, progress, signal });
      facts = did.facts;
      played.push(did.episodes);
      if (played.length !== guards.length) continue;
      const [ceiling, floor] = played.map((all) => evaluationOf(tasks, all));
      const problem = guardProblem(suite, [ceiling!, floor!]);
      if (problem === undefined) continue;
      progress.end();
      for (const [nth, one] of guards.entries())
        process.stdout.write(`\n${one.name}\n${armTable(tasks, played[nth]!)}\n`);
      throw new PumiceError('eval/setup', `${suite.name} reports nothing: ${problem}`, {
        who: 'pumice eval suite',
        hint: `Look at the body and its judge, then delete ${partial}`,
      });
    }
  } catch (error) {
    progress.end();
    const interrupted = interrupts.exitCode();
    if (interrupted === undefined) throw error;
    process.stderr.write(`Stopped. The same command goes on from here (kept in ${partial}).\n`);
    return interrupted;
  }
  progress.end();
  for (const [at, { name }] of conditions.entries())
    process.stdout.write(`\n${name}\n${armTable(tasks, played[at]!)}\n`);
  const results = played.map((episodes) => evaluationOf<ArmScore>(tasks, episodes.map(untimed)));
  const guarding = (at: number) => ({ policy: guards[at]!.policy.name, summary: results[at]!.summary });
  // The shard stands last, so that what is put together of shards is the file of one machine.
  // Of the first task, which stands with each episode.
  const { task: _, maxSteps: __, ...simulated } = facts;
  const body = !hasOwnArm ? simulated : { ...facts, renderer: 'own rasteriser, in this process' };
  const head = { ...setup, facts: body, ...(shard && { shard }) };
  const result = {
    setup: head,
    guards: { oracle: guarding(0), nothing: guarding(1) },
    ...results[2]!,
    ...(late.length > 0 && { latency: added.map((one, at) => ({ ...one, ...results[3 + at]! })) }),
  };
  tellLatency(result);
  await saveJson(result, flags.json);
  journal.remove();
  return EXIT.success;
}

/** Puts the results of all shards into one file. @returns the exit code. */
export async function mergeResults(files: readonly string[], { json }: { readonly json: string }): Promise<number> {
  const merged = mergeShards(files.map(readResult));
  await saveJson(merged, json);
  tellLatency(merged);
  process.stdout.write(`${merged.episodes.length} episodes of ${files.length} shards in ${json}\n`);
  return EXIT.success;
}

/** The same policy on the same seeds, with and without what was added. */
function tellLatency({ latency = [], ...base }: Pick<Result, 'setup' | 'episodes' | 'summary' | 'latency'>): void {
  for (const { addedMs, episodes, summary } of latency) {
    const comparison = compareResults(['+0 ms', `+${addedMs} ms`], [base, { ...base, episodes, summary }]);
    process.stdout.write(`\n${comparisonText(comparison)}\n`);
  }
}

interface Playing {
  readonly tasks: readonly string[];
  readonly workers: number;
  readonly journal: Journal<PlayedEpisode>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const pairsOf = (tasks: readonly string[], { seeds, isPlayed = () => true }: Condition): number =>
  Array.from({ length: tasks.length * seeds.length }, (_, at) => at).filter(isPlayed).length;

async function playCondition(
  { name, policy, critics, settings, seeds, isPlayed }: Condition,
  { tasks, workers, journal, progress, signal }: Playing,
): Promise<{ readonly episodes: TimedEpisode[]; readonly facts: Readonly<Record<string, string>> }> {
  const choice = { name: policy.name, options: policy.options };
  await using pool = await openPool({ program: WORKER, policy: choice, critics, settings, task: tasks[0]!, signal });
  const episodes: TimedEpisode[] = [];
  const runEpisode = async (task: string, seed: number): Promise<ArmScore> => {
    const key = `${name} ${task} ${seed}`;
    const before = journal.done.get(key);
    const { score, times } = before ?? (await playWhole(pool, task, seed, signal));
    if (!before) journal.add(key, { score, times });
    episodes.push({ task, seed, ...score, times });
    progress.add(score.success, !before);
    return score;
  };
  await runPairs({ tasks, seeds, workers, signal, runEpisode, ...(isPlayed && { isPlayed }) });
  return { episodes, facts: pool.facts };
}

/**
 * Plays an episode again whose process or model server broke; never one that failed.
 *
 * @throws PumiceError `eval/setup` when the server stays away: an episode without a model says nothing of it.
 */
async function playWhole(pool: Pool, task: string, seed: number, signal: AbortSignal): Promise<PlayedEpisode> {
  for (let plays = 1; ; plays++) {
    const played = await pool.play(task, seed);
    if (!played.broken || played.score.success) return played;
    // A process that ends three times over the same episode is ended by it.
    if (plays === MOST_PLAYS && played.broken.by === 'process') return played;
    if (plays === MOST_PLAYS)
      throw new PumiceError('eval/setup', `${task} ${seed} was played ${plays} times: ${played.broken.reason}`, {
        who: 'pumice eval suite',
        hint: 'Bring the model server back, and give the same command again: it goes on',
      });
    await sleep(RETRY_MS, signal);
  }
}

function suiteOf(name: string): Suite {
  if (name.endsWith('.json')) return readSuite(name);
  const suite = SUITES.find((one) => one.name === name);
  if (suite) return suite;
  const names = byLikeness(
    name,
    SUITES.map((one) => one.name),
  );
  throw usage(`no suite '${name}' (there is: ${names.join(', ')})`, 'See pumice eval suites');
}

/** Drawing takes most of a simulator's time: who looks at nothing is shown nothing, where no critic looks and no record wants it. */
export const shownTo = (
  { looksThrough }: Pick<NamedPolicy, 'looksThrough'>,
  simulator: SimulatorSettings,
  { critic, records }: Pick<SuiteFlags, 'critic' | 'records'>,
): SimulatorSettings =>
  looksThrough.length > 0 || critic.length > 0 || records !== undefined ? simulator : { ...simulator, cameras: [] };

/** Where the simulator of a suite is. @throws PumiceError `cli/usage` for a suite that needs none, or for one that has none. */
function simulatorIn({ name, env, simulator }: Suite, { python, latency }: SuiteFlags): SimulatorSettings | undefined {
  if (!simulator && python !== undefined)
    throw usage(`${name} needs no simulator of others, and --python is given`, 'Leave --python out');
  if (env !== 'sim' && latency !== undefined)
    throw usage(`${name} is no suite of the simulated arm, and --latency is given`, 'Leave --latency out');
  if (!simulator) return undefined;
  if (python === undefined)
    throw usage(
      `${name} is played in ${simulator.backend}, and no Python is given that has it`,
      'Give --python sim/bin/python (docs/simulators.md says how to install it)',
    );
  return { ...simulator, python };
}

function shardIn(text: string | undefined): Shard | undefined {
  if (text === undefined) return undefined;
  const [, part, of] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  const shard = { part: Number(part), of: Number(of) };
  if (shard.part >= 1 && shard.part <= shard.of) return shard;
  throw usage(`--shard: expected i/n, such as 1/4, got '${text}'`, 'Write --shard 1/4');
}

/** Milliseconds, rounded up to whole control periods: a late answer is played in the period after. */
function latenciesIn(text: string | undefined) {
  const most = 1000;
  const all = text === undefined ? [] : text.split(',').map((part) => Number(part.trim() || Number.NaN));
  const isFit = all.every((ms) => Number.isFinite(ms) && ms >= 0 && ms <= most) && new Set(all).size === all.length;
  if (!isFit)
    throw usage(`--latency: expected ms from 0 to ${most}, each once, got '${text}'`, 'Write --latency 0,100,300,1000');
  return all
    .filter((ms) => ms > 0)
    .map((addedMs) => ({ addedMs, delaySteps: Math.ceil(addedMs / PROFILE.limits.stepMs) }));
}
