/**
 * How a proposal is judged: rules, then critics, then a person where one of them asks. Knows nothing of how it came about.
 * `inline`: the step waits for the verdict. (`lease.ts` does not wait.)
 *
 *   action ──▶ rules ──▶ critics, side by side ──▶ rules again, by the clock of now ──▶ verdict
 *                                  └─ ask ──▶ a person ──▶ deny; `yes` counts for the same proposal in the next step
 */
import { catchError, concatMap, defer, forkJoin, map, type Observable, of } from 'rxjs';
import { z } from 'zod';
import type { Ask } from './ask.ts';
import { describeError } from './errors.ts';
import { LOOP_KINDS } from './fit.ts';
import { isGated, review } from './gate/review.ts';
import type { GateContext, Rule } from './gate/rule.ts';
import { describeTarget, markOf, targetsOf } from './gate/targets.ts';
import { allow, join, passes, refuse } from './gate/verdict.ts';
import type { Approver, Critic, Opinion } from './ports.ts';
import type { Action, ActionChunk, ActionKind, Observation, Verdict } from './types.ts';

/** Judges one action of a chunk. `context` is asked anew whenever time has passed. */
export type Check = (action: Action, context: () => GateContext, chunk: ActionChunk) => Observable<Verdict>;

export interface Judges {
  readonly rules: readonly Rule[];
  readonly critics: readonly Critic[];
  readonly approver: Approver | undefined;
  /** What the body can do. */
  readonly actionKinds: readonly ActionKind[];
}

export const opinionSchema = z.object({ kind: z.enum(['allow', 'ask', 'deny', 'halt']), reasons: z.array(z.string()) });

export function inline(
  { rules, critics, approver, actionKinds }: Judges,
  ask: Ask,
  onAsk: (verdict: Verdict) => void,
): Check {
  /** What a person said yes to; counts for the next proposal alone. */
  let granted: string | undefined;

  const opinionOf = (critic: Critic, observation: Observation, action: Action): Observable<Opinion> =>
    // A copy: a critic may only be stricter, whatever it does to what it is given.
    ask('critic', `critic ${critic.name}`, (context) =>
      critic.judge(observation, structuredClone(action), context),
    ).pipe(
      map((opinion) => opinionSchema.parse(opinion)),
      catchError((cause) => of<Opinion>({ kind: 'deny', reasons: [`no opinion: ${describeError(cause)}`] })),
    );

  const askPerson = (verdict: Verdict, proposed: Action, observation: Observation): Observable<Verdict> => {
    if (!approver) return of(join(verdict, 'gate', 'deny', ['a person would have to approve it, and there is none']));
    onAsk(verdict);
    const who = `approver ${approver.name}`;
    return ask('approver', who, (context) => approver.ask({ verdict, observation }, context)).pipe(
      map((isApproved) => {
        if (isApproved !== true) return join(verdict, who, 'deny', ['said no']);
        granted = keyOf(proposed, observation);
        return join(verdict, who, 'deny', ['said yes: propose it again on what is there now']);
      }),
      catchError((cause) => of(join(verdict, who, 'deny', [`no answer: ${describeError(cause)}`]))),
    );
  };

  return (action, context) =>
    defer(() => {
      if (!isGated(action)) return of(allow(action));
      const now = context();
      const { observation } = now;
      const isGranted = granted !== undefined && granted === keyOf(action, observation);
      granted = undefined;
      if (![...actionKinds, ...LOOP_KINDS].includes(action.kind))
        return of(refuse('deny', action, 'body', `cannot ${action.kind}; it can ${actionKinds.join(', ')}`));
      const asked = isGranted ? rules.map(withoutAsking) : rules;
      const ruled = review(asked, action, now);
      if (!passes(ruled) && ruled.kind !== 'ask') return of(ruled);
      const opinions = critics.map((critic) => opinionOf(critic, observation, ruled.action));
      return (opinions.length > 0 ? forkJoin(opinions) : of([])).pipe(
        map((all) =>
          all.reduce((sofar, { kind, reasons }, i) => {
            const isReleased = kind === 'ask' && isGranted;
            return join(sofar, critics[i]!.name, isReleased ? 'allow' : kind, reasons);
          }, ruled),
        ),
        // What was fresh when the critics were asked may be too old now.
        map((verdict) => (critics.length > 0 && passes(verdict) ? againBy(asked, verdict, context()) : verdict)),
        concatMap((verdict) => (verdict.kind === 'ask' ? askPerson(verdict, action, observation) : of(verdict))),
      );
    });
}

function againBy(rules: readonly Rule[], verdict: Verdict, context: GateContext): Verdict {
  const again = review(rules, verdict.action, context);
  return passes(again) ? verdict : { ...again, reasons: [...verdict.reasons, ...again.reasons] };
}

const withoutAsking = (rule: Rule): Rule => ({
  name: rule.name,
  judge: (action, context) => {
    const opinion = rule.judge(action, context);
    return opinion.kind === 'ask' ? { kind: 'allow' } : opinion;
  },
});

/** The same deed on another observation: kind and payload, and what it points at by role, name and place rather than by number. */
function keyOf(action: Action, observation: Observation): string {
  const origins = targetsOf(action).map((target) => markOf(target, observation)?.origin);
  const { target: _target, from: _from, to: _to, ...payload } = action as Record<string, unknown>;
  return JSON.stringify([payload, describeTarget(action, observation), origins, observation.ui?.url]);
}
