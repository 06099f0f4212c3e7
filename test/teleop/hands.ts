/** A person's hands at the controls, for tests: samples as whole as a page sends them, at times that are told. */
import type { Pilot, PilotInput } from 'pumice';
import { type SchedulerLike, Subject } from 'rxjs';

type Command = NonNullable<PilotInput['command']>;

export interface Hands {
  readonly pilot: Pilot;
  readonly input$: Subject<PilotInput>;
  /** One sample, stamped now unless told otherwise. */
  readonly say: (sample?: Partial<PilotInput>) => void;
  /** The same sample every 20 ms for a time, the first at once. */
  readonly keep: (sample: Partial<PilotInput>, fromMs: number, untilMs: number) => void;
}

export const twist = (x: number, y = 0, z = 0, gripperOpen = 1): Command => ({
  ...{ kind: 'eef-twist', frameId: 'base', linearMPerS: [x, y, z], angularRadPerS: [0, 0, 0] },
  gripperOpen,
});

export function hands(scheduler: SchedulerLike, mode: PilotInput['mode'] = 'manual'): Hands {
  const input$ = new Subject<PilotInput>();
  const say: Hands['say'] = (sample = {}) =>
    input$.next({ stampMs: scheduler.now(), isHeld: false, mode, share: 1, ...sample });
  return {
    input$,
    say,
    pilot: { name: 'hands', input$ },
    keep: (sample, fromMs, untilMs) => {
      for (let atMs = fromMs; atMs < untilMs; atMs += 20)
        scheduler.schedule(() => say({ isHeld: true, ...sample }), atMs);
    },
  };
}
