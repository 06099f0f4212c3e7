/**
 * Marks for a person who leads: pictures are marked beside the ticks, one at a time, and kept for as long as somebody may still press a
 * number of theirs. No tick waits for it. Knows no marker by name.
 */
import type { Subscription } from 'rxjs';
import type { Ask } from '../ask.ts';
import { describeError } from '../errors.ts';
import type { RunEvent } from '../events.ts';
import { evidenceOf } from '../opinion.ts';
import type { Marker } from '../ports.ts';
import { type Mark, type Observation, sensedSchema } from '../types.ts';
import { placeOf } from './help.ts';

/** How often pictures are marked, ms. Chosen: things on a table stay where they are. */
const EVERY_MS = 1000;
/** Marked observations that a number may be of. */
const KEPT = 8;

export interface Marking {
  /** Marks what is seen, if it is time to; while somebody leads, only if nothing was marked yet. */
  readonly look: (seen: Observation, isLed: boolean) => void;
  /** Where the thing of that number lies, in the frame of the camera's pose; or why nobody can tell. */
  readonly placeOf: (markId: number, seq: number, planeM: number) => readonly [number, number] | string;
  readonly void: () => void;
}

export interface MarkingParts {
  readonly marker: Marker | undefined;
  readonly ask: Ask;
  readonly nowMs: () => number;
  readonly tell: (event: RunEvent) => void;
}

export function createMarking({ marker, ask, nowMs, tell }: MarkingParts): Marking {
  let kept: readonly Observation[] = [];
  let beganMs = Number.NEGATIVE_INFINITY;
  let shownMs = Number.NEGATIVE_INFINITY;
  let work: Subscription | undefined;
  let isTold = false;

  const keep = (observation: Observation) => {
    kept = [...kept, observation].slice(-KEPT);
  };
  return {
    look: (seen, isLed) => {
      if (seen.marks?.length && kept.at(-1)?.seq !== seen.seq) keep(seen);
      if (isLed && kept.length > 0) return;
      if (!marker || work || nowMs() - beganMs < EVERY_MS || seen.frames.length === 0 || evidenceOf(seen) <= shownMs)
        return;
      beganMs = nowMs();
      shownMs = evidenceOf(seen);
      let isOver = false;
      const over = () => {
        isOver = true;
        work = undefined;
      };
      const marking = ask('mark', `marker ${marker.name}`, (context) => marker.mark(seen, context)).subscribe({
        next: (sensed) => {
          const read = sensedSchema.safeParse(sensed);
          if (!read.success) return;
          const observation: Observation = { ...seen, ...read.data };
          keep(observation);
          tell({ kind: 'observed', observation });
        },
        error: (cause) => {
          over();
          if (!isTold) tell({ kind: 'warning', text: `marker ${marker.name}: ${describeError(cause)}` });
          isTold = true;
        },
        complete: over,
      });
      if (!isOver) work = marking;
    },
    placeOf: (markId, seq, planeM) => {
      const of = kept.findLast((one) => one.seq === seq);
      const mark: Mark | undefined = of?.marks?.find(({ id }) => id === markId);
      if (!of || !mark) return `nothing is marked ${markId} in what was seen in step ${seq}`;
      return placeOf(mark, of.frames[0], planeM);
    },
    void: () => {
      work?.unsubscribe();
      work = undefined;
    },
  };
}
