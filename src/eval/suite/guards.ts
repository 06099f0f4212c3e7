/** What has to hold before a number of a suite is worth anything. Pure. */
import type { Evaluation } from '../run-pairs.ts';
import type { Suite } from './suite.ts';

/**
 * Why the suite says nothing, where a guard does not hold, task by task; nothing when both do.
 *
 * @param results - of the oracle, then of the policy that does nothing, on the same episodes.
 */
export function guardProblem(
  { guards: { oracle, nothing } }: Suite,
  [ceiling, floor]: readonly [Evaluation, Evaluation],
): string | undefined {
  const low = ceiling.summary.tasks.find(({ rate }) => rate < oracle.atLeast);
  if (low)
    return `the oracle (${oracle.policy}) did ${low.successes} of ${low.attempts} of ${low.task}, and at least ${percent(oracle.atLeast)} are expected`;
  const high = floor.summary.tasks.find(({ rate }) => rate > nothing.atMost);
  if (high)
    return `a policy that does nothing (${nothing.policy}) did ${high.successes} of ${high.attempts} of ${high.task}, and at most ${percent(nothing.atMost)} are expected`;
  return undefined;
}
const percent = (share: number) => `${Math.round(100 * share)} %`;
