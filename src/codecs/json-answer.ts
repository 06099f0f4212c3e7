/**
 * JSON in a model's answer: fenced or bare, with prose around it, one value or several, and what is whole of a list that was cut off.
 */
import { PumiceError } from '../errors.ts';
import { type Flags, type Mode, type Reading, read, unread } from './reading.ts';

export type Json = null | boolean | number | string | Json[] | { readonly [key: string]: Json };

const WHO = 'codec json-answer';
/** Deeper than any answer; the parser itself would overflow far below this. */
const MAX_DEPTH = 64;

/** Stretches of a text that are JSON, those that begin as such and are none, and where one begins that has no end. */
interface Found {
  readonly values: readonly Json[];
  readonly broken?: string;
  readonly openAt?: number;
}

/**
 * The values that stand in an answer, in order. An answer that ends within a list is refused with what is whole of the list;
 * `compat` gives that, marked `truncated`.
 */
export function readJson(answer: string, flags: Flags = {}, mode: Mode = 'strict'): Reading<readonly Json[]> {
  const { values, broken, openAt } = findJson(answer);
  if (openAt !== undefined) {
    const whole = [...values, ...unique(wholeElements(answer, openAt))];
    const cut: Flags = { ...flags, truncated: true };
    if (mode === 'compat' && whole.length > 0) return read(whole, cut);
    const message = `expected JSON to its end, it stops after '${answer.slice(-30)}' with ${whole.length} whole values`;
    const hint = 'Raise the limit of tokens, or ask for less at once';
    return unread(new PumiceError('decode/truncated', message, { who: WHO, hint }), cut, whole);
  }
  const isRead = values.length > 0 && (broken === undefined || mode === 'compat');
  if (isRead) return read(values, flags);
  const message = `expected JSON, got '${(broken ?? answer).trim().slice(0, 60)}'`;
  const hint = 'Ask for JSON, and for nothing else';
  return unread(new PumiceError('decode/not-json', message, { who: WHO, hint }), flags, values);
}

function findJson(text: string): Found {
  const values: Json[] = [];
  let broken: string | undefined;
  for (let at = nextOpening(text, 0); at !== -1; ) {
    const begins = text.slice(at, at + 40);
    if (!LIKE_JSON.test(begins)) {
      at = nextOpening(text, at + 1);
      continue;
    }
    const end = endOf(text, at);
    if (end === -1) return { values, openAt: at };
    const value = parse(text.slice(at, end));
    if (value !== undefined) values.push(value);
    else if (LIKE_DATA.test(begins)) broken ??= begins;
    at = nextOpening(text, end);
  }
  return { values, ...(broken !== undefined && { broken }) };
}

/** A bracket in prose is followed by anything; JSON goes on as JSON. */
const LIKE_JSON = /^(?:\{\s*(?:["}]|$)|\[\s*(?:[[\]{"\d-]|true\b|false\b|null\b|$))/;
/** In prose there may be "[1-3]", but hardly this. */
const LIKE_DATA = /^(?:\{\s*"|\[\s*[[{])/;

function nextOpening(text: string, from: number): number {
  const [list, object] = [text.indexOf('[', from), text.indexOf('{', from)];
  return list === -1 || object === -1 ? Math.max(list, object) : Math.min(list, object);
}

/** Behind the bracket that closes the one at `at`, or -1. Brackets in strings are none. */
function endOf(text: string, at: number): number {
  let depth = 0;
  for (let here = at; here < text.length; here += 1) {
    const character = text[here]!;
    if (character === '"') {
      here = stringEnd(text, here) - 1;
      if (here < 0) return -1;
    } else if (character === '[' || character === '{') {
      depth += 1;
    } else if (character === ']' || character === '}') {
      depth -= 1;
      if (depth === 0) return here + 1;
    }
  }
  return -1;
}

/** Behind the quote that ends the string that begins at `at`, or -1. */
function stringEnd(text: string, at: number): number {
  for (let here = at + 1; here < text.length; here += 1) {
    if (text[here] === '\\') here += 1;
    else if (text[here] === '"') return here + 1;
  }
  return -1;
}

function parse(text: string): Json | undefined {
  if (depthOf(text) > MAX_DEPTH) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function depthOf(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const character of text) {
    if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** Elements that are whole of the outermost list that is open at the end of the text. A number without a comma behind it is not. */
function wholeElements(text: string, from: number): Json[] {
  const list = outermostOpenList(text, from);
  if (list === -1) return [];
  const elements: Json[] = [];
  for (let at = list + 1; at < text.length; ) {
    const end = elementEnd(text, at);
    if (end === -1) break;
    const value = parse(text.slice(at, end));
    if (value !== undefined) elements.push(value);
    at = end + 1;
  }
  return elements;
}

function outermostOpenList(text: string, from: number): number {
  const open: number[] = [];
  for (let at = from; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === '"') {
      const end = stringEnd(text, at);
      if (end === -1) break;
      at = end - 1;
    } else if (character === '[' || character === '{') open.push(at);
    else if (character === ']' || character === '}') open.pop();
  }
  return open.find((at) => text[at] === '[') ?? -1;
}

/** Where the comma after the element stands; for a list or an object its own end is enough. */
function elementEnd(text: string, at: number): number {
  for (let here = at; here < text.length; here += 1) {
    const character = text[here]!;
    if (character === ',') return here;
    if (character === '"') {
      const end = stringEnd(text, here);
      if (end === -1) return -1;
      here = end - 1;
    } else if (character === '[' || character === '{') {
      const end = endOf(text, here);
      if (end === -1) return -1;
      const comma = text.indexOf(',', end);
      return comma !== -1 && text.slice(end, comma).trim() === '' ? comma : end;
    }
  }
  return -1;
}

/** A model in a loop writes the same element until it is stopped. */
function unique(elements: readonly Json[]): Json[] {
  const seen = new Set<string>();
  return elements.filter((element) => {
    const key = JSON.stringify(element);
    return !seen.has(key) && seen.add(key);
  });
}

/** A value that is an object, or undefined. */
export const objectOf = (value: Json): { readonly [key: string]: Json } | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
