/**
 * The strategies of a run, made ready for its loop: the row of the table of DESIGN 3 that was asked for. Moves nothing.
 */

import type { SchedulerLike } from 'rxjs';
import { ahead } from './ahead.ts';
import { AHEAD_TIMES, type AheadTimes } from './ahead-parts.ts';
import { createApprovals } from './approvals.ts';
import type { Ask } from './ask.ts';
import type { Body } from './body.ts';
import * as check from './check.ts';
import { createDesk } from './decision.ts';
import type { RunEvent } from './events.ts';
import { review } from './gate/review.ts';
import type { Rule } from './gate/rule.ts';
import { createLeases, LEASE_TIMES, type LeaseTimes } from './lease.ts';
import { demand, rate } from './pace.ts';
import type { LoopParts } from './parts.ts';
import { createPlan } from './plan.ts';
import type { Approver, Critic, Env, Marker, Policy, Question } from './ports.ts';
import type { Leading } from './teleop/leading.ts';
import * as think from './think.ts';
import type { Action, ActionChunk, Observation } from './types.ts';

/** Times and ways of a plan that plays while the next one is thought. */
export interface RealTime extends AheadTimes, LeaseTimes, Leading {}

export interface StrategyParts {
  readonly env: Env;
  readonly policy: Policy;
  readonly marker: Marker | undefined;
  readonly critics: readonly Critic[];
  readonly approver: Approver | undefined;
  /** How long a person may take to answer, ms. */
  readonly answerMs: number;
  readonly rules: readonly Rule[];
  readonly body: Body;
  readonly ask: Ask;
  readonly tell: (event: RunEvent) => void;
  readonly scheduler: SchedulerLike;
}

export interface Chosen extends Pick<LoopParts, 'pace' | 'think' | 'check' | 'plan'> {
  /** A person pauses: no further step begins. */
  readonly onPaused: () => void;
}

/** Where a person is asked, and what their answers are worth. */
function deskOf({ approver, answerMs, ask, tell, scheduler }: StrategyParts) {
  const nowMs = () => scheduler.now();
  const approvals = createApprovals({ nowMs });
  const onAsk = (question: Question) => tell({ kind: 'approval-asked', question });
  const askPerson = createDesk({ approver, approvals, ask, answerMs, nowMs, onAsk });
  return { approvals, askPerson, approvedBy: approver?.name };
}

export function onDemand(parts: StrategyParts): Chosen {
  const { env, policy, marker, critics, rules, ask, tell, scheduler } = parts;
  const plan = createPlan();
  const desk = deskOf(parts);
  const judges = { rules, critics, ...desk, actionKinds: env.actionKinds, nowMs: () => scheduler.now() };
  const inline = think.inline({ marker, policy, plan, ask, approvals: desk.approvals });
  return {
    pace: demand,
    think: (seen, onMarked) =>
      inline(seen, (observation) => {
        onMarked(observation);
        tell({ kind: 'observed', observation });
      }),
    check: check.inline(judges, ask),
    plan,
    onPaused: () => {},
  };
}

/** A policy that thinks ahead, and what judges its plans. */
export function aheadOf(
  rateHz: number,
  parts: StrategyParts,
  asked: Partial<RealTime>,
  onHalt: (cause: string) => void,
) {
  const { env, policy, critics, rules, body, ask, tell, scheduler } = parts;
  const { limits, actionKinds, delta } = env;
  const periodMs = 1000 / rateHz;
  const nowMs = () => scheduler.now();
  const judges = { rules, critics, actionKinds, limits, ask, nowMs };
  const leases = createLeases({ ...judges, times: { ...LEASE_TIMES, ...asked } });
  // The body is told at once; should it fail in this, the next tick finds out.
  const holdNow = () => body.isRunning() && body.hold.subscribe({ error: () => {} });
  const onRevoked = (kind: 'deny' | 'halt', cause: string) => {
    if (kind === 'halt') onHalt(cause);
    else holdNow();
  };
  const fits = (action: Action, observation: Observation, { basedOnStampMs: plannedStampMs }: ActionChunk) => {
    const context = { observation, limits, nowMs: nowMs(), plannedStampMs, isRunning: true, modifiedInARow: 0 };
    return review(rules, action, context).kind === 'allow';
  };
  const inner = ahead({
    ...{ policy, ask, leases, periodMs, delta, nowMs, tell, fits, onRevoked, ...deskOf(parts) },
    frameId: typeof limits.motion === 'object' ? limits.motion.frameId : '',
    times: { ...AHEAD_TIMES, ...asked },
  });
  return { inner, leases, judges, fits, onRevoked, holdNow, periodMs, nowMs };
}

/** `onHalt`: a critic says halt, between two ticks. */
export function paced(
  rateHz: number,
  parts: StrategyParts,
  asked: Partial<RealTime>,
  onHalt: (cause: string) => void,
): Chosen {
  const { inner, leases, holdNow, periodMs } = aheadOf(rateHz, parts, asked, onHalt);
  const { think, plan } = inner;
  // A plan in motion waits for nobody.
  const onPaused = () => {
    plan.void();
    holdNow();
  };
  return { pace: rate(periodMs, parts.scheduler), think, check: leases.check, plan, onPaused };
}
