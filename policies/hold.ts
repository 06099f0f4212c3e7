/** Holds still at every step, and never ends. The floor of what a policy can do. Looks at nothing. */
import { definePolicy } from 'pumice';
import { z } from 'zod';

const plugin = definePolicy({
  summary: 'holds still until the budget ends',
  options: z.strictObject({}),
  actionKinds: ['hold'],
  example: () => ({ seq: 0, epoch: 0, stampMs: 0, instruction: 'hold still', history: [], frames: [] }),
  create: () => ({
    name: 'hold',
    actionKinds: ['hold'],
    reset: () => {},
    act: async (_observation, { signal }) => {
      signal.throwIfAborted();
      return { actions: [{ kind: 'hold' }] };
    },
  }),
});
export default plugin;

/** The policy as a value, for programs. */
export const hold = () => plugin.create({});
