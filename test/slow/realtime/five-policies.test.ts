/**
 * Policies of every form that robots are driven by pick a block up in real time: the arm goes on while they think. The judge is the world's,
 * not what the policy says of itself.
 */
import { type Policy, run } from 'pumice';
import { type SimEnv, type SimOracle, sim, taskOf } from 'pumice/envs/sim';
import { ember } from 'pumice/policies/ember';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomFrom } from '../../random.ts';
import { bimodal, deltas, foresight, late, oneDelta, targets } from '../../realtime/policies.ts';

const SEEDS = [7001, 7002];
const AHEAD = { pace: { rateHz: 5 } } as const;

let env: SimEnv;
beforeAll(async () => {
  env = await sim({ realtime: true, oracle: true, cameras: ['third'] });
});
afterAll(() => env.close());

const FORMS: readonly [title: string, make: (oracle: SimOracle) => Policy, pace: typeof AHEAD | undefined][] = [
  ['ember in chunks of 4 deltas', () => ember({ execute: 4 }), AHEAD],
  ['16 targets at a time', (oracle) => targets(foresight(oracle, 16), 16), AHEAD],
  ['8 deltas at a time', (oracle) => deltas(foresight(oracle, 8), 8), AHEAD],
  ["one delta at a time, Magma's form: the body holds while it is thought", () => oneDelta(ember()), undefined],
  ['answers 800 ms late', (oracle) => late(targets(foresight(oracle, 16), 16), 800), AHEAD],
  ['one of two good ways, at random', (oracle) => targets(bimodal(foresight(oracle, 16), randomFrom(1)), 16), AHEAD],
];

describe('picks in real time', () => {
  it.each(FORMS)('%s', async (_, make, pace) => {
    const policy = make(env.oracle!);
    for (const number of SEEDS) {
      const { seed, instruction } = taskOf('pick', number);
      const attempt = () =>
        run({ env, policy, instruction, seed, oracle: env.oracle!, budget: { maxSteps: 150 }, ...pace }).result;
      let result = await attempt();
      // A machine that stands still for a tenth of a second is a state that is frozen, and a stop: no fault of the policy's.
      if (result.reason.includes('frozen')) result = await attempt();
      expect(env.oracle!.score().first, `${seed}: ${result.outcome}, ${result.reason}`).toBe(true);
    }
    const { watchdogTrips, afterHalt, notFinite } = env.instruments!.meter();
    expect([watchdogTrips, afterHalt, notFinite]).toEqual([0, 0, 0]);
    await policy.close?.();
  });
});
