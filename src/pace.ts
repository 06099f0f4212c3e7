/**
 * When the next step begins. Knows nothing of what a step does.
 * `demand`: the next one follows when this one is over.
 * `rate`: at absolute deadlines, so that nothing adds up; a deadline that finds a step in flight is skipped and counted, never made up for.
 */
import { defer, type Observable, repeat, type SchedulerLike, throwError, timer } from 'rxjs';
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

const steppedBack = (byMs: number) =>
  new PumiceError('clock/stepped', `the clock went back by ${byMs} ms: no deadline and no age can be told by it`, {
    who: 'pace',
    hint: 'Give the run a monotonic scheduler, or none',
  });
