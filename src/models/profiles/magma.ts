/** Magma (microsoft/Magma, main e373780): grounding on marked pages, seven action tokens for an arm, traces of marks. */
import type { z } from 'zod';
import type { modelProfileSchema } from '../profile.ts';

export const magma: z.input<typeof modelProfileSchema> = {
  family: 'magma',
  summary: 'grounds on marked pages, moves an arm by 7 action tokens, traces marks',
  names: 'magma',
  transport: 'openai-chat',
  also: ['magma-rest'],
  roles: ['ui', 'arm', 'ask'],
  media: { order: 'media-first', image: { resize: { rule: 'as-is' }, format: 'png' } },
  prompt: {
    system: 'You are agent that can see, talk and act.',
    forms: {
      'ui-som':
        'In this view I need to click a button to "{instruction}"? Provide the coordinates and the mark index of the containing bounding box if applicable.',
      'ui-qa': '{question} Answer the question briefly.',
      arm: 'What action should the robot take to {instruction}?',
      trace:
        'The image is split into 256x256 grids and is labeled with numeric marks {marks}.\nThe robot is doing: {task}. To finish the task, how to move the numerical marks in the image with speed {speed} for the next {steps} steps?\n',
      'locate-marks':
        'The image is split into 256x256 grids, and labeled with numeric marks.\nPlease locate all the numerical marks in the image.\n',
    },
  },
  sampling: { plain: { maxTokens: 128, temperature: 0 } },
  thinking: { ask: 'never', fields: [], tags: 'none' },
  space: { kind: 'unit', axes: 'xy' },
  actionFormat: { ui: 'magma-ui', arm: 'magma-tokens' },
  limits: { images: 1, videos: 0, contextTokens: 8192 },
  source: 'microsoft/Magma e373780: agents/ui_agent, agents/robot_traj, magma_model.py, server/main.py',
  proven: {
    forms: [
      { form: 'prompts', by: ['fixture'], where: ['prompts'] },
      {
        form: 'action tokens as ids',
        by: ['fixture'],
        where: ['action_decode', 'action_encode', 'action_token_table'],
      },
      { form: 'action tokens as text', by: ['fixture'], where: ['action_text'] },
      {
        form: 'action tokens through the whole wire',
        by: ['double'],
        where: ['test/slow/magma-oracle.test.ts'],
        note: 'with ember and an expert behind it',
      },
      {
        form: "rotation, gripper and averaging of its robots' programs",
        by: ['fixture'],
        where: ['simpler_postprocess', 'libero_gripper', 'action_ensemble', 'pose_target'],
      },
      { form: 'marks and coordinates on a page', by: ['fixture'], where: ['ui_parse'] },
      {
        form: 'traces of marks',
        by: ['fixture'],
        where: ['tom_parse'],
        note: 'the original pads with torch, the fixture with numpy',
      },
      { form: "numbers of its own server's /predict", by: ['fixture'], where: ['server_predict'] },
    ],
    trainedWeights: false,
  },
};
