/**
 * Tasks of SimplerEnv's WidowX by an expert that sees the true state, each of its motions as Magma's seven action tokens: expert, tokens,
 * server, client, decoder, gate, robot. What is counted is the last step of 60, as SimplerEnv's own evaluator does.
 * By hand, with what docs/simulators.md says is needed: `npx tsc -p tsconfig.bench.json && SIMPLER_PYTHON=... node .cache/bench/bench/bridge.js
 * widowx_stack_cube 0 24`.
 */
import { run } from 'pumice';
import { actionStats, encodeActionTokens, LLAMA3_VOCAB_SIZE } from 'pumice/codecs';
import { type SimplerEnv, simpler } from 'pumice/envs/simpler';
import { magma } from 'pumice/policies/magma';
import { firstValueFrom, from } from 'rxjs';
import { type SpokenModel, serveMagma } from '../src/cli/serve-magma.ts';
import { wilson } from '../src/eval/statistics.ts';
import { quantile, sayLoad, sayMachine } from './measure.ts';

const [task = 'widowx_stack_cube', first = '0', count = '24'] = process.argv.slice(2);
const python = process.env.SIMPLER_PYTHON;
if (!python) throw new Error('expected SIMPLER_PYTHON, the Python that has SimplerEnv: see docs/simulators.md');
const STATS = 'bridge_orig';

/** Speaks for the model: the expert's motion as tokens, and nothing of the picture. */
const speaker = (env: SimplerEnv): SpokenModel => ({
  name: 'expert',
  answer: async () => {
    const action = env.oracle!.expertAction();
    if (action?.kind !== 'eef-delta') return { text: 'I cannot.' };
    return { ids: encodeActionTokens(action, { vocabSize: LLAMA3_VOCAB_SIZE, stats: actionStats(STATS) }) };
  },
});

sayMachine(task);
const env = await simpler({ backend: 'simpler_env', python, task, oracle: true, success: 'final', stepTimeoutS: 120 });
console.log(env.facts);
await using served = await serveMagma(speaker(env));
const policy = magma({
  url: `${served.url}/v1`,
  model: 'expert',
  body: 'arm',
  stats: STATS,
  camera: '3rd_view_camera',
});
const signal = new AbortController().signal;
const done: boolean[] = [];
const steps: number[] = [];
const begunMs = performance.now();
for (let episodeId = Number(first); episodeId < Number(first) + Number(count); episodeId++) {
  env.beginWith({ episodeId });
  // What it asks for is known when it has begun.
  await firstValueFrom(from(env.reset({ instruction: 'look' }, { signal, nowMs: () => 0, report: () => {} })));
  const instruction = env.instruction();
  const episode = run({ env, policy, instruction, oracle: env.judge, budget: { maxSteps: env.maxSteps } });
  const verdicts: Record<string, number> = {};
  for await (const { verdict, timings } of episode) {
    verdicts[verdict.kind] = (verdicts[verdict.kind] ?? 0) + 1;
    if (verdict.kind !== 'allow') console.log(verdict.reasons.join('; '));
    steps.push(timings.totalMs);
  }
  const { outcome, reason } = await episode.result;
  const { final, any, firstStep, steps: taken } = env.judge.score();
  done.push(outcome === 'success');
  console.log(
    `episode ${episodeId} '${instruction}': ${outcome} after ${taken} steps (last step ${final}, any ${any}, first ${firstStep ?? '-'}) ${JSON.stringify(verdicts)} ${outcome === 'fault' ? reason : ''}`,
  );
}
await env.close();
const good = done.filter(Boolean).length;
const perMinute = (done.length * 60_000) / (performance.now() - begunMs);
console.log(`${task}: ${good} of ${done.length} by the last step (95 % ${JSON.stringify(wilson(good, done.length))})`);
console.log(
  `${perMinute.toFixed(1)} episodes/min; a step ${quantile(steps, 0.5).toFixed(0)} ms median, ${quantile(steps, 0.95).toFixed(0)} ms p95`,
);
sayLoad();
