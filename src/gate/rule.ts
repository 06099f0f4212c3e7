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

/**
 * One part of the gate. Two things are asked of it, so that a rule more can never let more through (`test/gate/review.test.ts`):
 * - of a smaller motion it says nothing worse (a rule on where a motion leads judges the whole way, not only its end);
 * - it keeps its word: what it wants made smaller by a factor, it allows once it is smaller by that factor.
 * Should one fall short of it, `review` still lets nothing through that not every rule allows.
 */
export interface Rule {
  readonly name: string;
  readonly judge: (action: Action, context: GateContext) => RuleOpinion;
}

/**
 * Share by which a limit may be passed, so that an action made smaller to exactly the limit is not refused for the rounding of it.
 * Chosen: far above rounding (1e-15), far below what matters to a body (1e-9 of 5 cm is 50 picometres).
 */
export const LIMIT_TOLERANCE = 1e-9;

export const ALLOW: RuleOpinion = { kind: 'allow' };
export const deny = (reason: string): RuleOpinion => ({ kind: 'deny', reason });
export const halt = (reason: string): RuleOpinion => ({ kind: 'halt', reason });
