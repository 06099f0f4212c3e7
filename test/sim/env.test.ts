/** The simulated arm as a body. */
import { createHash } from 'node:crypto';
import { type Action, type ActResult, type Context, run } from 'pumice';
import { type SimEnv, type SimOptions, sim } from 'pumice/envs/sim';
import { scripted } from 'pumice/policies/scripted';
import { envContract } from 'pumice/testing';
import { afterEach, describe, expect, it } from 'vitest';

let env: SimEnv | undefined;
afterEach(async () => {
  await env?.close();
  env = undefined;
});

const context: Context = { signal: new AbortController().signal, nowMs: () => 0, report: () => {} };
const STILL: Action = {
  kind: 'eef-delta',
  frameId: 'base',
  dPosM: [0, 0, 0],
  dRpyRad: [0, 0, 0],
  gripperOpen: 1,
};
const DOWN: Action = { ...STILL, dPosM: [0, 0, -0.02] };

async function open(options: SimOptions = {}, instruction = 'pick up the red block', seed = 1007) {
  env = await sim({ encoding: 'rgb8', ...options });
  await env.reset({ instruction, seed }, context);
  return env;
}
const act = (action: Action) => env!.act(action, context) as Promise<ActResult>;
const look = () => env!.observe(context) as Promise<import('pumice').Sensed>;
const heightM = async () => (await look()).proprio!.tcpPose!.pM[2];
const digest = (data: Uint8Array) => createHash('sha256').update(data).digest('hex').slice(0, 16);

describe('keeps the contract of every env', () => {
  for (const { title, check } of envContract(
    () => sim({ cameras: ['third'] }),
    { instruction: 'pick up the red block' },
    DOWN,
  ))
    it(title, check);
});

it('shows two square frames with intrinsics and pose, and where the tool is', async () => {
  await open({ encoding: 'jpeg' });
  const { frames, proprio, marks } = await look();
  expect(frames.map(({ camera, encoding, widthPx, heightPx }) => [camera, encoding, widthPx, heightPx])).toEqual([
    ['third', 'jpeg', 224, 224],
    ['wrist', 'jpeg', 224, 224],
  ]);
  for (const frame of frames) {
    expect(frame.intrinsics!.fxPx).toBeGreaterThan(100);
    expect(Math.hypot(...frame.cameraInBase!.qXyzw)).toBeCloseTo(1, 9);
  }
  expect(proprio!.tcpPose!.frameId).toBe('base');
  expect(proprio!.jointNames).toHaveLength(6);
  expect(marks).toBeUndefined();
});

it('the wrist camera moves with the hand, the other does not', async () => {
  await open();
  const before = (await look()).frames.map(({ cameraInBase }) => cameraInBase!.pM[2]);
  await act(DOWN);
  const after = (await look()).frames.map(({ cameraInBase }) => cameraInBase!.pM[2]);
  expect(after[0]).toBe(before[0]);
  expect(after[1]! - before[1]!).toBeCloseTo(-0.02, 2);
});

// Made on Node 20.20.2; the same on 22 and 24.
it.each([
  [1000, 'eec67631c8dbb68e dd891808c8623e22'],
  [1001, 'e82e2c37de14fa8d af3681504ce9c1dc'],
])('the same seed gives the same pixels on every Node: %i', async (seed, expected) => {
  await open({}, 'put the red block on the blue plate', seed);
  for (let step = 0; step < 5; step++) await act({ ...DOWN, dPosM: [0.01, 0.01, -0.02], dRpyRad: [0, 0, 0.1] });
  const { frames } = await look();
  expect(frames.map(({ data }) => digest(data)).join(' ')).toBe(expected);
});

it('another seed gives another picture', async () => {
  await open({}, 'pick up the red block', 1);
  const one = digest((await look()).frames[0]!.data);
  await env!.reset({ instruction: 'pick up the red block', seed: 2 }, context);
  expect(digest((await look()).frames[0]!.data)).not.toBe(one);
});

it('says what it really executed: a step into the table ends on it', async () => {
  await open();
  const results = [];
  for (let step = 0; step < 12; step++) results.push(await act({ ...DOWN, dPosM: [0, 0, -0.03] }));
  expect(results[0]).toMatchObject({ status: 'done', executed: { kind: 'eef-delta', frameId: 'base' } });
  const last = results.at(-1)!.executed as { dPosM: readonly number[] };
  expect(last.dPosM[2]).toBeCloseTo(0, 6);
});

it('goes to a pose, one period at a time', async () => {
  await open();
  const { pM, qXyzw } = (await look()).proprio!.tcpPose!;
  const goal: Action = { kind: 'eef-pose', frameId: 'base', pM: [pM[0], pM[1], pM[2] - 0.05], qXyzw, gripperOpen: 0 };
  await act(goal);
  await act(goal);
  expect(await heightM()).toBeCloseTo(pM[2] - 0.05, 2);
  expect((await look()).proprio!.gripperOpen).toBeLessThan(0.1);
});

describe('does not do what no gate may let through', () => {
  it.each([
    ['a word of another body', { kind: 'ui-wait', durationMs: 1 }, /expected eef-delta, eef-pose or hold, got ui-wait/],
    ['another frame', { ...DOWN, frameId: 'camera' }, /expected frame 'base', got 'camera'/],
    ['no number', { ...DOWN, dPosM: [0, 0, Number.NaN] }, /finite/],
    ['an infinite turn', { ...DOWN, dRpyRad: [0, Number.POSITIVE_INFINITY, 0] }, /finite/],
  ] as [string, Action, RegExp][])('%s', async (_, action, reason) => {
    await open();
    const before = await heightM();
    expect(await act(action)).toMatchObject({ status: 'refused', reason: expect.stringMatching(reason) });
    expect(await heightM()).toBe(before);
  });
});

it('after a halt nothing moves until the next reset', async () => {
  await open();
  env!.halt(2, 'test');
  const before = await heightM();
  expect(await act(DOWN)).toMatchObject({ status: 'stopped' });
  expect(await heightM()).toBe(before);
  await env!.reset({ instruction: 'pick up the red block', seed: 1 }, context);
  expect(await act(DOWN)).toMatchObject({ status: 'done' });
});

describe('the oracle', () => {
  it('is not there unless it was asked for', async () => {
    expect((await open()).oracle).toBeUndefined();
  });

  it('marks what is in view by segmentation, and traces where it was', async () => {
    await open({ oracle: true });
    const { oracle } = env!;
    const marks = oracle!.marks('third');
    expect(marks.map(({ role }) => role)).toEqual(['block', 'block', 'block', 'plate', 'plate']);
    for (const { boxPx, pointPx } of marks) {
      expect(pointPx[0]).toBeGreaterThan(boxPx[0]);
      expect(pointPx[0]).toBeLessThan(boxPx[2]);
    }
    await act(DOWN);
    const traces = oracle!.traces('third');
    expect(traces.map(({ markId }) => markId)).toEqual([1, 2, 3, 4, 5]);
    for (const [at, { pointsPx }] of traces.entries()) {
      expect(pointsPx).toHaveLength(2);
      const [x0, y0, x1, y1] = marks[at]!.boxPx;
      expect(pointsPx[0]![0]).toBeGreaterThanOrEqual(x0);
      expect(pointsPx[0]![0]).toBeLessThanOrEqual(x1);
      expect(pointsPx[0]![1]).toBeGreaterThanOrEqual(y0);
      expect(pointsPx[0]![1]).toBeLessThanOrEqual(y1);
    }
  });

  it('leaks nothing into an observation: with and without it, all that is seen is the same', async () => {
    const seen = [];
    for (const oracle of [false, true]) {
      await open({ oracle });
      await act(DOWN);
      const { stampMs: _, proprio, frames, ...rest } = await look();
      seen.push({
        rest,
        proprio: { ...proprio, stampMs: 0 },
        frames: frames.map(({ data, stampMs: __, ...frame }) => ({ ...frame, data: digest(data) })),
      });
      await env!.close();
    }
    expect(seen[1]).toEqual(seen[0]);
  });

  it('lets the expert do a task through the loop and its gate', async () => {
    await open({ oracle: true });
    const oracle = env!.oracle!;
    const expert = {
      ...scripted({ actions: [] }),
      actionKinds: ['eef-delta' as const],
      act: async () => ({ actions: [oracle.expertAction()!] }),
    };
    const { result } = run({
      env: env!,
      policy: expert,
      oracle,
      instruction: 'put the red block on the blue plate',
      seed: 1007,
      budget: { maxSteps: 80 },
    });
    expect(await result).toMatchObject({ outcome: 'success' });
    expect(oracle.score()).toMatchObject({ first: true, wrong: false });
  });
});

it('lays out the colours that an instruction names, and on request does not', async () => {
  const blocksFor = async (options: SimOptions) => {
    await open({ oracle: true, ...options }, 'pick up the yellow block', 1003);
    const { blocks } = env!.oracle!.state();
    await env!.close();
    return blocks.map(({ colour }) => colour);
  };
  expect(await blocksFor({ fit: true })).toContain('yellow');
  expect(await blocksFor({ fit: false })).toEqual(await blocksFor({ fit: false }));
});

it('acts one step late when told to', async () => {
  await open({ perturb: { delay: 1 } });
  const before = await heightM();
  expect(await act(DOWN)).toMatchObject({ status: 'done', executed: { kind: 'hold' } });
  expect(await heightM()).toBeCloseTo(before, 3);
  await act(STILL);
  expect(await heightM()).toBeCloseTo(before - 0.02, 2);
});

it.each([
  [{ sizePx: 3 }, /sizePx/],
  [{ perturb: { light: 2 } }, /perturb.light/],
  [{ cameras: [] }, /cameras/],
  [{ mjcf: '/no/such/file.xml' }, /cannot be read/],
] as [SimOptions, RegExp][])('refuses options that make no sense: %j', async (options, message) => {
  await expect(sim(options)).rejects.toMatchObject({ code: 'config/invalid', message: expect.stringMatching(message) });
});
