/**
 * The expert of a simulated robot as Magma would say it: each motion as seven action tokens, through server, client and decoder, and only
 * then to gate and robot. The pictures go all the way too, and nobody looks at them. Of a score it says that the way from tokens to the
 * robot is right, and nothing of any model. A policy for `pumice eval suite simpler-widowx`: docs/simulators.md has the commands.
 */
import { definePolicy, type Policy, PumiceError, type Task } from 'pumice';
import { actionStats, encodeActionTokens, LLAMA3_VOCAB_SIZE } from 'pumice/codecs';
import type { Expert, ExpertOracle } from 'pumice/policies/expert';
import { magma } from 'pumice/policies/magma';
import { firstValueFrom, from } from 'rxjs';
import { z } from 'zod';
import { type SpokenModel, serveMagma } from '../src/cli/serve-magma.ts';

const options = z.strictObject({
  stats: z.string().min(1).default('bridge_orig'),
  camera: z.string().min(1).default('3rd_view_camera'),
});

function createSpokenExpert({ stats, camera }: z.output<typeof options>): Expert {
  let oracle: ExpertOracle | undefined;
  const model: SpokenModel = {
    name: 'expert',
    answer: async () => {
      const action = oracle?.expertAction();
      if (action?.kind !== 'eef-delta') return { text: 'I cannot.' };
      return { ids: encodeActionTokens(action, { vocabSize: LLAMA3_VOCAB_SIZE, stats: actionStats(stats) }) };
    },
  };
  let told: Task | undefined;
  let speaking: Promise<{ readonly policy: Policy; readonly close: () => Promise<void> }> | undefined;
  const speak = async () => {
    const { url, close } = await serveMagma(model);
    return { policy: magma({ url: `${url}/v1`, model: model.name, body: 'arm', stats, camera }), close };
  };
  return {
    name: 'spoken-expert',
    actionKinds: ['eef-delta'],
    useOracle: (given) => {
      oracle = given;
    },
    reset: (task) => {
      told = task;
    },
    act: async (observation, context) => {
      if (!oracle)
        throw new PumiceError('policy/failed', 'expected an oracle, and this body has none', {
          who: 'policy spoken-expert',
          hint: 'Play a suite whose body has one',
        });
      speaking ??= speak();
      const { policy } = await speaking;
      if (told) policy.reset(told);
      told = undefined;
      return firstValueFrom(from(policy.act(observation, context)));
    },
    close: async () => {
      await (await speaking)?.close();
    },
  };
}

export default definePolicy({
  summary: "a simulator's own expert, said in Magma's tokens",
  options,
  actionKinds: ['eef-delta'],
  // What it says goes with a picture, of whichever camera: it has to be shown one.
  example: () => ({
    ...{ seq: 0, epoch: 0, stampMs: 0, instruction: 'look', history: [] },
    frames: [{ camera: 'any', encoding: 'rgb8', data: new Uint8Array(3), widthPx: 1, heightPx: 1, stampMs: 0 }],
  }),
  create: createSpokenExpert,
});
