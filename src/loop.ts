/**
 * The control loop: observe, think, check, act, record. This file is the whole of it.
 *
 *   turn ──▶ observe ──▶ think ──▶ check ───────────▶ act ──▶ StepRecord ──▶ sinks ──▶ announced
 *            env         policy    rules, critics      env
 *   stop sources ────────────────▶ halt begins at once, from anywhere
 *
 * What it promises, each a test title in `test/loop.test.ts`:
 *  1. One step at a time: a tick that finds a step in flight is dropped and counted, never queued.
 *  2. No action reaches the body without a verdict of `allow` or `modify` for that very action.
 *  3. A policy or critic that throws, is late, empty or undecodable never causes motion: inline the step is `deny`;
 *     ahead the plan in hand plays out, slows and holds. Every deny voids the plan and the inference in flight; five
 *     failed inferences in a row, or starvation, are a protective stop.
 *  4. A stop aborts what is in flight and begins the body's stop in the same turn of the event loop. A stop source
 *     that ends or fails counts as a stop.
 *  5. An env fault ends the run. A run that ends by itself ends in hold and disarmed; a stop or a fault halts and
 *     latches. The step that was cut is recorded as `stopped`; every record is with its sinks before it is announced.
 */
import * as rx from 'rxjs';
import { createDraft, type Draft } from './draft.ts';
import { describeError } from './errors.ts';
import { join, passes } from './gate/verdict.ts';
import type { LoopParts } from './parts.ts';
import type { Outcome, StepRecord } from './types.ts';

/** Runs one episode; completes when it is over, the body at rest and every sink closed. Cold: nothing moves before. */
export const runLoop = (parts: LoopParts): rx.Observable<never> =>
  rx.defer(() => {
    const { body, policy, plan, sinks, tally, controls, tell, nowMs } = parts;
    const cut$ = new rx.ReplaySubject<string>(1);
    let draft: Draft | undefined;

    const cut = (outcome: Outcome, cause: string) => {
      plan.void();
      tally.finish(outcome, cause);
      cut$.next(cause);
    };
    const latch = (outcome: 'stopped' | 'fault', cause: string) => {
      body.latch(cause);
      cut(outcome, cause);
    };
    const onFault = (cause: unknown) => {
      if (!body.isLatched()) latch('fault', describeError(cause));
      return rx.EMPTY;
    };

    const observe = (step: Draft) =>
      body.observe.pipe(
        rx.map((sensed) => ({ ...sensed, seq: step.index, epoch: plan.epoch, history: tally.history })),
        rx.tap((seen) => step.see({ ...seen, instruction: controls.instruction$.value })),
      );
    const think = (step: Draft) =>
      parts.think(step.observation, step.mark).pipe(rx.tap(tally.inferred), rx.tap(step.propose));
    const check = ({ index, observation, chunk, proposed, judge }: Draft) => {
      if (!chunk) return rx.EMPTY;
      tell({ kind: 'action-proposed', index, action: proposed, ...(chunk.thought && { thought: chunk.thought }) });
      const { limits } = parts;
      const thought = {
        observation,
        limits,
        plannedStampMs: chunk.basedOnStampMs,
        modifiedInARow: plan.modifiedInARow,
      };
      return parts
        .check(proposed, () => ({ ...thought, nowMs: nowMs(), isRunning: body.isRunning() }), chunk)
        .pipe(
          rx.map((verdict) => (chunk.epoch === plan.epoch ? verdict : join(verdict, 'plan', 'deny', ['void by now']))),
          rx.tap(judge),
        );
    };
    const act = (step: Draft): rx.Observable<unknown> => {
      const { kind, action, reasons } = tally.judged(step.verdict);
      if (!passes(step.verdict)) return refrain(kind === 'halt', reasons.join('; '));
      plan.advance(kind === 'modify');
      if (action.kind === 'done') tally.finish(action.outcome, action.answer ?? 'the policy says so', action.answer);
      if (action.kind === 'hand-over') handOver(action.reason);
      if (action.kind === 'done' || action.kind === 'hand-over') return body.hold;
      const acted = body.act(action).pipe(rx.tap(step.did));
      const ended = parts.verdictOfWorld$.pipe(rx.tap((end) => tally.finish(end.outcome, end.reason, end.answer)));
      return rx.concat(acted.pipe(rx.tap(({ status }) => status === 'refused' && plan.void())), ended);
    };
    const refrain = (isHalt: boolean, cause: string) => {
      plan.void();
      if (isHalt) latch('stopped', cause);
      if (isHalt || !tally.gone) return isHalt ? rx.EMPTY : body.hold;
      body.protect(tally.gone);
      tally.finish('failure', tally.gone);
      return rx.EMPTY;
    };
    const handOver = (reason: string) => {
      tell({ kind: 'hand-over', reason });
      if (parts.isAttended) controls.pause();
      else tally.finish('failure', `handed over, and nobody is there: ${reason}`);
    };

    const file = (step: Draft, cause?: string): rx.Observable<StepRecord> => {
      const record = tally.counted(step.record(cause));
      const announce = () => {
        draft = undefined;
        tally.add(record);
        tell({ kind: 'step-end', record });
      };
      return rx.concat(sinks.write(record), rx.of(record)).pipe(rx.tap(announce));
    };
    const start = (dropped: number) => {
      draft = createDraft(tally.steps, dropped, nowMs);
      tell({ kind: 'step-start', index: draft.index });
      return draft;
    };
    const step = (dropped: number) =>
      controls.turn$.pipe(
        rx.map(() => start(dropped)),
        rx.concatMap((made) => {
          const phases = [observe, think, check, act].map((phase) => rx.defer(() => phase(made)));
          return rx.concat(
            rx.concat(...phases).pipe(rx.ignoreElements()),
            rx.defer(() => file(made)),
          );
        }),
      );

    const reset = rx.defer(() => {
      policy.reset(parts.task);
      return body.start(parts.task);
    });
    const steps = rx.defer(() => parts.pace(step)).pipe(rx.takeWhile(() => tally.end === undefined));
    const episode = rx.concat(sinks.open(parts.facts), reset, steps).pipe(rx.takeUntil(cut$), rx.catchError(onFault));
    const cutStep = rx.defer(() => {
      const step = draft;
      if (!step) return rx.EMPTY;
      const heard = body.lastWords.pipe(rx.tap(step.did), rx.ignoreElements());
      return rx.concat(
        heard,
        rx.defer(() => file(step, tally.end?.reason)),
      );
    });
    const rest = rx.defer(() => (body.isRunning() ? body.hold : rx.EMPTY));
    const close = rx.defer(() => {
      body.disarm();
      return sinks.close(tally.end!).pipe(rx.tap((end) => tell({ kind: 'episode-end', end })));
    });
    const watching = parts.interrupt$.subscribe(({ outcome, cause }) =>
      outcome === 'stopped' ? latch(outcome, cause) : cut(outcome, cause),
    );
    return rx.concat(episode, rx.concat(cutStep, rest).pipe(rx.catchError(onFault)), close).pipe(
      rx.ignoreElements(),
      rx.finalize(() => watching.unsubscribe()),
    );
  });
