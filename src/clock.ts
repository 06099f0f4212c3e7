/**
 * Time. Everything inside the runtime is monotonic milliseconds since the process began; `wallMs` is for people and files only.
 * The only file that may touch the global clocks and timers (enforced by biome).
 */
import { asyncScheduler, type SchedulerLike } from 'rxjs';

/** The wall time at monotonic zero, ms since 1970: taken once, so that a stepping wall clock cannot move stamps. */
const WALL_ANCHOR_MS = performance.timeOrigin;

/** Monotonic time, ms: one clock for all threads of the process, so that stamps of one thread mean the same in another. */
export const monotonicNowMs = (): number => performance.now();

/** Wall time of a monotonic stamp, ms since 1970. */
export const wallMs = (stampMs: number): number => WALL_ANCHOR_MS + stampMs;

/**
 * RxJS's timer scheduler with a monotonic `now`: `asyncScheduler.now` is `Date.now`, which steps with the wall clock.
 * It keeps a work list of its own, so it never flushes another scheduler's actions.
 */
export const monotonicScheduler: SchedulerLike = Object.create(asyncScheduler, {
  actions: { value: [], writable: true },
  _active: { value: false, writable: true },
  now: { value: monotonicNowMs },
});

/** Resolves after `durationMs`, or rejects with the signal's reason as soon as it is aborted. Leaves no timer behind. */
export function sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, durationMs);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Milliseconds from now until a written date such as `Wed, 21 Oct 2026 07:28:00 GMT`; NaN when it is none. */
export const msUntil = (written: string): number => Date.parse(written) - wallMs(monotonicNowMs());

/**
 * Calls once after `durationMs`. For what happens at every step: signals and promises cost more than the timer.
 *
 * @returns what keeps it from being called.
 */
export function later(durationMs: number, call: () => void): () => void {
  const timer = setTimeout(call, durationMs);
  return () => clearTimeout(timer);
}

/** A wall time as people read it: `2026-10-21 07:28:00.000`, UTC. */
export const wallText = (wall: number): string => new Date(wall).toISOString().replace('T', ' ').replace('Z', '');
