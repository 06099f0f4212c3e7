/**
 * CogVLM2-Video (THUDM/CogVLM2 6700ae7, video_demo/api_demo.py): tells what happens in a clip, and when. It sees one frame a second, at
 * most 24, and knows only their numbers: a time in its answer is the number of a frame, which is a second of the clip only so.
 */
import type { z } from 'zod';
import type { modelProfileSchema } from '../profile.ts';

export const cogvlm2Video: z.input<typeof modelProfileSchema> = {
  family: 'cogvlm2-video',
  summary: 'tells what happens in a clip of up to 24 s, and when',
  names: 'cogvlm2?-?(llama3-)?video',
  transport: 'cogvlm2-video',
  also: ['openai-chat'],
  roles: ['narrate', 'ask'],
  media: { order: 'media-first', video: { as: 'mp4', fps: 1, maxS: 24, maxFrames: 24, stamps: 'none' } },
  prompt: { forms: { caption: 'Please describe the video in detail.' } },
  sampling: { plain: { maxTokens: 2048, temperature: 0.001 } },
  thinking: { ask: 'never', fields: [], tags: 'none' },
  actionFormat: {},
  limits: { images: 0, videos: 1 },
  source: 'THUDM/CogVLM2 6700ae7: video_demo; the order of frames and their numbers from a port by others',
  proven: {
    forms: [
      { form: 'choice of frames', by: ['fixture'], where: ['cogvlm2_frames'] },
      {
        form: 'questions over chat',
        by: ['double'],
        where: ['test/slow/model-server.test.ts'],
        note: "pumice's own server, over a double of the program that the weights bring",
      },
      { form: "upload to its own server's /video_qa", by: ['double'], where: ['test/models/video-qa.test.ts'] },
      { form: 'times in answers', by: ['none'] },
    ],
    trainedWeights: false,
  },
};
