/**
 * How a proposal is judged: rules, then critics, then a person where one of them asks. Knows nothing of how it came about.
 * `inline`: the step waits for the verdict. (`lease.ts` does not wait.)
 *
 *   action ──▶ rules ──▶ critics, side by side ──▶ rules again, by the clock of now ──▶ verdict
 *                                  └─ ask ──▶ a person ──▶ deny; `yes` counts for the same proposal in the next step
 */
import { catchError, concatMap, defer, forkJoin, map, type Observable, of } from 'rxjs';
import type { Ask } from './ask.ts';
import { describeError } from './errors.ts';
import { LOOP_KINDS } from './fit.ts';
import { isGated, review } from './gate/review.ts';
import type { GateContext, Rule } from './gate/rule.ts';
import { describeTarget, markOf, targetsOf } from './gate/targets.ts';
import { allow, join, passes, refuse } from './gate/verdict.ts';
import { evidenceOf, opinionOf } from './opinion.ts';
import type { Approver, Critic } from './ports.ts';
import type { Action, ActionChunk, ActionKind, GivenOpinion, Observation, Verdict } from './types.ts';

/** Judges one action of a chunk. `context` is asked anew whenever time has passed. */
export type Check = (action: Action, context: () => GateContext, chunk: ActionChunk) => Observable<Verdict>;

export interface Judges {
  readonly rules: readonly Rule[];
  readonly critics: readonly Critic[];
  readonly approver: Approver | undefined;
  /** What the body can do. */
  readonly actionKinds: readonly ActionKind[];
  readonly nowMs: () => number;
}

export function inline(
  { rules, critics, approver, actionKinds, nowMs }: Judges,
  ask: Ask,
  onAsk: (verdict: Verdict) => void,
): Check {
  /** What a person said yes to; counts for the next proposal alone. */
  let granted: string | undefined;

  const opinionBy = (
    critic: Critic,
    { observation, limits }: GateContext,
    action: Action,
    following: readonly Action[],
  ): Observable<GivenOpinion> =>
    defer(() => {
      const askedMs = nowMs();
      const noneFor = (cause: unknown): GivenOpinion => ({
        critic: critic.name,
        kind: 'deny',
        reasons: [`no opinion: ${describeError(cause)}`],
        tookMs: nowMs() - askedMs,
        judgedStampMs: evidenceOf(observation),
      });
      // Copies: a critic may only be stricter, whatever it does to what it is given.
      return opinionOf(ask, { critic, observation, limits, nowMs }, (context) =>
        critic.judge(observation, structuredClone(action), { ...context, following: structuredClone(following) }),
      ).pipe(catchError((cause) => of(noneFor(cause))));
    });

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

  return (action, context, { actions }) =>
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
      const following = actions.slice(actions.indexOf(action) + 1);
      const opinions = critics.map((critic) => opinionBy(critic, now, ruled.action, following));
      return (opinions.length > 0 ? forkJoin(opinions) : of([])).pipe(
        map((all) =>
          all.reduce<Verdict>(
            (sofar, { critic, kind, reasons }) => {
              const isReleased = kind === 'ask' && isGranted;
              return join(sofar, critic, isReleased ? 'allow' : kind, reasons);
            },
            { ...ruled, opinions: all },
          ),
        ),
        // What was fresh when the critics were asked may be too old now.
        map((verdict) => (critics.length > 0 && passes(verdict) ? againBy(asked, verdict, context()) : verdict)),
        concatMap((verdict) => (verdict.kind === 'ask' ? askPerson(verdict, action, observation) : of(verdict))),
      );
    });
}

function againBy(rules: readonly Rule[], verdict: Verdict, context: GateContext): Verdict {
  const again = review(rules, verdict.action, context);
  return passes(again) ? verdict : { ...verdict, ...again, reasons: [...verdict.reasons, ...again.reasons] };
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
