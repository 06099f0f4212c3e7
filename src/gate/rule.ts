/** What a rule is, and what it is told. Pure: a rule reads its arguments and nothing else. */
import type { Limits } from '../ports.ts';
import type { Action, Observation } from '../types.ts';

export interface GateContext {
  readonly observation: Observation;
  readonly nowMs: number;
  /** Stamp of the observation that the action was thought on. */
  readonly plannedStampMs: number;
  readonly limits: Limits;
  /** Whether the failsafe lets anything move. */
  readonly isRunning: boolean;
  /** Verdicts of `modify` in a row on the chunk that this action is from. */
  readonly modifiedInARow: number;
}

/** Factors 0..1 by which a motion is made smaller: one for translation, one for the angle of rotation. */
export interface Shrink {
  readonly translation: number;
  readonly rotation: number;
}

export type RuleOpinion =
  | { readonly kind: 'allow' }
  | { readonly kind: 'modify'; readonly shrink: Shrink; readonly reason: string }
  | { readonly kind: 'ask' | 'deny' | 'halt'; readonly reason: string };

export interface Rule {
  readonly name: string;
  readonly judge: (action: Action, context: GateContext) => RuleOpinion;
}

export const ALLOW: RuleOpinion = { kind: 'allow' };
export const deny = (reason: string): RuleOpinion => ({ kind: 'deny', reason });
export const halt = (reason: string): RuleOpinion => ({ kind: 'halt', reason });
