/**
 * NVIDIA Cosmos Reason: reasoners about video and physical sense, on a Qwen base. Reason2 (nvidia-cosmos/cosmos-reason2 a3b4a1d).
 * It thinks only when the user's text asks for it, and must not be shown times in the picture.
 */
import type { z } from 'zod';
import type { modelProfileSchema } from '../profile.ts';

type Row = z.input<typeof modelProfileSchema>;

const THINK =
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
  thinking: { ask: 'user-suffix', text: THINK, fields: ['reasoning', 'reasoning_content', 'content'], tags: 'think' },
  space: { kind: 'grid', max: 1000, axes: 'xy' },
  actionFormat: { ui: 'pumice-json', arm: 'trajectory-json' },
  limits: { images: 8, videos: 1, contextTokens: 262_144 },
  source: 'nvidia-cosmos/cosmos-reason2 a3b4a1d: prompts, scripts, README',
  proven: {
    forms: [
      { form: 'thought and answer', by: ['fixture', 'published answer'] },
      { form: 'boxes, points, trajectories', by: ['published answer'] },
      { form: 'events with times', by: ['published answer'] },
    ],
    trainedWeights: false,
  },
};
