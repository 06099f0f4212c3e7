/** Who moves the arm in the demo: the one place that says so. */
import type { SimOracle } from 'pumice/envs/sim';
import type { Policy } from '../ports.ts';
import type { Action } from '../types.ts';

/** What is said of it at the beginning. */
export const ARM_POLICY_TEXT = 'expert: a script that is told the true state of the world; no model';

/** The policy; `oracle` is there as soon as the arm is. */
export function createArmPolicy(oracle: () => SimOracle): Policy {
  return {
    name: 'expert',
    actionKinds: ['eef-delta', 'done'],
    reset: () => {},
    act: async () => {
      const missing = missingIn(oracle());
      if (missing !== undefined) return end('failure', `there is no ${missing} here`);
      const action = oracle().expertAction();
      if (!action || oracle().score().first) return end('success');
      return { actions: [action] };
    },
  };
}

const end = (outcome: 'success' | 'failure', answer?: string): { actions: [Action]; thought?: string } => ({
  actions: [{ kind: 'done', outcome, ...(answer !== undefined && { answer }) }],
  ...(answer !== undefined && { thought: answer }),
});

/** The first thing of the goal that is not on the table. */
function missingIn({ goal: goalNow, state }: SimOracle): string | undefined {
  const goal = goalNow();
  if (!goal) return undefined;
  const { blocks, plates } = state();
  if (!blocks.some(({ colour }) => colour === goal.block)) return `${goal.block} block`;
  if (goal.kind === 'put' && !plates.some(({ colour }) => colour === goal.plate)) return `${goal.plate} plate`;
  if (goal.kind === 'stack' && !blocks.some(({ colour }) => colour === goal.onto)) return `${goal.onto} block`;
  return undefined;
}
