/** Policies that do not learn: hold and random, the floors of an evaluation, and the expert, its ceiling. */
import { type Observation, PumiceError, run, type Thought } from 'pumice';
import { expert } from 'pumice/policies/expert';
import { hold } from 'pumice/policies/hold';
import { random } from 'pumice/policies/random';
import { describe, expect, it } from 'vitest';
import { patientSim } from '../sim/patient.ts';

const seen = (seq: number): Observation => ({ seq, epoch: 0, stampMs: 0, instruction: 'x', history: [], frames: [] });
const context = { signal: new AbortController().signal, nowMs: () => 0, report: () => {} };
const PICK = 'pick up the red block';

describe('random', () => {
  const episode = async (seed: number, given: Parameters<typeof random>[0] = {}) => {
    const policy = random(given);
    policy.reset({ instruction: 'x', seed });
    const actions = [];
    for (let seq = 0; seq < 200; seq++) actions.push(((await policy.act(seen(seq), context)) as Thought).actions[0]!);
    return actions;
  };

  it('the same seed gives the same motions, another seed others', async () => {
    expect(await episode(5)).toEqual(await episode(5));
    expect(await episode(5)).not.toEqual(await episode(6));
  });

  it('stays within the sizes it is given, fills them, and moves the hand', async () => {
    const actions = await episode(1, { maxStepM: 0.01, maxStepRad: 0.5, frameId: 'tool' });
    const deltas = actions.filter((action) => action.kind === 'eef-delta');
    const most = (values: readonly number[]) => Math.max(...values.map(Math.abs));
    expect(most(deltas.flatMap(({ dPosM }) => [...dPosM]))).toSatisfy((size: number) => size <= 0.01 && size > 0.0095);
    expect(most(deltas.flatMap(({ dRpyRad }) => [...dRpyRad]))).toSatisfy((size: number) => size <= 0.5 && size > 0.47);
    expect(new Set(deltas.map(({ gripperOpen }) => gripperOpen))).toEqual(new Set([0, 1]));
    expect(new Set(deltas.map(({ frameId }) => frameId))).toEqual(new Set(['tool']));
  });
});

describe('with the simulated arm', () => {
  it('hold: nothing moves, and the budget ends the run', async () => {
    const env = await patientSim({ cameras: ['third'], oracle: true });
    const episode = run({ env, policy: hold(), instruction: PICK, seed: 2, budget: { maxSteps: 3 } });
    expect((await episode.result).outcome).toBe('truncated');
    expect(env.oracle!.score()).toMatchObject({ final: false, any: false });
    await env.close();
  });

  it('expert: picks up the block, and says that it is done', async () => {
    const env = await patientSim({ cameras: ['third'], sizePx: 32, encoding: 'rgb8', oracle: true });
    const policy = expert();
    policy.useOracle(env.oracle!);
    const episode = run({ env, policy, instruction: PICK, seed: 2, budget: { maxSteps: 50 } });
    expect(await episode.result).toMatchObject({ outcome: 'success', reason: 'the policy says so' });
    expect(env.oracle!.score()).toMatchObject({ final: true, first: true, wrong: false });
    await env.close();
  });

  it('expert: what is no task of this world is given up', async () => {
    const env = await patientSim({ cameras: ['third'], sizePx: 32, encoding: 'rgb8', oracle: true });
    const policy = expert();
    policy.useOracle(env.oracle!);
    const episode = run({ env, policy, instruction: 'make tea', seed: 2, budget: { maxSteps: 5 } });
    expect(await episode.result).toMatchObject({ outcome: 'failure', reason: "the expert cannot do 'make tea' here" });
    await env.close();
  });

  it('expert: without an oracle it says how to open it', async () => {
    const asked = expert().act(seen(0), context) as Promise<Thought>;
    await expect(asked).rejects.toMatchObject({ code: 'policy/failed', hint: expect.stringContaining('--oracle') });
    await expect(asked).rejects.toSatisfy((error) => PumiceError.is(error));
  });
});
