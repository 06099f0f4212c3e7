/** Names of keys as people and models write them. Pure. */
import { Refused } from './tools.ts';

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

const MODIFIER = /^(Shift|Control|Meta|Alt|ControlOrMeta)$/;

/**
 * `Control+Shift+A` as the names of Playwright's keyboard. One key, and modifiers before it: the first of several might move the focus
 * to where the next may not go.
 */
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
  const held = keys.slice(0, -1).find((one) => !MODIFIER.test(one));
  if (held !== undefined)
    throw new Refused(`'${text}' is more than one key: only Shift, Control, Alt and Meta can be held`);
  const isShortcut = keys.some((one) => /^(Control|Meta|Alt|ControlOrMeta)$/.test(one));
  return keys.map((one) => (isShortcut && /^[A-Z]$/.test(one) ? one.toLowerCase() : one));
}
const NAMED = Object.fromEntries(
  [...Object.values(ALIASES), ...Array.from({ length: 12 }, (_, i) => `F${i + 1}`)].map((name) => [name, true]),
);
