/**
 * A body's driver as a stop source: whoever wrote the stop word, and whatever the driver stopped by itself for, ends the run as well.
 * The body is stopped by then: this is only how a run gets to know of it.
 */
import { exhaustMap, filter, from, interval, map, merge, take, takeWhile } from 'rxjs';
import { monotonicScheduler } from '../clock.ts';
import type { StopSource } from '../ports.ts';
import type { BodyDriver } from '../robot/driver.ts';

/** How often it is looked at, ms. Chosen: a period at 50 Hz. */
const LOOK_MS = 20;

/** Causes that say nothing of a fault: then somebody else wrote the word. */
const OF_WORD: ReadonlySet<string> = new Set(['none', 'expired', 'stopped']);

type Watched = Pick<BodyDriver, 'status' | 'ended'>;

/** @param driverNow - the driver, as soon as there is one; nothing while it is stopped and cleared by a reset. */
export function stopsOf(driverNow: () => Watched | undefined): StopSource {
  const driver$ = interval(LOOK_MS, monotonicScheduler).pipe(
    map(driverNow),
    filter((driver) => driver !== undefined),
  );
  const stopped$ = driver$.pipe(
    map((driver) => driver.status()),
    filter(({ category }) => category !== undefined),
    map(({ category, reason, cause }) => ({
      said: `${reason ?? (OF_WORD.has(cause) ? 'its stop word was written' : cause)}, category ${category}`,
    })),
  );
  const ended$ = driver$.pipe(
    take(1),
    exhaustMap((driver) => from(driver.ended)),
    map((fault) => ({ said: fault })),
  );
  return {
    name: 'driver',
    stop$: merge(stopped$, ended$).pipe(
      takeWhile(({ said }) => said !== undefined),
      map(({ said }) => said!),
    ),
  };
}
