/** The whole body behind a bridge, with its threads: driver, commands, cameras. Against the fake arm and the double of the bridge. */
import { ros } from 'pumice/envs/ros';
import { envContract } from 'pumice/testing';
import { firstValueFrom, from } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servoArm } from '../../../envs/ros/profiles/servo-arm.ts';
import { monotonicNowMs } from '../../../src/clock.ts';
import type { Answer, Env } from '../../../src/ports.ts';
import type { Action, ActResult, Sensed } from '../../../src/types.ts';
import { type ArmDouble, armDouble } from '../../ros/double/arm.ts';
import { type BridgeDouble, bridgeDouble, until } from '../../ros/double/bridge.ts';

const context = { signal: AbortSignal.timeout(120_000), nowMs: monotonicNowMs, report: () => {} };
const answer = <T>(given: Answer<T>) => firstValueFrom(from(given));
const along = (xM: number, gripperOpen = 1): Action => ({
  ...{ kind: 'eef-delta', frameId: 'base', dPosM: [xM, 0, 0], dRpyRad: [0, 0, 0], gripperOpen },
});

let double: BridgeDouble;
let arm: ArmDouble;
beforeAll(async () => {
  double = await bridgeDouble({ clockAheadMs: -60_000 });
  arm = await armDouble(double, servoArm);
});
afterAll(async () => {
  arm.close();
  await double.kill().catch(() => {});
});

const open = () => ros({ url: double.url, profile: servoArm });
async function within(work: (env: Env) => Promise<void>) {
  const env = await open();
  try {
    await answer(env.reset({ instruction: 'go' }, context));
    await work(env);
  } finally {
    await env.close();
  }
}
const observe = (env: Env): Promise<Sensed> => answer(env.observe(context));
const act = (env: Env, action: Action): Promise<ActResult> => answer(env.act(action, context));

describe('the body behind a bridge', () => {
  for (const { title, check } of envContract(open, { instruction: 'go' }, along(0.001))) it(title, check, 60_000);

  it('goes where it is told, and says where it is and what it sees, in the time of this machine', () =>
    within(async (env) => {
      const before = arm.positionM()[0];
      for (let i = 0; i < 3; i++) expect(await act(env, along(-0.02, 0.5))).toMatchObject({ status: 'done' });
      expect(arm.positionM()[0]).toBeCloseTo(before - 0.06, 2);
      const { frames, proprio, health } = await observe(env);
      expect(proprio!.tcpPose!.pM[0]).toBeCloseTo(arm.positionM()[0], 2);
      expect(proprio!.gripperOpen).toBeCloseTo(0.5, 2);
      expect(health).toEqual({ eStop: 'released', errors: [] });
      expect(frames).toHaveLength(1);
      expect(frames[0]).toMatchObject({ encoding: 'jpeg', widthPx: 224, heightPx: 224, camera: 'third' });
      expect(Math.abs(frames[0]!.stampMs - monotonicNowMs())).toBeLessThan(5000);
      expect(frames[0]!.stampMs).toBeLessThanOrEqual(monotonicNowMs());
      for (let i = 0; i < 3; i++) await act(env, along(0.02));
      expect(arm.meter).toMatchObject({ future: 0, notFinite: 0 });
    }));

  it('a halt in mid-motion brings it to rest, and nothing moves it until a person begins again', () =>
    within(async (env) => {
      const acting = act(env, along(-0.04));
      await until(() => arm.speedMPerS() > 0.05, 'a motion');
      env.halt(1, 'test');
      await acting;
      await until(() => arm.speedMPerS() < 0.001, 'rest');
      const at = arm.positionM()[0];
      expect(await act(env, along(0.02))).toMatchObject({ status: 'stopped', reason: 'the arm is halted: test' });
      expect(arm.positionM()[0]).toBeCloseTo(at, 3);
      await answer(env.reset({ instruction: 'go' }, context));
      expect(await act(env, along(0.02))).toMatchObject({ status: 'done' });
    }));

  it('the bridge is killed in mid-motion: it rests by its own watchdog, the run is told why, and no old command moves it later', () =>
    within(async (env) => {
      const acting = act(env, along(-0.04));
      await until(() => arm.speedMPerS() > 0.05, 'a motion');
      await double.kill();
      expect(await acting).toMatchObject({ status: 'stopped' });
      await until(() => arm.speedMPerS() < 0.001, 'rest');
      const at = arm.positionM()[0];
      await double.restart();
      expect((await act(env, along(0.02))).reason).toMatch(/no command could be sent/);
      const backMs = monotonicNowMs();
      await until(async () => (await observe(env)).proprio!.stampMs > backMs, 'the robot to be heard again');
      expect(arm.positionM()[0]).toBeCloseTo(at, 3);
      await answer(env.reset({ instruction: 'go' }, context));
      expect(await act(env, along(0.02))).toMatchObject({ status: 'done' });
    }));

  it('its e-stop stops the run, and is seen', () =>
    within(async (env) => {
      arm.pressEStop(true);
      await until(
        () => double.received('/e_stop').some(({ message }) => (message as { data: boolean }).data),
        'the press',
      );
      await until(async () => (await act(env, along(0.01))).status === 'stopped', 'the stop');
      // The stop is there before its words are: they come by a message.
      const isSaid = async () => /the e-stop of the robot is pressed/.test((await act(env, along(0.01))).reason ?? '');
      await until(isSaid, 'the reason');
      await until(async () => (await observe(env)).health!.eStop === 'pressed', 'the press in what is observed');
      await expect(answer(env.reset({ instruction: 'go' }, context))).rejects.toThrow(/its e-stop is pressed/);
      arm.pressEStop(false);
      await until(async () => (await observe(env)).health!.eStop === 'released', 'the release');
      await answer(env.reset({ instruction: 'go' }, context));
      expect(await act(env, along(0.01))).toMatchObject({ status: 'done' });
    }));

  it('does not begin again while a camera is silent, and does when it is back', () =>
    within(async (env) => {
      await arm.lie({ isBlind: true });
      await expect(answer(env.reset({ instruction: 'go' }, context))).rejects.toThrow(
        /show a new picture of each camera within 5000 ms/,
      );
      await arm.lie({ isBlind: false });
      await answer(env.reset({ instruction: 'go' }, context));
      expect(await act(env, along(0.01))).toMatchObject({ status: 'done' });
    }));

  it('names what is missing before anything moves: a camera of another size, a camera that is blind', async () => {
    const executed = arm.meter.executed;
    const quick = { url: double.url, profile: servoArm, startMs: 4000 };
    await arm.lie({ pixels: 64 });
    await expect(ros(quick)).rejects.toThrow(/camera third .*: expected 224 x 224 pixels, got 64 x 64/);
    await arm.lie({ isBlind: true, pixels: 224 });
    await expect(ros(quick)).rejects.toThrow(/\/cameras\/third\/compressed: expected a message every 600 ms/);
    await arm.lie({ isBlind: false });
    expect(arm.meter.executed).toBe(executed);
  });
});
