/**
 * NVIDIA Cosmos Reason, reasoners about video and physical sense. Reason1 (nvidia-cosmos/cosmos-reason1 3e7f1cb) stands on Qwen2.5-VL
 * and reads times from digits in the picture; Reason2 (cosmos-reason2 a3b4a1d) and Cosmos 3 (nvidia/cosmos 8ef19d3) stand on Qwen3-VL,
 * must not be shown such digits, and think only when the user's text asks for it.
 */
import type { z } from 'zod';
import type { modelProfileSchema } from '../profile.ts';

type Row = z.input<typeof modelProfileSchema>;

const THINK_1 =
  '\n\nAnswer the question with provided options in the following format:\n<think>\nyour reasoning\n</think>\n\n<answer>\nyour answer\n</answer>.';

export const cosmosReason1: Row = {
  family: 'cosmos-reason1',
  summary: 'reasons about video with its times burnt in: what happens, is it plausible, did it succeed',
  names: 'cosmos-?reason-?1',
  transport: 'openai-chat',
  roles: ['planner', 'critic', 'ask', 'judge', 'narrate'],
  media: {
    order: 'text-first',
    image: { resize: { rule: 'smart', factor: 28, minPx: 4 * 28 * 28, maxPx: 8192 * 28 * 28 }, format: 'jpeg' },
    video: { as: 'jpeg-list', fps: 4, stamps: 'burnt-in', totalPx: 8192 * 28 * 28 },
  },
  prompt: {
    system: 'Always respond in English.\n\nYou are a helpful video analyzer. Please answer the question.',
    forms: {
      hazards: 'What are the potential safety hazards?',
      success: 'Is this demonstration successful?',
      'what-happens': 'What is the robot doing?',
    },
  },
  sampling: {
    plain: { maxTokens: 4096, temperature: 0.01, seed: 42 },
    thinking: { maxTokens: 4096, temperature: 0.6, topP: 0.95, repetitionPenalty: 1.05 },
  },
  thinking: {
    ask: 'system-suffix',
    text: THINK_1,
    fields: ['reasoning', 'reasoning_content', 'content'],
    tags: 'think-answer',
  },
  space: { kind: 'sent-px', axes: 'xy' },
  actionFormat: {},
  choiceField: 'guided_choice',
  limits: { images: 8, videos: 1, contextTokens: 131_072 },
  source:
    'nvidia-cosmos/cosmos-reason1 3e7f1cb: prompts, configs, scripts; its space is inferred from Qwen2.5-VL, NVIDIA does not state it',
  proven: {
    forms: [
      { form: 'thought and answer', by: ['fixture'], where: ['cosmos_reason1_parse', 'vllm_reasoning_split'] },
      {
        form: 'critic XML',
        by: ['fixture', 'published answer'],
        where: ['cosmos_reason1_parse'],
        note: 'four real outputs',
      },
      { form: 'choice and size of frames', by: ['fixture'], where: ['qwen_video_frames', 'qwen_smart_resize'] },
      { form: 'places', by: ['none'], note: 'in the space of its base, Qwen2.5-VL' },
    ],
    trainedWeights: false,
  },
};

const THINK_2 =
  '\n\nAnswer the question using the following format:\n\n<think>\nYour reasoning.\n</think>\n\nWrite your final answer immediately after the </think> tag.';

export const cosmosReason2: Row = {
  family: 'cosmos-reason2',
  summary: 'reasons about images and video: next step, boxes, points, events, success, plausibility',
  names: 'cosmos-?reason-?2',
  transport: 'openai-chat',
  roles: ['planner', 'critic', 'ui', 'ask', 'judge', 'narrate'],
  media: {
    order: 'media-first',
    image: { resize: { rule: 'as-is' }, format: 'jpeg' },
    video: {
      as: 'mp4',
      fps: 4,
      stamps: 'none',
      extra: { mm_processor_kwargs: { fps: 4, do_sample_frames: true } },
      budget: { shortestEdge: 131_072, pxPerToken: 1024, share: 0.9 },
    },
  },
  prompt: {
    system: 'You are a helpful assistant.',
    forms: {
      box: 'Locate the bounding box of {object}. Return a json.',
      'next-step': 'What can be the next immediate action?',
      trajectory:
        'You are given the task "{instruction}". Specify the 2D trajectory your end effector should follow in pixel space. Return the trajectory coordinates in JSON format like this: {"point_2d": [x, y], "label": "gripper trajectory"}.',
    },
  },
  sampling: {
    plain: { maxTokens: 4096, temperature: 0.7, topP: 0.8, topK: 20, presencePenalty: 1.5, seed: 3407 },
    thinking: { maxTokens: 4096, temperature: 0.6, topP: 0.95, topK: 20, presencePenalty: 0, seed: 1234 },
  },
  thinking: { ask: 'user-suffix', text: THINK_2, fields: ['reasoning', 'reasoning_content', 'content'], tags: 'think' },
  space: { kind: 'grid', max: 1000, axes: 'xy' },
  actionFormat: { ui: 'pumice-json', arm: 'trajectory-json' },
  choiceField: 'structured_outputs',
  limits: { images: 8, videos: 1, contextTokens: 262_144 },
  source: 'nvidia-cosmos/cosmos-reason2 a3b4a1d: prompts, scripts, README',
  proven: {
    forms: [
      {
        form: 'thought and answer',
        by: ['fixture', 'published answer'],
        where: ['vllm_reasoning_split', 'cosmos_real_outputs'],
      },
      { form: 'boxes and trajectories', by: ['published answer'], where: ['cosmos_real_outputs'] },
      { form: 'events with times', by: ['published answer'], where: ['cosmos_real_outputs'] },
      { form: 'verdicts', by: ['published answer'], where: ['cosmos_real_outputs'] },
      { form: 'choice of frames and their times', by: ['fixture'], where: ['qwen3_video_processor'] },
    ],
    trainedWeights: false,
  },
};

export const cosmos3: Row = {
  ...cosmosReason2,
  family: 'cosmos3',
  summary: 'the reasoner of Cosmos 3: as Cosmos Reason2, one generation on',
  names: 'cosmos-?3',
  media: {
    ...cosmosReason2.media,
    video: { as: 'mp4', fps: 4, stamps: 'none', extra: { media_io_kwargs: { video: { num_frames: -1, fps: 4 } } } },
  },
  thinking: { ...cosmosReason2.thinking, fields: ['content', 'reasoning', 'reasoning_content'] },
  source: 'nvidia/cosmos 8ef19d3: cookbooks/cosmos3',
  proven: {
    forms: [
      {
        form: 'thought and answer, places, events',
        by: ['published answer'],
        where: ['cosmos_real_outputs'],
        note: 'answers of Cosmos Reason2, whose forms it has by its documents',
      },
      { form: 'one event as an object', by: ['none'] },
    ],
    trainedWeights: false,
  },
};
