/** `pumice eval manipulator`: tasks by seed with the simulated arm, in worker processes, one policy or two on the same episodes. */

import type { CameraName } from '../../envs/sim/index.ts';
import sim, { TASKS, type TaskKind } from '../../envs/sim/index.ts';
import { type Journal, noJournal, openJournal } from '../eval/journal.ts';
import type { ArmScore, EpisodeSettings, PlayedEpisode } from '../eval/manipulator/episode.ts';
import { envPart, parsePerturbation } from '../eval/manipulator/perturb.ts';
import { openPool } from '../eval/manipulator/pool.ts';
import { armTable, compare, comparisonTable, type TimedEpisode } from '../eval/manipulator/report.ts';
import { evaluationOf, parseSeeds, runPairs, type Scored } from '../eval/run-pairs.ts';
import { parseOptions } from '../ports.ts';
import {
  countIn,
  criticIn,
  labelsOf,
  type NamedPolicy,
  policyIn,
  saveJson,
  secondsIn,
  tasksIn,
  usage,
} from './eval-parts.ts';
import { createProgress, type Progress } from './eval-progress.ts';
import { EXIT } from './exit.ts';
import { watchInterrupts } from './interrupts.ts';

export interface ManipulatorFlags {
  readonly env: string;
  readonly task: string;
  readonly seeds: string;
  readonly policy: string;
  readonly policyOptions?: string;
  readonly critic: readonly string[];
  readonly compare?: string;
  readonly compareOptions?: string;
  readonly perturb?: string;
  readonly cameras?: string;
  readonly stepTimeout: string;
  readonly workers?: string;
  readonly records?: string;
  readonly json?: string;
}

const CAMERAS: readonly CameraName[] = ['third', 'wrist'];
export const WORKER = new URL('./eval-worker.js', import.meta.url);

/** @returns 0 when it ran, however many tasks were done; 130 after Ctrl-C. */
export async function evaluateManipulator(flags: ManipulatorFlags): Promise<number> {
  if (flags.env !== 'sim') throw usage(`--env: no tasks for '${flags.env}' (there is: sim)`, 'Write --env sim');
  const tasks = tasksIn('--task', flags.task, TASKS);
  const seeds = parseSeeds(flags.seeds);
  const workers = countIn('--workers', flags.workers);
  const perturb = flags.perturb === undefined ? {} : parsePerturbation(flags.perturb);
  parseOptions(sim.options, { perturb: envPart(perturb) }, '--perturb');
  const stepTimeoutMs = secondsIn('--step-timeout', flags.stepTimeout) * 1000;
  const policies = [await policyIn(flags.policy, flags.policyOptions, 'arm')];
  if (flags.compare !== undefined) policies.push(await policyIn(flags.compare, flags.compareOptions, 'arm'));

  const critics = (await Promise.all(flags.critic.map(criticIn))).map(({ name, options }) => ({ name, options }));

  const settingsOf = (policy: NamedPolicy): EpisodeSettings => ({
    perturb,
    cameras: camerasOf(flags.cameras, policy),
    stepTimeoutMs,
    ...(flags.records !== undefined && { records: flags.records }),
  });
  const command = {
    env: flags.env,
    policies: policies.map((policy) => ({
      name: policy.name,
      options: policy.options,
      cameras: settingsOf(policy).cameras,
    })),
    tasks,
    seeds,
    perturb,
    stepTimeoutMs,
    ...(critics.length > 0 && { critics }),
  };
  const partial = flags.json === undefined ? undefined : `${flags.json}.partial`;
  const journal: Journal<PlayedEpisode> = partial === undefined ? noJournal() : openJournal(partial, command);
  const total = policies.length * tasks.length * seeds.length;
  const progress = createProgress(total);
  const played: TimedEpisode[][] = [];
  let facts: Readonly<Record<string, string>> = {};

  using interrupts = watchInterrupts((text) => process.stderr.write(`\n${text}\n`));
  const { signal } = interrupts;
  const labels = labelsOf(policies);
  const show = () => {
    for (const [at, episodes] of played.entries())
      process.stdout.write(`\n${labels[at]}\n${armTable(tasks, episodes)}\n`);
  };
  try {
    for (const [at, policy] of policies.entries()) {
      const choice = { name: policy.name, options: policy.options };
      await using pool = await openPool({
        program: WORKER,
        policy: choice,
        critics,
        settings: settingsOf(policy),
        task: tasks[0]!,
        signal,
      });
      facts = pool.facts;
      const episodes: TimedEpisode[] = [];
      played.push(episodes);
      const play = (task: TaskKind, seed: number) => pool.play(task, seed);
      const runEpisode = keeping({ at, journal, progress, episodes, play });
      await runPairs({ tasks, seeds, workers, signal, runEpisode });
    }
  } catch (error) {
    const interrupted = interrupts.exitCode();
    if (interrupted === undefined) throw error;
    progress.end();
    show();
    const kept = partial === undefined ? '' : ` The same command goes on from here (kept in ${partial}).`;
    process.stderr.write(`Stopped after ${played.flat().length} of ${total} episodes.${kept}\n`);
    return interrupted;
  }
  progress.end();
  show();
  const results = played.map((episodes) => evaluationOf<ArmScore>(tasks, episodes.map(untimed)));
  const [first, second] = [results[0]!, results[1]];
  const comparison = second && compare(tasks, first.episodes, second.episodes);
  if (comparison) process.stdout.write(`\n${comparisonTable([labels[0]!, labels[1]!], comparison)}\n`);
  if (flags.json !== undefined) {
    const setup = { ...command, facts };
    const result = { setup, ...first, ...(second && { compared: second, comparison }) };
    await saveJson(result, flags.json);
    journal.remove();
  }
  return EXIT.success;
}

interface Keeping {
  readonly at: number;
  readonly journal: Journal<PlayedEpisode>;
  readonly progress: Progress;
  readonly episodes: TimedEpisode[];
  readonly play: (task: TaskKind, seed: number) => Promise<PlayedEpisode>;
}

/** Plays an episode that was not played before; what is done is kept at once. */
const keeping =
  ({ at, journal, progress, episodes, play }: Keeping) =>
  async (task: string, seed: number): Promise<ArmScore> => {
    const key = `${at} ${task} ${seed}`;
    const before = journal.done.get(key);
    const episode = before ?? (await play(task as TaskKind, seed));
    if (!before) journal.add(key, episode);
    episodes.push({ task, seed, ...episode.score, times: episode.times });
    progress.add(episode.score.success, !before);
    return episode.score;
  };

export const untimed = ({ times: _, ...score }: TimedEpisode): Scored<ArmScore> => score;

/** Those of the flag, else those of the example that the policy gives of what it expects to see. */
export function camerasOf(text: string | undefined, { looksThrough }: NamedPolicy): readonly CameraName[] {
  if (text === undefined) {
    const known = CAMERAS.filter((camera) => looksThrough.includes(camera));
    return known.length > 0 ? known : ['third'];
  }
  const asked = text === 'both' ? [...CAMERAS] : text.split(',').map((name) => name.trim());
  const unknown = asked.find((name) => !(CAMERAS as readonly string[]).includes(name));
  if (unknown === undefined) return CAMERAS.filter((camera) => asked.includes(camera));
  throw usage(`--cameras: no camera '${unknown}' (there is: ${CAMERAS.join(', ')})`, 'Write --cameras third');
}
