/**
 * Asks a port for exactly one answer. Knows nothing of what is asked.
 * Throwing, rejecting, staying silent, completing empty and being late all come out as one error; leaving early aborts the port.
 */
import {
  catchError,
  defer,
  finalize,
  from,
  type Observable,
  type SchedulerLike,
  take,
  throwError,
  throwIfEmpty,
  timeout,
} from 'rxjs';
import { PumiceError } from './errors.ts';
import type { Answer, Context, Report } from './ports.ts';

/** The reason of every abort. One for all: making an error costs more than the rest of a call. */
const LEFT = new PumiceError('port/aborted', 'the call is over');

export interface OnceOptions {
  /** Who is asked, for the error. */
  readonly who: string;
  /** How long it may take, ms. */
  readonly limitMs: number;
  readonly scheduler: SchedulerLike;
  readonly report: (report: Report) => void;
}

export const once = <T>(
  { who, limitMs, scheduler, report }: OnceOptions,
  ask: (context: Context) => Answer<T>,
): Observable<T> =>
  defer(() => {
    const abort = new AbortController();
    const isOpen = () => !abort.signal.aborted;
    const context: Context = {
      signal: abort.signal,
      nowMs: () => scheduler.now(),
      // What a port says after it was left is nobody's business.
      report: (said) => isOpen() && report(said),
    };
    return defer(() => from(ask(context))).pipe(
      take(1),
      throwIfEmpty(() => new PumiceError('port/silent', 'completed without an answer', { who })),
      timeout({
        first: limitMs,
        scheduler,
        with: () =>
          throwError(() => new PumiceError('port/late', `no answer within ${limitMs} ms`, { who, retryable: true })),
      }),
      catchError((cause) =>
        throwError(() => cause ?? new PumiceError('port/silent', 'failed without saying why', { who })),
      ),
      finalize(() => abort.abort(LEFT)),
    );
  });
