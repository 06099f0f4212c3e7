/**
 * How old the picture is that a critic judged, when what it allowed is carried out: leases from critics that take 0.2 s and 1.5 s, on
 * the real-time arm. The critics are doubles that say yes after that time. The policy looks 20 steps ahead, so that a plan outlasts a judge.
 */
import { type Critic, run, sleep } from 'pumice';
import { sim } from 'pumice/envs/sim';
import { foresight, targets } from '../test/realtime/policies.ts';
import { quantile, sayLoad, sayMachine } from './measure.ts';

const STEPS = 20;
/** One action of the arm, ms. */
const STEP_MS = 200;
const SEEDS = [8001, 8002, 8003, 8004, 8005, 8006, 8007, 8008];
sayMachine('evidence under lease');
const env = await sim({ realtime: true, oracle: true, cameras: ['third'] });
for (const takesMs of [0, 200, 1500]) {
  const yes: Critic['judge'] = async (_observation, _action, { signal }) => {
    await sleep(takesMs, signal);
    return { kind: 'allow', reasons: [] };
  };
  const critic: Critic = { name: `double of ${takesMs} ms`, judge: yes, judgeChunk: yes as never };
  const ages: number[] = [];
  const [ends, stood]: [string[], { ticks: number; slowed: number; held: number }] = [
    [],
    { ticks: 0, slowed: 0, held: 0 },
  ];
  for (const seed of SEEDS) {
    const policy = targets(foresight(env.oracle!, STEPS), STEPS);
    const parts = {
      env,
      policy,
      instruction: 'pick up the red block',
      seed,
      oracle: env.oracle!,
      critics: takesMs > 0 ? [critic] : [],
    };
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
  // The aim: what a critic takes, and one chunk, in which the next one is judged.
  const aimMs = takesMs + STEPS * STEP_MS;
  const isMet = quantile(ages, 0.99) <= aimMs && stood.held === 0 && stood.slowed === 0;
  console.log(
    `  critic of ${String(takesMs).padStart(4)} ms: age of the judged picture median ${quantile(ages, 0.5).toFixed(0)} ms, p99 ${quantile(ages, 0.99).toFixed(0)} ms, n ${ages.length}; ` +
      `after the first motion ${stood.ticks} ticks, of them held ${stood.held}, slowed ${stood.slowed}; ${ends.join(', ')}; aim of ${aimMs} ms without a stop ${isMet ? 'met' : 'NOT met'}`,
  );
}
await env.close();
sayLoad();
