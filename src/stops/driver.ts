/**
 * A body's driver as a stop source: whoever wrote the stop word, and whatever the driver stopped by itself for, ends the run as well.
 * The body is stopped by then: this is only how a run gets to know of it.
 */
import { filter, from, interval, map, merge, takeWhile } from 'rxjs';
import { monotonicScheduler } from '../clock.ts';
import type { StopSource } from '../ports.ts';
import type { BodyDriver } from '../robot/driver.ts';

/** How often it is looked at, ms. Chosen: a period at 50 Hz. */
const LOOK_MS = 20;

export const stopsOf = (driver: Pick<BodyDriver, 'status' | 'ended'>): StopSource => ({
  name: 'driver',
  stop$: merge(
    interval(LOOK_MS, monotonicScheduler).pipe(
      map(() => driver.status()),
      filter(({ category }) => category !== undefined),
      map(({ category, reason, cause }) => ({
        said: `${reason ?? (cause === 'none' || cause === 'expired' ? 'stopped' : cause)}, category ${category}`,
      })),
    ),
    from(driver.ended).pipe(map((fault) => ({ said: fault }))),
  ).pipe(
    takeWhile(({ said }) => said !== undefined),
    map(({ said }) => said!),
  ),
});
