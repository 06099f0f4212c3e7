/**
 * The algebra of verdicts: severity order, and how a critic's opinion joins. Pure.
 * Knows nothing of rules, time or bodies.
 */
import { type Action, SEVERITY, type Verdict, type VerdictKind } from '../types.ts';

export { passes } from './passes.ts';

export const severity = (kind: VerdictKind): number => SEVERITY.indexOf(kind);

export const allow = (action: Action, by = 'gate'): Verdict => ({ kind: 'allow', action, reasons: [], by });

/** A verdict that lets nothing through. */
export const refuse = (kind: 'ask' | 'deny' | 'halt', action: Action, by: string, reason: string): Verdict => ({
  kind,
  action,
  reasons: [`${by}: ${reason}`],
  by,
});

/** Joins a judge's opinion: the worse kind wins, every reason is kept, the action stays what the gate made of it. */
export function join(verdict: Verdict, by: string, kind: VerdictKind, reasons: readonly string[]): Verdict {
  const worse = severity(kind) > severity(verdict.kind);
  return {
    ...verdict,
    kind: worse ? kind : verdict.kind,
    reasons: [...verdict.reasons, ...reasons.map((reason) => `${by}: ${reason}`)],
    by: worse ? by : verdict.by,
  };
}
