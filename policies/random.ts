/** Moves the tool at random, by the seed of the task, and never ends: what success comes to by chance. Looks at nothing. */
import { definePolicy, parseOptions } from 'pumice';
import { z } from 'zod';
import { randomOf } from './shared/random.ts';

const options = z.strictObject({
  maxStepM: z.number().min(0).max(1).default(0.04).describe('longest motion along each axis in one step'),
  maxStepRad: z.number().min(0).max(3.1).default(0.15).describe('longest turn about each axis in one step'),
  frameId: z.string().min(1).default('base').describe('frame that it moves in'),
});

const plugin = definePolicy({
  summary: 'moves the tool at random, the same way for the same seed',
  options,
  actionKinds: ['eef-delta'],
  example: () => ({ seq: 0, epoch: 0, stampMs: 0, instruction: 'move about', history: [], frames: [] }),
  create: ({ maxStepM, maxStepRad, frameId }) => {
    let seed = 0;
    return {
      name: 'random',
      actionKinds: ['eef-delta'],
      reset: (task) => {
        seed = task.seed ?? 0;
      },
      act: async ({ seq }, { signal }) => {
        signal.throwIfAborted();
        const { uniform } = randomOf(seed, seq);
        const within = (most: number) => most * (2 * uniform() - 1);
        return {
          actions: [
            {
              kind: 'eef-delta',
              frameId,
              dPosM: [within(maxStepM), within(maxStepM), within(maxStepM)],
              dRpyRad: [within(maxStepRad), within(maxStepRad), within(maxStepRad)],
              gripperOpen: uniform() < 0.5 ? 0 : 1,
            },
          ],
        };
      },
    };
  },
});
export default plugin;

/** The policy as a value, for programs: `random({ maxStepM: 0.02 })`. */
export const random = (given: z.input<typeof options> = {}) =>
  plugin.create(parseOptions(options, given, 'policy random'));
