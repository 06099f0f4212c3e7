/**
 * Thinking ahead: the policy thinks of the next chunk while the plan in hand plays. No tick ever waits for it.
 *
 *   tick ──▶ think of the next chunk, if it is time and none is being thought ──▶ judged (`lease.ts`) ──▶ merged (`chunk/`)
 *        └─▶ the pose of the plan at the end of this tick; slower where the rules or the lease ask for it; hold where there is none
 *
 * Time of a plan is counted in ticks that were played, so that what is slowed down or held stays where it is in the plan. A chunk
 * begins at the tick, and at the pose, of the picture that it was thought on. Knows no body and no profile by name.
 */
import { concatMap, map, type Observable, of, Subscription, tap } from 'rxjs';
import type { AheadParts } from './ahead-parts.ts';
import { createIntake, type Refusal } from './chunk/intake.ts';
import { merge, withCatchUp } from './chunk/merge.ts';
import { createMoments } from './chunk/moments.ts';
import { endOf, type Path, stanceAt, standing } from './chunk/path.ts';
import { type Course, courseOf } from './chunk/poses.ts';
import { shown } from './chunk/shown.ts';
import { describeError, PumiceError } from './errors.ts';
import { personBy } from './gate/person.ts';
import type { Ruling } from './lease.ts';
import { evidenceOf } from './opinion.ts';
import type { PlanInHand } from './plan.ts';
import { FAILED_IN_A_ROW, FAILURES_IN_A_ROW } from './tally.ts';
import { type Proposal, readThought, type Think } from './think.ts';
import type { Action, ActionChunk, Lease, Observation } from './types.ts';

/** A plan is slowed down before it ends with none to follow: over so many ticks, or so long, ms. Chosen: twice what an arm needs to stop. */
const BRAKE_TICKS = 2;
const BRAKE_MS = 200;
/** The slowest that a plan goes, share of a tick; below this it would never end. */
const SLOWEST = 0.25;
/** What is tried when a full tick is too far, shares of it. */
const SHARES = [1, 0.75, 0.5, SLOWEST];
/** Ticks are sums of fractions. */
const ROUNDING = 1e-6;

/** What a person is asked about: a plan, by its number, as its critics were shown it. */
interface Shown {
  readonly seq: number;
  readonly proposed: readonly Action[];
  readonly observation: Observation;
}

interface PlanNow {
  readonly chunk: ActionChunk;
  readonly path: Path;
  readonly ending: Course['ending'];
  readonly dtMs: number;
  /** Played so far, the next chunk is thought of: at half of it, so that what is left is as long as the delay may be. */
  readonly halfway: number;
  /** A person said yes to it: while it plays no critic has to ask again. */
  readonly isApproved: boolean;
}

export interface Ahead {
  readonly think: Think;
  readonly plan: PlanInHand;
  /** Looks at where the body is in a tick that somebody else leads. */
  readonly notice: (seen: Observation) => void;
}

export function ahead(parts: AheadParts): Ahead {
  const { policy, leases, times, periodMs, nowMs, tell } = parts;
  const who = `policy ${policy.name}`;
  const brakeTicks = Math.max(BRAKE_TICKS, BRAKE_MS / periodMs);
  const moments = createMoments();
  const intake = createIntake();
  let epoch = 0;
  let chunks = 0;
  let modifiedInARow = 0;
  /** Ticks of plan time that were played. */
  let clock = 0;
  let pending: number | undefined;
  let plan: PlanNow | undefined;
  let latest: Observation;
  /** What is being thought and judged; left as one when it is void. */
  let work = new Subscription();
  let isThinking = false;
  /** Of the chunk that was thought; while it goes on the critics are not asked about the old one as well. */
  let isJudging = false;
  let isRenewing = false;
  /** The body is held until a person has answered, or the plan is void for another reason. */
  let isAsking = false;
  let thoughtOnMs = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let why = 'nothing was thought yet';
  /** What the next tick has to say instead of playing. */
  let verdict: Exclude<Proposal, { chunk: ActionChunk } | { wait: string }> | undefined;
  let waitedTicks = 0;
  let slowChunks = 0;
  let hasPlayed = false;

  const fail = (failure: string) => {
    failures += 1;
    why = failure;
    if (failures >= FAILURES_IN_A_ROW) verdict = final(`${FAILED_IN_A_ROW}${failure}`);
  };
  const refuse = (reason: Refusal, text: string) => {
    why = text;
    tell({ kind: 'chunk-refused', reason, text, count: intake.counts[reason] ?? 0 });
  };
  const voidPlan = () => {
    epoch += 1;
    plan = undefined;
    pending = undefined;
    modifiedInARow = 0;
    waitedTicks = 0;
    leases.revoke();
    work.unsubscribe();
    work = new Subscription();
    [isThinking, isJudging, isRenewing, isAsking] = [false, false, false, false];
  };
  /**
   * A plan that a person must approve: void, the body held in this turn of the event loop, and asked about. A yes is for the next plan,
   * thought on what is there then, if all of it is alike.
   */
  const consult = (ruling: Extract<Ruling, { kind: 'ask' }>, { seq, proposed, observation }: Shown) => {
    if (parts.approvedBy === undefined) {
      const nobody = 'gate: a person would have to approve it, and there is none';
      return revoke({ ...ruling, kind: 'deny', reasons: [...ruling.reasons, nobody] });
    }
    voidPlan();
    isAsking = true;
    why = ruling.reasons.join('; ');
    parts.onRevoked('deny', why);
    const { by, reasons, opinions } = ruling;
    const asked = { kind: 'ask' as const, action: proposed[0]!, reasons, by, opinions };
    const asking = parts.askPerson({ verdict: asked, proposed, observation, turn: { seq, epoch }, canEdit: false });
    const over = () => {
      isAsking = false;
    };
    track(asking, over, (decided) => {
      // A step that is denied, as every question ends: with it the epoch rises.
      verdict = { failure: decided.reasons.join('; '), isVoid: true, by: decided.by };
    });
  };
  const revoke = ({ kind, by, reasons }: Extract<Ruling, { kind: 'deny' | 'halt' }>) => {
    const cause = reasons.join('; ');
    voidPlan();
    why = cause;
    verdict = { failure: cause, isVoid: true, by };
    parts.onRevoked(kind, cause);
  };

  const inHand = (): Path => plan?.path ?? standing(moments.newest()!, clock);
  const caughtUp = (course: Course): Course =>
    course.hasDeltas ? { ...course, path: withCatchUp(inHand(), course.path, clock, times.maxCatchUpM) } : course;
  /** A thought becomes a chunk with a course, or is refused; undefined when it was. */
  const receive = (answer: unknown, seen: Observation, askedMs: number) => {
    const thought = readThought(answer, policy.name);
    const ticksPerAction = ticksOf(thought.dtMs ?? periodMs, periodMs);
    if (ticksPerAction === undefined) {
      verdict = final(
        `${who} answers in steps of ${thought.dtMs} ms, which is no whole number of ticks of ${periodMs} ms: set the pace to rateHz ${1000 / thought.dtMs!}`,
      );
      return undefined;
    }
    const start = moments.at(evidenceOf(seen));
    if (!start)
      throw new PumiceError('body/not-ready', 'expected proprio.tcpPose, and no observation had one', { who });
    const read = courseOf(thought.actions, start, { delta: parts.delta, ticksPerAction });
    if (typeof read === 'string') throw new PumiceError('policy/failed', read, { who });
    // Before anybody judges it: what is judged is where it will lead.
    const course = caughtUp(read);
    const lengthTicks = endOf(course.path) - start.tick;
    const basedOnSeq = thought.answersSeq ?? seen.seq;
    const chunk: ActionChunk = {
      ...thought,
      id: `c${++chunks}`,
      epoch: seen.epoch,
      basedOnSeq,
      basedOnStampMs: seen.stampMs,
      poseAtFrame: parts.delta?.reference === 'measured' ? start.measured : start.commanded,
    };
    return { chunk, course, lengthTicks, askedMs, askedSeq: seen.seq, dtMs: ticksPerAction * periodMs };
  };
  type Received = NonNullable<ReturnType<typeof receive>>;

  /** Whether a chunk lasts as long again as it took: else there is never one to play. Told of once the way out, before anything moves. */
  const isTooSlow = ({ lengthTicks, askedMs, course }: Received): boolean => {
    const [horizonMs, delayMs] = [lengthTicks * periodMs, nowMs() - askedMs];
    if (hasPlayed || (course.ending && lengthTicks === 0) || horizonMs >= 2 * delayMs) return false;
    const text = `a chunk of ${round(horizonMs)} ms took ${round(delayMs)} ms to think and judge, and has to last twice as long: longer chunks, a faster server or critic, or pace: 'demand'`;
    intake.count('slow');
    refuse('slow', text);
    // The first inference of a server is often its slowest.
    if (++slowChunks > 1) verdict = final(text);
    return true;
  };
  const take = (received: Received, lease: Lease, instruction: string, isApproved: boolean) => {
    const { chunk, course, dtMs, askedSeq } = received;
    const ticksLeft = course.ending && endOf(course.path) <= clock ? 1 : endOf(course.path) - clock;
    const refusal = intake.take({ ...chunk, askedSeq, ticksLeft }, epoch);
    if (refusal) return refuse(refusal, `chunk ${chunk.id} came ${SAYING[refusal]}`);
    if (isTooSlow(received)) return;
    failures = 0;
    // Once more, for what it fell behind by while it was judged.
    const path = merge(inHand(), caughtUp(course).path, clock);
    plan = { chunk, path, ending: course.ending, dtMs, isApproved, halfway: (course.path[0]!.tick + endOf(path)) / 2 };
    modifiedInARow = 0;
    leases.grant(lease, instruction);
  };

  const infer = (seen: Observation) => {
    isThinking = true;
    thoughtOnMs = evidenceOf(seen);
    const askedMs = nowMs();
    const { instruction } = seen;
    const judged = (received: Received | undefined) => {
      if (!received) return of(undefined);
      isJudging = true;
      const { chunk, course } = received;
      const left = shown(chunk, course.path, clock, received);
      const asked = { seq: chunks, proposed: left.actions, observation: latest };
      // Before anything else: whatever is thought next uses a yes up.
      const isApproved = parts.approvals.take(asked.proposed, latest, { seq: chunks, epoch: chunk.epoch });
      return leases.judge(chunk, left, latest).pipe(map((ruling) => ({ received, ruling, asked, isApproved })));
    };
    const thinking = parts
      .ask('think', who, (context) => policy.act(seen, context))
      .pipe(
        map((answer) => receive(answer, seen, askedMs)),
        concatMap(judged),
      );
    track(
      thinking,
      () => {
        [isThinking, isJudging] = [false, false];
      },
      (got) => {
        if (!got) return;
        const { received, ruling, asked, isApproved } = got;
        if (ruling.kind === 'lease') take(received, ruling.lease, instruction, false);
        else if (ruling.kind === 'ask' && isApproved) take(received, approved(ruling.lease), instruction, true);
        else if (ruling.kind === 'ask') consult(ruling, asked);
        else if (ruling.kind === 'none') {
          intake.count('unjudged');
          refuse('unjudged', ruling.failure);
          fail(ruling.failure);
        } else revoke(ruling);
      },
    );
  };
  /** Asks again for the plan in hand, when there is a newer frame than the one its lease rests on. */
  const renew = (seen: Observation) => {
    const lease = leases.inForce();
    if (!plan || !lease || isJudging || isRenewing || evidenceOf(seen) <= lease.judgedStampMs) return;
    isRenewing = true;
    const { chunk, path } = plan;
    const left = shown(chunk, path, clock, plan);
    const renewing = leases.judge(chunk, left, seen);
    track(
      renewing,
      () => (isRenewing = false),
      (ruling) => {
        const isCurrent = plan?.chunk.id === chunk.id;
        if (ruling.kind === 'none') why = ruling.failure;
        else if (!('lease' in ruling)) revoke(ruling);
        else if (ruling.kind === 'ask' && !plan?.isApproved)
          consult(ruling, { seq: chunks, proposed: left.actions, observation: seen });
        else if (isCurrent)
          leases.grant(ruling.kind === 'ask' ? approved(ruling.lease) : ruling.lease, seen.instruction);
      },
    );
  };
  const approved = (lease: Lease): Lease => ({
    ...lease,
    by: [...(lease.by ?? []), personBy(parts.approvedBy ?? '')],
  });
  const track = <T>(job$: Observable<T>, over: () => void, next: (value: T) => void) => {
    const heard$ = job$.pipe(
      tap((value) => {
        over();
        next(value);
      }),
    );
    const error = (cause: unknown) => {
      over();
      fail(PumiceError.is(cause) ? describeError(cause) : `${who}: ${describeError(cause)}`);
    };
    work.add(heard$.subscribe({ error }));
  };

  /** With nothing to play: hold, and after too long of it stop. Before anything has moved a first inference may take its time. */
  const starve = (): Proposal => {
    waitedTicks += 1;
    const isStarved = (hasPlayed || !isThinking) && waitedTicks * periodMs >= times.starveMs;
    return isStarved ? final(`nothing to play for ${times.starveMs} ms: ${why}`) : { wait: `no plan to play: ${why}` };
  };
  const play = ({ chunk, path, ending }: PlanNow, seen: Observation): Proposal => {
    const left = endOf(path) - clock;
    // What stands at the end of its plan needs nobody's leave for it.
    if (!ending && left <= ROUNDING) return starve();
    const lease = leases.inForce();
    if (!lease || lease.speedScale === 0)
      return final(`the lease of chunk ${chunk.id} has run out, and so has its grace: ${why}`);
    if (ending && left <= ROUNDING) return { chunk, action: ending.action, lease };
    const brake = ending ? 1 : Math.max(SLOWEST, Math.min(1, left / brakeTicks));
    const actionAt = (share: number): Action => {
      const { pM, qXyzw, gripperOpen } = stanceAt(path, Math.min(endOf(path), clock + share));
      return { kind: 'eef-pose', frameId: parts.frameId, pM: [...pM], qXyzw: [...qXyzw], gripperOpen };
    };
    const most = lease.speedScale * times.speedScale * brake;
    // What fits at no speed is for the rules to make smaller or to say no to: the slowest is asked of them.
    const share =
      SHARES.map((one) => one * most).find((one) => parts.fits(actionAt(one), seen, chunk)) ?? SLOWEST * most;
    pending = Math.min(endOf(path), clock + share);
    return { chunk, action: actionAt(share), lease };
  };

  const think: Think = (seen) => {
    latest = seen;
    moments.add(seen, clock);
    pending = undefined;
    if (isAsking) return of({ wait: `held, a person is asked: ${why}` });
    const isDue = !plan || clock >= plan.halfway || endOf(plan.path) - clock <= brakeTicks;
    if (!verdict && !isThinking && isDue && evidenceOf(seen) > thoughtOnMs) infer(seen);
    else if (!isThinking && isDue && evidenceOf(seen) <= thoughtOnMs)
      why = `no picture is newer than ${round(nowMs() - evidenceOf(seen))} ms`;
    renew(seen);
    const said = verdict;
    verdict = undefined;
    if (said) return of(said);
    return of(plan ? play(plan, seen) : starve());
  };
  return {
    think,
    notice: (seen) => moments.add(seen, clock),
    plan: {
      get epoch() {
        return epoch;
      },
      get modifiedInARow() {
        return modifiedInARow;
      },
      advance: (wasModified) => {
        if (pending === undefined) return;
        clock = pending;
        pending = undefined;
        [hasPlayed, waitedTicks] = [true, 0];
        modifiedInARow = wasModified ? modifiedInARow + 1 : 0;
      },
      void: voidPlan,
    },
  };
}

const SAYING = {
  epoch: 'from before the plan became void',
  duplicate: 'twice',
  'out-of-order': 'out of order: it answers another observation than was asked about',
  stale: 'when all of it was over',
  slow: 'too late',
  unjudged: 'without an opinion',
} as const satisfies Record<Refusal, string>;

const final = (failure: string) => ({ failure, isVoid: false, isFinal: true });

const round = (value: number): string => String(Math.round(value));

/** Ticks that one action of a chunk lasts; undefined when it is no whole number. A hundredth is what rounding in text leaves. */
function ticksOf(dtMs: number, periodMs: number): number | undefined {
  const ticks = Math.round(dtMs / periodMs);
  return ticks >= 1 && Math.abs(dtMs / periodMs - ticks) <= 0.01 * ticks ? ticks : undefined;
}
