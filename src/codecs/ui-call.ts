/**
 * One call in a model's text, `name(key='value', other="x", count=5)`: its name and its arguments, or what is wrong with it. Quotes
 * protect all that is within them, so that typed text can be neither an end nor another call. Total. Knows no model's verbs.
 */

export interface UiCall {
  readonly name: string;
  readonly args: ReadonlyMap<string, string>;
  /** Behind the closing bracket. */
  readonly end: number;
}

const BLANK = /\s*/y;
const NAME = /[A-Za-z_]\w{0,39}/y;
const NUMBER = /-?\d{1,9}(?:\.\d{1,9})?(?![\w.])/y;
/** A list or a tuple of numbers without quotes around it. */
const PLACE = /[[(][-\d.,\s]{1,80}[\])]/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', "'": "'", '"': '"' };

/** The call that begins at `from`, or in words what is there instead. */
export function uiCallAt(text: string, from = 0): UiCall | string {
  const reader = new Reader(text, from);
  const name = reader.match(NAME);
  if (name === undefined || !reader.takes('(')) return `no call at '${shown(text, from)}'`;
  const args = new Map<string, string>();
  for (let isFirst = true; !reader.takes(')'); isFirst = false) {
    if (reader.isAtEnd()) return `a call without an end: '${shown(text, from)}'`;
    if (!isFirst && !reader.takes(',')) return `no comma at '${shown(text, reader.at)}'`;
    const key = reader.match(NAME);
    if (key === undefined || !reader.takes('=')) return `no argument at '${shown(text, reader.at)}'`;
    const value = reader.string() ?? reader.match(PLACE) ?? reader.match(NUMBER);
    if (value === undefined) return `no value of '${key}' at '${shown(text, reader.at)}'`;
    if (args.has(key)) return `'${key}' twice`;
    args.set(key, value);
  }
  return { name, args, end: reader.at };
}

const shown = (text: string, from: number): string => text.slice(from, from + 60);

class Reader {
  readonly #text: string;
  at: number;
  constructor(text: string, at: number) {
    this.#text = text;
    this.at = at;
  }

  isAtEnd(): boolean {
    this.#blank();
    return this.at >= this.#text.length;
  }

  takes(char: string): boolean {
    this.#blank();
    if (this.#text[this.at] !== char) return false;
    this.at += 1;
    return true;
  }

  match(pattern: RegExp): string | undefined {
    this.#blank();
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  /** In single or double quotes, with the escapes that the models are taught. Any other backslash stands for itself. */
  string(): string | undefined {
    this.#blank();
    const quote = this.#text[this.at];
    if (quote !== "'" && quote !== '"') return undefined;
    let value = '';
    for (let at = this.at + 1; at < this.#text.length; at++) {
      const char = this.#text[at]!;
      if (char === quote) {
        this.at = at + 1;
        return value;
      }
      const escaped = char === '\\' ? ESCAPES[this.#text[at + 1] ?? ''] : undefined;
      if (escaped !== undefined) at += 1;
      value += escaped ?? char;
    }
    return undefined;
  }

  #blank(): void {
    BLANK.lastIndex = this.at;
    this.at += BLANK.exec(this.#text)![0].length;
  }
}

/** Numbers of a place as these models write them, whatever brackets or tags are around; undefined where it is anything else. */
export function placeNumbers(value: string): number[] | undefined {
  const bare = value
    .trim()
    .replace(/^<\|box_start\|>|<\|box_end\|>$/g, '')
    .trim();
  const found = PLACE_FORM.exec(bare)
    ?.slice(1)
    .find((part) => part !== undefined);
  const numbers = found?.trim().split(/\s*,\s*|\s+/);
  return numbers?.every((part) => ONE_NUMBER.test(part)) ? numbers.map(Number) : undefined;
}
const PLACE_FORM =
  /^(?:\(([^()]*)\)|\[\[([^[\]]*)\]\]|\[([^[\]]*)\]|<point>([^<>]*)<\/point>|<bbox>([^<>]*)<\/bbox>|<([-\d.,\s]*)>)$/;
const ONE_NUMBER = /^-?\d{1,9}(?:\.\d{1,9})?$/;

const KEYS: Readonly<Record<string, string>> = {
  ctrl: 'Control',
  control: 'Control',
  alt: 'Alt',
  option: 'Alt',
  shift: 'Shift',
  cmd: 'Meta',
  command: 'Meta',
  meta: 'Meta',
  win: 'Meta',
  super: 'Meta',
  enter: 'Enter',
  return: 'Enter',
  esc: 'Escape',
  escape: 'Escape',
  tab: 'Tab',
  space: 'Space',
  backspace: 'Backspace',
  delete: 'Delete',
  del: 'Delete',
  insert: 'Insert',
  home: 'Home',
  end: 'End',
  pageup: 'PageUp',
  page_up: 'PageUp',
  pagedown: 'PageDown',
  page_down: 'PageDown',
  up: 'ArrowUp',
  arrowup: 'ArrowUp',
  down: 'ArrowDown',
  arrowdown: 'ArrowDown',
  left: 'ArrowLeft',
  arrowleft: 'ArrowLeft',
  right: 'ArrowRight',
  arrowright: 'ArrowRight',
};

/** Keys of a combination, as `ui-key` names them (`Control+C`); undefined for a key that is none. */
export function keysOf(names: readonly string[]): string | undefined {
  const keys = names.map((name) => {
    const lower = name.toLowerCase();
    if (Object.hasOwn(KEYS, lower)) return KEYS[lower];
    if (/^f(?:[1-9]|1[0-2])$/.test(lower)) return lower.toUpperCase();
    return /^[!-~]$/.test(name) ? name : undefined;
  });
  const isKnown = keys.length > 0 && keys.length <= 4 && keys.every((key) => key !== undefined);
  return isKnown ? keys.join('+') : undefined;
}
