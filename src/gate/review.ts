/**
 * The gate: every rule judges the proposed action; what may only be made smaller is made smaller once, and judged again whole.
 * Pure: no clock, no I/O. The order of the rules never matters.
 *
 *   proposed ──▶ all rules ──▶ the worst of allow, modify, ask, deny, halt
 *                     └──────▶ some say modify ──▶ smallest of all ──▶ all rules again ──▶ not worse, or deny, halt
 *
 * `hold` does not come here (`isGated`): coming to rest must never wait for a permission. A stopped body needs no hold either;
 * its `halt` brings it to rest.
 */
import type { Action, Verdict } from '../types.ts';
import { type GateContext, LIMIT_TOLERANCE, type Rule, type RuleOpinion } from './rule.ts';
import { combine, isShrink, shareLeft, shrinkAction } from './shrink.ts';
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
  const verdict = opinions.reduce(
    (sofar, { rule, opinion: said }) =>
      said.kind === 'allow' ? sofar : join(sofar, rule.name, said.kind, [said.reason]),
    allow(action),
  );
  const shrinks = opinions.flatMap(({ opinion }) => (opinion.kind === 'modify' ? [opinion.shrink] : []));
  if (shrinks.length === 0) return verdict;

  // The smaller motion is looked at also where somebody asks: asking must not hide that it would be denied.
  const smaller = shrinkAction(action, shrinks.reduce(combine), context.observation);
  if (!(shareLeft(action, smaller, context.observation) >= LEAST_SHARE * (1 - LIMIT_TOLERANCE)))
    return join(verdict, 'gate', 'deny', ['less than half of the proposed motion would be left']);
  if (!(context.modifiedInARow < MODIFIED_IN_A_ROW - 1))
    return join(verdict, 'gate', 'deny', [`${MODIFIED_IN_A_ROW} actions of one chunk in a row went too far`]);

  const judged = opinions.reduce((sofar, { rule, opinion: before }) => {
    const said = guarded(rule, smaller, context);
    if (said.kind === 'allow') return sofar;
    // Once more what this rule has said before, which counts already.
    if (before.kind !== 'modify' && severity(said.kind) <= severity(before.kind)) return sofar;
    const kind = said.kind === 'halt' ? 'halt' : 'deny';
    return join(sofar, rule.name, kind, [`not even the smaller motion: ${said.reason}`]);
  }, verdict);
  return judged.kind === 'modify' ? { ...judged, action: smaller } : judged;
}

function guarded(rule: Rule, action: Action, context: GateContext): RuleOpinion {
  try {
    const opinion = rule.judge(action, context);
    if (severity(opinion.kind) < 0) return { kind: 'halt', reason: 'answered with no opinion' };
    if (opinion.kind === 'modify' && !isShrink(opinion.shrink))
      return { kind: 'halt', reason: 'answered with what does not make smaller' };
    return opinion;
  } catch (cause) {
    return { kind: 'halt', reason: `threw: ${cause instanceof Error ? cause.message : typeof cause}` };
  }
}
