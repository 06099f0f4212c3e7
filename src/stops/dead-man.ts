/** The dead-man: a person has to say again and again that they are there. Silence stops, and so does whatever ends the saying. */
import { filter, from, map, type ObservableInput, of, type SchedulerLike, timeout } from 'rxjs';
import { monotonicScheduler } from '../clock.ts';
import { PumiceError } from '../errors.ts';
import type { StopSource } from '../ports.ts';

export interface DeadManOptions {
  /** Each value renews it. */
  readonly renewals$: ObservableInput<unknown>;
  /** The longest silence, ms, from the moment that it is listened to. */
  readonly withinMs: number;
  readonly scheduler?: SchedulerLike;
}

export function deadMan({ renewals$, withinMs, scheduler = monotonicScheduler }: DeadManOptions): StopSource {
  if (!(withinMs > 0 && withinMs < Infinity))
    throw new PumiceError('config/invalid', `withinMs is ${withinMs}, expected a time above 0`, { who: 'dead-man' });
  const silence = () => of(`was not renewed within ${withinMs} ms`);
  return {
    name: 'dead-man',
    stop$: from(renewals$).pipe(
      map(() => undefined),
      timeout({ first: withinMs, each: withinMs, scheduler, with: silence }),
      filter((cause) => cause !== undefined),
    ),
  };
}
