/** Typing and keys. */
import { PumiceError } from '../../../src/errors.ts';
import { isWithin } from '../../../src/gate/origins.ts';
import type { ActionOf, Mark, Target } from '../../../src/types.ts';
import type { FoundElement } from '../elements.ts';
import { Interrupted } from './hands.ts';
import { setInputInPage, VALUE_FORMATS } from './inputs-in-page.ts';
import { parseKeys } from './keys.ts';
import { type Act, click, elementAt, find, on, type Place, Refused, type Tools } from './tools.ts';

type Typing = ActionOf<'ui-type'>;

/** What the keys go to. */
interface Field {
  readonly field: FoundElement;
  /** The mark that it has itself. */
  readonly mark?: Mark;
}

/** Characters that are typed key by key; the rest is put in by pieces, as an input method does. Chosen: pages listen to keys of short texts. */
const KEYED_CHARS = 100;
const PIECE_CHARS = 20;

export const type: Act<Typing> = async (action, tools) => {
  const { target, submit } = action;
  const picked = target && (await pickedField(await find(target, tools), tools));
  if (picked) tools.progress({ ...action, submit: false });
  if (picked) await setPicked(picked, action, tools);
  else await typeInto(action, tools);
  tools.progress({ ...action, submit: false });
  if (!submit) return action;
  await nextField(tools);
  await tools.hands.tap('Enter', () => tools.progress(action));
  return action;
};

async function typeInto(action: Typing, tools: Tools): Promise<void> {
  const { target, clear, text } = action;
  const { field, mark }: Field = target ? await clickInto(target, tools) : { field: await focusedField(tools) };
  const { isReadOnly, length } = await on(tools, field, fieldStateInPage);
  if (isReadOnly) throw new Refused('the field is read-only');
  if (length > 0) await chord(['ControlOrMeta', clear ? 'a' : 'End'], tools);
  if (length > 0 && clear) await tools.hands.tap('Delete');
  if (tools.secrets.mentions(text)) await fillSecret(action, field, mark, tools);
  else await typeText(action, field, tools);
}

async function typeText(action: Typing, field: FoundElement, tools: Tools): Promise<void> {
  const { hands, progress } = tools;
  let at = field;
  const characters = [...action.text];
  for (let i = 0; i < characters.length; ) {
    const isKeyed = i < KEYED_CHARS;
    const piece = characters.slice(i, i + (isKeyed ? 1 : PIECE_CHARS)).join('');
    i += isKeyed ? 1 : PIECE_CHARS;
    if (!(await on(tools, at, hasKeysInPage))) at = await nextField(tools);
    const onSent = () => progress({ ...action, text: characters.slice(0, i).join(''), submit: false });
    if (isKeyed && /^[ -~]$/.test(piece)) await hands.tap(piece, onSent);
    else await hands.insert(piece, onSent);
  }
}

/** A page may move the focus on as one types; a frame of others that takes it gets no more of the text. */
async function nextField(tools: Tools): Promise<FoundElement> {
  try {
    return await focusedField(tools);
  } catch (error) {
    throw error instanceof Refused ? new Interrupted('focus') : error;
  }
}

async function focusedField({ hands, origins }: Tools): Promise<FoundElement> {
  const field = await hands.step(({ elements }) => elements.focused());
  if (!field) throw new Refused('nothing has the focus');
  if (!isWithin(origins, field.origin))
    throw new Refused(`the focus is in a frame of ${field.origin}, which is not allowed`);
  return field;
}

/** Clicks, and answers the field that has the focus then: the one that was clicked, or one that the click opened. */
async function clickInto(target: Target, tools: Tools): Promise<Field> {
  const before = await tools.hands.step(({ elements }) => elements.focused());
  const place = await click(target, tools);
  const clicked = await tools.hands.step(({ elements }) => elements.at(place.pointPx));
  if (clicked && (await on(tools, clicked, isFocusedInPage)))
    return { field: clicked, ...(place.mark && { mark: place.mark }) };
  const field = await focusedField(tools);
  if (await on(tools, field, isBodyInPage)) throw new Refused('nothing there takes text');
  const isOther = field.id !== before?.id || field.origin !== before.origin;
  if (isOther || (clicked && (await on(tools, clicked, holdsFocusInPage)))) return { field };
  throw new Refused('nothing there takes text: the focus stays where it was');
}

/** Puts a secret in, in one turn of the field's own document, so that it can get nowhere else; grey in pictures from then on. */
async function fillSecret(action: Typing, field: FoundElement, mark: Mark | undefined, tools: Tools): Promise<void> {
  if (!mark) throw new Refused('a secret can only be typed into a field that is marked itself');
  if (!(await on(tools, field, isFieldInPage))) throw new Refused('a secret can only be typed into a field');
  const value = expand(action.text, field.origin, tools);
  const isMasked = await tools.seen?.collector?.maskElement(mark.id, tools.signal);
  if (!isMasked) throw new Refused('the field could not be hidden in pictures');
  tools.progress({ ...action, submit: false });
  if (!(await on(tools, field, insertInPage, value))) throw new Refused('the field did not take the secret');
}

function expand(text: string, origin: string, { secrets }: Tools): string {
  try {
    return secrets.expand(text, origin);
  } catch (error) {
    throw PumiceError.is(error) ? new Refused(error.message) : error;
  }
}

/** A field whose value is picked, not typed; refuses what takes no text at all. */
async function pickedField(place: Place, tools: Tools): Promise<FoundElement | undefined> {
  const element = await elementAt(place, tools);
  const kind = await on(tools, element, kindInPage);
  if (kind === 'select') throw new Refused('this is a list: use ui-select');
  if (kind === 'checkbox' || kind === 'radio') throw new Refused(`this is a ${kind}: use ui-check`);
  if (kind === 'file') throw new Refused('this takes files: use ui-upload');
  return kind !== undefined && kind in VALUE_FORMATS ? element : undefined;
}

/** From inside: the browser's own pickers cannot be reached by keys in one way on all systems. */
async function setPicked(element: FoundElement, { text, clear }: Typing, tools: Tools): Promise<void> {
  if (tools.secrets.mentions(text)) throw new Refused('a secret can only be typed into a text field');
  const { kind, problem } = await on(tools, element, setInputInPage, text, clear);
  if (problem === 'format') throw new Refused(`expected ${VALUE_FORMATS[kind] ?? 'another format'}, got '${text}'`);
  if (problem !== undefined) throw new Refused(problem);
}

export const key: Act<ActionOf<'ui-key'>> = async (action, tools) => {
  const keys = parseKeys(action.keys);
  await focusedField(tools);
  tools.progress(action);
  await chord(keys, tools);
  return action;
};

async function chord(keys: readonly string[], { hands }: Tools): Promise<void> {
  for (const one of keys) await hands.keyDown(one);
  for (const one of [...keys].reverse()) await hands.keyUp(one);
}

// These run in the page.

function kindInPage(this: Element): string | undefined {
  const control = this.closest('input,select') ?? (this.closest('label') as HTMLLabelElement | null)?.control;
  if (control instanceof HTMLSelectElement) return 'select';
  return control instanceof HTMLInputElement ? control.type : undefined;
}

function isFocusedInPage(this: Element): boolean {
  return (this.getRootNode() as Document | ShadowRoot).activeElement === this && this !== document.body;
}

function hasKeysInPage(this: Element): boolean {
  return (this.getRootNode() as Document | ShadowRoot).activeElement === this && document.hasFocus();
}

function isBodyInPage(this: Element): boolean {
  return this === document.body || this === document.documentElement;
}

/** Whether the focus is in this element, in what it labels, or around it. */
function holdsFocusInPage(this: Element): boolean {
  const focused = (this.getRootNode() as Document | ShadowRoot).activeElement;
  const control = (this.closest('label') as HTMLLabelElement | null)?.control;
  return focused !== null && (this.contains(focused) || focused.contains(this) || focused === control);
}

function fieldStateInPage(this: Element): { isReadOnly: boolean; length: number } {
  const isField = this instanceof HTMLInputElement || this instanceof HTMLTextAreaElement;
  const isEditable = this instanceof HTMLElement && this.isContentEditable;
  return {
    isReadOnly: isField && this.readOnly,
    length: isField ? this.value.length : isEditable ? (this.textContent ?? '').length : 0,
  };
}

function isFieldInPage(this: Element): boolean {
  return this instanceof HTMLInputElement || this instanceof HTMLTextAreaElement;
}

function insertInPage(this: Element, value: string): boolean {
  if ((this.getRootNode() as Document | ShadowRoot).activeElement !== this) return false;
  return document.execCommand('insertText', false, value);
}
