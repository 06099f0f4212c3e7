/** Gives a policy of a chat model its self-test: asked before a run begins, when nothing has moved yet. */
import type { Policy } from 'pumice';
import { askChat, fitOnce, type ModelProfile, notServed, openaiChat, servedModels } from 'pumice/models';
import type { ServerOptions } from './model.ts';

interface Tested extends ServerOptions {
  readonly profile: ModelProfile;
  /** Of an arm's pictures, which are squares. */
  readonly armPx?: number;
}

/** @throws PumiceError from its `prepare`: `model/unfit` when the model is not what the profile says, whatever `--model` is called. */
export function withSelfTest(policy: Policy, { profile, armPx, modelUrl, model, apiKeyEnv }: Tested): Policy {
  const chat = openaiChat({ modelUrl, model, apiKeyEnv });
  const arm = armPx !== undefined && {
    role: 'arm' as const,
    resize: { rule: 'exact' as const, widthPx: armPx, heightPx: armPx },
  };
  let warn = (_: string) => {};
  const test = fitOnce({ profile, ask: askChat(chat, profile), ...arm }, (text) => warn(text));
  return {
    ...policy,
    prepare: async ({ signal, report }) => {
      warn = (text) => report({ kind: 'progress', text });
      const served = await servedModels(chat, signal);
      if (served && !served.some(({ id }) => id === model)) warn(notServed(model, served));
      await test(signal);
    },
  };
}
