/**
 * What a person does to a run while it goes on: pause, resume, one step, another instruction, stop.
 * Knows nothing of steps: the loop asks `turn$` before each one.
 */
import { BehaviorSubject, type Observable, ReplaySubject, take } from 'rxjs';
import { filter, tap } from 'rxjs/operators';

export interface Controls {
  /** Emits once when the next step may begin; takes a single step's permission with it. */
  readonly turn$: Observable<unknown>;
  readonly isPaused$: Observable<boolean>;
  readonly instruction$: BehaviorSubject<string>;
  readonly stop$: Observable<string>;
  /** Takes effect when the step in flight is over. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Lets one step through while paused; pauses a run that is not. */
  readonly step: () => void;
  readonly stop: (reason: string) => void;
}

export function createControls(instruction: string): Controls {
  const isPaused$ = new BehaviorSubject(false);
  /** Steps that may begin: without end while running. */
  const permits$ = new BehaviorSubject(Number.POSITIVE_INFINITY);
  /** Kept for a run that has not begun yet: a stop is never lost. */
  const stop$ = new ReplaySubject<string>(1);
  const set = (isPaused: boolean, permits: number) => {
    if (isPaused$.value !== isPaused) isPaused$.next(isPaused);
    permits$.next(permits);
  };
  return {
    turn$: permits$.pipe(
      filter((permits) => permits > 0),
      take(1),
      tap((permits) => permits$.next(permits - 1)),
    ),
    isPaused$,
    instruction$: new BehaviorSubject(instruction),
    stop$,
    pause: () => set(true, 0),
    resume: () => set(false, Number.POSITIVE_INFINITY),
    step: () => set(true, isPaused$.value ? permits$.value + 1 : 1),
    stop: (reason) => stop$.next(reason),
  };
}
