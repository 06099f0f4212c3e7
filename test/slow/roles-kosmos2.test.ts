/** KOSMOS-2 as the marker of a run: a policy that goes to the mark of a name picks what the model put its box around. */
import type { Observation, Policy } from 'pumice';
import type { SimEnv } from 'pumice/envs/sim';
import kosmos2 from 'pumice/markers/kosmos2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { motionsOf } from '../../policies/cosmos-reason/motion.ts';
import { fakeModelServer, type Reply, says } from '../models/fake-model-server.ts';
import { attempt, openScene, seenAt } from '../roles/scene.ts';

let env: SimEnv;
beforeAll(async () => {
  env = await openScene();
});
afterAll(() => env.close());

const AT = { thingM: 0.02, travelM: 0.12, graspM: 0.018 };

/** Grasps what is marked as the red block, then lifts; without such a mark it gives up. */
function toTheMark(): Policy {
  return {
    name: 'to-the-mark',
    actionKinds: ['eef-delta', 'done'],
    reset: () => {},
    act: async ({ frames: [frame], marks = [], proprio, history }: Observation) => {
      const told = history.findLast(({ executed }) => executed?.kind === 'eef-delta')?.executed;
      const isClosed = told?.kind === 'eef-delta' && told.gripperOpen < 0.5;
      const mark = marks.find(({ name }) => name === 'the red block');
      if (!mark && !isClosed) return { actions: [{ kind: 'done', outcome: 'failure', answer: 'no such mark' }] };
      const at = mark && ([mark.pointPx[0] / frame!.widthPx, mark.pointPx[1] / frame!.heightPx] as const);
      const next = isClosed ? { step: 'lift' as const } : { step: 'grasp' as const, at: at! };
      return { actions: [...motionsOf(next, frame!, proprio!.commandedTcpPose!, isClosed ? 0 : 1, AT)] };
    },
  };
}

/** Puts its box around the block of a colour, two cells wide. */
const boxing =
  (colour: string): Reply =>
  (response, asked) => {
    // The hand hides the block while it closes around it.
    if (!env.oracle!.marks('third').some(({ name }) => name === `${colour} block`))
      return says('none')(response, asked);
    const [x, y] = seenAt(env, `${colour} block`).map((part) => (part / 1000) * 32) as [number, number];
    const cell = (column: number, row: number) =>
      `<patch_index_${String(Math.floor(row) * 32 + Math.floor(column)).padStart(4, '0')}>`;
    const box = `${cell(x - 0.75, y - 0.75)}${cell(x + 0.75, y + 0.75)}`;
    says(`<object>${box}</object>`)(response, asked);
  };

async function pick(reply: Reply) {
  await using server = await fakeModelServer(reply);
  const marker = kosmos2.create(kosmos2.options.parse({ modelUrl: server.url, model: 'microsoft/kosmos-2' }));
  // Awaited here: the server is gone at the end of this block.
  return await attempt(env, toTheMark(), 'pick up the red block', 45, marker);
}

test('the run picks what the model put its box around', async () => {
  const { outcome, reason } = await pick(boxing('red'));
  expect(`${outcome}: ${reason}`).toMatch(/^success/);
}, 60_000);

test('another box is another end', async () => {
  const other = env.oracle!.state().blocks.find(({ colour }) => colour !== 'red')!.colour;
  const { outcome, lifted } = await pick(boxing(other));
  expect(outcome).toBe('truncated');
  expect(lifted).not.toContain('red');
}, 60_000);

test('an answer without a box ends it', async () => {
  expect(await pick(says('I see a table.'))).toMatchObject({ outcome: 'failure', lifted: [] });
}, 20_000);
