/**
 * What of a person's controls counts: samples that are young enough, from who holds control, until there was a gap. Pure but for the clock
 * that it is given. Knows no socket, and nothing of what the controls lead.
 */
import type { PilotInput } from '../ports.ts';
import type { Control } from './control.ts';
import type { PageSample, PilotState } from './messages.ts';

/**
 * Age above which a sample moves nothing, and the longest gap between two that count while the dead-man is held, ms. Chosen: four samples
 * of the slowest page, and the jitter of a phone's link.
 */
export const MOST_AGE_MS = 200;

export interface PilotIntake {
  /** What is to be passed on of a sample, if anything is. A dead-man that was let go always counts, however old. */
  readonly take: (viewer: number, sample: PageSample) => PilotInput | undefined;
  /** To be asked again and again: the dead-man is let go where no sample came. @returns that, once. */
  readonly lapse: () => PilotInput | undefined;
  /** Nobody holds control any more: then nobody watches over a policy either. */
  readonly leave: () => PilotInput | undefined;
  readonly state: () => PilotState;
}

export interface PilotIntakeParts {
  readonly control: Pick<Control, 'holder' | 'madeMs'>;
  readonly nowMs: () => number;
  readonly mostAgeMs?: number;
}

export function createPilotIntake({ control, nowMs, mostAgeMs = MOST_AGE_MS }: PilotIntakeParts): PilotIntake {
  /** The newest sample that was passed on. */
  let last: PilotInput | undefined;
  /** Who was seen with the dead-man let go, since control was taken and since the last gap: only from then on it counts. */
  let ready: number | undefined;
  let isLapsed = false;
  let dropped = 0;
  let ageMs: number | undefined;
  // Stamps never go back: of two pings the later one may prove less.
  const passOn = (input: PilotInput): PilotInput => {
    last = { ...input, stampMs: Math.max(input.stampMs, last?.stampMs ?? input.stampMs) };
    return last;
  };
  const lapse = (): PilotInput | undefined => {
    if (!last?.isHeld || nowMs() - last.stampMs <= mostAgeMs) return undefined;
    isLapsed = true;
    ready = undefined;
    // Nobody may have seen what went on: a policy does not begin by that.
    return passOn(letGo({ ...last, mode: 'manual' }, nowMs()));
  };
  return {
    take: (viewer, { kind: _kind, ping, sinceMs, ...controls }) => {
      if (viewer !== control.holder()) return undefined;
      const now = nowMs();
      const madeMs = control.madeMs(viewer, ping, sinceMs);
      ageMs = madeMs === undefined ? undefined : now - madeMs;
      if (!controls.isHeld) {
        ready = viewer;
        isLapsed = false;
        return passOn(letGo(controls, madeMs ?? now));
      }
      // Whoever holds on through a gap has not seen what was done meanwhile.
      const gap = lapse();
      if (madeMs !== undefined && now - madeMs <= mostAgeMs && viewer === ready)
        return passOn({ ...controls, stampMs: madeMs });
      dropped += 1;
      return gap;
    },
    lapse,
    leave: () => {
      ready = undefined;
      isLapsed = false;
      return last && passOn(letGo({ ...last, mode: 'manual' }, nowMs()));
    },
    state: () => ({ ...(ageMs !== undefined && { ageMs }), dropped, isLapsed }),
  };
}

/**
 * What waits for a thread that is busy, with another input behind it: the newest, and before it a dead-man that was let go, since only the
 * press that follows one counts. At most two.
 */
export const queued = (waiting: readonly PilotInput[], input: PilotInput): readonly PilotInput[] =>
  input.isHeld ? [...waiting.filter(({ isHeld }) => !isHeld), input] : [input];

const letGo = ({ mode, share }: Omit<PilotInput, 'stampMs'>, stampMs: number): PilotInput => ({
  ...{ mode, share, stampMs, isHeld: false },
});
