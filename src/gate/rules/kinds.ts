/** Which family a kind of action is of; every rule on bodies asks here first. Pure. */
import type { Action, ActionOf } from '../../types.ts';

/** Words to the loop or to a person; the body does nothing. They pass all rules but `running`, `finite` and `schema`. */
export type Word = ActionOf<'hold' | 'hand-over' | 'done'>;
/** What is done to a page. */
export type UiAction = Extract<Action, { kind: `ui-${string}` }>;
/** What moves a machine. */
export type MotionAction = Exclude<Action, Word | UiAction>;

export const isWord = (action: Action): action is Word =>
  action.kind === 'hold' || action.kind === 'hand-over' || action.kind === 'done';

export const isUi = (action: Action): action is UiAction => action.kind.startsWith('ui-');

/** Anything else counts as motion: what nobody has heard of is judged by the strictest rules. */
export const isMotion = (action: Action): action is MotionAction => !isWord(action) && !isUi(action);
