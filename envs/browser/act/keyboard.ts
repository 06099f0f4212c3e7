/** Typing and keys. */

import { PumiceError } from '../../../src/errors.ts';
import { isWithin } from '../../../src/gate/origins.ts';
import type { ActionOf } from '../../../src/types.ts';
import type { FoundElement } from '../elements.ts';
import { setInputInPage, VALUE_FORMATS } from './inputs-in-page.ts';
import { type Act, click, elementAt, find, type Place, Refused, type Tools } from './tools.ts';

export const type: Act<ActionOf<'ui-type'>> = async (action, tools) => {
  const { target, text, clear, submit } = action;
  const { secrets, hands, progress } = tools;
  if (target) {
    const special = await specialField(await find(target, tools), tools);
    if (special) {
      await fillSpecial(special, text, clear);
      if (submit) await hands.tap('Enter');
      return action;
    }
  }
  const place = target ? await click(target, tools) : undefined;
  const field = await focusedField(tools);
  const state = await field.call(fieldStateInPage);
  if (place && !state.takesKeys) throw new Refused('nothing there takes text');
  if (state.isReadOnly) throw new Refused('the field is read-only');
  if (clear && state.length > 0) {
    await chord(['ControlOrMeta', 'a'], tools);
    await hands.tap('Delete');
  } else if (state.length > 0) await chord(['ControlOrMeta', 'End'], tools);
  if (secrets.mentions(text)) await fillSecret(text, field, place, tools);
  else await typeText(action, tools);
  progress({ ...action, submit: false });
  if (submit) await hands.tap('Enter');
  return action;
};

async function typeText(action: ActionOf<'ui-type'>, { hands, progress }: Tools): Promise<void> {
  let typed = '';
  for (const character of action.text) {
    if (/[ -~]/.test(character)) await hands.tap(character);
    else await hands.insert(character);
    typed += character;
    progress({ ...action, text: typed, submit: false });
  }
}

async function focusedField({ pages, origins }: Tools): Promise<FoundElement> {
  const field = await pages.active.elements.focused();
  if (!field) throw new Refused('nothing has the focus');
  if (!isWithin(origins, field.origin))
    throw new Refused(`the focus is in a frame of ${field.origin}, which is not allowed`);
  return field;
}

/** Puts a secret in, in one turn of the page's own document, so that it can get nowhere else; grey in pictures from then on. */
async function fillSecret(text: string, field: FoundElement, place: Place | undefined, tools: Tools): Promise<void> {
  if (!place?.mark || !place.boxPx) throw new Refused('a secret can only be typed into a marked field');
  let value: string;
  try {
    value = tools.secrets.expand(text, field.origin);
  } catch (error) {
    if (PumiceError.is(error)) throw new Refused(error.message);
    throw error;
  }
  const isMasked = await tools.seen?.collector.maskElement(place.mark.id, tools.signal);
  if (!isMasked) throw new Refused('the field could not be hidden in pictures');
  await tools.hands.step(async () => {
    if (!(await field.call(insertInPage, value))) throw new Refused('the field did not take the secret');
  });
}

async function specialField(place: Place, { pages }: Tools): Promise<FoundElement | undefined> {
  const element = await elementAt(place, pages.active);
  const kind = await element.call(specialKindInPage);
  if (kind === 'select') throw new Refused('this is a list: use ui-select');
  if (kind === 'checkbox' || kind === 'radio') throw new Refused(`this is a ${kind}: use ui-check`);
  if (kind === 'file') throw new Refused('this takes files: use ui-upload');
  return kind !== undefined && kind in VALUE_FORMATS ? element : undefined;
}

/** Fields whose value is picked, not typed: the browser's own pickers cannot be reached by keys in one way on all systems. */
async function fillSpecial(element: FoundElement, text: string, clear: boolean): Promise<void> {
  const answer = await element.call(setInputInPage, text, clear);
  if (answer.problem === 'format')
    throw new Refused(`expected ${VALUE_FORMATS[answer.kind] ?? 'another format'}, got '${text}'`);
  if (answer.problem !== undefined) throw new Refused(answer.problem);
}

export const key: Act<ActionOf<'ui-key'>> = async (action, tools) => {
  const focused = await tools.pages.active.elements.focused();
  if (focused && !isWithin(tools.origins, focused.origin))
    throw new Refused(`the focus is in a frame of ${focused.origin}, which is not allowed`);
  await chord(parseKeys(action.keys), tools);
  return action;
};

async function chord(keys: readonly string[], { hands }: Tools): Promise<void> {
  for (const one of keys) await hands.keyDown(one);
  for (const one of [...keys].reverse()) await hands.keyUp(one);
}

const ALIASES: Readonly<Record<string, string>> = {
  ctrl: 'Control',
  control: 'Control',
  cmd: 'Meta',
  command: 'Meta',
  meta: 'Meta',
  win: 'Meta',
  super: 'Meta',
  alt: 'Alt',
  option: 'Alt',
  shift: 'Shift',
  controlormeta: 'ControlOrMeta',
  return: 'Enter',
  enter: 'Enter',
  esc: 'Escape',
  escape: 'Escape',
  del: 'Delete',
  delete: 'Delete',
  ins: 'Insert',
  insert: 'Insert',
  backspace: 'Backspace',
  tab: 'Tab',
  space: 'Space',
  spacebar: 'Space',
  up: 'ArrowUp',
  down: 'ArrowDown',
  left: 'ArrowLeft',
  right: 'ArrowRight',
  arrowup: 'ArrowUp',
  arrowdown: 'ArrowDown',
  arrowleft: 'ArrowLeft',
  arrowright: 'ArrowRight',
  pageup: 'PageUp',
  pgup: 'PageUp',
  pagedown: 'PageDown',
  pgdn: 'PageDown',
  home: 'Home',
  end: 'End',
  plus: '+',
};

/** `Control+Shift+A` as the names of Playwright's keyboard. */
export function parseKeys(text: string): string[] {
  const parts =
    text === '+'
      ? ['+']
      : text
          .replace(/\+\+$/, '+plus')
          .split('+')
          .map((part) => part.trim());
  const keys = parts.map((part) => {
    const known = ALIASES[part.toLowerCase()] ?? (/^f([1-9]|1[0-2])$/i.test(part) ? part.toUpperCase() : part);
    if (known in NAMED || /^[ -~]$/.test(known)) return known;
    throw new Refused(`there is no key '${part}'; write e.g. Enter, Control+A or Shift+Tab`);
  });
  const isShortcut = keys.some((one) => /^(Control|Meta|Alt|ControlOrMeta)$/.test(one));
  return keys.map((one) => (isShortcut && /^[A-Z]$/.test(one) ? one.toLowerCase() : one));
}
const NAMED = Object.fromEntries(
  [...Object.values(ALIASES), ...Array.from({ length: 12 }, (_, i) => `F${i + 1}`)].map((name) => [name, true]),
);

// These run in the page.

function specialKindInPage(this: Element): string | undefined {
  const control = this.closest('input,select') ?? (this.closest('label') as HTMLLabelElement | null)?.control;
  if (control instanceof HTMLSelectElement) return 'select';
  return control instanceof HTMLInputElement ? control.type : undefined;
}

function fieldStateInPage(this: Element): { takesKeys: boolean; isReadOnly: boolean; length: number } {
  const isField = this instanceof HTMLInputElement || this instanceof HTMLTextAreaElement;
  const isEditable = this instanceof HTMLElement && this.isContentEditable;
  return {
    takesKeys: isField || isEditable || this !== document.body,
    isReadOnly: isField && this.readOnly,
    length: isField ? this.value.length : isEditable ? (this.textContent ?? '').length : 0,
  };
}

function insertInPage(this: Element, value: string): boolean {
  const root = this.getRootNode() as Document | ShadowRoot;
  if (root.activeElement !== this) return false;
  return document.execCommand('insertText', false, value);
}
