/**
 * Pick and put by ember in real time beside lockstep, on equal seeds: what an arm that does not wait costs in success. Takes minutes; the
 * seeds of one kind by the environment: `REALTIME_SEEDS=50 npm run bench -- realtime-tasks`.
 */
import { run } from 'pumice';
import { sim, taskOf } from 'pumice/envs/sim';
import { ember } from '../policies/ember.ts';
import { mcnemar, wilson } from '../src/eval/statistics.ts';
import { sayLoad, sayMachine } from './measure.ts';

const SEEDS = Number(process.env.REALTIME_SEEDS ?? 10);
const FIRST = 6000;
const MAX_STEPS = 150;
const MODES = ['lockstep', 'real time'] as const;

sayMachine(`pick and put, ${SEEDS} seeds each from ${FIRST} on`);
const envs = {
  lockstep: await sim({ oracle: true }),
  'real time': await sim({ oracle: true, realtime: true }),
};
const policies = {
  lockstep: ember({ weights: 'policies/ember' }),
  'real time': ember({ execute: 4, weights: 'policies/ember' }),
};
for (const kind of ['pick', 'put'] as const) {
  const held: Record<(typeof MODES)[number], boolean[]> = { lockstep: [], 'real time': [] };
  for (let number = FIRST; number < FIRST + SEEDS; number++)
    for (const mode of MODES) {
      const { seed, instruction } = taskOf(kind, number);
      const env = envs[mode];
      const pace = mode === 'real time' && { pace: { rateHz: 5 } };
      const parts = {
        env,
        policy: policies[mode],
        instruction,
        seed,
        oracle: env.oracle!,
        budget: { maxSteps: MAX_STEPS },
      };
      const { outcome, reason } = await run({ ...parts, ...pace }).result;
      const isHeld = env.oracle!.score().first;
      held[mode].push(isHeld);
      if (!isHeld) console.log(`  ${kind} ${seed}, ${mode}: ${outcome}, ${reason}`);
    }
  for (const mode of MODES) {
    const done = held[mode].filter(Boolean).length;
    const { low, high } = wilson(done, SEEDS);
    console.log(`  ${kind}, ${mode}: held ${done} of ${SEEDS} (95 % interval ${low.toFixed(2)} to ${high.toFixed(2)})`);
  }
  const only = (a: (typeof MODES)[number], b: (typeof MODES)[number]) =>
    held[a].filter((one, at) => one && !held[b][at]).length;
  const counts = { onlyFirst: only('lockstep', 'real time'), onlySecond: only('real time', 'lockstep') };
  console.log(
    `  ${kind}: ${counts.onlyFirst} in lockstep alone, ${counts.onlySecond} in real time alone, McNemar p ${mcnemar(counts).toFixed(2)}`,
  );
}
for (const mode of MODES) {
  await policies[mode].close?.();
  await envs[mode].close();
}
sayLoad();
