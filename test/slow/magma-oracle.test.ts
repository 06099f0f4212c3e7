/**
 * The expert of the built-in scene through the whole of Magma's wire: pose delta, seven tokens, a server, the client, the decoder, the
 * gate, the arm. What is lost on the way shows against the same episodes without it.
 */
import { type Policy, run } from 'pumice';
import { encodeActionTokens, LLAMA3_VOCAB_SIZE } from 'pumice/codecs';
import { type SimEnv, sim, taskOf } from 'pumice/envs/sim';
import { expert } from 'pumice/policies/expert';
import { magma } from 'pumice/policies/magma';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readModel } from '../../policies/ember/model.ts';
import { type SpokenModel, serveMagma } from '../../src/cli/serve-magma.ts';

const SEEDS = Array.from({ length: 50 }, (_, at) => 2000 + at);
const KINDS = ['pick', 'put'] as const;
const { stats } = readModel();

let env: SimEnv;
let direct: boolean[];
beforeAll(async () => {
  env = await sim({ oracle: true, fit: false, cameras: ['third'], encoding: 'rgb8' });
  const policy = expert();
  policy.useOracle(env.oracle!);
  direct = await outcomes(policy);
}, 120_000);
afterAll(() => env.close());

/** Speaks for the model: the expert's motion as tokens, and nothing of the picture. */
const speaker: SpokenModel = {
  name: 'expert',
  answer: async ({ prompt }) => {
    expect(prompt).toMatch(
      /<image_start><image><image_end>\nWhat action should the robot take to [^\n]+\?<\|eot_id\|>/,
    );
    const action = env.oracle!.expertAction();
    if (action?.kind !== 'eef-delta') return { text: 'I cannot.' };
    return { ids: encodeActionTokens(action, { vocabSize: LLAMA3_VOCAB_SIZE, stats }) };
  },
};

async function outcomes(policy: Policy): Promise<boolean[]> {
  const done: boolean[] = [];
  for (const [at, seed] of SEEDS.entries()) {
    const task = taskOf(KINDS[at % KINDS.length]!, seed);
    const judged = {
      ...env,
      reset: async (...given: Parameters<SimEnv['reset']>) => {
        await env.reset(...given);
        env.oracle!.setGoal(task.goal);
      },
    };
    const { instruction } = task;
    const episode = run({
      env: judged,
      policy,
      instruction,
      seed: task.seed,
      oracle: env.oracle!,
      budget: { maxSteps: 60 },
    });
    done.push((await episode.result).outcome === 'success');
  }
  return done;
}

it.each([
  ['token ids', true, 'chat'],
  ['text', false, 'chat'],
  ["the text of Magma's own server", false, 'rest'],
] as const)(
  'the expert through %s does what it does without them, but for 2 of 50 episodes',
  async (_, ids, wire) => {
    await using served = await serveMagma(speaker, { ids });
    const policy = magma({
      url: wire === 'chat' ? `${served.url}/v1` : served.url,
      model: 'expert',
      body: 'arm',
      wire,
      stats: 'ember',
    });
    const through = await outcomes(policy);
    const count = (all: readonly boolean[]) => all.filter(Boolean).length;
    console.log(`direct ${count(direct)}, through ${count(through)} of ${SEEDS.length}`);
    expect(count(direct)).toBeGreaterThanOrEqual(48);
    expect(Math.abs(count(direct) - count(through))).toBeLessThanOrEqual(2);
  },
  120_000,
);

it('with the ranges of another robot the same tokens do nothing of use', async () => {
  await using served = await serveMagma(speaker);
  const policy = magma({ url: `${served.url}/v1`, model: 'expert', body: 'arm', stats: 'google_robot' });
  SEEDS.splice(6);
  expect((await outcomes(policy)).filter(Boolean).length).toBeLessThanOrEqual(1);
}, 60_000);
