/**
 * How a proposal comes about. Knows nothing of bodies and checks.
 * `inline`: what a person wants instead, or what is left of the plan, first; else the policy is asked and the step waits for it. (`ahead.ts` does not wait.)
 */
import { catchError, concatMap, defer, map, type Observable, of, tap } from 'rxjs';
import type { Approvals } from './approvals.ts';
import type { Ask } from './ask.ts';
import { describeError, PumiceError } from './errors.ts';
import type { Plan } from './plan.ts';
import type { Marker, Policy } from './ports.ts';
import {
  type Action,
  type ActionChunk,
  type Lease,
  type Observation,
  type StepRecord,
  sensedSchema,
  type Thought,
  thoughtSchema,
} from './types.ts';

export type Proposal =
  /** `human`: it is a person's own. */
  | {
      readonly chunk: ActionChunk;
      readonly action: Action;
      readonly lease?: Lease;
      readonly human?: StepRecord['human'];
    }
  /** Nothing to do yet: the body holds, and what is being thought goes on. */
  | { readonly wait: string; readonly human?: StepRecord['human'] }
  /**
   * Nothing proposed, so nothing moves, and the plan is void. `isVoid`: the inference is of an older epoch, and did not fail.
   * `isFinal`: it cannot go on, which is a protective stop. `by`: whose word it is, where it is not the policy's.
   */
  | {
      readonly failure: string;
      readonly isVoid: boolean;
      readonly isFinal?: boolean;
      readonly by?: string;
      readonly human?: StepRecord['human'];
    };

/** `onMarked` gets the observation as the policy saw it. */
export type Think = (observation: Observation, onMarked: (marked: Observation) => void) => Observable<Proposal>;

export interface Thinkers {
  readonly marker: Marker | undefined;
  readonly policy: Policy;
  readonly plan: Plan;
  readonly ask: Ask;
  readonly approvals: Approvals;
}

export function inline({ marker, policy, plan, ask, approvals }: Thinkers): Think {
  const mark = (observation: Observation): Observable<Observation> => {
    if (!marker) return of(observation);
    const marked = ask('mark', `marker ${marker.name}`, (context) => marker.mark(observation, context));
    return marked.pipe(map((sensed) => ({ ...observation, ...sensedSchema.parse(sensed) })));
  };
  const infer = (observation: Observation): Observable<Proposal> =>
    ask('think', `policy ${policy.name}`, (context) => policy.act(observation, context)).pipe(
      map((thought) => {
        const chunk = plan.accept(readThought(thought, policy.name), observation);
        if (!chunk) return { failure: 'it was thought before the plan became void', isVoid: true };
        const action = chunk.actions[0]!;
        const isTheirs = policy.isPerson && action.kind !== 'hold';
        return { chunk, action, ...(isTheirs && { human: { command: action, share: 1, intervention: false } }) };
      }),
    );
  /** What a person wants done instead of what they were asked about. */
  const wish = (observation: Observation): Proposal | undefined => {
    const action = approvals.takeEdit(observation);
    if (action === undefined) return undefined;
    const chunk = action === 'lost' ? undefined : plan.accept({ actions: [action] }, observation);
    if (!chunk || action === 'lost')
      return { failure: 'loop: what a person wants instead does not fit what is there now', isVoid: true, by: 'loop' };
    return { chunk, action, human: { command: action, share: 1, intervention: true } };
  };
  return (observation, onMarked) =>
    defer(() => mark(observation)).pipe(
      tap(onMarked),
      concatMap((marked) => {
        const planned = wish(marked) ?? plan.peek();
        return planned ? of(planned) : infer(marked);
      }),
      catchError((cause) => of({ failure: failureOf(cause, policy), isVoid: false })),
    );
}

/** Every reason begins with the name of who gives it. */
const failureOf = (cause: unknown, { name }: Policy): string =>
  PumiceError.is(cause) ? describeError(cause) : `policy ${name}: ${describeError(cause)}`;

/** @throws PumiceError `policy/failed` naming what is wrong with an answer. */
export function readThought(thought: unknown, policy: string): Thought {
  const parsed = thoughtSchema.safeParse(thought);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'answer'}: ${message}`);
  throw new PumiceError('policy/failed', `answered with no thought: ${problems.join('; ')}`, {
    who: `policy ${policy}`,
    hint: 'A policy answers { actions: [...] }',
  });
}
