/**
 * A policy that is given one part of the task at a time: a planner splits the instruction on what is seen first, the policy gets the
 * part in hand as its instruction, and the planner judges whether that is done, when the policy says so and every few looks. Knows
 * neither planner nor policy.
 */
import { firstValueFrom, from } from 'rxjs';
import { PumiceError } from './errors.ts';
import type { Answer, Context, Planner, Policy, Task } from './ports.ts';
import type { Action, Observation, Thought } from './types.ts';

/** Looks after which the planner is asked even if the policy does not say that it is done: many cannot. Chosen. */
const JUDGE_EVERY = 5;
/** Times that a policy may say done and the planner not, one after the other. Chosen. */
const MAX_DISPUTES = 3;
/** Parts of one task. More is no plan. Chosen. */
const MAX_PARTS = 20;

export interface PlannedOptions {
  readonly judgeEvery?: number;
}

const HOLD: Action = { kind: 'hold' };

/** The policy, led by the planner. It is done when the last part is. */
export function planned<P extends Policy>(
  policy: P,
  planner: Planner,
  { judgeEvery = JUDGE_EVERY }: PlannedOptions = {},
): P {
  let task: Task = { instruction: '' };
  /** What was split; another instruction is split anew. */
  let of: string | undefined;
  let parts: readonly string[] = [];
  let at = 0;
  let [looks, disputes] = [0, 0];
  /** Steps before this one belong to earlier parts. */
  let firstStep = 0;

  const begin = (part: number, { history }: Observation, context: Context) => {
    [at, looks, disputes] = [part, 0, 0];
    firstStep = (history.at(-1)?.index ?? -1) + 1;
    policy.reset({ ...task, instruction: parts[at]! });
    context.report({ kind: 'progress', text: `part ${at + 1} of ${parts.length}: ${parts[at]}` });
  };
  const split = async (observation: Observation, context: Context) => {
    const found = await answerOf(planner.split(observation.instruction, observation, context));
    if (found.length === 0 || found.length > MAX_PARTS || found.some((part) => part.trim() === ''))
      throw new PumiceError('policy/failed', `expected 1 to ${MAX_PARTS} parts of the task, got ${found.length}`, {
        who: `planner ${planner.name}`,
        hint: 'Say the task in other words, or leave the planner out',
      });
    [parts, of] = [found, observation.instruction];
    begin(0, observation, context);
  };
  const isDone = async (observation: Observation, context: Context) =>
    (await answerOf(planner.judgeProgress(parts[at]!, observation, context))).done;

  /** @returns the end of all, if this was the last part. */
  const goOn = (observation: Observation, context: Context, last?: Thought): Thought | undefined => {
    if (at + 1 < parts.length) {
      begin(at + 1, observation, context);
      return undefined;
    }
    const end = last?.actions.at(-1);
    const answer = end?.kind === 'done' ? end.answer : undefined;
    return {
      ...last,
      actions: [{ kind: 'done', outcome: 'success', ...(answer !== undefined && { answer }) }],
      thought: `all ${parts.length} parts are done`,
    };
  };

  const act = async (observation: Observation, context: Context): Promise<Thought> => {
    if (of !== observation.instruction) await split(observation, context);
    if (looks > 0 && looks % judgeEvery === 0 && (await isDone(observation, context))) {
      const end = goOn(observation, context);
      if (end) return end;
    }
    context.signal.throwIfAborted();
    looks += 1;
    const part = parts[at]!;
    const history = observation.history.filter(({ index }) => index >= firstStep);
    const thought = await answerOf(policy.act({ ...observation, instruction: part, history }, context));
    const [first] = thought.actions;
    const told = { ...thought, thought: `[${at + 1}/${parts.length} ${part}] ${thought.thought ?? ''}`.trim() };
    if (first?.kind !== 'done') return { ...told, actions: withoutEnd(thought.actions) };
    if (first.outcome === 'failure')
      return { ...told, actions: [{ ...first, answer: `at '${part}': ${first.answer ?? 'it could not be done'}` }] };
    if (await isDone(observation, context)) return goOn(observation, context, thought) ?? act(observation, context);
    disputes += 1;
    const dispute = `the policy says that '${part}' is done, and the planner that it is not`;
    if (disputes >= MAX_DISPUTES) return { ...told, actions: [{ kind: 'done', outcome: 'failure', answer: dispute }] };
    return { ...told, actions: [HOLD], thought: dispute };
  };

  return {
    ...policy,
    name: `${policy.name} led by ${planner.name}`,
    actionKinds: [...new Set([...policy.actionKinds, 'hold' as const, 'done' as const])],
    reset: (given: Task) => {
      [task, of] = [given, undefined];
    },
    act,
  };
}

/** A chunk that ends in done is played up to there; then the policy is asked again. */
const withoutEnd = (actions: Thought['actions']): Thought['actions'] => {
  const end = actions.findIndex(({ kind }) => kind === 'done');
  return end < 0 ? actions : actions.slice(0, end);
};

const answerOf = <T>(answer: Answer<T>): Promise<T> => firstValueFrom(from(answer));
