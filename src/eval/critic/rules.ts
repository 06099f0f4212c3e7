/**
 * The gate's own rules as one more judge of a set, so that what a critic adds to them can be seen. A chunk is gone through action by
 * action, each from where the one before leads; what a rule makes smaller counts as allowed. Pure.
 */
import { courseOf } from '../../chunk/poses.ts';
import { review } from '../../gate/review.ts';
import { defaultRules } from '../../gate/rules/index.ts';
import type { Critic, DeltaMeaning, Limits } from '../../ports.ts';
import type { Action, Observation, StepFeedback, Verdict } from '../../types.ts';

export const RULES = 'rules';

/** Of a set nobody says what a delta means to its body: as most bodies have it, and the simulated arm too. */
const DELTA: DeltaMeaning = { axes: 'base', rotateAbout: 'tcp', reference: 'commanded' };

export const rulesCritic = (): Critic => ({
  name: RULES,
  judge: async (observation, action, { limits, following }) => {
    const reasons: string[] = [];
    for (const step of stepsOf(observation, [action, ...following])) {
      const verdict = judge(step, limits);
      reasons.push(...verdict.reasons);
      const { kind } = verdict;
      if (kind !== 'allow' && kind !== 'modify') return { kind, reasons };
    }
    return { kind: 'allow', reasons };
  },
});

interface Step {
  readonly observation: Observation;
  readonly action: Action;
}

function judge({ observation, action }: Step, limits: Limits): Verdict {
  const { stampMs } = observation;
  const context = { observation, nowMs: stampMs, plannedStampMs: stampMs, limits, isRunning: true, modifiedInARow: 0 };
  return review(defaultRules, action, context);
}

/** A motion is judged from where the one before leads, as if it had been carried out; anything else on what is there now. */
function stepsOf(observation: Observation, actions: readonly Action[]): readonly Step[] {
  const { proprio } = observation;
  const { tcpPose: measured, commandedTcpPose: commanded = measured } = proprio ?? {};
  const course =
    proprio && measured && commanded
      ? courseOf(
          actions,
          { tick: 0, measured, commanded, gripperOpen: proprio.gripperOpen },
          { delta: DELTA, ticksPerAction: 1 },
        )
      : 'no pose';
  if (typeof course === 'string') return actions.slice(0, 1).map((action) => ({ observation, action }));
  const history: StepFeedback[] = [];
  return actions.map((action, at) => {
    const knot = course.path[at];
    const pose = at === 0 || !knot ? undefined : { frameId: measured!.frameId, pM: knot.pM, qXyzw: knot.qXyzw };
    const seen = {
      ...observation,
      history: [...history],
      proprio: { ...proprio!, ...(pose && { tcpPose: pose, commandedTcpPose: pose }) },
    };
    history.push({
      index: at,
      proposed: action,
      executed: action,
      tcpPose: pose ?? measured,
      verdict: { kind: 'allow', reasons: [] },
    });
    return { observation: seen, action };
  });
}
