/**
 * Hands records to the sinks. A required sink that fails ends the run; any other is told of once and left out from then on.
 */
import {
  AsyncSubject,
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  merge,
  type Observable,
  of,
  throwError,
} from 'rxjs';
import type { Ask } from './ask.ts';
import { describeError, PumiceError } from './errors.ts';
import type { RunEvent } from './events.ts';
import type { Answer, EpisodeFacts, Sink } from './ports.ts';
import type { EpisodeEnd, StepRecord } from './types.ts';

export interface Sinks {
  /** Fails with `record/write-failed` when a required sink does not open. */
  readonly open: (facts: EpisodeFacts) => Observable<never>;
  /**
   * Completes when every sink has the record; fails with `record/write-failed` when a required one did not take it. Begins at once and
   * goes on when it is left, so that no record is half written; asked again for the same record, it does not write again.
   */
  readonly write: (record: StepRecord) => Observable<never>;
  /** The end as it really is: a `fault` when a required sink did not take a record or did not close. */
  readonly close: (end: EpisodeEnd) => Observable<EpisodeEnd>;
}

export function createSinks(sinks: readonly Sink[], ask: Ask, tell: (event: RunEvent) => void): Sinks {
  const failed = new Set<Sink>();
  /** What a required sink failed with: the record is not whole. */
  let broken: unknown;
  let latest: { readonly record: StepRecord; readonly written: AsyncSubject<never> } | undefined;

  const onFailure = (sink: Sink, cause: unknown): Observable<never> => {
    failed.add(sink);
    const reason = describeError(cause);
    if (!sink.required) {
      tell({ kind: 'sink-failed', sink: sink.name, reason });
      return EMPTY;
    }
    const hint = 'Free disk space or choose another folder; what was recorded so far stays readable';
    broken = PumiceError.is(cause, 'record/write-failed')
      ? cause
      : new PumiceError('record/write-failed', reason, { who: `sink ${sink.name}`, hint, cause });
    return throwError(() => broken);
  };
  const each = (work: (sink: Sink) => Answer<unknown> | undefined): Observable<never> => {
    const working = sinks.filter((sink) => !failed.has(sink));
    const one = (sink: Sink) => ask('write', `sink ${sink.name}`, () => work(sink) ?? of(null));
    return merge(
      ...working.map((sink) =>
        one(sink).pipe(
          ignoreElements(),
          catchError((cause) => onFailure(sink, cause)),
        ),
      ),
    );
  };
  return {
    open: (facts) => defer(() => each((sink) => sink.open?.(facts))),
    write: (record) => {
      if (latest?.record !== record) {
        latest = { record, written: new AsyncSubject() };
        each((sink) => sink.write(record)).subscribe(latest.written);
      }
      return latest.written;
    },
    close: (end) =>
      concat(
        defer(() => each((sink) => sink.close(end))),
        // A sink that failed before is not asked to close; whatever ended the run, its record lacks something.
        defer(() => (broken && end.outcome !== 'fault' ? throwError(() => broken) : of(end))),
      ).pipe(catchError((cause) => of<EpisodeEnd>({ outcome: 'fault', reason: describeError(cause) }))),
  };
}
