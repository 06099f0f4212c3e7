/**
 * The gate: every rule judges the proposed action; what may only be made smaller is made smaller once, and judged again whole.
 * Pure: no clock, no I/O. The order of the rules never matters.
 *
 *   proposed ──▶ all rules ──▶ worst is ask, deny, halt ──▶ that
 *                     └──────▶ some say modify ──▶ smallest factors ──▶ all rules again ──▶ modify, or deny
 */
import type { Action, Verdict } from '../types.ts';
import type { GateContext, Rule, RuleOpinion, Shrink } from './rule.ts';
import { shrinkAction } from './shrink.ts';
import { allow, join, passes, severity } from './verdict.ts';

/** Less than this share of a motion left is no longer the motion that was proposed. Chosen: half. */
export const LEAST_SHARE = 0.5;
/** As many modified actions of one chunk in a row mean that the chunk does not fit the body. Chosen. */
export const MODIFIED_IN_A_ROW = 3;

/** Judges one action by every rule. Never throws: a rule that throws cannot vouch for anything, which is `halt`. */
export function review(rules: readonly Rule[], action: Action, context: GateContext): Verdict {
  const first = rules.map((rule) => ({ rule, opinion: guarded(rule, action, context) }));
  const verdict = first.reduce((sofar, { rule, opinion }) => joinOpinion(sofar, rule, opinion), allow(action));
  if (verdict.kind !== 'modify') return verdict;

  const factors = first.flatMap(({ opinion }) => (opinion.kind === 'modify' ? [opinion.shrink] : []));
  const shrink: Shrink = {
    translation: Math.min(...factors.map((factor) => factor.translation)),
    rotation: Math.min(...factors.map((factor) => factor.rotation)),
  };
  const smaller: Verdict = { ...verdict, action: shrinkAction(action, shrink) };
  if (!(Math.min(shrink.translation, shrink.rotation) >= LEAST_SHARE))
    return join(smaller, 'gate', 'deny', ['less than half of the proposed motion would be left']);
  if (context.modifiedInARow >= MODIFIED_IN_A_ROW - 1)
    return join(smaller, 'gate', 'deny', [`${MODIFIED_IN_A_ROW} actions of one chunk in a row went too far`]);

  const again = rules.reduce(
    (sofar, rule) => joinOpinion(sofar, rule, guarded(rule, smaller.action, context)),
    allow(smaller.action),
  );
  if (again.kind === 'allow') return smaller;
  const kind = passes(again) ? 'deny' : again.kind;
  return join(smaller, again.by, kind, ['the smaller motion is not allowed either', ...again.reasons]);
}

function joinOpinion(verdict: Verdict, rule: Rule, opinion: RuleOpinion): Verdict {
  return opinion.kind === 'allow' ? verdict : join(verdict, rule.name, opinion.kind, [opinion.reason]);
}

function guarded(rule: Rule, action: Action, context: GateContext): RuleOpinion {
  try {
    const opinion = rule.judge(action, context);
    return severity(opinion.kind) >= 0 ? opinion : { kind: 'halt', reason: `answered '${String(opinion.kind)}'` };
  } catch (cause) {
    return { kind: 'halt', reason: `threw: ${String(cause)}` };
  }
}
