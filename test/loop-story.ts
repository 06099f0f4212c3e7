/** Tells what happens in an episode in virtual time (1 frame = 1 ms), for the suites of the loop. */
import type {
  Action,
  Answer,
  Critic,
  Env,
  Observation,
  Opinion,
  Pilot,
  PilotInput,
  Policy,
  RunEvent,
  RunOptions,
  StepRecord,
} from 'pumice';
import { type FakeMass, type FakePage, fakeMass, fakePage } from 'pumice/envs/fake';
import { concat, NEVER, of, type SchedulerLike } from 'rxjs';
import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import { expect } from 'vitest';
import { type Assembled, assemble } from '../src/assemble.ts';

export type FakeBody = FakePage | FakeMass;

/** A body, an ordinary action of it, and one that its rules deny. */
export interface BodyRow {
  readonly body: string;
  readonly make: (scheduler: SchedulerLike) => FakeBody;
  readonly ordinary: Action;
  readonly forbidden: Action;
}

export const BODIES: readonly BodyRow[] = [
  {
    body: 'a page',
    make: (scheduler) => fakePage({ scheduler }),
    ordinary: { kind: 'ui-click', target: { markId: 2 }, button: 'left', count: 1 },
    forbidden: { kind: 'ui-click', target: { markId: 77 }, button: 'left', count: 1 },
  },
  {
    body: 'a mass',
    make: (scheduler) => fakeMass({ scheduler }),
    ordinary: { kind: 'eef-delta', frameId: 'base', dPosM: [0.01, 0, 0], dRpyRad: [0, 0, 0], gripperOpen: 1 },
    forbidden: { kind: 'eef-delta', frameId: 'base', dPosM: [5, 0, 0], dRpyRad: [0, 0, 0], gripperOpen: 1 },
  },
];

/** A page cannot be paced. The rate is the one that the limits of the mass are given for. */
const PACED_MASS: BodyRow = { ...BODIES[1]!, make: (scheduler) => fakeMass({ scheduler, tickMs: 0 }) };

/** A person who lets the policy drive, and never presses the dead-man. */
const WATCHER: Pilot = {
  name: 'watcher',
  input$: concat(of<PilotInput>({ stampMs: 0, isHeld: false, mode: 'supervised', share: 1 }), NEVER),
};

/** The strategies that may be combined, and over what; a row more for each that joins. */
export const ROWS = [
  ...BODIES.map((row) => ({
    ...row,
    isPaced: false,
    strategies: { pace: 'demand', think: 'inline', check: 'inline' } as const,
    title: `demand / inline / inline, ${row.body}`,
  })),
  {
    ...PACED_MASS,
    isPaced: true,
    strategies: { pace: { rateHz: 8 }, think: 'ahead', check: 'lease' } as const,
    title: 'rate / ahead / lease, a mass',
  },
  {
    ...PACED_MASS,
    isPaced: true,
    strategies: { pace: { rateHz: 8 }, think: 'person', check: 'lease', pilot: WATCHER } as const,
    title: 'rate / a person / lease, a mass, under the eyes of a person',
  },
];

export interface Told {
  readonly atMs: number;
  readonly event: RunEvent;
}

export interface Story extends Assembled {
  readonly told: readonly Told[];
  readonly records: () => readonly StepRecord[];
  readonly at: (atMs: number, work: () => void) => void;
  /** Runs virtual time to its end and gives how the episode ended. */
  readonly tellAll: () => Extract<RunEvent, { kind: 'episode-end' }>['end'] & { readonly atMs: number };
}

/** Assembles an episode in virtual time. */
export function story(
  scheduler: TestScheduler,
  { flush }: RunHelpers,
  options: Omit<RunOptions, 'instruction'>,
): Story {
  const told: Told[] = [];
  const assembled = assemble({ instruction: 'go', ...options, scheduler }, (event) =>
    told.push({ atMs: scheduler.now(), event }),
  );
  let failure: unknown;
  scheduler.schedule(() => assembled.episode.subscribe({ error: (cause) => (failure = cause) }), 0);
  return {
    ...assembled,
    told,
    records: () => told.flatMap(({ event }) => (event.kind === 'step-end' ? [event.record] : [])),
    at: (atMs, work) => void scheduler.schedule(work, atMs),
    tellAll: () => {
      flush();
      expect(failure).toBeUndefined();
      const last = told.at(-1);
      if (last?.event.kind !== 'episode-end') throw new Error(`the last event is ${last?.event.kind}`);
      return { ...last.event.end, atMs: last.atMs };
    },
  };
}

export function inVirtualTime<T>(work: (scheduler: TestScheduler, helpers: RunHelpers) => T): T {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  return scheduler.run((helpers) => work(scheduler, helpers));
}

/** A policy that answers as told; the number of the call comes along. */
export function fakePolicy(
  env: Env,
  answer: (call: number, observation: Observation, signal: AbortSignal) => Answer<unknown>,
): Policy & { readonly seen: Observation[]; readonly signals: AbortSignal[] } {
  const seen: Observation[] = [];
  const signals: AbortSignal[] = [];
  return {
    name: 'fake',
    actionKinds: env.actionKinds,
    seen,
    signals,
    reset: () => {},
    act: (observation, { signal }) => {
      seen.push(observation);
      signals.push(signal);
      return answer(seen.length - 1, observation, signal) as Answer<never>;
    },
  };
}

/** Does `action` a number of times, then is done. */
export const repeating = (env: Env, action: Action, times: number) =>
  fakePolicy(env, (call) => of({ actions: [call < times ? action : done] }));

export const done: Action = { kind: 'done', outcome: 'success' };

export const fakeCritic = (judge: (call: number) => Answer<unknown>): Critic => {
  let calls = 0;
  const answer = () => judge(calls++) as Answer<Opinion>;
  return { name: 'fake', judge: answer, judgeChunk: answer };
};
