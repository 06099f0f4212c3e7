/**
 * How a person is asked, and what comes of their answer. A question always ends in a deny: a yes and an edit count for what is proposed
 * next, on what is there then (`approvals.ts`). Whoever is not there, is late, or answers what cannot be read says no.
 */
import { catchError, defer, map, type Observable, of } from 'rxjs';
import type { Approvals, Turn } from './approvals.ts';
import type { Ask } from './ask.ts';
import { describeError, PumiceError } from './errors.ts';
import { personBy } from './gate/person.ts';
import { join } from './gate/verdict.ts';
import { type Approver, type Decision, decisionSchema, type Question } from './ports.ts';
import type { Action, Observation, Verdict } from './types.ts';

export interface Asked {
  /** `kind: 'ask'`: what is asked about, and why. */
  readonly verdict: Verdict;
  /** What was proposed, in its order; the first is what the person is shown. */
  readonly proposed: readonly Action[];
  readonly observation: Observation;
  /** Which proposal this was. */
  readonly turn: Turn;
  /** Whether another action could be proposed instead; a plan in motion is for the policy alone to think of. */
  readonly canEdit: boolean;
}

/** Asks a person, and gives the verdict after that: never one that passes. */
export type AskPerson = (asked: Asked) => Observable<Verdict>;

export interface Desk {
  readonly approver: Approver | undefined;
  readonly approvals: Approvals;
  readonly ask: Ask;
  /** How long a person may take, ms. */
  readonly answerMs: number;
  readonly nowMs: () => number;
  readonly onAsk: (question: Question) => void;
}

export function createDesk({ approver, approvals, ask, answerMs, nowMs, onAsk }: Desk): AskPerson {
  let questions = 0;
  return ({ verdict, proposed, observation, turn, canEdit }) => {
    if (!approver) return of(join(verdict, 'gate', 'deny', ['a person would have to approve it, and there is none']));
    const who = personBy(approver.name);
    /** What counts from now on, and how it is told. */
    const settle = (decision: Decision): string => {
      if (decision.kind === 'deny') return decision.reason === undefined ? 'said no' : `said no: ${decision.reason}`;
      if (decision.kind === 'approve') {
        approvals.grant(proposed, observation, turn);
        return 'said yes: propose it again on what is there now';
      }
      if (!canEdit) return 'wants something else, which nobody can put into a plan in motion: said no';
      approvals.edit(decision.action, observation, turn);
      return `wants something else: ${decision.action.kind}, in the next step`;
    };
    return defer(() => {
      // Copies: whoever is asked changes nothing of what is judged.
      const question: Question = {
        ...{ id: `q${++questions}`, proposed: structuredClone(proposed[0]!), verdict: structuredClone(verdict) },
        ...{ observation, canEdit, expiresMs: nowMs() + answerMs },
      };
      onAsk(question);
      return ask('approver', who, (context) => approver.ask(question, context));
    }).pipe(
      map((decision) => join(verdict, who, 'deny', [settle(readDecision(decision, who))])),
      catchError((cause) => of(join(verdict, who, 'deny', [`no answer: ${describeError(cause)}`]))),
    );
  };
}

function readDecision(decision: unknown, who: string): Decision {
  const parsed = decisionSchema.safeParse(decision);
  if (parsed.success) return parsed.data;
  throw new PumiceError('decode/schema', 'answered with no decision', {
    who,
    hint: "An approver answers { kind: 'approve' }, { kind: 'deny' } or { kind: 'edit', action }",
  });
}
