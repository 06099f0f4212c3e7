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

/** How a motion is made smaller: by factors 0..1, then by what of its way is taken away on each axis. */
export interface Shrink {
  readonly translation: number;
  /** Of the angle. */
  readonly rotation: number;
  /** Of the change of the gripper. */
  readonly gripper?: number;
  /** The most that may be left of the way on each axis, m; Infinity takes nothing away. */
  readonly leftM?: readonly [number, number, number];
}

export type RuleOpinion =
  | { readonly kind: 'allow' }
  | { readonly kind: 'modify'; readonly shrink: Shrink; readonly reason: string }
  | { readonly kind: 'ask' | 'deny' | 'halt'; readonly reason: string };

/**
 * One part of the gate. Two things are asked of it, so that a rule more can never let more through (`test/gate/review.test.ts`):
 * - of a smaller motion it says nothing worse. Smaller is what is shorter on some axes and on none longer nor turned around: a rule
 *   on where a motion leads judges all that can become of it so, not only its end;
 * - it keeps its word: what it wants made smaller, it allows once it is as small as that, or smaller.
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
