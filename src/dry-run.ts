/**
 * A body that is watched and never told anything: all of a run but the command to the body. `reset` and `observe` pass, since
 * there is nothing to think about without them, and so does `hold`, which asks for nothing.
 */
import type { Env } from './ports.ts';

/** Steps of a dry run that is not told how many. Chosen: nothing moves, so a few show whether a policy is steady. */
export const DRY_RUN_STEPS = 5;

const REASON = 'dry run: nothing is sent to the body';

/** The same body without its acts. */
export const dryRun = (env: Env): Env => ({
  name: env.name,
  actionKinds: env.actionKinds,
  limits: env.limits,
  ...(env.hardware !== undefined && { hardware: env.hardware }),
  ...(env.isLockstep !== undefined && { isLockstep: env.isLockstep }),
  ...(env.driver && { driver: env.driver }),
  ...(env.delta && { delta: env.delta }),
  facts: { ...env.facts, dryRun: 'nothing was sent to the body' },
  reset: (task, context) => env.reset(task, context),
  observe: (context) => env.observe(context),
  act: (action, context) =>
    action.kind === 'hold' ? env.act(action, context) : Promise.resolve({ status: 'refused', reason: REASON }),
  halt: (category, reason) => env.halt(category, reason),
  ...(env.mask && { mask: (text) => env.mask!(text) }),
  ...(env.artifacts && { artifacts: () => env.artifacts!() }),
  close: () => env.close(),
});
