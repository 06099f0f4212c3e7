/** QVQ, which is a Qwen2-VL that thinks step by step, in one stream without tags where the open weights are served. */
import type { z } from 'zod';
import type { modelProfileSchema } from '../profile.ts';

type Row = z.input<typeof modelProfileSchema>;

export const qvq: Row = {
  family: 'qvq',
  summary: 'thinks step by step about an image, aloud; operates pages',
  names: 'qvq',
  transport: 'openai-chat',
  roles: ['ui', 'planner', 'ask'],
  media: {
    order: 'media-first',
    image: { resize: { rule: 'smart', factor: 28, minPx: 4 * 28 * 28, maxPx: 1280 * 28 * 28 }, format: 'jpeg' },
  },
  prompt: {
    system:
      'You are a helpful and harmless assistant. You are Qwen developed by Alibaba. Answer in the language of the question. You should think step-by-step.',
  },
  sampling: { plain: { maxTokens: 8192, temperature: 0 } },
  thinking: { ask: 'always', fields: ['reasoning_content', 'reasoning', 'content'], tags: 'none' },
  space: { kind: 'grid', max: 1000, axes: 'xy' },
  actionFormat: { ui: 'pumice-json' },
  limits: { images: 4, videos: 0, contextTokens: 32_768 },
  source:
    'ms-swift 3602360 (system text); help page of the hosted model; whether it grounds in Qwen2-VL boxes was not seen',
  proven: {
    forms: [
      { form: 'boxes in tokens and JSON', by: ['none'], note: 'form of Qwen2-VL' },
      { form: 'thought and answer in fields', by: ['double'] },
    ],
    trainedWeights: false,
  },
};
