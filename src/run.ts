/**
 * Runs one episode and hands out what a caller needs of it: its steps, its events, its result, and the controls.
 * Puts the loop together; knows no env, policy or sink by name (but for `record`, a path, which is written as MCAP).
 */
import { randomUUID } from 'node:crypto';
import {
  defer,
  EMPTY,
  filter,
  finalize,
  map,
  merge,
  type Observable,
  type SchedulerLike,
  Subject,
  skip,
  tap,
  timer,
} from 'rxjs';
import { createAsk, DEADLINES_MS, type Deadlines } from './ask.ts';
import { createBody } from './body.ts';
import * as check from './check.ts';
import { monotonicScheduler, wallMs } from './clock.ts';
import { createControls } from './controls.ts';
import { describeError, PumiceError } from './errors.ts';
import type { RunEvent } from './events.ts';
import { requireFit, requireStrategies, type Strategies } from './fit.ts';
import type { Rule } from './gate/rule.ts';
import { defaultRules } from './gate/rules/index.ts';
import { runLoop } from './loop.ts';
import { demand } from './pace.ts';
import { createPlan } from './plan.ts';
import type { Approver, Critic, Env, EpisodeFacts, Marker, Oracle, Policy, Sink, StopSource } from './ports.ts';
import { createSinks } from './sinks.ts';
import { causesOf } from './stops.ts';
import { endOf, stepsOf } from './streams.ts';
import { type Budget, createTally } from './tally.ts';
import * as think from './think.ts';
import type { EpisodeEnd, StepRecord } from './types.ts';

export interface RunOptions extends Strategies {
  readonly env: Env;
  readonly policy: Policy;
  readonly instruction: string;
  readonly seed?: number;
  readonly marker?: Marker;
  readonly critics?: readonly Critic[];
  /** Who is asked when a rule or critic says `ask`. None means no. */
  readonly approver?: Approver;
  /** Rules besides the default ones, which always hold. */
  readonly rules?: readonly Rule[];
  /** Path of an MCAP file to be made. */
  readonly record?: string;
  readonly sinks?: readonly Sink[];
  readonly stops?: readonly StopSource[];
  readonly budget?: Partial<Budget>;
  readonly deadlinesMs?: Partial<Deadlines>;
  /** For evaluation: says when the world counts the episode as ended. */
  readonly oracle?: Oracle;
  /** Whether a person is there to take over at a `hand-over`. */
  readonly isAttended?: boolean;
  /** Further facts for the record: versions, options. */
  readonly facts?: Readonly<Record<string, string>>;
  /** Time. For tests. */
  readonly scheduler?: SchedulerLike;
}

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

/** Steps of an episode that is not stopped by its policy. Chosen: three times a long web task. */
const MAX_STEPS = 100;
/** Bodies that are in use: a body has one writer. */
const inUse = new WeakSet<Env>();

/**
 * Begins an episode, in the next turn of the event loop.
 *
 * @throws PumiceError `config/misfit`, `config/invalid` for parts that do not fit each other.
 */
export function run(options: RunOptions): Run {
  const { env, policy, instruction, seed, scheduler = monotonicScheduler } = options;
  requireStrategies({ pace: options.pace, think: options.think, check: options.check });
  requireFit(env, policy);
  requireInstruction(instruction);
  if (inUse.has(env))
    throw new PumiceError('config/misfit', `env ${env.name} is in use by another run`, {
      who: 'run',
      hint: 'Wait for its result, or make another env',
    });
  inUse.add(env);

  const episodeId = randomUUID();
  const budget: Budget = { maxSteps: MAX_STEPS, ...options.budget };
  const events$ = new Subject<RunEvent>();
  const tell = (event: RunEvent) => events$.next(event);
  const ask = createAsk({ ...DEADLINES_MS, ...options.deadlinesMs }, scheduler, tell);
  const controls = createControls(instruction);
  const plan = createPlan();
  const tally = createTally(budget);
  const { marker, approver, critics = [], stops = [] } = options;
  const sinks = [...(options.record === undefined ? [] : [recordTo(options.record)]), ...(options.sinks ?? [])];
  const facts: EpisodeFacts = {
    episodeId,
    startedWallMs: wallMs(scheduler.now()),
    instruction,
    ...(seed !== undefined && { seed }),
    env: env.name,
    policy: policy.name,
    critics: critics.map(({ name }) => name),
    limits: env.limits,
    facts: { ...env.facts, ...options.facts },
  };
  const judges = {
    rules: [...defaultRules, ...(options.rules ?? [])],
    critics,
    approver,
    actionKinds: env.actionKinds,
  };
  const { oracle } = options;
  const episode = runLoop({
    task: { instruction, ...(seed !== undefined && { seed }) },
    facts,
    limits: env.limits,
    body: createBody(env, ask, tell),
    policy,
    pace: demand,
    think: think.inline({ marker, policy, plan, ask }),
    check: check.inline(judges, ask, (verdict) => tell({ kind: 'approval-asked', verdict })),
    plan,
    sinks: createSinks(sinks, ask, tell),
    tally,
    controls,
    interrupt$: merge(
      merge(controls.stop$, causesOf(stops)).pipe(map((cause) => ({ outcome: 'stopped' as const, cause }))),
      budget.timeoutMs === undefined
        ? EMPTY
        : timer(budget.timeoutMs, scheduler).pipe(
            map(() => ({ outcome: 'truncated' as const, cause: `${budget.timeoutMs} ms are over (--timeout)` })),
          ),
    ),
    verdictOfWorld$: defer(() => (oracle ? ask('oracle', 'oracle', (context) => oracle.judge(context)) : EMPTY)).pipe(
      filter((end) => end !== undefined),
    ),
    isAttended: options.isAttended ?? false,
    nowMs: () => scheduler.now(),
    tell,
  });

  const steps = stepsOf(events$);
  const result = endOf(events$).then((end) => ({
    ...end,
    episodeId,
    steps: tally.steps,
    ...(options.record !== undefined && { recordPath: options.record }),
    artifacts: env.artifacts?.() ?? [],
  }));
  const begin = () => {
    tell({ kind: 'episode-start', facts });
    for (const [what, limit] of Object.entries(env.limits))
      if (limit === 'unlimited') tell({ kind: 'warning', text: `env ${env.name} runs without ${what} limits` });
    const watching = merge(
      controls.instruction$.pipe(
        skip(1),
        tap((changed) => {
          plan.void();
          tell({ kind: 'instruction-changed', instruction: changed });
        }),
      ),
      controls.isPaused$.pipe(
        skip(1),
        tap((isPaused) => tell({ kind: isPaused ? 'paused' : 'resumed' })),
      ),
    ).subscribe();
    const over = () => {
      watching.unsubscribe();
      inUse.delete(env);
    };
    episode.pipe(finalize(over)).subscribe({
      complete: () => events$.complete(),
      // A defect of the loop itself: nobody may move on.
      error: (cause) => {
        env.halt(1, describeError(cause));
        events$.error(cause);
      },
    });
  };
  queueMicrotask(begin);

  const stop = (reason: string) => controls.stop(reason);
  return {
    episodeId,
    events$,
    result,
    stop,
    pause: controls.pause,
    resume: controls.resume,
    step: controls.step,
    setInstruction: (changed) => {
      requireInstruction(changed);
      controls.instruction$.next(changed);
    },
    [Symbol.asyncIterator]: () => steps[Symbol.asyncIterator](),
    [Symbol.asyncDispose]: async () => {
      stop('the run was left');
      await result;
    },
  };
}

function requireInstruction(instruction: string): void {
  if (instruction.trim() !== '') return;
  throw new PumiceError('config/invalid', 'the instruction is empty', { who: 'run', hint: 'Say what is to be done' });
}

/** The recorder is loaded when it is needed: importing pumice opens no file format. */
function recordTo(path: string): Sink {
  let sink: Sink | undefined;
  return {
    name: 'recorder',
    required: true,
    open: async (facts) => {
      const { recorder } = await import('./record/index.ts');
      sink = recorder(path);
      await sink.open?.(facts);
    },
    write: async (record) => sink?.write(record),
    close: async (end) => sink?.close(end),
  };
}
