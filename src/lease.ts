/**
 * How a plan is judged that does not wait: a chunk once, when it arrives, and again and again while it plays; each single action by the
 * rules, in its tick. Knows nothing of how plans come about, and of time only what the clock says.
 *
 *   chunk ──▶ critics ──▶ allow: a lease for this chunk, instruction and epoch, counted from the newest frame that was judged
 *                    ├──▶ deny, halt: revoked at once        └──▶ run out: reduced speed for the time of grace, then a protective stop
 *                    └──▶ ask: revoked too, and the body held while a person is asked (`ahead.ts`)
 */
import { catchError, defer, forkJoin, map, type Observable, of } from 'rxjs';
import type { Ask } from './ask.ts';
import { describeError, PumiceError } from './errors.ts';
import { LOOP_KINDS } from './fit.ts';
import { isGated, review } from './gate/review.ts';
import type { GateContext, Rule } from './gate/rule.ts';
import { allow, join, refuse } from './gate/verdict.ts';
import { evidenceOf, opinionOf } from './opinion.ts';
import type { Critic, Limits, ProposedChunk } from './ports.ts';
import type { Action, ActionChunk, ActionKind, GivenOpinion, Lease, Observation, Verdict } from './types.ts';

export interface LeaseTimes {
  /** How long an allowance lasts from the stamp of the frame that was judged, ms. */
  readonly leaseMs: number;
  /** How long a plan may go on at reduced speed when its lease has run out, ms. */
  readonly graceMs: number;
  /** Share of the speed at which it then goes on. */
  readonly reducedSpeed: number;
}

/** Chosen: critics of 1.5 s can renew it in time, twice their time and the age of a frame; grace is as long as a body takes to slow down in. */
export const LEASE_TIMES: LeaseTimes = { leaseMs: 3500, graceMs: 1000, reducedSpeed: 0.3 };

export type Ruling =
  | { readonly kind: 'lease'; readonly lease: Lease }
  /** A critic wants a person to say yes; with that, and nothing else against it, it is `lease`. The plan is void meanwhile. */
  | {
      readonly kind: 'ask';
      readonly by: string;
      readonly reasons: readonly string[];
      readonly opinions: readonly GivenOpinion[];
      readonly lease: Lease;
    }
  /** Revoked: the plan is void. */
  | { readonly kind: 'deny' | 'halt'; readonly by: string; readonly reasons: readonly string[] }
  /** A critic did not answer: no lease, and no reason to revoke one. */
  | { readonly kind: 'none'; readonly failure: string };

export interface Leases {
  /** Asks every critic for its opinion of what is left of a chunk. With no critic the rules allow it, which judge each action anyway. */
  readonly judge: (chunk: ActionChunk, left: ProposedChunk, observation: Observation) => Observable<Ruling>;
  /** Makes a lease count for actions of its chunk. The one before counts no longer, unless it is a later one for the same chunk. */
  readonly grant: (lease: Lease, instruction: string) => void;
  /** What counts now; `speedScale` below 1 in the time of grace, 0 after it. */
  readonly inForce: () => Lease | undefined;
  readonly revoke: () => void;
  /** The rules on the very action, and that its chunk has a lease. */
  readonly check: (action: Action, context: () => GateContext, chunk: ActionChunk) => Observable<Verdict>;
}

export interface LeaseParts {
  readonly rules: readonly Rule[];
  readonly critics: readonly Critic[];
  readonly actionKinds: readonly ActionKind[];
  readonly limits: Limits;
  readonly times: LeaseTimes;
  readonly ask: Ask;
  readonly nowMs: () => number;
}

export function createLeases({ rules, critics, actionKinds, limits, times, ask, nowMs }: LeaseParts): Leases {
  let granted: { readonly lease: Lease; readonly instruction: string } | undefined;

  const opinionBy = (critic: Critic, left: ProposedChunk, observation: Observation): Observable<GivenOpinion> =>
    // A copy: a critic may only be stricter, whatever it does to what it is given.
    opinionOf(ask, { critic, observation, limits, nowMs }, (context) =>
      critic.judgeChunk!(observation, structuredClone(left), context),
    );

  const rulingOf = (
    opinions: readonly GivenOpinion[],
    { id, epoch }: ActionChunk,
    observation: Observation,
  ): Ruling => {
    const reasons = opinions.flatMap((said, at) => said.reasons.map((reason) => `${critics[at]!.name}: ${reason}`));
    const firstWith = (kind: GivenOpinion['kind']) => critics[opinions.findIndex((said) => said.kind === kind)]?.name;
    for (const kind of ['halt', 'deny'] as const) {
      const name = firstWith(kind);
      if (name !== undefined) return { kind, by: name, reasons };
    }
    const judgedStampMs = evidenceOf(observation);
    const by = critics.length > 0 ? critics.map(({ name }) => name) : ['rules'];
    const untilMs = judgedStampMs + times.leaseMs;
    const lease = { chunkId: id, epoch, judgedStampMs, untilMs, speedScale: 1, by, opinions };
    const asking = firstWith('ask');
    return asking === undefined ? { kind: 'lease', lease } : { kind: 'ask', by: asking, reasons, opinions, lease };
  };

  const inForce = (): Lease | undefined => {
    if (!granted) return undefined;
    const { lease } = granted;
    const lateMs = nowMs() - lease.untilMs;
    if (lateMs <= 0) return lease;
    return { ...lease, speedScale: lateMs <= times.graceMs ? times.reducedSpeed : 0 };
  };

  /** Why an action of this chunk may not be played, whatever the rules say of it. */
  const problemOf = (chunk: ActionChunk, { observation }: GateContext): string | undefined => {
    const lease = inForce();
    if (lease?.chunkId !== chunk.id) return `nobody has allowed chunk ${chunk.id}`;
    if (lease.epoch !== chunk.epoch) return `chunk ${chunk.id} was allowed in epoch ${lease.epoch}, not ${chunk.epoch}`;
    if (granted?.instruction !== observation.instruction)
      return `chunk ${chunk.id} was allowed for another instruction`;
    return lease.speedScale > 0 ? undefined : `the lease of chunk ${chunk.id} has run out`;
  };

  return {
    judge: (chunk, left, observation) =>
      defer(() => {
        requireSeen(observation, nowMs());
        return critics.length > 0 ? forkJoin(critics.map((one) => opinionBy(one, left, observation))) : of([]);
      }).pipe(
        map((opinions) => rulingOf(opinions, chunk, observation)),
        catchError((cause) => of<Ruling>({ kind: 'none', failure: `no opinion: ${describeError(cause)}` })),
      ),
    grant: (lease, instruction) => {
      const current = granted?.lease;
      // Answers may overtake each other: an older look takes nothing from a newer one.
      if (current?.chunkId === lease.chunkId && current.judgedStampMs > lease.judgedStampMs) return;
      granted = { lease, instruction };
    },
    inForce,
    revoke: () => {
      granted = undefined;
    },
    check: (action, context, chunk) =>
      defer(() => {
        if (!isGated(action)) return of(allow(action));
        if (![...actionKinds, ...LOOP_KINDS].includes(action.kind))
          return of(refuse('deny', action, 'body', `cannot ${action.kind}; it can ${actionKinds.join(', ')}`));
        const now = context();
        const ruled = review(rules, action, now);
        const problem = problemOf(chunk, now);
        const judged = problem === undefined ? ruled : join(ruled, 'lease', 'deny', [problem]);
        if (judged.kind !== 'ask') return of(judged);
        return of(join(judged, 'gate', 'deny', ['a person would have to approve it, and a tick cannot wait for that']));
      }),
  };
}

/**
 * A lease is counted from the stamp of what was judged: one of the future would make it last as much longer.
 * @throws PumiceError `body/not-ready` that says how far ahead the stamp is.
 */
function requireSeen(observation: Observation, nowMs: number): void {
  const aheadMs = evidenceOf(observation) - nowMs;
  if (aheadMs <= 0) return;
  throw new PumiceError('body/not-ready', `the newest frame is stamped ${Math.round(aheadMs)} ms in the future`, {
    who: 'lease',
    hint: 'Stamp frames by the monotonic clock of the run, when they are taken',
  });
}
