/**
 * The gate: every rule judges the proposed action; what may only be made smaller is made smaller once, and judged again whole.
 * Pure: no clock, no I/O. The order of the rules never matters.
 *
 *   proposed ──▶ all rules ──▶ worst is ask, deny, halt ──▶ that
 *                     └──────▶ some say modify ──▶ smallest factors ──▶ all rules again ──▶ modify, or deny
 *
 * `hold` does not come here (`isGated`): coming to rest must never wait for a permission. A stopped body needs no hold either;
 * its `halt` brings it to rest.
 */
import type { Action, Verdict } from '../types.ts';
import type { GateContext, Rule, RuleOpinion, Shrink } from './rule.ts';
import { shrinkAction } from './shrink.ts';
import { allow, join, severity } from './verdict.ts';

/** Less than this share of a motion left is no longer the motion that was proposed. Chosen: half. */
export const LEAST_SHARE = 0.5;
/** As many modified actions of one chunk in a row mean that the chunk does not fit the body. Chosen. */
export const MODIFIED_IN_A_ROW = 3;

/** Whether an action has to pass `review` before a body carries it out: all but `hold`. */
export const isGated = (action: Action): boolean => action.kind !== 'hold';

/** Judges one action by every rule. Never throws: a rule that throws cannot vouch for anything, which is `halt`. */
export function review(rules: readonly Rule[], action: Action, context: GateContext): Verdict {
  const opinions = rules.map((rule) => ({ rule, opinion: guarded(rule, action, context) }));
  const verdict = joined(action, opinions);
  if (verdict.kind !== 'modify') return verdict;

  const factors = opinions.flatMap(({ opinion }) => (opinion.kind === 'modify' ? [opinion.shrink] : []));
  const shrink: Shrink = {
    translation: Math.min(...factors.map((factor) => factor.translation)),
    rotation: Math.min(...factors.map((factor) => factor.rotation)),
  };
  if (Math.min(shrink.translation, shrink.rotation) < LEAST_SHARE)
    return join(verdict, 'gate', 'deny', ['less than half of the proposed motion would be left']);
  if (!(context.modifiedInARow < MODIFIED_IN_A_ROW - 1))
    return join(verdict, 'gate', 'deny', [`${MODIFIED_IN_A_ROW} actions of one chunk in a row went too far`]);

  const smaller = shrinkAction(action, shrink);
  const again = joined(
    smaller,
    rules.map((rule) => ({ rule, opinion: guarded(rule, smaller, context) })),
  );
  if (again.kind === 'allow') return { ...verdict, action: smaller };
  const refused = join(verdict, 'gate', 'deny', ['the smaller motion is not allowed either']);
  return again.kind === 'halt' ? join(refused, again.by, 'halt', ['halts on the smaller motion']) : refused;
}

/** The worst opinion, with every reason. */
function joined(action: Action, opinions: readonly { rule: Rule; opinion: RuleOpinion }[]): Verdict {
  return opinions.reduce(
    (sofar, { rule, opinion }) =>
      opinion.kind === 'allow' ? sofar : join(sofar, rule.name, opinion.kind, [opinion.reason]),
    allow(action),
  );
}

function guarded(rule: Rule, action: Action, context: GateContext): RuleOpinion {
  try {
    const opinion = rule.judge(action, context);
    if (severity(opinion.kind) < 0) return { kind: 'halt', reason: 'answered with no opinion' };
    if (opinion.kind === 'modify' && !(isFactor(opinion.shrink.translation) && isFactor(opinion.shrink.rotation)))
      return { kind: 'halt', reason: 'answered with a factor outside 0..1' };
    return opinion;
  } catch (cause) {
    return { kind: 'halt', reason: `threw: ${cause instanceof Error ? cause.message : typeof cause}` };
  }
}

/** Only 0..1 makes smaller: more enlarges, less than nothing turns the direction, NaN is no number. */
const isFactor = (factor: number): boolean => factor >= 0 && factor <= 1;
