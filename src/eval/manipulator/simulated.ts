/**
 * Runs episodes with a robot in a simulator of others through the real runtime. A simulator takes its task when it begins, so one body
 * stays open for as long as the task is the same.
 */
import { firstValueFrom, from } from 'rxjs';
import { type SimplerEnv, simpler } from '../../../envs/simpler/index.ts';
import { monotonicNowMs } from '../../clock.ts';
import type { Critic, Policy } from '../../ports.ts';
import { run } from '../../run.ts';
import type { StepRecord } from '../../types.ts';
import { recordFile } from '../record-file.ts';
import {
  brokenBy,
  countsOf,
  type EpisodeSettings,
  type PlayedEpisode,
  takesOracle,
  timesOf,
  watchServer,
} from './episode.ts';

/** The simulator is watched by itself, for so long as it begins: `startTimeoutS`. This is for who watches it, ms. */
const RESET_MS = 150_000;

export interface Simulated {
  /** Opens the body of a task, if it is not open. @returns its facts: renderer, versions, profile. */
  readonly open: (task: string) => Promise<Readonly<Record<string, string>>>;
  /** @param onStep - is told of every step, and of a scene that is there, as a sign of life. */
  readonly play: (task: string, number: number, onStep?: () => void) => Promise<PlayedEpisode>;
  readonly close: () => Promise<void>;
}

export function openSimulated(
  { policy, critics }: { readonly policy: Policy; readonly critics: readonly Critic[] },
  { simulator, stepTimeoutMs, records }: EpisodeSettings,
): Simulated {
  const { backend, python, success, numberIs, cameras } = simulator!;
  let held: { readonly task: string; readonly env: SimplerEnv } | undefined;
  const bodyOf = async (task: string): Promise<SimplerEnv> => {
    if (held?.task === task) return held.env;
    await held?.env.close();
    held = undefined;
    const looks = cameras && { cameras: [...cameras] };
    const env = await simpler({ backend, python, task, success, oracle: takesOracle(policy), ...looks });
    held = { task, env };
    return env;
  };
  const play: Simulated['play'] = async (task, number, onStep = () => {}) => {
    const env = await bodyOf(task);
    onStep();
    const { oracle } = env;
    if (oracle && takesOracle(policy))
      // Where the last step counts, having been there is not the end.
      policy.useOracle({ ...oracle, score: () => ({ first: success === 'first' && env.judge.score().first }) });
    const seed = numberIs === 'seed' ? number : 0;
    if (numberIs === 'episode') env.beginWith({ episodeId: number });
    // What it asks for is known when it has begun.
    const looking = { signal: new AbortController().signal, nowMs: monotonicNowMs, report: () => {} };
    await firstValueFrom(from(env.reset({ instruction: 'look', seed }, looking)));
    onStep();
    const instruction = env.instruction();
    const steps: StepRecord[] = [];
    const watched = watchServer(policy);
    const episode = run({
      ...{ env, policy: watched.policy, critics, instruction, seed, oracle: env.judge },
      budget: { maxSteps: env.maxSteps },
      deadlinesMs: { think: stepTimeoutMs, reset: RESET_MS },
      facts: { task, number: String(number) },
      ...(records !== undefined && { record: recordFile(records, `${policy.name}-${task}-${number}`) }),
    });
    for await (const { observation: _, ...rest } of episode) {
      onStep();
      steps.push(rest);
    }
    const { outcome, reason } = await episode.result;
    const { final, first, any, firstStep } = env.judge.score();
    const isWhole = outcome !== 'fault';
    return {
      score: {
        success: isWhole && { final, first, any }[success],
        steps: steps.length,
        ...{ instruction, layoutSeed: number, wrong: false, outcome, reason },
        ...{ final: isWhole && final, held: isWhole && first, any: isWhole && any },
        ...(firstStep !== undefined && { stepsToHeld: firstStep }),
        ...countsOf(steps),
      },
      times: timesOf(steps),
      ...brokenBy(watched),
    };
  };
  return {
    open: async (task) => (await bodyOf(task)).facts ?? {},
    play,
    close: async () => {
      await held?.env.close();
    },
  };
}
