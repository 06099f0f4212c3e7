/**
 * Time that passes only when nothing is left to do now, for parts that answer with Promises, which a TestScheduler cannot wait for. What
 * takes real time, such as a network in a thread of its own, takes none here: hand its promise to `now`.
 */
import { type SchedulerLike, VirtualTimeScheduler } from 'rxjs';

export interface VirtualTime {
  readonly scheduler: SchedulerLike;
  /** Time stands still until this is settled. */
  readonly now: <T>(promise: PromiseLike<T>) => Promise<T>;
  /** Lets time pass until this is so. Throws when nothing would ever happen again. */
  readonly play: (isOver: () => boolean) => Promise<void>;
}

export function createVirtualTime(): VirtualTime {
  const scheduler = new VirtualTimeScheduler(undefined, 0);
  const pending = new Set<Promise<unknown>>();
  const breath = () => new Promise((done) => setImmediate(done));
  /** Until all that can be done now is done. */
  const quiet = async () => {
    do {
      await Promise.allSettled(pending);
      await breath();
    } while (pending.size > 0);
  };
  return {
    scheduler,
    now: (promise) => {
      const whole = Promise.resolve(promise);
      const settled = whole.catch(() => {}).finally(() => pending.delete(settled));
      pending.add(settled);
      return whole;
    },
    play: async (isOver) => {
      for (;;) {
        await quiet();
        if (isOver()) return;
        const next = scheduler.actions[0];
        if (!next) throw new Error(`nothing would happen any more after ${scheduler.now()} ms`);
        scheduler.maxFrames = next.delay;
        scheduler.flush();
      }
    },
  };
}
