/** openpi's wire as the policy of an arm: the chunk that comes is what the arm does. */
import { type SimEnv, sim } from 'pumice/envs/sim';
import { openpi } from 'pumice/policies/openpi';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packed } from '../../src/models/msgpack-numpy.ts';
import { fails, type OpenpiReply, openpiDouble } from '../models/doubles/openpi.ts';
import { attempt } from '../roles/scene.ts';

let env: SimEnv;
beforeAll(async () => {
  env = await sim({ oracle: true });
});
afterAll(() => env.close());

const chunk =
  (rows: () => readonly (readonly number[])[]): OpenpiReply =>
  (socket) => {
    const all = rows();
    socket.send(packed({ actions: { data: Float32Array.from(all.flat()), shape: [all.length, all[0]!.length] } }));
  };
/** In units of 5 cm, and with a gripper that counts the other way, as LIBERO's does. */
const experts = chunk(() => {
  const action = env.oracle!.expertAction();
  if (action?.kind !== 'eef-delta') return [[0, 0, 0, 0, 0, 0, -1]];
  return [[...action.dPosM.map((m) => m / 0.05), ...action.dRpyRad, action.gripperOpen > 0.5 ? -1 : 1]];
});

async function pick(reply: OpenpiReply) {
  await using server = await openpiDouble(Buffer.from(packed({})), reply);
  const units = { metresPerUnit: 0.05, radiansPerUnit: 1, gripper: 'close-is-1', dtMs: 200 } as const;
  const policy = openpi({ url: server.url, ...units });
  const result = await attempt(env, policy, 'pick up the red block', 40);
  await policy.close?.();
  return { ...result, asked: server.asked.length };
}

test("the expert's motions through the wire do the task", async () => {
  expect((await pick(experts)).outcome).toBe('success');
}, 60_000);

test('other motions are another end; a chunk is played before it is asked again', async () => {
  const { outcome, asked, steps } = await pick(chunk(() => Array(4).fill([0, 0, 0.02, 0, 0, 0, -1])));
  expect({ outcome, steps: steps.length, asked }).toEqual({ outcome: 'truncated', steps: 40, asked: 10 });
}, 60_000);

test.each([
  ['a traceback', fails],
  ['joints', chunk(() => [[0, 0, 0]])],
])(
  '%s moves nothing',
  async (_, reply) => {
    const { outcome, steps } = await pick(reply);
    expect(outcome).toBe('failure');
    expect(steps.every(({ act }) => act === undefined)).toBe(true);
  },
  60_000,
);
