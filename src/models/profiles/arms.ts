/**
 * Policies for arms with protocols of their own: OpenVLA (openvla/openvla c8f03f4, vla-scripts/deploy.py), whose server makes the prompt
 * and un-normalises, and openpi (Physical-Intelligence/openpi), which serves pi0, GR00T and others and answers chunks of actions.
 */
import type { z } from 'zod';
import type { modelProfileSchema } from '../profile.ts';

type Row = z.input<typeof modelProfileSchema>;

export const openvla: Row = {
  family: 'openvla',
  summary: 'one action of an arm from a picture and a sentence',
  names: 'openvla',
  transport: 'openvla-act',
  roles: ['arm'],
  media: { order: 'media-first', image: { resize: { rule: 'as-is' }, format: 'rgb8' } },
  // Made by the server; for those that serve the bare weights.
  prompt: { forms: { arm: 'In: What action should the robot take to {instruction}?\nOut:' } },
  sampling: { plain: { maxTokens: 7, temperature: 0 } },
  thinking: { ask: 'never', fields: [], tags: 'none' },
  actionFormat: { arm: 'openvla-numbers' },
  limits: { images: 1, videos: 0 },
  source: 'openvla/openvla c8f03f4: vla-scripts/deploy.py',
  proven: {
    forms: [
      { form: 'prompt', by: ['fixture'], where: ['prompts'] },
      { form: 'action tokens', by: ['fixture'], where: ['action_decode'] },
      {
        form: 'calls in json-numpy',
        by: ['double'],
        where: ['test/models/openvla-act.test.ts', 'test/slow/roles-openvla.test.ts'],
      },
    ],
    trainedWeights: false,
  },
};

export const openpi: Row = {
  family: 'openpi',
  summary: 'chunks of actions of an arm from pictures, its own readings and a sentence (pi0, GR00T ...)',
  names: 'openpi|pi0|gr00t',
  transport: 'openpi-ws',
  roles: ['arm'],
  media: { order: 'media-first', image: { resize: { rule: 'pad', widthPx: 224, heightPx: 224 }, format: 'rgb8' } },
  prompt: {},
  // The names of its LIBERO config; DROID, ALOHA and people's own have others.
  fields: {
    image: 'observation/image',
    wristImage: 'observation/wrist_image',
    state: 'observation/state',
    instruction: 'prompt',
    actions: 'actions',
  },
  sampling: { plain: { maxTokens: 1, temperature: 0 } },
  thinking: { ask: 'never', fields: [], tags: 'none' },
  actionFormat: { arm: 'openpi-chunk' },
  limits: { images: 2, videos: 0 },
  source: 'Physical-Intelligence/openpi 07f2120: src/openpi/policies/libero_policy.py, packages/openpi-client',
  proven: {
    forms: [
      {
        form: 'msgpack with numpy maps',
        by: ['real server', 'double'],
        note: 'messages of its own Python package',
        where: ['test/slow/openpi-python.test.ts', 'test/models/openpi-ws.test.ts'],
      },
    ],
    trainedWeights: false,
  },
};
