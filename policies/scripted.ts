/**
 * Plays a given list of actions, one a step, and then says that it is done. Looks at nothing.
 * The smallest policy there is: copy it to begin another.
 */
import { type Action, actionSchema, definePolicy, type Observation } from 'pumice';
import { z } from 'zod';

const plugin = definePolicy({
  summary: 'plays a list of actions, then is done',
  options: z.strictObject({
    actions: z.array(actionSchema).describe('what to do, in this order'),
    outcome: z.enum(['success', 'failure']).default('success').describe('how it ends after the last action'),
    answer: z.string().optional().describe('what it answers at the end'),
  }),
  actionKinds: actionSchema.options.map((option) => option.shape.kind.value),
  example: (): Observation => ({
    seq: 0,
    epoch: 0,
    stampMs: 0,
    instruction: 'play the script',
    history: [],
    frames: [],
  }),
  create: ({ actions, outcome, answer }) => {
    let next = 0;
    return {
      name: 'scripted',
      actionKinds: [...new Set([...actions.map(({ kind }) => kind), 'done' as const])],
      reset: () => {
        next = 0;
      },
      act: async (_observation, { signal }) => {
        signal.throwIfAborted();
        const end: Action = { kind: 'done', outcome, ...(answer !== undefined && { answer }) };
        return { actions: [actions[next++] ?? end] };
      },
    };
  },
});
export default plugin;

/** The policy as a value, for programs: `scripted({ actions: [...] })`. */
export const scripted = (options: z.input<typeof plugin.options>) => plugin.create(plugin.options.parse(options));
