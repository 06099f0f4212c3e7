/**
 * Acts by the true state of a simulated world, through the oracle that whoever wires it hands in (`useOracle`): the ceiling of what a
 * policy can do, and the teacher of those that learn. Looks at no picture, and knows no body.
 */
import { type Action, definePolicy, type Policy, PumiceError } from 'pumice';
import { z } from 'zod';

/** What it needs of an oracle. */
export interface ExpertOracle {
  /** What to do now; absent when what is asked for cannot be done in this world. */
  readonly expertAction: () => Action | undefined;
  /** `first`: the goal was held for as long as a judge wants to see it. */
  readonly score: () => { readonly first: boolean };
}

export interface Expert extends Policy {
  readonly useOracle: (oracle: ExpertOracle) => void;
}

const WHO = 'policy expert';

function createExpert(): Expert {
  let oracle: ExpertOracle | undefined;
  return {
    name: 'expert',
    actionKinds: ['eef-delta', 'done'],
    useOracle: (given) => {
      oracle = given;
    },
    reset: () => {},
    act: async ({ instruction }, { signal }) => {
      signal.throwIfAborted();
      if (!oracle)
        throw new PumiceError('policy/failed', 'expected an oracle, and this body has none', {
          who: WHO,
          hint: 'Open it: --oracle with agent manipulator, or useOracle(env.oracle) of an env made with oracle: true',
        });
      if (oracle.score().first) return { actions: [{ kind: 'done', outcome: 'success' }] };
      const answer = `the expert cannot do '${instruction}' here`;
      return { actions: [oracle.expertAction() ?? { kind: 'done', outcome: 'failure', answer }] };
    },
  };
}

const plugin = definePolicy({
  summary: 'acts by the true state of a simulated world; needs its oracle',
  options: z.strictObject({}),
  actionKinds: ['eef-delta', 'done'],
  example: () => ({ seq: 0, epoch: 0, stampMs: 0, instruction: 'pick up the red block', history: [], frames: [] }),
  create: createExpert,
});
export default plugin;

/** The policy as a value, for programs: `const policy = expert(); policy.useOracle(env.oracle);` */
export const expert = (): Expert => createExpert();
