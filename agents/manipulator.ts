/**
 * The agent for arms: the simulated arm and any policy for end-effector motion, wired together.
 * Knows no policy by name but the one that is used when none is named.
 */
import { type Agent, type AgentParts, defineAgent, parseOptions, run } from 'pumice';
import { type SimOracle, sim } from 'pumice/envs/sim';
import { z } from 'zod';

const options = z.strictObject({
  fit: z
    .boolean()
    .default(true)
    .describe('lay out the colours that the instruction names; otherwise the seed alone says what is there'),
  wrist: z.boolean().default(true).describe('look through the camera on the hand too'),
  oracle: z
    .boolean()
    .default(false)
    .describe('open the channel of the expert, which sees the true state; the policy expert needs it'),
});

/** A policy that acts by the true state of the world, such as the expert. */
interface TakesOracle {
  readonly useOracle: (oracle: SimOracle) => void;
}
const takesOracle = (policy: object): policy is TakesOracle => 'useOracle' in policy;

const plugin = defineAgent({
  summary: 'does a task with a simulated arm, in words: pick, put, hover, push, stack',
  options,
  defaultPolicy: 'ember',
  body: 'arm',
  create: async ({ fit, wrist, oracle }, { policy }) => {
    const env = await sim({ fit, oracle, cameras: wrist ? ['third', 'wrist'] : ['third'] });
    if (env.oracle && takesOracle(policy)) policy.useOracle(env.oracle);
    const close = async () => {
      await env.close();
      await policy.close?.();
    };
    const agent: Agent = {
      run: (task) => run({ ...task, env, policy }),
      close,
      [Symbol.asyncDispose]: close,
    };
    return agent;
  },
});
export default plugin;

/** The agent as a value, for programs: `await manipulator({ policy: ember() })`. */
export const manipulator = ({ policy, ...given }: z.input<typeof options> & AgentParts): Promise<Agent> =>
  plugin.create(parseOptions(options, given, 'agent manipulator'), { policy });
