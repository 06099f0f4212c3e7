import { type Action, type Context, type Observation, type Policy, run } from 'pumice';
import { sim } from 'pumice/envs/sim';
import { describe, expect, it } from 'vitest';
import { bimodal, deltas, foresight, late, oneDelta, targets } from './policies.ts';

const delta = (x: number, gripperOpen = 1): Action => ({
  ...{ kind: 'eef-delta', frameId: 'base', dPosM: [x, 0, 0], dRpyRad: [0, 0, 0] },
  gripperOpen,
});
const answering = (actions: readonly Action[]): Policy => ({
  name: 'inner',
  actionKinds: ['eef-delta', 'done'],
  reset: () => {},
  act: async () => ({ actions, dtMs: 200 }),
});
const pose = { frameId: 'base', pM: [1, 0, 0], qXyzw: [0, 0, 0, 1] } as const;
const proprio = {
  stampMs: 0,
  jointNames: [],
  qRad: [],
  qdRadPerS: [],
  tcpPose: pose,
  commandedTcpPose: pose,
  gripperOpen: 1,
};
const seen: Observation = { seq: 0, epoch: 0, stampMs: 0, instruction: 'go', history: [], frames: [], proprio };
const context = (signal = new AbortController().signal): Context => ({ signal, nowMs: () => 0, report: () => {} });
const thoughtOf = async (policy: Policy) =>
  (await policy.act(seen, context())) as { actions: readonly Action[]; dtMs?: number };

describe('the forms of a policy', () => {
  it('targets add up from where the tool was told to be, and stand still at the end', async () => {
    const { actions, dtMs } = await thoughtOf(targets(answering([delta(0.1), delta(0.1, 0)]), 16));
    expect([actions.length, dtMs]).toEqual([16, 200]);
    expect(actions.slice(0, 3)).toMatchObject([
      { kind: 'eef-pose', pM: [1.1, 0, 0], gripperOpen: 1 },
      { kind: 'eef-pose', pM: [expect.closeTo(1.2, 9), 0, 0], gripperOpen: 0 },
      { kind: 'eef-pose', pM: [expect.closeTo(1.2, 9), 0, 0], gripperOpen: 0 },
    ]);
  });

  it('deltas are filled up with standing still, or cut', async () => {
    const long = await thoughtOf(deltas(answering([delta(0.1)]), 8));
    expect(long.actions.map((action) => 'dPosM' in action && action.dPosM[0])).toEqual([0.1, 0, 0, 0, 0, 0, 0, 0]);
    expect((await thoughtOf(deltas(answering([1, 2, 3].map((x) => delta(x))), 2))).actions).toHaveLength(2);
  });

  it('a word ends a chunk: nothing is put behind it', async () => {
    const done: Action = { kind: 'done', outcome: 'success' };
    for (const form of [targets, deltas]) expect((await thoughtOf(form(answering([done])))).actions).toEqual([done]);
  });

  it('one delta says nothing of how long it lasts', async () => {
    expect(await thoughtOf(oneDelta(answering([delta(0.1), delta(0.2)])))).toEqual({ actions: [delta(0.1)] });
  });

  it('two ways lead aside to one or the other, and to the same end; a short way is left alone', async () => {
    const inner = answering(Array.from({ length: 8 }, () => delta(0.02)));
    const ways = await Promise.all([0, 0.9].map((number) => thoughtOf(bimodal(inner, () => number, 0.02))));
    const asides = ways.map(({ actions }) => {
      let y = 0;
      return actions.map((action) => (y += 'dPosM' in action ? action.dPosM[1] : 0));
    });
    for (const aside of asides) expect(aside.at(-1)).toBeCloseTo(0, 9);
    expect(asides.map((aside) => aside[3])).toEqual([expect.closeTo(-0.02, 9), expect.closeTo(0.02, 9)]);
    expect((await thoughtOf(bimodal(answering([delta(0.01)]), () => 0))).actions).toEqual([delta(0.01)]);
  });

  it('who is late is so until it is left', async () => {
    const abort = new AbortController();
    const answer = late(answering([delta(0.1)]), 60_000).act(seen, context(abort.signal)) as Promise<unknown>;
    abort.abort(new Error('left'));
    await expect(answer).rejects.toThrow('left');
  });
});

describe('the expert, rolled out', () => {
  it('sees so far ahead that 16 steps are played unseen, and picks', { timeout: 20_000 }, async () => {
    const env = await sim({ oracle: true, cameras: ['third'], sizePx: 32, encoding: 'rgb8' });
    const oracle = env.oracle!;
    const policy = foresight(oracle, 16);
    const episode = run({
      env,
      policy,
      instruction: 'pick up the red block',
      seed: 1,
      oracle,
      budget: { maxSteps: 48 },
    });
    const chunks = new Set<string | undefined>();
    for await (const { chunkId } of episode) chunks.add(chunkId);
    expect(await episode.result).toMatchObject({ outcome: 'success' });
    expect(chunks.size).toBeLessThanOrEqual(3);
    await env.close();
  });
});
