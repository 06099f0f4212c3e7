/**
 * What adds up over an episode: steps, tokens, history, and how it ended. Pure bookkeeping.
 */
import { toFeedback } from './draft.ts';
import type { Proposal } from './think.ts';
import type { EpisodeEnd, Outcome, StepFeedback, StepRecord } from './types.ts';

/** When an episode that does not end by itself is truncated. */
export interface Budget {
  readonly maxSteps: number;
  /** Input and output tokens together. */
  readonly maxTokens?: number;
  readonly timeoutMs?: number;
}

/** Failed inferences in a row that mean the policy is gone. Chosen: 5. */
export const FAILURES_IN_A_ROW = 5;
export const FAILED_IN_A_ROW = 'failed inferences in a row, the last: ';
/** Steps that a policy is told of. Chosen: a page's worth. */
const HISTORY_STEPS = 20;

export interface Tally {
  readonly steps: number;
  readonly history: readonly StepFeedback[];
  readonly end: EpisodeEnd | undefined;
  /** The first one counts; but what had ended by itself and then faults is a fault. */
  readonly finish: (outcome: Outcome, reason: string, answer?: string) => void;
  /** Counts failed inferences in a row. */
  readonly inferred: (proposal: Proposal) => void;
  /** Why it cannot go on: too many of them, or the last one was final. */
  readonly gone: string | undefined;
  readonly add: (record: StepRecord) => void;
}

export function createTally({ maxSteps, maxTokens = Number.POSITIVE_INFINITY }: Budget): Tally {
  let steps = 0;
  let tokens = 0;
  let history: readonly StepFeedback[] = [];
  let end: EpisodeEnd | undefined;
  let failures = 0;
  let gone: string | undefined;
  let countedChunk: string | undefined;
  const finish: Tally['finish'] = (outcome, reason, answer) => {
    if (end && (outcome !== 'fault' || end.outcome === 'stopped')) return;
    end = { outcome, reason, ...(answer !== undefined && { answer }) };
  };
  return {
    get steps() {
      return steps;
    },
    get history() {
      return history;
    },
    get end() {
      return end;
    },
    finish,
    inferred: (proposal) => {
      if ('chunk' in proposal) failures = 0;
      if (!('failure' in proposal) || proposal.isVoid) return;
      failures += 1;
      if (proposal.isFinal) gone = proposal.failure;
      else if (failures >= FAILURES_IN_A_ROW) gone = `${FAILED_IN_A_ROW}${proposal.failure}`;
    },
    get gone() {
      return gone;
    },
    add: (record) => {
      steps += 1;
      history = [...history, toFeedback(record)].slice(-HISTORY_STEPS);
      // A chunk of several actions was thought of once.
      if (record.usage && record.chunkId !== countedChunk)
        tokens += record.usage.inputTokens + record.usage.outputTokens;
      countedChunk = record.chunkId;
      if (tokens >= maxTokens) finish('truncated', `${tokens} of ${maxTokens} tokens used (--max-tokens)`);
      if (steps >= maxSteps) finish('truncated', `${steps} steps done, no end in sight (--max-steps)`);
    },
  };
}
