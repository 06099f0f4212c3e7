/**
 * Puts an episode together from what the caller hands in: checks that the parts fit, and gives the loop what it needs.
 * Moves nothing.
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
  ReplaySubject,
  type SchedulerLike,
  skip,
  tap,
  timer,
} from 'rxjs';
import { createAsk, DEADLINES_MS, type Deadlines } from './ask.ts';
import { createBody } from './body.ts';
import { monotonicScheduler, wallMs } from './clock.ts';
import { type Controls, createControls } from './controls.ts';
import { DRY_RUN_STEPS, dryRun } from './dry-run.ts';
import { PumiceError } from './errors.ts';
import type { RunEvent } from './events.ts';
import { requireFit, requirePaced, requireStrategies, type Strategies } from './fit.ts';
import type { Rule } from './gate/rule.ts';
import { defaultRules } from './gate/rules/index.ts';
import { runLoop } from './loop.ts';
import { piloted } from './piloted.ts';
import type { Approver, Critic, Env, EpisodeFacts, Marker, Oracle, Pilot, Policy, Sink, StopSource } from './ports.ts';
import { createSinks } from './sinks.ts';
import { causesOf } from './stops/causes.ts';
import { onDemand, paced, type RealTime } from './strategies.ts';
import { type Budget, createTally, type Tally } from './tally.ts';

export interface RunOptions extends Strategies {
  readonly env: Env;
  readonly policy: Policy;
  readonly instruction: string;
  readonly seed?: number;
  readonly marker?: Marker;
  readonly critics?: readonly Critic[];
  /** Who is asked when a rule or critic says `ask`. None means no. */
  readonly approver?: Approver;
  /** Who leads the body, at its rate, with the policy beside them. */
  readonly pilot?: Pilot;
  /** Rules besides the default ones, which always hold. */
  readonly rules?: readonly Rule[];
  /** Path of an MCAP file to be made. */
  readonly record?: string;
  readonly sinks?: readonly Sink[];
  readonly stops?: readonly StopSource[];
  readonly budget?: Partial<Budget>;
  /** All but the command to the body: it is reset and observed, and what is proposed is judged and recorded, never carried out. */
  readonly dryRun?: boolean;
  readonly deadlinesMs?: Partial<Deadlines>;
  /** Of a run with a rate: leases, grace, starvation. */
  readonly realTime?: Partial<RealTime>;
  /** For evaluation: says when the world counts the episode as ended. */
  readonly oracle?: Oracle;
  /** Whether a person is there to take over at a `hand-over`. */
  readonly isAttended?: boolean;
  /** Further facts for the record: versions, options. */
  readonly facts?: Readonly<Record<string, string>>;
  /** Time. For tests. */
  readonly scheduler?: SchedulerLike;
}

/** Steps of an episode that its policy does not end. Chosen: three times a long web task. */
const MAX_STEPS = 100;
/** The same for a body that is paced, s. Chosen: three times a long task of a table-top arm. */
const MAX_PACED_S = 120;

export interface Assembled {
  readonly facts: EpisodeFacts;
  readonly controls: Controls;
  readonly tally: Tally;
  /** Cold: the episode itself; the stop sources are listened to before. Errors only when the runtime has a defect. */
  readonly episode: Observable<never>;
}

/**
 * @throws PumiceError `config/misfit`, `config/invalid` for parts that do not fit each other.
 */
export function assemble(options: RunOptions, tell: (event: RunEvent) => void): Assembled {
  const { policy, instruction, seed, scheduler = monotonicScheduler } = options;
  const env = options.dryRun ? dryRun(options.env) : options.env;
  const { marker, approver, critics = [], stops = [], oracle, pilot } = options;
  const hasPilot = pilot !== undefined;
  const rateHz = requireStrategies({ pace: options.pace, think: options.think, check: options.check }, hasPilot);
  requireFit(env, policy);
  if (rateHz !== undefined) requirePaced(rateHz, { env, policy, critics, marker, hasPilot });
  requireInstruction(instruction);

  // Whoever leads a body says themselves when it is enough.
  const mostPaced = hasPilot ? Number.POSITIVE_INFINITY : MAX_PACED_S;
  const mostSteps = rateHz === undefined ? MAX_STEPS : Math.ceil(mostPaced * rateHz);
  const budget: Budget = {
    maxSteps: options.dryRun ? Math.ceil(DRY_RUN_STEPS * (rateHz ?? 1)) : mostSteps,
    // Nor is a critic's no the end of a run that somebody is there to lead elsewhere.
    ...(hasPilot && { maxVetoesInARow: Number.POSITIVE_INFINITY }),
    ...options.budget,
  };
  const deadlinesMs = { ...DEADLINES_MS, ...options.deadlinesMs };
  const ask = createAsk(deadlinesMs, scheduler, tell);
  const controls = createControls(instruction);
  const tally = createTally(budget, {
    critics: critics.map(({ name }) => name),
    isLed: rateHz !== undefined || env.isLockstep === true || env.limits.motion === undefined,
  });
  const sinks = [
    ...(options.record === undefined ? [] : [recordTo(options.record, env.mask)]),
    ...(options.sinks ?? []),
  ];
  const facts: EpisodeFacts = {
    episodeId: randomUUID(),
    startedWallMs: wallMs(scheduler.now()),
    instruction,
    ...(seed !== undefined && { seed }),
    env: env.name,
    policy: policy.name,
    critics: critics.map(({ name }) => name),
    limits: env.limits,
    facts: { ...env.facts, ...options.facts },
  };
  const stopped$ = new ReplaySubject<string>(1);
  const rules = [...defaultRules, ...(options.rules ?? [])];
  const body = createBody(env, ask, tell, scheduler);
  const parts = {
    env,
    policy,
    marker,
    critics,
    approver,
    answerMs: deadlinesMs.approver,
    rules,
    body,
    ask,
    tell,
    scheduler,
  };
  const { realTime = {} } = options;
  const chosen =
    rateHz === undefined
      ? onDemand(parts)
      : pilot
        ? piloted(rateHz, { ...parts, pilot }, realTime, controls.stop)
        : paced(rateHz, parts, realTime, controls.stop);
  const { plan } = chosen;
  const loop = runLoop({
    ...chosen,
    task: { instruction, ...(seed !== undefined && { seed }) },
    facts,
    limits: env.limits,
    body,
    policy,
    sinks: createSinks(sinks, ask, tell),
    tally,
    controls,
    interrupt$: merge(
      merge(controls.stop$, stopped$).pipe(map((cause) => ({ outcome: 'stopped' as const, cause }))),
      timeoutOf(budget, scheduler).pipe(map((cause) => ({ outcome: 'truncated' as const, cause }))),
    ),
    verdictOfWorld$: oracle
      ? defer(() => ask('oracle', 'oracle', (context) => oracle.judge(context))).pipe(
          filter((end) => end !== undefined),
        )
      : EMPTY,
    isAttended: options.isAttended ?? false,
    nowMs: () => scheduler.now(),
    tell,
  });
  const changes$ = merge(
    controls.instruction$.pipe(
      skip(1),
      tap((changed) => {
        plan.void();
        tell({ kind: 'instruction-changed', instruction: changed });
      }),
    ),
    controls.isPaused$.pipe(
      skip(1),
      tap((isPaused) => {
        if (isPaused) chosen.onPaused();
        tell({ kind: isPaused ? 'paused' : 'resumed' });
      }),
    ),
  );
  const episode = defer(() => {
    tell({ kind: 'episode-start', facts });
    for (const [what, limit] of Object.entries(env.limits))
      if (limit === 'unlimited') tell({ kind: 'warning', text: `env ${env.name} runs without ${what} limits` });
    const watching = changes$.subscribe();
    return loop.pipe(
      finalize(() => {
        watching.unsubscribe();
        plan.void();
      }),
    );
  });
  // From now on: what a source says before the episode begins must not be lost.
  const listening = causesOf(stops).subscribe(stopped$);
  return { facts, controls, tally, episode: episode.pipe(finalize(() => listening.unsubscribe())) };
}

const timeoutOf = ({ timeoutMs }: Budget, scheduler: SchedulerLike): Observable<string> =>
  timeoutMs === undefined ? EMPTY : timer(timeoutMs, scheduler).pipe(map(() => `${timeoutMs} ms are over (--timeout)`));

/** @throws PumiceError `config/invalid`. */
export function requireInstruction(instruction: string): void {
  if (instruction.trim() !== '') return;
  throw new PumiceError('config/invalid', 'the instruction is empty', { who: 'run', hint: 'Say what is to be done' });
}

/** The recorder is loaded when it is needed: importing pumice opens no file format. */
function recordTo(file: string, mask: Env['mask']): Sink {
  let sink: Sink | undefined;
  let opening: Promise<void> | undefined;
  const openAt = async (facts: EpisodeFacts) => {
    const { recorder } = await import('./record/index.ts');
    sink = recorder({ file, ...(mask && { mask }) });
    await sink.open?.(facts);
  };
  return {
    name: 'recorder',
    required: true,
    open: (facts) => {
      opening = openAt(facts);
      return opening;
    },
    write: async (record) => sink?.write(record),
    close: async (end) => {
      // A stop may have come while it was opening, and the file must get its end.
      await opening;
      await sink?.close(end);
    },
  };
}
