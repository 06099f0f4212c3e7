/** The simulated arm in real time as a body, with the driver that leads it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Action, type ActResult, type Context, monotonicNowMs, run, type Sensed, sleep } from 'pumice';
import { type SimEnv, type SimOptions, sim } from 'pumice/envs/sim';
import { expert } from 'pumice/policies/expert';
import { afterEach, describe, expect, it } from 'vitest';
import { openStopWord } from '../../../src/robot/boxes.ts';

let env: SimEnv | undefined;
afterEach(async () => {
  await env?.close();
  env = undefined;
});

const context: Context = { signal: new AbortController().signal, nowMs: monotonicNowMs, report: () => {} };
const DOWN: Action = { kind: 'eef-delta', frameId: 'base', dPosM: [0, 0, -0.03], dRpyRad: [0, 0, 0], gripperOpen: 1 };
const PROGRAM = new URL('./program.mjs', import.meta.url);
const PICK = 'pick up the red block';

async function open(options: SimOptions = {}, seed = 1007) {
  env = await sim({ realtime: true, sizePx: 64, ...options });
  await env.reset({ instruction: PICK, seed }, context);
  return env;
}
const act = (action: Action) => env!.act(action, context) as Promise<ActResult>;
const look = () => env!.observe(context) as Promise<Sensed>;
const heightM = async () => (await look()).proprio!.tcpPose!.pM[2];

// A machine that stands still for a tenth of a second is a state that is frozen, and a stop: what goes on whenever it is left, goes on always.
describe('with its driver', () => {
  it('acts through the driver: deltas on what was commanded, poses without waiting for them', async () => {
    await open();
    const before = await heightM();
    expect(await act(DOWN)).toMatchObject({ status: 'done', executed: DOWN });
    expect(await act(DOWN)).toMatchObject({ status: 'done' });
    expect(await act({ kind: 'hold' })).toMatchObject({ status: 'done' });
    expect(await heightM()).toBeCloseTo(before - 0.06, 2);
    const { pM, qXyzw } = (await look()).proprio!.tcpPose!;
    const up: Action = { kind: 'eef-pose', frameId: 'base', pM: [pM[0], pM[1], pM[2] + 0.04], qXyzw, gripperOpen: 1 };
    expect(await act(up)).toMatchObject({ status: 'done' });
    expect(await heightM()).toBeLessThan(pM[2] + 0.03);
    while ((await heightM()) < pM[2] + 0.035) await sleep(10);
    expect(env!.instruments!.meter()).toMatchObject({ notFinite: 0, afterHalt: 0, watchdogTrips: 0 });
  });

  it('what the driver refuses is refused, and the arm stays where it is', async () => {
    await open();
    const before = await heightM();
    expect(await act({ ...DOWN, dPosM: [0, 0, 0.15] })).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining('beyond limit'),
    });
    expect(await act({ ...DOWN, dPosM: [0, Number.NaN, 0] })).toMatchObject({ status: 'refused' });
    expect(await heightM()).toBeCloseTo(before, 2);
  });

  it('comes to rest after a halt, and moves again after a reset alone', async () => {
    await open();
    const acting = act(DOWN);
    while (env!.instruments!.state()!.speedMPerS < 0.05) await sleep(2);
    env!.halt(1, 'test');
    expect(await acting).toMatchObject({ status: 'stopped' });
    expect(await act(DOWN)).toMatchObject({ status: 'stopped' });
    while (env!.instruments!.meter().restedMs === 0) await sleep(5);
    expect(env!.instruments!.meter()).toMatchObject({ afterHalt: 0, watchdogTrips: 0 });
    await env!.reset({ instruction: PICK, seed: 1008 }, context);
    expect(await act(DOWN)).toMatchObject({ status: 'done' });
  });

  it('stops when anybody writes the stop word, before it was ever reset too', async () => {
    env = await sim({ realtime: true, sizePx: 64 });
    const word = openStopWord(env.instruments!.stopWord);
    word.stop(1);
    await env.reset({ instruction: PICK, seed: 1007 }, context);
    expect(await act(DOWN)).toMatchObject({ status: 'done' });
    word.stop(1);
    expect(await act(DOWN)).toMatchObject({ status: 'stopped' });
    expect(env.instruments!.driver()!.status().category).toBe(1);
  });

  it('what is seen of the world is told by stamps: of pictures and joints, when they were so', async () => {
    await open({ encoding: 'rgb8' });
    const { frames, proprio, stampMs } = await look();
    expect(frames.map(({ camera, encoding, data }) => [camera, encoding, data.length])).toEqual([
      ['third', 'rgb8', 64 * 64 * 3],
      ['wrist', 'rgb8', 64 * 64 * 3],
    ]);
    for (const frame of [...frames, proprio!]) {
      expect(frame.stampMs).toBeLessThanOrEqual(stampMs);
      expect(stampMs - frame.stampMs).toBeLessThan(1000);
    }
    expect(env!.oracle).toBeUndefined();
  });

  it('gives JPEG unless it is asked for raw pixels', async () => {
    await open({ cameras: ['wrist'] });
    const { frames } = await look();
    expect(frames.map(({ camera, encoding }) => [camera, encoding])).toEqual([['wrist', 'jpeg']]);
    expect([...frames[0]!.data.subarray(0, 2)]).toEqual([0xff, 0xd8]);
  });

  it('lets the expert pick the block up, through the loop and its gate', async () => {
    await open({ oracle: true });
    const policy = expert();
    policy.useOracle(env!.oracle!);
    const { result } = run({ env: env!, policy, instruction: PICK, seed: 1007, budget: { maxSteps: 60 } });
    expect(await result).toMatchObject({ outcome: 'success' });
    expect(env!.oracle!.score()).toMatchObject({ first: true, wrong: false });
    expect(env!.oracle!.marks('third').map(({ role }) => role)).toContain('block');
    expect(env!.instruments!.meter()).toMatchObject({ notFinite: 0, afterHalt: 0, outOfStep: 0, watchdogTrips: 0 });
  });
});

it.each(['open', 'closed'])('keeps no process alive when it is %s', async (how) => {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(PROGRAM), how]);
  expect(stdout).toBe('over');
});

it('refuses what makes sense in lockstep alone', async () => {
  await expect(sim({ realtime: true, perturb: { delay: 1 } })).rejects.toMatchObject({ code: 'config/invalid' });
});
