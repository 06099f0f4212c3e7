/**
 * What adds up over an episode: steps, tokens, history, and how it ended. Pure bookkeeping.
 */
import { toFeedback } from './draft.ts';
import { passes } from './gate/verdict.ts';
import type { Proposal } from './think.ts';
import type { EpisodeEnd, Outcome, StepFeedback, StepRecord, Verdict } from './types.ts';

/** When an episode that does not end by itself is truncated. */
export interface Budget {
  readonly maxSteps: number;
  /** Input and output tokens together. */
  readonly maxTokens?: number;
  readonly timeoutMs?: number;
  /** Steps in a row that critics say no to, each a held step and another look, after which the run stops and says so. */
  readonly maxVetoesInARow?: number;
}

/** Failed inferences in a row that mean the policy is gone. Chosen: 5. */
export const FAILURES_IN_A_ROW = 5;
export const FAILED_IN_A_ROW = 'failed inferences in a row, the last: ';
/** Chosen: two seconds of an arm at 5 Hz. What is asked often enough gets through any critic some time. */
export const VETOES_IN_A_ROW = 10;
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
  /** Counts what critics say no to, in a row: until something else that moves is allowed. @returns the verdict. */
  readonly judged: (verdict: Verdict) => Verdict;
  /** Why it cannot go on: too many of either, or the last inference was final. */
  readonly gone: string | undefined;
  /** The record with what was counted. */
  readonly counted: (record: StepRecord) => StepRecord;
  readonly add: (record: StepRecord) => void;
}

export interface TallyParts {
  /** Names of those that judge. */
  readonly critics: readonly string[];
  /** Whether the body is led, or stands still in time, from one step to the next. */
  readonly isLed: boolean;
}

export function createTally(
  { maxSteps, maxTokens = Number.POSITIVE_INFINITY, maxVetoesInARow = VETOES_IN_A_ROW }: Budget,
  { critics, isLed }: TallyParts,
): Tally {
  let steps = 0;
  let tokens = 0;
  let history: readonly StepFeedback[] = [];
  let end: EpisodeEnd | undefined;
  let failures = 0;
  let vetoes = 0;
  let isVetoed = false;
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
    judged: (verdict) => {
      const { kind, by, action, opinions = [], reasons } = verdict;
      isVetoed = !passes(verdict) && (critics.includes(by) || opinions.some((opinion) => opinion.kind !== 'allow'));
      if (isVetoed) vetoes += 1;
      else if (passes(verdict) && action.kind !== 'hold') vetoes = 0;
      if (isVetoed && kind !== 'halt' && vetoes >= maxVetoesInARow)
        gone = `critics said no ${vetoes} times in a row, the last: ${reasons.join('; ')}`;
      return verdict;
    },
    counted: (record) => (isVetoed ? { ...record, vetoesInARow: vetoes } : record),
    get gone() {
      return gone;
    },
    add: (record) => {
      steps += 1;
      isVetoed = false;
      history = [...history, { ...toFeedback(record), ...(!isLed && { mayRest: true as const }) }].slice(
        -HISTORY_STEPS,
      );
      // A chunk of several actions was thought of once.
      if (record.usage && record.chunkId !== countedChunk)
        tokens += record.usage.inputTokens + record.usage.outputTokens;
      countedChunk = record.chunkId;
      if (tokens >= maxTokens) finish('truncated', `${tokens} of ${maxTokens} tokens used (--max-tokens)`);
      if (steps >= maxSteps) finish('truncated', `${steps} steps done, no end in sight (--max-steps)`);
    },
  };
}
