/** The simulated arm in real time: the contract of every env, and the expert over seeds, through the loop, its gate and the driver. */
import { run } from 'pumice';
import { type SimEnv, sim, type TaskKind, taskOf } from 'pumice/envs/sim';
import { expert } from 'pumice/policies/expert';
import { envContract } from 'pumice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

describe('keeps the contract of every env', () => {
  for (const { title, check } of envContract(
    () => sim({ realtime: true, sizePx: 64, cameras: ['third'] }),
    { instruction: 'pick up the red block' },
    { kind: 'eef-delta', frameId: 'base', dPosM: [0, 0, -0.02], dRpyRad: [0, 0, 0], gripperOpen: 1 },
  ))
    it(title, check);
});

describe('the expert does in real time what it does in lockstep', () => {
  const SEEDS = 4;
  let env: SimEnv;
  beforeAll(async () => {
    env = await sim({ realtime: true, oracle: true, fit: false, sizePx: 64, cameras: ['third'] });
  });
  afterAll(() => env.close());

  it.each([
    ['pick', 3],
    ['put', 3],
    ['push', 3],
    ['stack', 3],
    ['hover', 4],
  ] as [TaskKind, number][])('%s, on at least %i of 4 seeds', async (kind, least) => {
    const policy = expert();
    policy.useOracle(env.oracle!);
    let done = 0;
    const failed: string[] = [];
    for (let number = 5000; number < 5000 + SEEDS; number++) {
      const { seed, instruction } = taskOf(kind, number);
      const attempt = () => run({ env, policy, instruction, seed, budget: { maxSteps: 110 } }).result;
      let { outcome, reason } = await attempt();
      // A machine that stands still for a tenth of a second is a state that is frozen, and a stop: no fault of the expert's.
      if (outcome === 'fault' && reason.includes('frozen')) ({ outcome, reason } = await attempt());
      if (outcome === 'success') done += 1;
      else failed.push(`${seed}: ${outcome}, ${reason}`);
    }
    const { watchdogTrips, afterHalt, outOfStep, notFinite } = env.instruments!.meter();
    console.log(`${kind}: ${done} of ${SEEDS}; ${failed.join('; ')}`);
    expect(done).toBeGreaterThanOrEqual(least);
    expect([watchdogTrips, afterHalt, notFinite]).toEqual([0, 0, 0]);
    expect(outOfStep).toBeLessThan(SEEDS * 100);
  });
});
