/**
 * The failsafe: which state the body is in, and who may change it. Pure: `next(state, event)`.
 *
 *   DISARMED ──arm──▶ ARMED ──start──▶ RUNNING ──finish──▶ DISARMED
 *   RUNNING ──protective-stop──▶ PROTECTIVE_STOP ──release──▶ RUNNING
 *   any ──e-stop──▶ E_STOP (latched) ──clear, by a person──▶ cleared ──resync──▶ DISARMED
 *
 * Only RUNNING lets an action through. An event that does not fit a state changes nothing: no way leads out of a stop by accident.
 */
export type FailsafeState =
  | { readonly name: 'DISARMED' | 'ARMED' | 'RUNNING' }
  | { readonly name: 'PROTECTIVE_STOP'; readonly cause: string; readonly category: 1 | 2 }
  | { readonly name: 'E_STOP'; readonly cause: string; readonly category: 0 | 1; readonly isCleared: boolean };

export type FailsafeEvent =
  | { readonly kind: 'arm' | 'start' | 'finish' }
  | { readonly kind: 'protective-stop'; readonly cause: string; readonly category: 1 | 2 }
  /** Alone only when the cause is gone and a new plan is there; a person may at any time. */
  | {
      readonly kind: 'release';
      readonly byPerson: boolean;
      readonly causeIsGone: boolean;
      readonly hasNewPlan: boolean;
    }
  | { readonly kind: 'e-stop'; readonly cause: string; readonly category: 0 | 1 }
  | { readonly kind: 'clear'; readonly byPerson: boolean }
  | { readonly kind: 'resync' };

export const DISARMED: FailsafeState = { name: 'DISARMED' };

export const isRunning = (state: FailsafeState): boolean => state.name === 'RUNNING';
/** Whether only a person can lead out of it. */
export const isLatched = (state: FailsafeState): boolean => state.name === 'E_STOP';

export function next(state: FailsafeState, event: FailsafeEvent): FailsafeState {
  // A stop is looked at first, in every state; the more severe category of two stays.
  if (event.kind === 'e-stop') {
    const category = state.name === 'E_STOP' && state.category < event.category ? state.category : event.category;
    const cause = state.name === 'E_STOP' && !state.isCleared ? state.cause : event.cause;
    return { name: 'E_STOP', cause, category, isCleared: false };
  }
  switch (state.name) {
    case 'DISARMED':
      return event.kind === 'arm' ? { name: 'ARMED' } : state;
    case 'ARMED':
      if (event.kind === 'start') return { name: 'RUNNING' };
      return event.kind === 'finish' ? DISARMED : state;
    case 'RUNNING':
      if (event.kind === 'protective-stop')
        return { name: 'PROTECTIVE_STOP', cause: event.cause, category: event.category };
      return event.kind === 'finish' ? DISARMED : state;
    case 'PROTECTIVE_STOP':
      if (event.kind === 'release')
        return event.byPerson || (event.causeIsGone && event.hasNewPlan) ? { name: 'RUNNING' } : state;
      if (event.kind === 'protective-stop' && event.category < state.category)
        return { ...state, category: event.category };
      return event.kind === 'finish' ? DISARMED : state;
    case 'E_STOP':
      if (event.kind === 'clear' && event.byPerson) return { ...state, isCleared: true };
      return event.kind === 'resync' && state.isCleared ? DISARMED : state;
  }
}
