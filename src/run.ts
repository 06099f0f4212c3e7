/**
 * Runs one episode and hands out what a caller needs of it: its steps, its events, its result, and the controls.
 */
import { finalize, type Observable, Subject } from 'rxjs';
import { assemble, type RunOptions, requireInstruction } from './assemble.ts';
import { describeError, PumiceError } from './errors.ts';
import type { RunEvent } from './events.ts';
import type { Env } from './ports.ts';
import { endOf, stepsOf } from './streams.ts';
import type { EpisodeEnd, StepRecord } from './types.ts';

export interface EpisodeResult extends EpisodeEnd {
  readonly episodeId: string;
  readonly steps: number;
  readonly recordPath?: string;
  /** Files that the episode left behind. */
  readonly artifacts: readonly string[];
}

/** A running episode. Iterating gives its steps as they are announced; leaving the iteration does not stop it. */
export interface Run extends AsyncIterable<StepRecord>, AsyncDisposable {
  readonly episodeId: string;
  /** From the first event on, for whoever subscribes in the turn in which `run` was called; ends after `episode-end`. */
  readonly events$: Observable<RunEvent>;
  /** Never rejects: what goes wrong is an outcome. */
  readonly result: Promise<EpisodeResult>;
  /** Begins the body's stop at once, and latches. */
  readonly stop: (reason: string) => void;
  readonly pause: () => void;
  readonly resume: () => void;
  /** One step, then pause. */
  readonly step: () => void;
  /** Voids the plan and what is being thought. */
  readonly setInstruction: (instruction: string) => void;
}

/** Bodies that are in use: a body has one writer. */
const inUse = new WeakSet<Env>();

/**
 * Begins an episode, in the next turn of the event loop.
 *
 * @throws PumiceError `config/misfit`, `config/invalid` for parts that do not fit each other.
 */
export function run(options: RunOptions): Run {
  const { env, record } = options;
  const events$ = new Subject<RunEvent>();
  if (inUse.has(env))
    throw new PumiceError('config/misfit', `env ${env.name} is in use by another run`, {
      who: 'run',
      hint: 'Wait for its result, or make another env',
    });
  const { facts, controls, tally, episode } = assemble(options, (event) => events$.next(event));
  inUse.add(env);

  const steps = stepsOf(events$);
  const result = endOf(events$).then((end): EpisodeResult => {
    const ended = {
      ...end,
      episodeId: facts.episodeId,
      steps: tally.steps,
      ...(record !== undefined && { recordPath: record }),
    };
    try {
      return { ...ended, artifacts: env.artifacts?.() ?? [] };
    } catch (cause) {
      return { ...ended, outcome: 'fault', reason: `env ${env.name}: ${describeError(cause)}`, artifacts: [] };
    }
  });
  queueMicrotask(() =>
    episode.pipe(finalize(() => inUse.delete(env))).subscribe({
      complete: () => events$.complete(),
      // A defect of the loop itself: nothing may go on moving.
      error: (cause) => {
        try {
          env.halt(1, describeError(cause));
        } finally {
          events$.error(cause);
        }
      },
    }),
  );
  return {
    episodeId: facts.episodeId,
    events$: events$.asObservable(),
    result,
    stop: controls.stop,
    pause: controls.pause,
    resume: controls.resume,
    step: controls.step,
    setInstruction: (changed) => {
      requireInstruction(changed);
      controls.instruction$.next(changed);
    },
    [Symbol.asyncIterator]: () => steps[Symbol.asyncIterator](),
    [Symbol.asyncDispose]: async () => {
      controls.stop('the run was left');
      await result;
    },
  };
}
