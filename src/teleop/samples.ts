/**
 * What a person's controls say now: the newest whole sample, and whether the dead-man counts as held. Knows nothing of bodies and motion.
 *
 * A dead-man counts from a press that was seen: one that was held before, or whose samples fell silent, has to be let go first. What is
 * no sample, too old, from the future or older than another is counted, said once, and moves nothing.
 */
import { defer, EMPTY, from, merge, type Observable, type SchedulerLike, Subject, timer } from 'rxjs';
import { catchError, ignoreElements, switchMap, tap } from 'rxjs/operators';
import { describeError } from '../errors.ts';
import type { RunEvent } from '../events.ts';
import { type Pilot, type PilotInput, pilotInputSchema } from '../ports.ts';

/** Age above which a sample commands nothing, and silence at which a held dead-man counts as let go, ms. Chosen: as for a jog. */
export const STALE_MS = 200;
/** How far a stamp may lie in the future, ms. Chosen: what two clocks of one machine that were read one after the other differ by. */
const FUTURE_MS = 5;
/** Samples in a second above which the controls are said to flood. Chosen: eight times what a screen draws. */
const FLOOD_PER_S = 500;

/** What samples were not taken for, and how many of each. */
const FLAWS = ['malformed', 'stale', 'future', 'out of order', 'flood', 'silent', 'held before'] as const;
export type Flaw = (typeof FLAWS)[number];

export interface Heard {
  /** The newest sample; its command counts only while `isHeld`. */
  readonly input: PilotInput | undefined;
  readonly isHeld: boolean;
  /** Counts the presses of the dead-man. */
  readonly press: number;
  readonly ageMs: number | undefined;
  /** Why a dead-man that seems held does not count. */
  readonly refused?: string;
  /** The controls have ended or failed. */
  readonly gone?: string;
}

export interface Samples {
  /** Listens while it is subscribed to; emits when a tick should begin at once. */
  readonly prompt$: Observable<unknown>;
  readonly heard: () => Heard;
  readonly counts: Readonly<Partial<Record<Flaw, number>>>;
}

export interface SamplesParts {
  readonly pilot: Pilot;
  readonly scheduler: SchedulerLike;
  readonly tell: (event: RunEvent) => void;
}

export function createSamples({ pilot, scheduler, tell }: SamplesParts): Samples {
  const nowMs = () => scheduler.now();
  const counts: Partial<Record<Flaw, number>> = {};
  const said = new Set<Flaw>();
  const prompts$ = new Subject<void>();
  let newest: PilotInput | undefined;
  let press = 0;
  let isHeld = false;
  /** It was seen let go, so that a press is one. */
  let isFree = false;
  let refused: string | undefined;
  let gone: string | undefined;
  let second = { beganMs: Number.NEGATIVE_INFINITY, samples: 0 };

  const flawed = (flaw: Flaw, text: string) => {
    counts[flaw] = (counts[flaw] ?? 0) + 1;
    if (said.has(flaw)) return;
    said.add(flaw);
    tell({ kind: 'warning', text: `pilot ${pilot.name}: ${text}` });
  };
  const countFlood = () => {
    if (nowMs() - second.beganMs >= 1000) second = { beganMs: nowMs(), samples: 0 };
    second.samples += 1;
    if (second.samples > FLOOD_PER_S)
      flawed('flood', `more than ${FLOOD_PER_S} samples in a second: only the newest counts`);
  };
  const letGo = (why?: string) => {
    isHeld = false;
    refused = why;
  };
  /** Whether it was a held dead-man that has fallen silent. */
  const lapse = (): boolean => {
    if (!isHeld || !newest || nowMs() - newest.stampMs <= STALE_MS) return false;
    isFree = false;
    letGo(`the dead-man was silent for ${STALE_MS} ms: let go of it, and press it again`);
    flawed('silent', `nothing was heard of a held dead-man for ${STALE_MS} ms, which lets go of it`);
    return true;
  };
  const stale = (ageMs: number) =>
    flawed('stale', `a sample is ${Math.round(ageMs)} ms old (at most ${STALE_MS}): it commands nothing`);
  const take = (given: unknown) => {
    countFlood();
    const read = pilotInputSchema.safeParse(given);
    if (!read.success) {
      const problems = read.error.issues
        .slice(0, 3)
        .map(({ path, message }) => `${path.join('.') || 'sample'}: ${message}`);
      return flawed('malformed', `sends what is no sample (${problems.join('; ')})`);
    }
    const input: PilotInput = read.data;
    const ageMs = nowMs() - input.stampMs;
    if (!input.isHeld) {
      // Letting go counts however late it comes, and whatever its clock says.
      lapse();
      if (ageMs > STALE_MS) stale(ageMs);
      const wasHeld = isHeld;
      newest = { ...input, stampMs: Math.min(nowMs(), Math.max(input.stampMs, newest?.stampMs ?? input.stampMs)) };
      isFree = true;
      letGo();
      if (wasHeld) prompts$.next();
      return;
    }
    if (ageMs < -FUTURE_MS) return flawed('future', `a sample is stamped ${Math.round(-ageMs)} ms in the future`);
    if (newest && input.stampMs < newest.stampMs) return flawed('out of order', 'a sample came after a newer one');
    lapse();
    if (ageMs > STALE_MS) {
      stale(ageMs);
      refused = `what was asked for came ${Math.round(ageMs)} ms late`;
      return;
    }
    newest = input;
    if (!isFree) {
      refused ??= 'the dead-man was held before anybody saw it pressed: let go of it first';
      flawed('held before', refused);
      return;
    }
    if (!isHeld) press += 1;
    isHeld = true;
    refused = undefined;
    prompts$.next();
  };
  const end = (how: string) => {
    gone = `pilot ${pilot.name} ${how}`;
    letGo(gone);
    prompts$.next();
  };
  const listening$ = defer(() => from(pilot.input$)).pipe(
    tap({
      next: take,
      complete: () => end('has ended'),
      error: (cause) => end(`failed: ${describeError(cause)}`),
    }),
    catchError(() => EMPTY),
    switchMap(() => (isHeld ? timer(STALE_MS + 1, scheduler) : EMPTY)),
    tap(() => lapse() && prompts$.next()),
    ignoreElements(),
  );
  return {
    prompt$: merge(prompts$, listening$),
    heard: () => {
      lapse();
      const ageMs = newest && nowMs() - newest.stampMs;
      return { input: newest, isHeld, press, ageMs, ...(refused && { refused }), ...(gone !== undefined && { gone }) };
    },
    counts,
  };
}
