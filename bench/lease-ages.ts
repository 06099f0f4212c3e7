/**
 * How old the picture is that a critic judged, when what it allowed is carried out: the real-time arm, a policy that looks 20 steps ahead,
 * so that a plan outlasts a judge, and whatever critics are handed in.
 */
import { type Critic, run } from 'pumice';
import type { SimEnv } from 'pumice/envs/sim';
import { foresight, targets } from '../test/realtime/policies.ts';
import { quantile } from './measure.ts';

const STEPS = 20;
/** One action of the arm, ms. */
const STEP_MS = 200;
const SEEDS = [8001, 8002, 8003, 8004, 8005, 8006, 8007, 8008];

/** Prints what came of it, and whether the aim is met: what a critic takes, and one chunk, in which the next one is judged. */
export async function sayLeaseAges(
  env: SimEnv,
  name: string,
  critics: readonly Critic[],
  criticMs: () => number,
): Promise<void> {
  const ages: number[] = [];
  const stood = { ticks: 0, slowed: 0, held: 0 };
  const ends: string[] = [];
  for (const seed of SEEDS) {
    const policy = targets(foresight(env.oracle!, STEPS), STEPS);
    const parts = { env, policy, instruction: 'pick up the red block', seed, oracle: env.oracle!, critics };
    const episode = run({ ...parts, pace: { rateHz: 5 }, budget: { maxSteps: 150 } });
    let isMoving = false;
    for await (const { lease, act, proposed, judgedAgeMs } of episode) {
      isMoving ||= proposed.kind === 'eef-pose';
      if (!isMoving) continue;
      stood.ticks += 1;
      if (proposed.kind === 'hold') stood.held += 1;
      if (lease && lease.speedScale < 1) stood.slowed += 1;
      if (lease && judgedAgeMs !== undefined && act?.status === 'done') ages.push(judgedAgeMs);
    }
    const { outcome, reason } = await episode.result;
    ends.push(outcome === 'success' ? outcome : `${outcome} (${reason})`);
  }
  const aimMs = criticMs() + STEPS * STEP_MS;
  const isMet = quantile(ages, 0.99) <= aimMs && stood.held + stood.slowed === 0;
  const done = ends.filter((end) => end === 'success').length;
  const other = [...new Set(ends.filter((end) => end !== 'success'))];
  console.log(
    `  ${name}: age of the judged picture median ${quantile(ages, 0.5).toFixed(0)} ms, p99 ${quantile(ages, 0.99).toFixed(0)} ms, n ${ages.length}; ` +
      `after the first motion ${stood.ticks} ticks, held in ${stood.held}, slowed in ${stood.slowed}; ${done} of ${ends.length} done${other.map((end) => `, ${end}`).join('')}; ` +
      `aim of ${aimMs.toFixed(0)} ms without a stop ${isMet ? 'met' : 'NOT met'}`,
  );
}
