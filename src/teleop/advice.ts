/**
 * What a policy would do now, for a person who leads together with it: it thinks again and again on what is newest, one thought in flight,
 * and the newest judged answer counts for as long as it lasts. An answer is a path from where the tool was in its picture; what counts of
 * it is the velocity and the hand of this moment. Knows no person and no body.
 */
import type { Subscription } from 'rxjs';
import { concatMap, map, of } from 'rxjs';
import type { Ask } from '../ask.ts';
import { createMoments } from '../chunk/moments.ts';
import { endOf, type Path, stanceAt } from '../chunk/path.ts';
import { courseOf } from '../chunk/poses.ts';
import { shown } from '../chunk/shown.ts';
import { describeError } from '../errors.ts';
import type { RunEvent } from '../events.ts';
import type { Leases } from '../lease.ts';
import { evidenceOf } from '../opinion.ts';
import type { DeltaMeaning, Policy } from '../ports.ts';
import { readThought } from '../think.ts';
import type { ActionChunk, Observation } from '../types.ts';
import { between, type Velocity } from './mix.ts';

/** A policy that has failed is asked again so much later, ms. */
const AGAIN_MS = 1000;

export interface Suggestion {
  readonly velocity: Velocity;
  readonly gripperOpen: number;
}

export interface Advice {
  /** Notices where the tool is. */
  readonly notice: (seen: Observation) => void;
  /** Thinks on it, if nothing is being thought. */
  readonly think: (seen: Observation) => void;
  /** What the policy would do from now on; undefined when it says nothing, or nothing that was judged. */
  readonly now: () => Suggestion | undefined;
  readonly void: () => void;
}

export interface AdviceParts {
  readonly policy: Policy;
  readonly ask: Ask;
  readonly leases: Pick<Leases, 'judge'>;
  readonly delta: DeltaMeaning | undefined;
  /** Of a tick. */
  readonly periodMs: number;
  readonly nowMs: () => number;
  readonly tell: (event: RunEvent) => void;
  /** A critic halts on what the policy would do. */
  readonly onHalt: (cause: string) => void;
}

export function createAdvice({ policy, ask, leases, delta, periodMs, nowMs, tell, onHalt }: AdviceParts): Advice {
  const who = `policy ${policy.name}`;
  const moments = createMoments();
  // Plan time is time here: nothing of it is slowed down or held.
  const tickNow = () => nowMs() / periodMs;
  let path: Path | undefined;
  let work: Subscription | undefined;
  let thoughts = 0;
  let thoughtOnMs = Number.NEGATIVE_INFINITY;
  let againMs = Number.NEGATIVE_INFINITY;
  let isTold = false;

  const read = (answer: unknown, seen: Observation): { chunk: ActionChunk; path: Path; dtMs: number } | undefined => {
    const thought = readThought(answer, policy.name);
    const start = moments.at(evidenceOf(seen));
    if (!start) return undefined;
    const dtMs = thought.dtMs ?? periodMs;
    const course = courseOf(thought.actions, start, { delta, ticksPerAction: dtMs / periodMs });
    if (typeof course === 'string') throw new Error(course);
    const chunk: ActionChunk = {
      ...thought,
      ...{ id: `a${++thoughts}`, epoch: seen.epoch, basedOnSeq: seen.seq, basedOnStampMs: seen.stampMs },
      poseAtFrame: delta?.reference === 'measured' ? start.measured : start.commanded,
    };
    return { chunk, path: course.path, dtMs };
  };
  const think = (seen: Observation) => {
    if (work || evidenceOf(seen) <= thoughtOnMs || nowMs() < againMs) return;
    thoughtOnMs = evidenceOf(seen);
    let isOver = false;
    const over = () => {
      isOver = true;
      work = undefined;
    };
    const thinking = ask('think', who, (context) => policy.act(seen, context))
      .pipe(
        map((answer) => read(answer, seen)),
        concatMap((got) => {
          if (!got) return of(undefined);
          const left = shown(got.chunk, got.path, tickNow(), got);
          return leases.judge(got.chunk, left, seen).pipe(
            map((ruling) => {
              if (ruling.kind === 'halt') onHalt(ruling.reasons.join('; '));
              return ruling.kind === 'lease' ? got.path : undefined;
            }),
          );
        }),
      )
      .subscribe({
        next: (judged) => {
          path = judged;
        },
        error: (cause) => {
          over();
          path = undefined;
          againMs = nowMs() + AGAIN_MS;
          if (!isTold) tell({ kind: 'warning', text: `${who} suggests nothing: ${describeError(cause)}` });
          isTold = true;
        },
        complete: over,
      });
    if (!isOver) work = thinking;
  };
  return {
    notice: (seen) => moments.add(seen, tickNow()),
    think,
    now: () => {
      const tick = tickNow();
      if (!path || tick >= endOf(path)) return undefined;
      const next = stanceAt(path, tick + 1);
      return { velocity: between(stanceAt(path, tick), next, periodMs / 1000), gripperOpen: next.gripperOpen };
    },
    void: () => {
      work?.unsubscribe();
      work = undefined;
      path = undefined;
      thoughtOnMs = Number.NEGATIVE_INFINITY;
    },
  };
}
