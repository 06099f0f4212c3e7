/**
 * How a proposal comes about. Knows nothing of bodies and checks.
 * `inline`: what is left of the plan first; else the policy is asked and the step waits for it.
 */
import { catchError, concatMap, defer, map, type Observable, of, tap } from 'rxjs';
import type { Ask } from './ask.ts';
import { describeError, PumiceError } from './errors.ts';
import type { Plan } from './plan.ts';
import type { Marker, Policy } from './ports.ts';
import { type Action, type ActionChunk, type Observation, sensedSchema, type Thought, thoughtSchema } from './types.ts';

export type Proposal =
  | { readonly chunk: ActionChunk; readonly action: Action }
  /** Nothing proposed, so nothing moves. `isVoid`: the inference is of an older epoch, and did not fail. */
  | { readonly failure: string; readonly isVoid: boolean };

/** `onMarked` gets the observation as the policy saw it. */
export type Think = (observation: Observation, onMarked: (marked: Observation) => void) => Observable<Proposal>;

export interface Thinkers {
  readonly marker: Marker | undefined;
  readonly policy: Policy;
  readonly plan: Plan;
  readonly ask: Ask;
}

export function inline({ marker, policy, plan, ask }: Thinkers): Think {
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
        return { chunk, action: chunk.actions[0]! };
      }),
    );
  return (observation, onMarked) =>
    defer(() => mark(observation)).pipe(
      tap(onMarked),
      concatMap((marked) => {
        const planned = plan.peek();
        return planned ? of(planned) : infer(marked);
      }),
      catchError((cause) => of({ failure: failureOf(cause, policy), isVoid: false })),
    );
}

/** Every reason begins with the name of who gives it. */
const failureOf = (cause: unknown, { name }: Policy): string =>
  PumiceError.is(cause) ? describeError(cause) : `policy ${name}: ${describeError(cause)}`;

/** @throws PumiceError `policy/failed` naming what is wrong with an answer. */
function readThought(thought: unknown, policy: string): Thought {
  const parsed = thoughtSchema.safeParse(thought);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'answer'}: ${message}`);
  throw new PumiceError('policy/failed', `answered with no thought: ${problems.join('; ')}`, {
    who: `policy ${policy}`,
    hint: 'A policy answers { actions: [...] }',
  });
}
