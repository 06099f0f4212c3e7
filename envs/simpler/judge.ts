/** Success by the rule that was chosen, and by the two others too: the same steps give other numbers by each. Pure but for what it keeps. */
import type { EpisodeEnd } from 'pumice';
import type { SimSensed } from './messages.ts';
import type { ReadOptions, SimJudge, SimScore } from './options.ts';

type Judged = SimSensed['judge'];

export function createJudge(rule: ReadOptions['success'], maxSteps: number) {
  let last: Judged | undefined;
  let firstStep: number | undefined;
  const score = (): SimScore => ({
    final: last?.success ?? false,
    first: firstStep !== undefined,
    any: firstStep !== undefined,
    ...(firstStep !== undefined && { firstStep }),
    steps: last?.elapsedSteps ?? 0,
    stats: last?.stats ?? {},
  });
  const end = (): EpisodeEnd | undefined => {
    const { steps, any, final } = score();
    if (rule === 'first' && any) return { outcome: 'success', reason: `a success at step ${firstStep}` };
    const isOver = steps >= maxSteps || last?.truncated || last?.terminated;
    if (!isOver) return undefined;
    const isSuccess = rule === 'final' ? final : any;
    const counted = { first: 'no success', any: 'any step counts', final: 'the last step counts' }[rule];
    return { outcome: isSuccess ? 'success' : 'failure', reason: `the task's ${steps} steps are over: ${counted}` };
  };
  const judge: SimJudge = { score, judge: async () => end() };
  return {
    judge,
    score,
    isOver: () => end() !== undefined,
    began: (judged: Judged) => {
      last = judged;
      firstStep = undefined;
    },
    stepped: (judged: Judged) => {
      last = judged;
      if (judged.success) firstStep ??= judged.elapsedSteps;
    },
  };
}
