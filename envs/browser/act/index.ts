/** Carries out one action of any kind, and says what really happened. */
import type { Action, ActionKind, ActResult } from '../../../src/types.ts';
import { isOurFault } from '../faults.ts';
import { drag } from './drag.ts';
import { back, dialog, navigate, tab, wait } from './go.ts';
import { Interrupted, Stopped } from './hands.ts';
import { check, select } from './inputs.ts';
import { key, type } from './keyboard.ts';
import { clickOn, hover, scroll } from './pointer.ts';
import { type Act, Refused, type Tools } from './tools.ts';
import { upload } from './upload.ts';

const ACTS = {
  'ui-click': clickOn,
  'ui-type': type,
  'ui-select': select,
  'ui-check': check,
  'ui-scroll': scroll,
  'ui-key': key,
  'ui-drag': drag,
  'ui-hover': hover,
  'ui-navigate': navigate,
  'ui-back': back,
  'ui-tab': tab,
  'ui-upload': upload,
  'ui-dialog': dialog,
  'ui-wait': wait,
} as const;

/** Words to the runtime rather than to the body: nothing is touched, so they are done at any time. */
export const WORDS: readonly ActionKind[] = ['hold', 'hand-over', 'done'];

export const ACTS_OF_BROWSER = [...Object.keys(ACTS), ...WORDS] as readonly ActionKind[];

/** What can be done while a dialog keeps the page frozen. */
const BESIDE_DIALOG: readonly string[] = ['ui-dialog', 'ui-wait', 'ui-tab'];

/** What does not depend on which tab is in front. */
const ON_ANY_TAB: readonly string[] = ['ui-navigate', 'ui-wait', 'ui-tab'];

const firstLine = (error: unknown): string => String(error).split('\n')[0]!;

export async function carryOut(action: Action, tools: Omit<Tools, 'progress'>): Promise<ActResult> {
  let executed: Action | undefined;
  if (WORDS.includes(action.kind)) return { status: 'done', executed: action };
  const act = (ACTS as Readonly<Record<string, Act<never>>>)[action.kind];
  if (!act) return { status: 'refused', reason: `a browser does not do ${action.kind}` };
  if (tools.seen && tools.seen.tab !== tools.pages.active && !ON_ANY_TAB.includes(action.kind))
    return { status: 'refused', reason: 'another tab came to the front than the one that was seen; look again' };
  const open = tools.pages.active.dialog;
  if (open && !BESIDE_DIALOG.includes(action.kind))
    return { status: 'refused', reason: `a dialog is open (${open.type()}): answer it with ui-dialog first` };
  try {
    const progress = (sofar: Action | undefined) => {
      executed = sofar;
    };
    return { status: 'done', executed: await act(action as never, { ...tools, progress }) };
  } catch (error) {
    if (error instanceof Refused) return { status: 'refused', reason: error.message };
    if (error instanceof Stopped) return { status: 'stopped', reason: 'stopped', ...(executed && { executed }) };
    if (isOurFault(error)) throw error;
    const reason = error instanceof Interrupted ? error.message : `the page went away: ${firstLine(error)}`;
    if (!executed) return { status: 'refused', reason };
    // That another page comes is what most clicks are for.
    const isWhole = executed === action && error instanceof Interrupted && error.why === 'navigated';
    return isWhole ? { status: 'done', executed } : { status: 'done', reason, executed };
  } finally {
    tools.hands.release();
  }
}
