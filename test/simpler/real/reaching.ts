/** Envs of gymnasium in tests: opened, reset, and led to a goal by their true state. */
import { type Action, type EpisodeResult, run, type StepRecord } from 'pumice';
import { type SimplerEnv, type SimplerOptions, simpler } from 'pumice/envs/simpler';
import { expert } from 'pumice/policies/expert';
import { onTestFinished } from 'vitest';
import { missing, python } from './python.ts';

export const lack = missing();
export const inside = lack === undefined ? python() : '';

export const context = { signal: new AbortController().signal, nowMs: () => 0, report: () => {} };
export const reset = (env: SimplerEnv, seed: number) =>
  env.reset({ instruction: 'go', seed }, context) as Promise<unknown>;
export const opened = async (asked: Partial<SimplerOptions>): Promise<SimplerEnv> => {
  const env = await simpler({ backend: 'gymnasium', python: inside, oracle: true, ...asked });
  onTestFinished(() => env.close());
  return env;
};

export type Three = readonly [number, number, number];
export type Seen = Readonly<Record<string, Three>> & Three;
export const motionBy = (way: readonly number[], mostM: number): Action => {
  const dPosM = way.map((one) => Math.min(mostM, Math.max(-mostM, one))) as [number, number, number];
  return { kind: 'eef-delta', frameId: 'base', dPosM, dRpyRad: [0, 0, 0], gripperOpen: 1 };
};
export const minus = (to: Three, from: Three) => to.map((one, at) => one - from[at]!);

/** Plays seeds with a policy that is told the way that is left by the true state. */
export async function reached(
  env: SimplerEnv,
  seeds: readonly number[],
  mostM: number,
  way: (seen: Seen) => number[],
  file?: string,
) {
  const results: EpisodeResult[] = [];
  const steps: StepRecord[] = [];
  for (const seed of seeds) {
    const policy = expert();
    const expertAction = () => motionBy(way(env.oracle!.state().seen as Seen), mostM);
    policy.useOracle({ expertAction, score: env.judge.score });
    const record = file !== undefined && seed === seeds[0] ? { record: file } : {};
    const budget = { maxSteps: env.maxSteps };
    const episode = run({
      env,
      policy,
      instruction: env.instruction() || 'go',
      seed,
      oracle: env.judge,
      budget,
      ...record,
    });
    for await (const step of episode) steps.push(step);
    results.push(await episode.result);
  }
  return { outcomes: results.map(({ outcome, steps: count }) => `${outcome} ${count}`), steps };
}
