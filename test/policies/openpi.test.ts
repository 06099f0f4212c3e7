/** What policy openpi sends and plays where the arm is LIBERO's, against a double of openpi's server. */

import type { Action, Observation } from 'pumice';
import { axisAngleOfRpy } from 'pumice/codecs';
import { openpi } from 'pumice/policies/openpi';
import { from, lastValueFrom } from 'rxjs';
import { expect, it } from 'vitest';
import { packed, type ReceivedMap, unpacked } from '../../src/models/msgpack-numpy.ts';
import { openpiDouble } from '../models/doubles/openpi.ts';

/** 224 pixels wide, so that it is sent as it is; each row counts up from the left. */
const rgb = Uint8Array.from({ length: 224 * 224 * 3 }, (_, at) => Math.floor(at / 3) % 224);
const frame = (camera: string) => ({
  ...{ camera, data: rgb, encoding: 'rgb8' as const, widthPx: 224, heightPx: 224, stampMs: 0 },
});
const observation: Observation = {
  ...{ seq: 0, epoch: 0, stampMs: 0, instruction: 'pick up the milk', history: [] },
  frames: [frame('agentview'), frame('robot0_eye_in_hand')],
  proprio: {
    ...{ stampMs: 0, jointNames: [], qRad: [], qdRadPerS: [], gripperOpen: 0.5 },
    tcpPose: { frameId: 'base', pM: [0.4, 0, 0.2], qXyzw: [1, 0, 0, 0] },
  },
};

async function asked(options: object, row: readonly number[] = [1, 0, 0, 0.9, 0, -0.6, -1]) {
  const actions = { data: Float32Array.from(row), shape: [1, 7] };
  await using server = await openpiDouble(Buffer.from(packed({})), (socket) => socket.send(packed({ actions })));
  const policy = openpi({
    ...{ url: server.url, metresPerUnit: 0.05, radiansPerUnit: 0.5, gripper: 'close-is-1', dtMs: 50 },
    ...{ camera: 'agentview', wristCamera: 'robot0_eye_in_hand' },
    ...options,
  });
  const chunk = await lastValueFrom(
    from(policy.act(observation, { signal: AbortSignal.timeout(5000), nowMs: () => 0, report: () => {} })),
  );
  await policy.close?.();
  return {
    sent: unpacked(server.asked[0]!) as ReceivedMap,
    action: chunk.actions[0] as Extract<Action, { kind: 'eef-delta' }>,
  };
}
const values = (of: unknown) => (of as { values: ArrayLike<number> }).values;

it('tells where the arm is in the frame that the state is counted in', async () => {
  const { sent } = await asked({ baseM: [-0.66, 0, 0.912] });
  const state = [-0.26, 0, 1.112, Math.PI, 0, 0, 0.02, -0.02];
  for (const [at, one] of state.entries()) expect(values(sent['observation/state'])[at]).toBeCloseTo(one, 6);
});

it('sends pictures left side right only where that is asked for', async () => {
  const [plain, mirrored] = [await asked({}), await asked({ mirrored: true })];
  for (const name of ['observation/image', 'observation/wrist_image']) {
    expect([...Array(3).keys()].map((at) => values(plain.sent[name])[3 * at])).toEqual([0, 1, 2]);
    expect([...Array(3).keys()].map((at) => values(mirrored.sent[name])[3 * at])).toEqual([223, 222, 221]);
    expect(values(mirrored.sent[name])[224 * 3]).toBe(223);
  }
});

it('plays a turn as it is written: axis times angle is another one than roll pitch yaw', async () => {
  const { dRpyRad: plain } = (await asked({})).action;
  const { dRpyRad, dPosM, gripperOpen } = (await asked({ rotation: 'axis-angle' })).action;
  for (const [at, one] of [0.45, 0, -0.3].entries()) {
    expect(plain[at]).toBeCloseTo(one, 6);
    expect(axisAngleOfRpy(...dRpyRad)[at]).toBeCloseTo(one, 6);
  }
  expect(Math.abs(dRpyRad[1] - plain[1])).toBeGreaterThan(0.05);
  expect([...dPosM, gripperOpen]).toEqual([0.05, 0, 0, 1]);
});

it('cuts what is beyond one only where that is asked for, and not the gripper', async () => {
  const row = [1.5, -2, 0.5, 1.2, 0, 0, -3];
  const [plain, cut] = [await asked({}, row), await asked({ clipped: true }, row)];
  for (const [at, one] of [0.075, -0.1, 0.025].entries()) expect(plain.action.dPosM[at]).toBeCloseTo(one, 6);
  for (const [at, one] of [0.05, -0.05, 0.025].entries()) expect(cut.action.dPosM[at]).toBeCloseTo(one, 6);
  expect(plain.action.dRpyRad[0]).toBeCloseTo(0.6, 6);
  expect(cut.action.dRpyRad[0]).toBeCloseTo(0.5, 6);
  expect([plain.action.gripperOpen, cut.action.gripperOpen]).toEqual([1, 1]);
});
