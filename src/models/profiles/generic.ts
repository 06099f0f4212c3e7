/** Any vision model behind OpenAI's chat completions, of which nothing more is known: no space, so no places are read off it. */
import type { z } from 'zod';
import type { modelProfileSchema } from '../profile.ts';

export const generic: z.input<typeof modelProfileSchema> = {
  family: 'generic',
  summary: 'any vision model behind an OpenAI-compatible server',
  names: '.',
  transport: 'openai-chat',
  roles: ['ui', 'planner', 'ask'],
  media: { order: 'text-first', image: { resize: { rule: 'as-is' }, format: 'jpeg' } },
  prompt: {},
  sampling: { plain: { maxTokens: 1500, temperature: 0 } },
  thinking: { ask: 'never', fields: ['reasoning_content', 'reasoning'], tags: 'think' },
  actionFormat: { ui: 'pumice-json' },
  limits: { images: 4, videos: 0 },
  source: 'platform.openai.com API reference, "Create chat completion"',
  proven: {
    forms: [
      { form: 'actions as JSON', by: ['double'], where: ['test/models/probe.test.ts', 'test/policies/vlm.test.ts'] },
      { form: 'streams and faults of chat servers', by: ['double'], where: ['test/models/bad-servers.test.ts'] },
    ],
    trainedWeights: false,
  },
};
