/**
 * The step in the making: what is known of it so far and when, so that a step that is cut can be recorded too.
 * Knows no ports.
 */
import { HOLD } from './body.ts';
import { describeTarget } from './gate/targets.ts';
import { allow, refuse } from './gate/verdict.ts';
import { evidenceOf } from './opinion.ts';
import type { Proposal } from './think.ts';
import type { ActionChunk, ActResult, Lease, Observation, StepFeedback, StepRecord, Verdict } from './types.ts';

export interface Draft {
  readonly index: number;
  readonly observation: Observation;
  /** The chunk that the proposed action is from; absent while or because there is none. */
  readonly chunk: ActionChunk | undefined;
  readonly proposed: StepRecord['proposed'];
  readonly verdict: Verdict;
  readonly see: (observation: Observation) => void;
  /** The same observation with marks. */
  readonly mark: (observation: Observation) => void;
  readonly propose: (proposal: Proposal) => void;
  readonly judge: (verdict: Verdict) => void;
  readonly did: (result: ActResult) => void;
  /** The record as of now; made once. `cut` says why the step did not end by itself. */
  readonly record: (cut?: string) => StepRecord;
}

/** `dropped`: ticks that were skipped before it. */
export function createDraft(index: number, dropped: number, nowMs: () => number): Draft {
  const startMs = nowMs();
  const doneMs: { observe?: number; think?: number; check?: number } = {};
  let observation: Observation | undefined;
  let chunk: ActionChunk | undefined;
  let lease: Lease | undefined;
  let human: StepRecord['human'];
  let proposed: StepRecord['proposed'] = HOLD;
  let verdict: Verdict | undefined;
  let act: ActResult | undefined;
  let record: StepRecord | undefined;

  /** The frame that the verdict rests on, and how old it was when the verdict was there: at once the body is told. */
  const judgedBy = (judgedMs: number) => {
    const judgedStampMs = lease?.judgedStampMs ?? evidenceOf(observation!);
    return { judgedStampMs, judgedAgeMs: judgedMs - judgedStampMs };
  };
  const build = (cut: string | undefined): StepRecord => {
    const endMs = nowMs();
    const seenMs = doneMs.observe ?? endMs;
    const thoughtMs = doneMs.think ?? endMs;
    const judgedMs = doneMs.check ?? endMs;
    const isOver = cut === undefined || (act !== undefined && act.status !== 'stopped');
    const result = isOver ? act : { reason: cut, ...act, status: 'stopped' as const };
    return {
      index,
      stampMs: startMs,
      ...(observation && { observation }),
      ...(chunk && { chunkId: chunk.id }),
      ...(chunk?.thought !== undefined && { thought: chunk.thought }),
      ...(chunk?.traces && { traces: chunk.traces }),
      ...(chunk?.rawText !== undefined && { rawText: chunk.rawText }),
      ...(chunk?.usage && { usage: chunk.usage }),
      proposed,
      verdict: verdict ?? refuse('halt', proposed, 'stop', cut ?? 'the step was cut'),
      ...(verdict && observation && judgedBy(judgedMs)),
      ...(lease && { lease }),
      ...(human && { human }),
      ...(result && { act: result }),
      timings: {
        observeMs: seenMs - startMs,
        thinkMs: thoughtMs - seenMs,
        checkMs: judgedMs - thoughtMs,
        actMs: endMs - judgedMs,
        totalMs: endMs - startMs,
      },
      dropped,
    };
  };
  return {
    index,
    get observation() {
      if (!observation) throw new Error('nothing was seen yet');
      return observation;
    },
    get chunk() {
      return chunk;
    },
    get proposed() {
      return proposed;
    },
    get verdict() {
      return verdict ?? refuse('halt', proposed, 'loop', 'nobody judged it');
    },
    see: (seen) => {
      observation = seen;
      doneMs.observe = nowMs();
    },
    mark: (marked) => {
      observation = marked;
    },
    propose: (proposal) => {
      doneMs.think = nowMs();
      if ('chunk' in proposal) {
        ({ chunk, lease, human, action: proposed } = proposal);
        return;
      }
      human = proposal.human;
      doneMs.check = doneMs.think;
      verdict =
        'wait' in proposal
          ? { ...allow(HOLD, 'loop'), reasons: [proposal.wait] }
          : { kind: 'deny', action: HOLD, reasons: [proposal.failure], by: proposal.by ?? 'policy' };
    },
    judge: (judged) => {
      verdict = judged;
      doneMs.check = nowMs();
    },
    did: (result) => {
      act = result;
    },
    record: (cut) => {
      record ??= build(cut);
      return record;
    },
  };
}

/** What a policy is told of a step that is over. */
export function toFeedback({ index, observation, proposed, verdict, act }: StepRecord): StepFeedback {
  const targetText = observation && describeTarget(proposed, observation);
  const tcpPose = observation?.proprio?.tcpPose;
  return {
    index,
    proposed,
    ...(targetText !== undefined && { targetText }),
    ...(tcpPose && { tcpPose }),
    verdict: { kind: verdict.kind, reasons: verdict.reasons },
    ...(act?.executed && { executed: act.executed }),
    ...(act?.status === 'refused' && { refusal: act.reason ?? 'the body refused' }),
  };
}
