/** What a run hands out of its events: steps to iterate over, and the result to wait for. */
import { ReadableStream } from 'node:stream/web';
import type { Observable } from 'rxjs';
import { describeError } from './errors.ts';
import type { RunEvent } from './events.ts';
import type { EpisodeEnd, StepRecord } from './types.ts';

/** Steps kept for a reader that lags. Chosen: a long episode; what comes on top is lost to that reader alone, the record has it. */
const LAG_STEPS = 256;

/** The announced steps; reading does not hold up the run. */
export function stepsOf(events$: Observable<RunEvent>): ReadableStream<StepRecord> {
  let leave = () => {};
  return new ReadableStream<StepRecord>(
    {
      start: (controller) => {
        const reading = events$.subscribe({
          next: (event) => {
            if (event.kind === 'step-end' && (controller.desiredSize ?? 0) > 0) controller.enqueue(event.record);
          },
          complete: () => controller.close(),
          error: (cause) => controller.error(cause),
        });
        leave = () => reading.unsubscribe();
      },
      cancel: () => leave(),
    },
    { highWaterMark: LAG_STEPS },
  );
}

/** How the episode ended; a defect of the runtime itself is a `fault` too. */
export function endOf(events$: Observable<RunEvent>): Promise<EpisodeEnd> {
  return new Promise((resolve) => {
    let end: EpisodeEnd = { outcome: 'fault', reason: 'the run ended without saying how' };
    events$.subscribe({
      next: (event) => {
        if (event.kind === 'episode-end') end = event.end;
      },
      complete: () => resolve(end),
      error: (cause) => resolve({ outcome: 'fault', reason: describeError(cause) }),
    });
  });
}
