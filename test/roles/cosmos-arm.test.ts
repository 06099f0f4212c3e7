/** Cosmos Reason as the next-step policy of an arm: what it points at is what is picked. */
import type { SimEnv } from 'pumice/envs/sim';
import { cosmosReason } from 'pumice/policies/cosmos-reason';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fakeModelServer, type Reply, says } from '../models/fake-model-server.ts';
import { attempt, openScene, seenAt } from './scene.ts';

let env: SimEnv;
beforeAll(async () => {
  env = await openScene();
});
afterAll(() => env.close());

const INSTRUCTION = 'pick up the red block';

/** Thinks first, in the family's form, then says the step that suits how the gripper is; points at the block of a colour. */
const pointing =
  (colour: string): Reply =>
  (response, asked) => {
    const question = JSON.stringify(asked.body.messages);
    const step = question.includes('The gripper is closed') ? 'lift' : 'grasp';
    const answer = { step, point_2d: seenAt(env, `${colour} block`), label: `${colour} block` };
    const text = `<think>\nFirst {"step": "done"}? No.\n</think>\n\n\`\`\`json\n${JSON.stringify(answer)}\n\`\`\``;
    says(text)(response, asked);
  };

async function pick(reply: Reply) {
  await using server = await fakeModelServer(reply);
  const policy = cosmosReason({ url: server.url, model: 'nvidia/Cosmos-Reason2-8B', body: 'arm' });
  return { ...(await attempt(env, policy, INSTRUCTION, 40)), asked: server.asked };
}

test('the arm picks the block that the model points at', async () => {
  const { outcome, asked } = await pick(pointing('red'));
  expect(outcome).toBe('success');
  const [system, user] = asked[0]!.body.messages;
  expect(system!.content).toBe('You are a helpful assistant.');
  const [image, text] = user!.content as { image_url?: { url: string }; text?: string }[];
  expect(image!.image_url!.url).toMatch(/^data:image\/jpeg;base64,/);
  expect(text!.text).toContain('What can be the next immediate action?');
}, 30_000);

test('another point is another block, and no success', async () => {
  const other = env.oracle!.state().blocks.find(({ colour }) => colour !== 'red')!.colour;
  const { outcome, lifted } = await pick(pointing(other));
  expect(outcome).toBe('truncated');
  expect(lifted).toEqual([other]);
}, 30_000);

test.each([
  ['words', 'I would pick up the block.'],
  ['a place outside the picture', '{"step": "grasp", "point_2d": [500, 1200]}'],
  ['two steps', '{"step": "lift"} {"step": "done"}'],
  ['a step that there is not', '{"step": "throw", "point_2d": [500, 500]}'],
])(
  '%s move nothing',
  async (_, text) => {
    const { outcome, steps } = await pick(says(text));
    expect(outcome).toBe('failure');
    expect(steps.every(({ verdict, act }) => verdict.kind === 'deny' && act === undefined)).toBe(true);
  },
  20_000,
);
