/**
 * A body's driver as a stop source: whoever wrote the stop word, and whatever the driver stopped by itself for, ends the run as well.
 * The body is stopped by then: this is only how a run gets to know of it.
 */
import { delayWhen, exhaustMap, filter, from, interval, map, merge, of, take, takeWhile, timer } from 'rxjs';
import { monotonicScheduler } from '../clock.ts';
import type { StopSource } from '../ports.ts';
import type { BodyDriver } from '../robot/driver.ts';

/** How often it is looked at, ms. Chosen: a period at 50 Hz. */
const LOOK_MS = 20;

/** How long whoever wrote the stop word has to say why, ms. Chosen: less than a run waits before it calls a stop the body's own. */
const TOLD_MS = 60;

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
      isOfWord: reason === undefined && OF_WORD.has(cause),
      said: `${reason ?? (OF_WORD.has(cause) ? 'its stop word was written' : cause)}, category ${category}`,
    })),
    // Whoever wrote it knows why, and tells the run next: the body is stopped meanwhile.
    delayWhen(({ isOfWord }) => (isOfWord ? timer(TOLD_MS, monotonicScheduler) : of(0))),
    // A reset may have cleared it since.
    filter(({ isOfWord }) => !isOfWord || driverNow()?.status().category !== undefined),
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
