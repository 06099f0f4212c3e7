/**
 * When the next step begins. Knows nothing of what a step does.
 * `demand`: the next one follows when this one is over.
 * `rate`: at absolute deadlines, so that nothing adds up; a deadline that finds a step in flight is skipped and counted, never made up for.
 */
import {
  BehaviorSubject,
  concatMap,
  defer,
  filter,
  finalize,
  type Observable,
  of,
  race,
  repeat,
  type SchedulerLike,
  take,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { PumiceError } from './errors.ts';

/** `step` is told how many ticks were skipped before it. */
export type Pace = <T>(step: (dropped: number) => Observable<T>) => Observable<T>;

export const demand: Pace = (step) => defer(() => step(0)).pipe(repeat());

export const rate =
  (periodMs: number, scheduler: SchedulerLike): Pace =>
  (step) =>
    defer(() => {
      const startMs = scheduler.now();
      let seenMs = startMs;
      let tick = 0;
      let dropped = 0;
      const wait = () => {
        const nowMs = scheduler.now();
        if (nowMs < seenMs) return throwError(() => steppedBack(seenMs - nowMs));
        seenMs = nowMs;
        const next = Math.max(tick + 1, Math.ceil((nowMs - startMs) / periodMs));
        dropped = next - tick - 1;
        tick = next;
        return timer(startMs + next * periodMs - nowMs, scheduler);
      };
      return defer(() => step(dropped)).pipe(repeat({ delay: wait }));
    });

/**
 * As `rate`, and a step more whenever it is asked for between two deadlines: at once, but no sooner than `leastMs` after the last one
 * that was asked for began. What is asked for while a step is in flight follows it, once.
 */
export const prompted =
  (periodMs: number, leastMs: number, prompt$: Observable<unknown>, scheduler: SchedulerLike): Pace =>
  (step) =>
    defer(() => {
      const startMs = scheduler.now();
      const asked$ = new BehaviorSubject(false);
      const listening = prompt$.subscribe(() => asked$.next(true));
      let [seenMs, tick, dropped] = [startMs, 0, 0];
      let askedMs = Number.NEGATIVE_INFINITY;
      const begin = () => {
        asked$.next(false);
        return step(dropped);
      };
      const wait = () => {
        const nowMs = scheduler.now();
        if (nowMs < seenMs) return throwError(() => steppedBack(seenMs - nowMs));
        seenMs = nowMs;
        const next = Math.max(tick + 1, Math.ceil((nowMs - startMs) / periodMs));
        const isDue$ = timer(startMs + next * periodMs - nowMs, scheduler).pipe(
          tap(() => {
            dropped = next - tick - 1;
            tick = next;
          }),
        );
        const soonMs = () => askedMs + leastMs - scheduler.now();
        const isAsked$ = asked$.pipe(
          filter((isAsked) => isAsked),
          take(1),
          concatMap(() => (soonMs() > 0 ? timer(soonMs(), scheduler) : of(0))),
          tap(() => {
            dropped = 0;
            askedMs = scheduler.now();
          }),
        );
        return race(isAsked$, isDue$);
      };
      return defer(begin).pipe(
        repeat({ delay: wait }),
        finalize(() => listening.unsubscribe()),
      );
    });

const steppedBack = (byMs: number) =>
  new PumiceError('clock/stepped', `the clock went back by ${byMs} ms: no deadline and no age can be told by it`, {
    who: 'pace',
    hint: 'Give the run a monotonic scheduler, or none',
  });
