/**
 * The Qwen-VL kin. QVQ is a Qwen2-VL that thinks step by step, in one stream without tags where the open weights are served.
 * Qwen2.5-VL writes places in pixels of the resized picture, the others in thousandths of each side.
 */
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
      { form: 'sizes of pictures', by: ['fixture'], where: ['qwen_smart_resize'] },
      { form: 'thought and answer in fields', by: ['fixture'], where: ['vllm_reasoning_split'] },
      { form: 'thought and answer in one stream', by: ['none'], note: 'its conclusion is known by memory only' },
      { form: 'boxes in tokens and JSON', by: ['none'], note: 'form of Qwen2-VL' },
    ],
    trainedWeights: false,
  },
};

/** Smallest and largest area that the processor of Qwen2.5-VL leaves alone. */
const QWEN25_PX = { minPx: 56 * 56, maxPx: 16_384 * 28 * 28 };

export const qwen25vl: Row = {
  family: 'qwen2.5-vl',
  summary: 'sees, reads and points; places in pixels of the picture as it was sent',
  names: 'qwen2\\.5-?vl|gta1|holo1',
  transport: 'openai-chat',
  roles: ['ui', 'planner', 'ask', 'narrate'],
  media: {
    order: 'media-first',
    image: { resize: { rule: 'smart', factor: 28, ...QWEN25_PX }, format: 'jpeg' },
    video: { as: 'jpeg-list', fps: 2, stamps: 'none' },
  },
  prompt: { system: 'You are a helpful assistant.' },
  sampling: { plain: { maxTokens: 2048, temperature: 0 } },
  thinking: { ask: 'never', fields: [], tags: 'none' },
  space: { kind: 'sent-px', axes: 'xy' },
  actionFormat: { ui: 'pumice-json' },
  limits: { images: 8, videos: 1, contextTokens: 128_000 },
  source: 'QwenLM/Qwen3-VL 9658872, qwen-vl-utils 0.0.14; chat template by memory',
  proven: {
    forms: [
      {
        form: 'sizes of pictures and choice of frames',
        by: ['fixture'],
        where: ['qwen_smart_resize', 'qwen_video_frames'],
      },
      { form: 'boxes as JSON in sent pixels', by: ['none'] },
    ],
    trainedWeights: false,
  },
};

export const qwen3vl: Row = {
  family: 'qwen3-vl',
  summary: 'sees, reads, points and watches video; places in thousandths of each side',
  names: 'qwen3(\\.\\d)?-?vl|holo3',
  transport: 'openai-chat',
  roles: ['ui', 'planner', 'ask', 'narrate'],
  media: {
    order: 'media-first',
    image: { resize: { rule: 'as-is' }, format: 'jpeg' },
    video: {
      as: 'mp4',
      fps: 2,
      stamps: 'none',
      extra: {
        // Otherwise the loader takes a fixed number of frames, and the rate has no effect.
        media_io_kwargs: { video: { num_frames: -1 } },
        mm_processor_kwargs: { fps: 2, do_sample_frames: true },
      },
    },
  },
  prompt: {},
  sampling: { plain: { maxTokens: 4096, temperature: 0.7, topP: 0.8, topK: 20, presencePenalty: 1.5 } },
  // Its thinking weights think unasked; the plain ones cannot be asked to.
  thinking: { ask: 'never', fields: ['reasoning', 'reasoning_content', 'content'], tags: 'think' },
  space: { kind: 'grid', max: 1000, axes: 'xy' },
  actionFormat: { ui: 'pumice-json' },
  limits: { images: 8, videos: 1, contextTokens: 262_144 },
  source: 'QwenLM/Qwen3-VL 9658872, transformers 5.23.0; sampling by memory of the card',
  proven: {
    forms: [
      { form: 'choice of frames and their times', by: ['fixture'], where: ['qwen3_video_processor'] },
      {
        form: 'boxes and points as JSON',
        by: ['published answer'],
        where: ['cosmos_real_outputs'],
        note: 'answers of Cosmos Reason2, its kin',
      },
    ],
    trainedWeights: false,
  },
};
