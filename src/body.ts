/**
 * The body under its failsafe: what the loop may ask of an env, and how it is stopped. Knows nothing of plans and verdicts.
 */
import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  from,
  map,
  type Observable,
  of,
  type SchedulerLike,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import { createArrivals } from './arrivals.ts';
import type { Ask } from './ask.ts';
import { describeError, PumiceError } from './errors.ts';
import type { RunEvent } from './events.ts';
import { DISARMED, type FailsafeEvent, type FailsafeState, isLatched, isRunning, next } from './gate/failsafe.ts';
import type { Env, StopCategory, Task } from './ports.ts';
import { type Action, type ActResult, type Sensed, sensedSchema } from './types.ts';

/** Wait for a body that was cut to say what it did, ms. Chosen: input events go one by one, each is over sooner. */
const LAST_WORDS_MS = 500;
/** Wait for whoever stopped a body without the run to say so, ms. Chosen: five times what a driver's watcher looks in. */
const TOLD_MS = 100;

/** Coming to rest and staying there. */
export const HOLD: Action = { kind: 'hold' };

export interface Body {
  readonly isRunning: () => boolean;
  readonly isLatched: () => boolean;
  /** Resets, then arms and starts. */
  readonly start: (task: Task) => Observable<unknown>;
  readonly observe: Observable<Sensed>;
  /** Fails with `body/halted` when the body stopped without being told to. */
  readonly act: (action: Action) => Observable<ActResult>;
  readonly hold: Observable<ActResult>;
  /** What an act that was cut did until then, if the body says so soon; empty otherwise. */
  readonly lastWords: Observable<ActResult>;
  /** Begins a stop of category 1 in this turn of the event loop, and latches. */
  readonly latch: (cause: string) => void;
  /** Begins a stop of category 2: the body comes to rest and stays powered. */
  readonly protect: (cause: string) => void;
  /** An episode that ended by itself leaves the body disarmed; a latched stop stays. */
  readonly disarm: () => void;
}

export function createBody(env: Env, ask: Ask, tell: (event: RunEvent) => void, scheduler: SchedulerLike): Body {
  const who = `env ${env.name}`;
  const arrived = createArrivals(() => scheduler.now());
  let state: FailsafeState = DISARMED;
  const change = (event: FailsafeEvent) => {
    state = next(state, event);
  };
  /** What goes wrong in it must not keep the rest of a stop from happening. */
  const halt = (category: StopCategory, cause: string) => {
    try {
      env.halt(category, cause);
    } catch (error) {
      tell({ kind: 'warning', text: `${who} failed to halt: ${describeError(error)}` });
    }
  };
  /** The answer of the act in flight, for those that go on after they were left: a promise does, an Observable does not. */
  let answering: Promise<ActResult> | undefined;
  const act = (action: Action) =>
    ask('act', who, (context) => {
      const answer = env.act(action, context);
      answering = answer instanceof Promise ? answer : undefined;
      return answer;
    }).pipe(
      tap(() => {
        answering = undefined;
      }),
      concatMap((result) => (result.status === 'stopped' ? halted(result) : of(result))),
    );
  /** Whoever wrote its stop word tells the run of it next: only a stop that nobody tells of is the body's own. */
  const halted = ({ reason }: ActResult) =>
    timer(TOLD_MS, scheduler).pipe(
      map((): ActResult => {
        throw new PumiceError('body/halted', `stopped by itself: ${reason ?? 'no reason'}`, { who });
      }),
    );
  return {
    isRunning: () => isRunning(state),
    isLatched: () => isLatched(state),
    start: (task) =>
      ask('reset', who, (context) => env.reset(task, context)).pipe(
        map(() => {
          change({ kind: 'arm' });
          change({ kind: 'start' });
        }),
      ),
    observe: ask('observe', who, (context) => env.observe(context)).pipe(
      map((sensed) => arrived(readSensed(sensed, who))),
    ),
    act,
    hold: defer(() => act(HOLD)),
    lastWords: defer(() => {
      if (!answering) return EMPTY;
      return from(answering).pipe(
        takeUntil(timer(LAST_WORDS_MS, scheduler)),
        map(({ executed }): ActResult => ({ status: 'stopped', ...(executed && { executed }) })),
        catchError(() => EMPTY),
      );
    }),
    latch: (cause) => {
      change({ kind: 'e-stop', cause, category: 1 });
      halt(1, cause);
      tell({ kind: 'stop-latched', cause });
    },
    protect: (cause) => {
      change({ kind: 'protective-stop', cause, category: 2 });
      halt(2, cause);
      tell({ kind: 'protective-stop', cause });
    },
    disarm: () => change({ kind: 'finish' }),
  };
}

/** @throws PumiceError `body/not-ready` naming what an observation lacks. */
function readSensed(sensed: unknown, who: string): Sensed {
  const parsed = sensedSchema.safeParse(sensed);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new PumiceError('body/not-ready', `gave no observation: ${problems.join('; ')}`, { who });
}
