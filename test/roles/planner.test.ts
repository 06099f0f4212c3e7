/** A planner leads: what it splits and how it judges decides what the policy is told and how the run ends. */
import type { Action, Observation, Policy } from 'pumice';
import { monotonicScheduler, planned, run } from 'pumice';
import { fakePage } from 'pumice/envs/fake';
import { modelPlanner, openaiChat, profileOf } from 'pumice/models';
import { expect, test } from 'vitest';
import { type FakeModelServer, fakeModelServer, type Reply, says } from '../models/fake-model-server.ts';
import { wordsOf } from './shop.ts';

/** Does one thing for what it is told, then says that it is done. */
function obedient() {
  const told: string[] = [];
  let acted = false;
  const policy: Policy = {
    name: 'obedient',
    actionKinds: ['ui-click', 'done'],
    reset: () => {
      acted = false;
    },
    act: async ({ instruction }: Observation) => {
      const action: Action = acted
        ? { kind: 'done', outcome: 'success' }
        : { kind: 'ui-click', target: { markId: 2 }, button: 'left', count: 1 };
      if (!acted) told.push(instruction);
      acted = true;
      return { actions: [action] };
    },
  };
  return { policy, told };
}

/** Splits into these parts, and judges each by a word. */
const plans =
  (parts: unknown, verdict: (part: string) => string): Reply =>
  (response, asked) => {
    const words = wordsOf(asked);
    const part = /The step in hand: "([^"]*)"/.exec(words)?.[1];
    const text = part === undefined ? `Here: ${JSON.stringify(parts)}` : verdict(part);
    says(`<think>\nyes, no\n</think>\n\n${text}`)(response, asked);
  };

async function lead(reply: Reply, family = 'cosmos-reason2') {
  await using server: FakeModelServer = await fakeModelServer(reply);
  const { policy, told } = obedient();
  const planner = modelPlanner({ profile: profileOf(family), chat: openaiChat({ modelUrl: server.url, model: 'p' }) });
  const env = fakePage({ scheduler: monotonicScheduler });
  const episode = run({
    env,
    policy: planned(policy, planner),
    instruction: 'log in and read the bill',
    budget: { maxSteps: 30 },
  });
  const { outcome, reason } = await episode.result;
  await env.close();
  return { outcome, reason, told, asked: server.asked };
}

test('the policy is told one part after the other, and the run is a success after the last', async () => {
  const { outcome, told, asked } = await lead(plans(['log in', 'read the bill'], () => 'Yes.'));
  expect({ outcome, told }).toEqual({ outcome: 'success', told: ['log in', 'read the bill'] });
  expect(wordsOf(asked[0]!)).toContain('"log in and read the bill"');
  const parts = asked[0]!.body.messages.at(-1)!.content as { type: string }[];
  expect(parts.map(({ type }) => type)).toEqual(['image_url', 'text']);
});

test('other parts are other instructions', async () => {
  expect((await lead(plans(['read the bill'], () => 'yes'))).told).toEqual(['read the bill']);
});

test.each(['no', 'No, not yet.', 'It may be done.', 'yes and no'])(
  'a part that it judges %j is not over, and the run no success',
  async (verdict) => {
    const { outcome, told, reason } = await lead(plans(['log in', 'read the bill'], () => verdict));
    expect({ outcome, told }).toEqual({ outcome: 'failure', told: ['log in'] });
    expect(reason).toContain("says that 'log in' is done, and the planner that it is not");
  },
);

test.each([[[]], ['log in'], [['log in', 7]], [{ steps: 'two' }]])(
  'a plan of %j is none: nothing is done',
  async (parts) => {
    const { outcome, told } = await lead(plans(parts, () => 'yes'));
    expect({ outcome, told }).toEqual({ outcome: 'failure', told: [] });
  },
);

test('QVQ leads by its conclusion, not by what it thinks aloud', async () => {
  const reply: Reply = (response, asked) => {
    const isSplit = !wordsOf(asked).includes('The step in hand');
    says(`Maybe ["wrong"]? Or no.\n\n**Final Answer**\n\n${isSplit ? '["log in"]' : 'yes'}`)(response, asked);
  };
  expect(await lead(reply, 'qvq')).toMatchObject({ outcome: 'success', told: ['log in'] });
});
