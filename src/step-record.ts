/** What is kept of each step and of the end of an episode. Shapes only, a part of `types.ts`. */
import type { Action, ActResult, Lease, Observation, Thought, Verdict } from './types.ts';

export const OUTCOMES = ['success', 'failure', 'truncated', 'stopped', 'fault'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Durations of one step, ms. */
export type StepTimings = Readonly<Record<'observeMs' | 'thinkMs' | 'checkMs' | 'actMs' | 'totalMs', number>>;

/** What a person at the controls asked for, what the policy would have done, and whose it became. */
export interface HumanPart {
  /** As it came: a twist, or where the device was. */
  readonly command?: Action;
  /** Where the policy's plan led in this tick. */
  readonly policy?: Action;
  /** Of the person in what was proposed, 0 to 1, as it was really used. */
  readonly share: number;
  /** They took over from a policy that drove. */
  readonly intervention: boolean;
  readonly mode?: 'manual' | 'assist' | 'supervised';
  /** The dead-man counted as held. */
  readonly isHeld?: boolean;
  /** Age of the sample of their controls that the step went by, ms. */
  readonly inputAgeMs?: number;
  /** What the runtime led the tool to for them. */
  readonly help?: 'go-above' | 'descend';
  /** Why what they asked for is not done. */
  readonly refused?: string;
  /** The limits of the body made it less than was asked for. */
  readonly isLimited?: boolean;
}

/** One tick of an episode: what was seen, proposed, judged and done. Three different things stay apart. */
export interface StepRecord {
  readonly index: number;
  readonly stampMs: number;
  /** Absent only in a step that was cut before it saw anything. */
  readonly observation?: Observation;
  readonly chunkId?: string;
  readonly thought?: string;
  /** Where its chunk expects marks to go, pixels of the frame that it was thought on. */
  readonly traces?: Thought['traces'];
  readonly rawText?: string;
  readonly usage?: Thought['usage'];
  readonly proposed: Action;
  readonly verdict: Verdict;
  /** Stamp of the newest frame that the verdict rests on. */
  readonly judgedStampMs?: number;
  /** Age of that frame when the action was handed to the body, or refused, ms. */
  readonly judgedAgeMs?: number;
  readonly lease?: Lease;
  /** Steps in a row up to this one that critics said no to; absent where they did not. */
  readonly vetoesInARow?: number;
  readonly act?: ActResult;
  /** What a person had to do with it. */
  readonly human?: HumanPart;
  readonly timings: StepTimings;
  /** Ticks between the step before and this one that found it in flight, or the run paused. */
  readonly dropped: number;
}

/** How an attempt ended. */
export interface EpisodeEnd {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly answer?: string;
  /** What a person says who saw it, beside the outcome, which is what the run itself knows. */
  readonly judged?: { readonly by: 'person'; readonly outcome: 'success' | 'failure'; readonly note?: string };
}
