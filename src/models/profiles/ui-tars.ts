/**
 * UI-TARS 1.5: operates screens by calls in text, with places in pixels of the picture as it was sent, which stands on Qwen2.5-VL. The
 * question is the one that it was trained on (bytedance/UI-TARS-desktop 5e5d27f, apps/ui-tars/src/main/agent/prompts.ts, Apache-2.0).
 */
import type { z } from 'zod';
import type { modelProfileSchema } from '../profile.ts';

const BOX = "start_box='<|box_start|>(x1,y1)<|box_end|>'";
const QUESTION = [
  'You are a GUI agent. You are given a task and your action history, with screenshots. You need to perform the next action to complete the task.',
  '',
  '## Output Format',
  '```',
  'Thought: ...',
  'Action: ...',
  '```',
  '',
  '## Action Space',
  '',
  `click(${BOX})`,
  `left_double(${BOX})`,
  `right_single(${BOX})`,
  `drag(${BOX}, end_box='<|box_start|>(x3,y3)<|box_end|>')`,
  "hotkey(key='ctrl c') # Split keys with a space and use lowercase. Also, do not use more than 3 keys in one hotkey action.",
  `type(content='xxx') # Use escape characters \\', \\", and \\n in content part to ensure we can parse the content in normal python string format. If you want to submit your input, use \\n at the end of content.`,
  `scroll(${BOX}, direction='down or up or right or left') # Show more information on the \`direction\` side.`,
  'wait() # Sleep for 5s and take a screenshot to check for any changes.',
  'finished()',
  "call_user() # Submit the task and call the user when the task is unsolvable, or when you need the user's help.",
  '',
  '',
  '## Note',
  '- Use English in `Thought` part.',
  '- Generate a well-defined and practical strategy in the `Thought` section, summarizing your next move and its objective.',
  '',
  '## User Instruction',
  '{instruction}',
].join('\n');

export const uiTars: z.input<typeof modelProfileSchema> = {
  family: 'ui-tars',
  summary: 'operates screens from pictures alone, by calls with places',
  names: 'ui-?tars',
  transport: 'openai-chat',
  roles: ['ui'],
  media: {
    order: 'text-first',
    image: {
      resize: { rule: 'smart', factor: 28, minPx: 100 * 28 * 28, maxPx: 16_384 * 28 * 28 },
      format: 'jpeg',
    },
  },
  prompt: { forms: { ui: QUESTION } },
  sampling: { plain: { maxTokens: 2048, temperature: 0, topP: 0.7 } },
  thinking: { ask: 'never', fields: [], tags: 'none' },
  space: { kind: 'sent-px', axes: 'xy' },
  actionFormat: { ui: 'ui-tars-calls' },
  // As many of the last pictures as its own program sends.
  limits: { images: 5, videos: 0, contextTokens: 65_535 },
  source:
    'bytedance/UI-TARS-desktop 0c8ed5a packages/ui-tars/sdk/src/Model.ts; bytedance/UI-TARS codes (bounds of the picture)',
  proven: {
    forms: [{ form: 'calls', by: ['none'], note: "the traps of its maker's parser 1.2.3 are tests" }],
    trainedWeights: false,
  },
};
