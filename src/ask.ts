/**
 * The one way in which the loop asks a port: once, within the deadline of its kind, with its reports told as events.
 */
import type { Observable, SchedulerLike } from 'rxjs';
import type { RunEvent } from './events.ts';
import { once } from './once.ts';
import type { Answer, Context } from './ports.ts';

/** How long each kind of call may take, ms. */
export type Deadlines = Readonly<
  Record<'reset' | 'observe' | 'mark' | 'think' | 'critic' | 'approver' | 'act' | 'oracle' | 'write', number>
>;

/** Chosen: far above what a healthy port needs, so that only a hung one meets them; a person gets five minutes. */
export const DEADLINES_MS: Deadlines = {
  reset: 60_000,
  observe: 60_000,
  mark: 10_000,
  think: 120_000,
  critic: 60_000,
  approver: 300_000,
  act: 60_000,
  oracle: 10_000,
  write: 30_000,
};

export type Ask = <T>(kind: keyof Deadlines, who: string, call: (context: Context) => Answer<T>) => Observable<T>;

export const createAsk =
  (deadlinesMs: Deadlines, scheduler: SchedulerLike, tell: (event: RunEvent) => void): Ask =>
  (kind, who, call) =>
    once({ who, limitMs: deadlinesMs[kind], scheduler, report: (said) => tell({ ...said, who }) }, call);
