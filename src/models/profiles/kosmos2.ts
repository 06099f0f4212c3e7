/** KOSMOS-2 (microsoft/unilm 768a3c8; transformers 5.23.0 Kosmos2Processor): phrases to boxes on a grid of 32 by 32 patches. */
import type { z } from 'zod';
import type { modelProfileSchema } from '../profile.ts';

export const kosmos2: z.input<typeof modelProfileSchema> = {
  family: 'kosmos2',
  summary: 'finds what phrases speak of: phrases to boxes',
  names: 'kosmos-?2(?!\\.)',
  transport: 'openai-chat',
  roles: ['marker', 'ask'],
  media: { order: 'media-first', image: { resize: { rule: 'as-is' }, format: 'jpeg' } },
  prompt: {
    forms: {
      brief: '<grounding>An image of',
      detailed: '<grounding>Describe this image in detail:',
      phrase: '<grounding><phrase> {phrase}</phrase>',
      question: '<grounding> Question: {question} Answer:',
      // From the model's card, by memory.
      'plain-question': 'Question: {question} Answer:',
      'what-is': '<grounding><phrase> It</phrase>{box} is',
    },
  },
  sampling: { plain: { maxTokens: 128, temperature: 0 } },
  thinking: { ask: 'never', fields: [], tags: 'none' },
  space: { kind: 'unit', axes: 'xy' },
  actionFormat: {},
  limits: { images: 1, videos: 0, contextTokens: 2048 },
  source: 'transformers 5.23.0 models/kosmos2; microsoft/unilm 768a3c8 kosmos-2; two prompts by memory of the card',
  proven: {
    forms: [
      { form: 'prompts', by: ['fixture'], where: ['kosmos2_prompt'] },
      { form: 'entities, spans, boxes', by: ['fixture'], where: ['kosmos2_entities', 'kosmos2_geometry'] },
      {
        form: 'questions and streams over chat',
        by: ['real server'],
        where: ['test/slow/model-server.test.ts'],
        note: 'random weights',
      },
    ],
    trainedWeights: false,
  },
};
