/**
 * How a proposal is judged: rules, then critics, then a person where one of them asks. Knows nothing of how it came about.
 * `inline`: the step waits for the verdict. (`lease.ts` does not wait.)
 *
 *   action ──▶ rules ──▶ critics, side by side ──▶ rules again, by the clock of now ──▶ verdict
 *                                  └─ ask ──▶ a person ──▶ deny; a yes counts for the next step (`approvals.ts`)
 */
import { catchError, concatMap, defer, forkJoin, map, type Observable, of } from 'rxjs';
import type { Approvals } from './approvals.ts';
import type { Ask } from './ask.ts';
import type { AskPerson } from './decision.ts';
import { describeError } from './errors.ts';
import { LOOP_KINDS } from './fit.ts';
import { withoutAsking } from './gate/person.ts';
import { isGated, review } from './gate/review.ts';
import type { GateContext, Rule } from './gate/rule.ts';
import { allow, join, passes, refuse } from './gate/verdict.ts';
import { evidenceOf, opinionOf } from './opinion.ts';
import type { Critic } from './ports.ts';
import type { Action, ActionChunk, ActionKind, GivenOpinion, Verdict } from './types.ts';

/** Judges one action of a chunk. `context` is asked anew whenever time has passed. */
export type Check = (action: Action, context: () => GateContext, chunk: ActionChunk) => Observable<Verdict>;

export interface Judges {
  readonly rules: readonly Rule[];
  readonly critics: readonly Critic[];
  readonly approvals: Approvals;
  readonly askPerson: AskPerson;
  /** Whose yes it is. */
  readonly approvedBy: string | undefined;
  /** What the body can do. */
  readonly actionKinds: readonly ActionKind[];
  readonly nowMs: () => number;
}

export function inline(
  { rules, critics, approvals, askPerson, approvedBy, actionKinds, nowMs }: Judges,
  ask: Ask,
): Check {
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

  return (action, context, { actions }) =>
    defer(() => {
      const now = context();
      const { observation } = now;
      // Before anything else: whatever is proposed uses a yes up.
      const isGranted = approvals.take([action], observation);
      if (!isGated(action)) return of(allow(action));
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
        map((verdict) => (isGranted && passes(verdict) && approvedBy ? { ...verdict, approvedBy } : verdict)),
        concatMap((verdict) => {
          if (verdict.kind !== 'ask') return of(verdict);
          return askPerson({ verdict, proposed: [action], observation, turn: observation, canEdit: true });
        }),
      );
    });
}

function againBy(rules: readonly Rule[], verdict: Verdict, context: GateContext): Verdict {
  const again = review(rules, verdict.action, context);
  return passes(again) ? verdict : { ...verdict, ...again, reasons: [...verdict.reasons, ...again.reasons] };
}
