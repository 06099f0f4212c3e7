/**
 * One episode of a client that asks over a wire: each question is a step of a run, with its gate, critics and record, and its answer is what
 * the step let through. Knows no wire.
 */
import { from, map } from 'rxjs';
import { describeError } from '../errors.ts';
import { passes } from '../gate/verdict.ts';
import type { Critic, Policy, Sink } from '../ports.ts';
import type { RobotProfile } from '../robot/index.ts';
import { run } from '../run.ts';
import type { ActionOf, StepRecord, Thought } from '../types.ts';
import { type Asked, clientBody, type Wire, type WireUnits } from './client-body.ts';

export interface EpisodesOptions {
  readonly robot: RobotProfile;
  readonly units: WireUnits;
  readonly policy: Policy;
  readonly critics: readonly Critic[];
  /** They are not used any more. */
  readonly done: () => void;
  /** A sink for the record of one episode. */
  readonly recorder: () => Sink;
  readonly stepTimeoutMs: number;
}

export type StepAnswer =
  | {
      readonly told: ActionOf<'eef-delta'>;
      readonly verdict: string;
      /** The policy says that it is done. */
      readonly ending: 'success' | 'failure' | undefined;
      readonly tookMs: number;
    }
  | {
      readonly error: string;
      /** The arm is elsewhere than it was told to be. */
      readonly isAstray: boolean;
      /** No step comes after this one. */
      readonly isOver: boolean;
    };

export interface ClientEpisode {
  readonly instruction: string;
  /** One at a time. */
  readonly ask: (asked: Asked) => Promise<StepAnswer>;
  /** Answers when its record is whole. */
  readonly end: (reason: string) => Promise<unknown>;
}

/** How long a client may think between two questions before its episode is over. Chosen: a day. */
const PATIENCE_MS = 86_400_000;

/** The wires have no word for "done": the arm holds, the answer says so beside its motion, and the client ends its episode. */
export function withoutEnd(policy: Policy): Policy & { readonly ending: () => 'success' | 'failure' | undefined } {
  let ending: 'success' | 'failure' | undefined;
  const hold = (thought: Thought): Thought => {
    ending = undefined;
    // What is no thought is for the loop to refuse.
    if (!Array.isArray(thought?.actions)) return thought;
    const actions = thought.actions.map((action) => {
      if (action?.kind !== 'done') return action;
      ending = action.outcome;
      return { kind: 'hold' as const };
    });
    return { ...thought, actions };
  };
  return {
    ...policy,
    reset: (task) => {
      ending = undefined;
      policy.reset(task);
    },
    act: (observation, context) => from(policy.act(observation, context)).pipe(map(hold)),
    ending: () => ending,
  };
}

/** @param facts - what else the record has to know of the client. */
export function beginEpisode(
  instruction: string,
  wire: Wire,
  { robot, policy, critics, recorder, stepTimeoutMs }: EpisodesOptions,
  facts: Readonly<Record<string, string>> = {},
): ClientEpisode {
  const body = clientBody(robot, wire);
  const led = withoutEnd(policy);
  let answer: ((said: StepAnswer) => void) | undefined;
  const settle = (said: StepAnswer) => {
    answer?.(said);
    answer = undefined;
  };
  const episode = run({
    env: body,
    policy: led,
    critics,
    instruction,
    sinks: [recorder()],
    // The client ends it.
    budget: { maxSteps: Number.MAX_SAFE_INTEGER },
    deadlinesMs: { observe: PATIENCE_MS, think: stepTimeoutMs },
    facts,
  });
  const answerTo = ({ verdict, act, timings }: StepRecord): StepAnswer => {
    const told = body.told();
    if (passes(verdict) && act?.status === 'done' && told)
      return { told, verdict: verdict.kind, ending: led.ending(), tookMs: timings.totalMs };
    const why = passes(verdict) ? [act?.reason ?? 'the step was cut'] : verdict.reasons;
    return {
      error: `No motion: ${verdict.kind} by ${verdict.by}: ${why.join('; ')}`,
      isAstray: verdict.reasons.some((reason) => reason.startsWith('following')),
      isOver: false,
    };
  };
  episode.events$.subscribe({
    next: (event) => {
      // The record is with its sinks before it is announced, so what the client does next is on record.
      if (event.kind === 'step-end') settle(answerTo(event.record));
    },
    error: (cause) => settle({ error: describeError(cause), isAstray: false, isOver: true }),
  });
  const over = episode.result.then(
    ({ outcome, reason }): StepAnswer => ({
      ...{ error: `The episode is over (${outcome}): ${reason}`, isAstray: false, isOver: true },
    }),
  );
  return {
    instruction,
    ask: (asked) =>
      Promise.race([
        over,
        new Promise<StepAnswer>((resolve) => {
          answer = resolve;
          body.give(asked);
        }),
      ]),
    end: (reason) => {
      episode.stop(reason);
      return episode.result;
    },
  };
}
