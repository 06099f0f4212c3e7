/**
 * What Python's `ast.literal_eval` reads, as far as models write it: numbers, strings, lists, tuples, dicts, True, False, None.
 * Total: what is no such literal gives undefined. No prefixed strings, bytes, sets or complex numbers.
 */

/** A dict keeps the order of its keys, and the last value of a key that is there twice. */
export type Literal = null | boolean | number | string | readonly Literal[] | ReadonlyMap<Literal, Literal>;

/** Nesting beyond which Python's own parser gives up. */
const MAX_DEPTH = 90;

export function pythonLiteral(text: string): { readonly value: Literal } | undefined {
  const reader = new Reader(text);
  const value = reader.value(0);
  return value === undefined || !reader.isAtEnd() ? undefined : { value };
}

const NUMBER = /[+-]?[ \t]*(?:\d(?:_?\d)*(?:\.(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?(?![\w.])/y;
const STRING = /'([^'\\\n]*(?:\\[\s\S][^'\\\n]*)*)'|"([^"\\\n]*(?:\\[\s\S][^"\\\n]*)*)"/y;
const BLANK = /(?:[ \t\f\r\n]|#[^\n]*)*/y;
const WORDS: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null };
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

class Reader {
  readonly #text: string;
  #at = 0;
  constructor(text: string) {
    this.#text = text;
  }

  isAtEnd(): boolean {
    this.#match(BLANK);
    return this.#at === this.#text.length;
  }

  value(depth: number): Literal | undefined {
    this.#match(BLANK);
    const first = this.#text[this.#at];
    if (first === undefined || depth > MAX_DEPTH) return undefined;
    if (first === '[') return this.#items(']', depth)?.items;
    if (first === '{') return this.#dict(depth);
    if (first === '(') return this.#group(depth);
    if (first === "'" || first === '"') return this.#strings();
    const word = this.#match(/True|False|None/y);
    return word === undefined ? this.#number() : WORDS[word[0]];
  }

  #number(): number | undefined {
    const found = this.#match(NUMBER)?.[0].replaceAll('_', '').replace(/\s+/, '');
    // `01` is none in Python, `0` and `00` are.
    return found === undefined || /^[+-]?0+[1-9]\d*$/.test(found) ? undefined : Number(found);
  }

  /** Strings that follow each other are one. */
  #strings(): string | undefined {
    let joined: string | undefined;
    for (let part = this.#match(STRING); part; part = this.#match(STRING)) {
      joined =
        (joined ?? '') + (part[1] ?? part[2] ?? '').replace(/\\([\s\S])/g, (all, char: string) => ESCAPES[char] ?? all);
      this.#match(BLANK);
    }
    return joined;
  }

  /** `(1)` is a number, `(1,)` and `()` are tuples. */
  #group(depth: number): Literal | undefined {
    const group = this.#items(')', depth);
    if (group === undefined) return undefined;
    return group.items.length === 1 && !group.hasComma ? group.items[0] : group.items;
  }

  #items(end: string, depth: number): { items: Literal[]; hasComma: boolean } | undefined {
    const items: Literal[] = [];
    let hasComma = false;
    this.#at += 1;
    while (!this.#takes(end)) {
      if (items.length > 0 && !hasComma) return undefined;
      const item = this.value(depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
      hasComma = this.#takes(',');
    }
    return { items, hasComma };
  }

  #dict(depth: number): Map<Literal, Literal> | undefined {
    const dict = new Map<Literal, Literal>();
    let hasComma = true;
    this.#at += 1;
    while (!this.#takes('}')) {
      if (!hasComma) return undefined;
      const key = this.value(depth + 1);
      if (key === undefined || !this.#takes(':')) return undefined;
      const value = this.value(depth + 1);
      if (value === undefined) return undefined;
      dict.set(key, value);
      hasComma = this.#takes(',');
    }
    return dict;
  }

  #takes(char: string): boolean {
    this.#match(BLANK);
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found) this.#at = pattern.lastIndex;
    return found ?? undefined;
  }
}
