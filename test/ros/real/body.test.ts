/**
 * The whole body on a real graph: camera, joints and pose in, the driver's set-points out, through a real bridge to a node that is an arm.
 * What the arm did is by its own account.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ros } from 'pumice/envs/ros';
import { encodeJpeg } from 'pumice/vision';
import { firstValueFrom, from } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servoArm } from '../../../envs/ros/profiles/servo-arm.ts';
import { monotonicNowMs } from '../../../src/clock.ts';
import type { Answer, Env } from '../../../src/ports.ts';
import type { Action, ActResult, Sensed } from '../../../src/types.ts';
import { until } from '../double/bridge.ts';
import { type Graph, missing, openGraph } from './graph.ts';

const why = missing();
const context = { signal: AbortSignal.timeout(300_000), nowMs: monotonicNowMs, report: () => {} };
const answer = <T>(given: Answer<T>) => firstValueFrom(from(given));
const along = (xM: number): Action => ({
  ...{ kind: 'eef-delta', frameId: 'base', dPosM: [xM, 0, 0], dRpyRad: [0, 0, 0], gripperOpen: 1 },
});

describe.skipIf(why !== undefined)(`a body on a real graph${why ? ` (skipped: ${why})` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pumice-picture-'));
  let graph: Graph;
  let env: Env;
  beforeAll(async () => {
    const raw = {
      data: new Uint8Array(3 * 224 * 224).fill(90),
      encoding: 'rgb8',
      widthPx: 224,
      heightPx: 224,
    } as const;
    const { data } = await encodeJpeg({ ...raw, stampMs: 0, camera: 'third' });
    writeFileSync(join(folder, 'picture.jpg'), data);
    graph = await openGraph(join(folder, 'picture.jpg'));
    env = await ros({ url: graph.url, profile: servoArm });
    await answer(env.reset({ instruction: 'go' }, context));
  }, 300_000);
  afterAll(async () => {
    await env?.close();
    await graph?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const observe = (): Promise<Sensed> => answer(env.observe(context));
  const act = (action: Action): Promise<ActResult> => answer(env.act(action, context));
  const rests = async () => {
    const fromMs = monotonicNowMs();
    const x = graph.arm().x;
    await until(() => graph.arm().speed < 0.001, 'rest', 10_000);
    return `rest after ${Math.round(monotonicNowMs() - fromMs)} ms, ${((graph.arm().x - x) * 1000).toFixed(1)} mm`;
  };

  it('goes where it is told, and sees its camera, joints, pose and e-stop', async () => {
    const before = graph.arm().x;
    for (let i = 0; i < 3; i++) expect(await act(along(-0.02))).toMatchObject({ status: 'done' });
    expect(graph.arm().x).toBeCloseTo(before - 0.06, 2);
    const { frames, proprio, health } = await observe();
    expect(frames[0]).toMatchObject({ camera: 'third', widthPx: 224, encoding: 'jpeg' });
    expect(proprio!.tcpPose!.pM[0]).toBeCloseTo(graph.arm().x, 2);
    expect(health!.eStop).toBe('released');
    expect(graph.arm()).toMatchObject({ future: 0, notFinite: 0 });
    for (let i = 0; i < 3; i++) await act(along(0.02));
  });

  it('halts in mid-motion', async () => {
    const acting = act(along(-0.04));
    await until(() => graph.arm().speed > 0.05, 'a motion');
    env.halt(1, 'test');
    console.log(`halt: ${await rests()}`);
    expect(await acting).toMatchObject({ status: 'stopped' });
    await answer(env.reset({ instruction: 'go' }, context));
    expect(await act(along(0.04))).toMatchObject({ status: 'done' });
  });

  it('rests by its own watchdog when the bridge is killed in mid-motion, and nothing moves it when the bridge is back', async () => {
    const acting = act(along(-0.04));
    await until(() => graph.arm().speed > 0.05, 'a motion');
    await graph.bridge.kill();
    console.log(`bridge killed: ${await rests()}`);
    expect(await acting).toMatchObject({ status: 'stopped' });
    const { x } = graph.arm();
    await graph.bridge.start();
    const backMs = monotonicNowMs();
    await until(async () => (await observe()).proprio!.stampMs > backMs, 'the robot to be heard again', 60_000);
    expect(graph.arm().x).toBeCloseTo(x, 3);
    expect(await act(along(0.02))).toMatchObject({ status: 'stopped' });
    await answer(env.reset({ instruction: 'go' }, context));
    const again = await act(along(0.02));
    expect(again, JSON.stringify(again)).toMatchObject({ status: 'done' });
  });

  it('stops with a main thread that is blocked: its motion expires, and the hold is kept up meanwhile', async () => {
    const { executed } = graph.arm();
    const acting = act(along(-0.04));
    await until(() => graph.arm().speed > 0.05, 'a motion');
    const fromMs = monotonicNowMs();
    while (monotonicNowMs() - fromMs < 1500);
    // What the node told meanwhile is read first.
    await until(() => graph.arm().speed < 0.001, 'rest', 10_000);
    expect(await acting).toMatchObject({ status: 'done' });
    expect(graph.arm().trips).toBeLessThan(2);
    expect(graph.arm().executed - executed).toBeGreaterThan(40);
  });
});
