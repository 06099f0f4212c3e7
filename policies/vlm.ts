/**
 * Any vision model behind an OpenAI-compatible server as a policy for user interfaces: the picture with numbered marks, their list,
 * the goal and what happened so far go in, one action comes out. An answer that cannot be used is shown back once. Knows no family
 * of models. What pages say is data: it is fenced in the prompt, and what the model makes of it still has to pass the gate.
 */
import { definePolicy, type Observation, parseOptions } from 'pumice';
import { decodeAction, openaiChat, UI_KINDS, uiPrompt } from 'pumice/models';
import { z } from 'zod';
import { serverOptions } from './shared/model.ts';
import { uiPolicy } from './shared/ui-thinking.ts';

const who = 'policy vlm';

const plugin = definePolicy({
  summary: 'a vision model behind any OpenAI-compatible server',
  options: z.strictObject({
    ...serverOptions,
    maxTokens: z.int().min(1).default(1500).describe('tokens of one answer, thinking included'),
    temperature: z.number().min(0).max(2).default(0).describe('0 for the likeliest answer'),
  }),
  actionKinds: UI_KINDS,
  example: (): Observation => ({
    seq: 0,
    epoch: 0,
    stampMs: 0,
    instruction: 'press Save',
    history: [],
    frames: [{ data: new Uint8Array(48), encoding: 'rgb8', widthPx: 4, heightPx: 4, stampMs: 0, camera: 'page' }],
    marks: [{ id: 7, boxPx: [0, 0, 4, 4], pointPx: [2, 2], role: 'button', name: 'Save', source: 'dom' }],
  }),
  create: ({ maxTokens, temperature, ...server }) =>
    uiPolicy({
      name: 'vlm',
      chat: openaiChat(server),
      question: (observation, jpeg) => ({ messages: uiPrompt(observation, jpeg), maxTokens, temperature }),
      decode: ({ text }) => decodeAction(text, UI_KINDS),
    }),
});
export default plugin;

type Options = z.input<typeof plugin.options>;
/** The policy as a value, for programs: `vlm({ url, model })`. */
export const vlm = ({ url, ...options }: Omit<Options, 'modelUrl'> & { readonly url?: string }) =>
  plugin.create(parseOptions(plugin.options, { ...options, ...(url !== undefined && { modelUrl: url }) }, who));
