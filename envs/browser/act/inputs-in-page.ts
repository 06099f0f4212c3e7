/** Setting fields whose value is picked rather than typed. What is exported as `...InPage` runs in the page and must be self-contained. */

/** What `value` must look like, by the type of the input (HTML standard, section 4.10.5.1). */
export const VALUE_FORMATS: Readonly<Record<string, string>> = {
  date: 'a date as YYYY-MM-DD, like 2024-03-31',
  time: 'a time as HH:MM, like 09:30',
  'datetime-local': 'a date and time as YYYY-MM-DDTHH:MM, like 2024-03-31T09:30',
  month: 'a month as YYYY-MM, like 2024-03',
  week: 'a week as YYYY-Www, like 2024-W13',
  color: 'a color as #rrggbb, like #ff8800',
  range: 'a number within the range of the slider',
};

export function setInputInPage(this: Element, text: string, clear: boolean): { kind: string; problem?: string } {
  const input = this.closest('input') ?? (this.closest('label') as HTMLLabelElement | null)?.control;
  if (!(input instanceof HTMLInputElement)) return { kind: '', problem: 'the field is gone' };
  const kind = input.type;
  if (input.readOnly) return { kind, problem: 'the field is read-only' };
  const wanted = kind === 'color' ? text.trim().toLowerCase() : text.trim();
  const before = input.value;
  input.focus();
  input.value = wanted;
  const isEmptied = wanted === '' && clear && kind !== 'range' && kind !== 'color';
  const isTaken =
    kind === 'range'
      ? wanted !== '' && Number(input.value) === Number(wanted)
      : wanted !== '' && input.value === wanted;
  // Times may be written with seconds.
  const isSame = isTaken || (wanted !== '' && input.value !== '' && input.value.startsWith(wanted));
  if (!isEmptied && !isSame) {
    const { min, max, step } = input;
    const got = input.value;
    input.value = before;
    if (kind !== 'range') return { kind, problem: 'format' };
    return {
      kind,
      problem: `expected a number from ${min || 0} to ${max || 100} in steps of ${step || 1}, got '${text}' (nearest: ${got})`,
    };
  }
  if (input.validity.rangeUnderflow || input.validity.rangeOverflow) {
    input.value = before;
    return { kind, problem: `expected a value from ${input.min || 'any'} to ${input.max || 'any'}, got '${text}'` };
  }
  const tell = (name: string) => input.dispatchEvent(new Event(name, { bubbles: true, composed: name === 'input' }));
  tell('input');
  tell('change');
  return { kind };
}

/** Chooses options of a native list by value or label. */
export function selectInPage(
  this: Element,
  wanted: readonly string[],
): { readonly problem?: string; readonly chosen?: readonly string[] } {
  const select = this.closest('select') ?? (this.closest('label') as HTMLLabelElement | null)?.control;
  if (!(select instanceof HTMLSelectElement))
    return { problem: 'this is no native list: click it, then click the option' };
  if (select.disabled) return { problem: 'the list is disabled' };
  if (wanted.length > 1 && !select.multiple) return { problem: 'the list takes one value only' };
  const options = [...select.options];
  const plain = (text: string) => text.replace(/\s+/g, ' ').trim().toLowerCase();
  const matching = (text: string) =>
    options.find((option) => option.label === text || option.text === text) ??
    options.find((option) => option.value === text) ??
    options.find((option) => plain(option.label) === plain(text));
  const found = wanted.map(matching);
  const missing = wanted.find((_, i) => !found[i]);
  const known = options.slice(0, 20).map((option) => option.label);
  if (missing !== undefined)
    return { problem: `the list has no '${missing}' (has: ${known.join(', ')}${options.length > 20 ? ', ...' : ''})` };
  const blocked = found.find((option) => option?.disabled || (option?.parentElement as HTMLOptGroupElement)?.disabled);
  if (blocked) return { problem: `'${blocked.label}' cannot be chosen` };
  select.focus();
  const before = options.map((option) => option.selected);
  if (select.multiple) for (const option of options) option.selected = found.includes(option);
  else found[0]!.selected = true;
  if (options.some((option, i) => option.selected !== before[i])) {
    select.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
    select.dispatchEvent(new Event('change', { bubbles: true }));
  }
  return { chosen: [...select.selectedOptions].map((option) => option.label) };
}

/** Whether a box is ticked; nothing for what cannot be. The part that was hit may lie in the shadow of the box itself. */
export function checkedInPage(this: Element): { readonly checked?: boolean; readonly kind?: string } {
  const role = '[role=checkbox],[role=switch],[role=radio],[role=menuitemcheckbox],[role=menuitemradio],[aria-checked]';
  const isBox = (e: Element | null | undefined): e is HTMLInputElement =>
    e instanceof HTMLInputElement && (e.type === 'checkbox' || e.type === 'radio');
  for (let part: Element | undefined = this; part; ) {
    const labelled = (part.closest('label') as HTMLLabelElement | null)?.control;
    const native = part.closest('input') ?? labelled;
    if (isBox(native)) return { checked: native.checked, kind: native.type };
    const drawn = part.closest(role);
    if (drawn) {
      const kind = (drawn.getAttribute('role') ?? '').includes('radio') ? 'radio' : 'checkbox';
      return { checked: drawn.getAttribute('aria-checked') === 'true', kind };
    }
    const root: Node = part.getRootNode();
    part = root instanceof ShadowRoot ? root.host : undefined;
  }
  return {};
}
