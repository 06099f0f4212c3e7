/**
 * Episodes of one client of openpi's wire: each question is a step of a run, with its gate, critics and record, and its answer is what the
 * step let through. Another instruction is another episode, and what the client calls one is, for the wire has no word for the end of one.
 */
import { from, map } from 'rxjs';
import { describeError } from '../errors.ts';
import { passes } from '../gate/verdict.ts';
import type { HostAnswer, HostedClient } from '../models/index.ts';
import type { Critic, Policy, Sink } from '../ports.ts';
import type { RobotProfile } from '../robot/index.ts';
import { type Run, run } from '../run.ts';
import type { StepRecord, Thought } from '../types.ts';
import { type Asked, openpiBody, readAsked, rowOf, type WireFields, type WireUnits } from './openpi-body.ts';

export interface EpisodesOptions {
  readonly robot: RobotProfile;
  readonly fields: WireFields;
  readonly units: WireUnits;
  readonly policy: Policy;
  readonly critics: readonly Critic[];
  /** They are not used any more. */
  readonly done: () => void;
  /** A sink for the record of one episode. */
  readonly recorder: () => Sink;
  readonly stepTimeoutMs: number;
}

/** How long a client may think between two questions before its episode is over. Chosen: a day. */
const PATIENCE_MS = 86_400_000;

const AFTER_RESET =
  '. A client that put its arm back begins a new episode: another "episode" beside its prompt, or a new connection';

/** The wire has no word for "done": the arm holds, the answer says so beside its motion, and the client ends its episode. */
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

interface Episode {
  readonly instruction: string;
  readonly name: string;
  readonly ask: (asked: Asked) => Promise<HostAnswer>;
  readonly end: (reason: string) => Promise<unknown>;
}

/** @param options - its policy and critics are this client's alone. */
export function openpiEpisodes(options: EpisodesOptions): HostedClient {
  let episode: Episode | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const ask = async (asked: Asked): Promise<HostAnswer> => {
    if (episode && (episode.instruction !== asked.instruction || episode.name !== asked.episode)) {
      await episode.end('the client begins another one');
      episode = undefined;
    }
    episode ??= begin(asked, options);
    const said = await episode.ask(asked);
    if ('isOver' in said && said.isOver) episode = undefined;
    return said;
  };
  return {
    ask: (sent) => {
      const mine = turn.then(() => ask(readAsked(sent, options.fields, options.robot)));
      turn = mine.catch(() => {});
      return mine;
    },
    left: () => {
      const close = async () => {
        await episode?.end('the client left');
        options.done();
      };
      // What it was still waiting for has nobody to go to.
      void episode?.end('the client left');
      void turn.then(close).catch((error: unknown) => process.stderr.write(`${describeError(error)}\n`));
    },
  };
}

function begin(
  { instruction, episode: name }: Asked,
  { robot, units, policy, critics, recorder, stepTimeoutMs }: EpisodesOptions,
): Episode {
  const body = openpiBody(robot);
  const led = withoutEnd(policy);
  let answer: ((said: HostAnswer) => void) | undefined;
  const settle = (said: HostAnswer) => {
    answer?.(said);
    answer = undefined;
  };
  const episode: Run = run({
    env: body,
    policy: led,
    critics,
    instruction,
    sinks: [recorder()],
    // The client ends it.
    budget: { maxSteps: Number.MAX_SAFE_INTEGER },
    deadlinesMs: { observe: PATIENCE_MS, think: stepTimeoutMs },
  });
  const answerTo = ({ verdict, act, timings }: StepRecord): HostAnswer => {
    const told = body.told();
    if (!passes(verdict) || act?.status !== 'done' || !told) {
      const why = passes(verdict) ? [act?.reason ?? 'the step was cut'] : verdict.reasons;
      const hint = verdict.reasons.some((reason) => reason.startsWith('following')) ? AFTER_RESET : '';
      return { error: `No motion: ${verdict.kind} by ${verdict.by}: ${why.join('; ')}${hint}`, isOver: false };
    }
    const ending = led.ending();
    return {
      answer: {
        actions: rowOf(told, units),
        server_timing: { infer_ms: timings.totalMs },
        verdict: verdict.kind,
        ...(ending && { done: ending }),
      },
    };
  };
  episode.events$.subscribe({
    next: (event) => {
      // The record is with its sinks before it is announced, so what the client does next is on record.
      if (event.kind === 'step-end') settle(answerTo(event.record));
    },
    error: (cause) => settle({ error: describeError(cause), isOver: true }),
  });
  const over = episode.result.then(
    ({ outcome, reason }): HostAnswer => ({
      error: `The episode is over (${outcome}): ${reason}`,
      isOver: true,
    }),
  );
  return {
    instruction,
    name,
    ask: (asked) =>
      Promise.race([
        over,
        new Promise<HostAnswer>((resolve) => {
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
