/**
 * What stands in an answer about a page: marks, places, an action, a value; or, as a sentence, why it is not one meaning. Knows
 * neither marks that were drawn nor the size of the page.
 */
import { type Literal, pythonLiteral } from './python-literal.ts';

/** `[x1, y1, x2, y2]`, 0..1. */
export type NormBox = readonly [number, number, number, number];

export interface UiFindings {
  readonly markId?: string;
  /** A point is a box without extent. May lie off the page. */
  readonly place?: NormBox;
  readonly action?: string;
  readonly value?: string;
}

const NUM = '[+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)';
const TWO = `\\s*(${NUM})\\s*,\\s*(${NUM})`;
const MARK = new RegExp(`\\bmark\\s?(?:id|index|number)?\\s?[:=#]?\\s{0,4}(${NUM})`, 'gi');
const BOX = new RegExp(`<box>\\s*\\(${TWO}\\s*\\)\\s*,\\s*\\(${TWO}\\s*\\)\\s*</box>`, 'gi');
const GROUP = new RegExp(`[([]${TWO}(?:\\s*,${TWO})?\\s*[)\\]]`, 'g');
const BARE = new RegExp(`^${TWO}(?:\\s*,${TWO})?\\s*$`);
const ACTION = /^\s*action\s*:\s*([a-z_]+)\s*(?:[,;.\n]|$)/i;
const VALUE = /\bvalue\s*:\s*/i;
/** What ends a value: the next field. */
const NEXT_FIELD = /[,;.]?\s(?:mark|coordinates?)\s?:/i;

/** @returns a sentence where the answer has more than one meaning. */
export function findUi(text: string): UiFindings | string {
  const body = text
    .trim()
    .replace(/^```(?:json)?|```$/g, '')
    .trim();
  return body.startsWith('{') ? findInObject(body) : findInText(body);
}

function findInText(text: string): UiFindings | string {
  const { action, value, rest } = takeAction(text);
  const marks = new Set<string>();
  let isWhole = true;
  const places = rest.replace(MARK, (_, number: string) => {
    isWhole &&= /^\d+$/.test(number.replace(/\.$/, ''));
    marks.add(number.replace(/\.$/, '').replace(/^0+(?=\d)/, ''));
    return ' ';
  });
  if (!isWhole) return 'expected a mark that is a whole number';
  if (marks.size > 1) return `expected one mark, got ${[...marks].join(' and ')}`;
  const place = findPlace(places);
  if (typeof place === 'string') return place;
  return {
    ...present('markId', [...marks][0]),
    ...present('place', place),
    ...present('action', action),
    ...present('value', value),
  };
}

/** `Action: TYPE, Value: new york, Mark: 3`: what is to be typed is not searched for marks and places. */
function takeAction(text: string): { action?: string; value?: string; rest: string } {
  const action = ACTION.exec(text)?.[1]?.toUpperCase();
  const label = action === undefined ? null : VALUE.exec(text);
  if (action === undefined || !label) return { ...present('action', action), rest: text };
  const from = label.index + label[0].length;
  const length = NEXT_FIELD.exec(text.slice(from))?.index ?? text.length - from;
  const value = text.slice(from, from + length).trim();
  return {
    action,
    ...present('value', wordOf(value)),
    rest: `${text.slice(0, label.index)} ${text.slice(from + length)}`,
  };
}

/** The one place in the text, if there is one. */
function findPlace(text: string): NormBox | string | undefined {
  const found: NormBox[] = [];
  const groups = text.replace(BOX, (_, ...numbers: string[]) => {
    found.push(numbers.slice(0, 4).map((number) => Number(number) / 1000) as unknown as NormBox);
    return ' ';
  });
  if (/<\/?box\b/i.test(groups)) return 'expected a whole box, <box>(x1,y1),(x2,y2)</box>';
  const bare = BARE.exec(groups);
  for (const group of bare ? [bare] : groups.matchAll(GROUP)) found.push(boxOf(group.slice(1)));
  const [first, ...others] = found;
  if (others.some((other) => other.some((number, at) => number !== first![at])))
    return `expected one place, got ${found.length}`;
  if (first && (first[0] > first[2] || first[1] > first[3]))
    return 'expected a box from its upper left to its lower right';
  return first;
}

function boxOf(numbers: readonly (string | undefined)[]): NormBox {
  const [x1, y1, x2, y2] = numbers.flatMap((number) => (number === undefined ? [] : [Number(number)]));
  return [x1!, y1!, x2 ?? x1!, y2 ?? y1!];
}

/** `{"ACTION": "CLICK", "MARK": 3, "VALUE": "None", "COORDINATE": [0.1, 0.2]}`, in JSON or as Python writes it; any case. */
function findInObject(text: string): UiFindings | string {
  const fields = fieldsOf(text);
  if (!fields) return 'expected an object that is whole';
  const given = (...names: string[]) => names.map((name) => fields.get(name)).find((value) => value !== undefined);
  const [mark, place] = [markOf(given('mark', 'mark_id')), placeOf(given('coordinate', 'coordinates', 'point'))];
  if (mark === WRONG) return 'expected a mark that is a whole number';
  if (place === WRONG) return 'expected a coordinate of two or four numbers';
  const action = given('action', 'action_type');
  return {
    ...present('markId', mark),
    ...present('place', place),
    ...present('action', typeof action === 'string' ? wordOf(action)?.toUpperCase() : undefined),
    ...present('value', wordOf(given('value', 'text'))),
  };
}

function fieldsOf(text: string): Map<string, unknown> | undefined {
  let entries: Iterable<readonly [Literal, unknown]>;
  try {
    entries = Object.entries(JSON.parse(text) as object);
  } catch {
    const literal = pythonLiteral(text)?.value;
    if (!(literal instanceof Map)) return undefined;
    entries = literal;
  }
  return new Map([...entries].map(([key, value]) => [String(key).toLowerCase(), value] as const));
}

/** Given, and not what it should be. */
const WRONG = false;

function markOf(value: unknown): string | undefined | false {
  if (isNothing(value)) return undefined;
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && /^\s*\d+\s*$/.test(text) ? text.trim().replace(/^0+(?=\d)/, '') : WRONG;
}

function placeOf(value: unknown): NormBox | undefined | false {
  if (isNothing(value)) return undefined;
  if (typeof value === 'string') {
    const place = findPlace(value);
    return typeof place === 'string' ? WRONG : (place ?? WRONG);
  }
  const isNumbers =
    Array.isArray(value) && value.every((number) => typeof number === 'number' && Number.isFinite(number));
  if (!isNumbers || (value.length !== 2 && value.length !== 4)) return WRONG;
  const [x1, y1, x2 = x1, y2 = y1] = value as [number, number, number?, number?];
  return x1 <= x2 && y1 <= y2 ? [x1, y1, x2, y2] : WRONG;
}

const isNothing = (value: unknown) =>
  value === undefined || value === null || (typeof value === 'string' && /^\s*(?:none|null|n\/a)?\s*$/i.test(value));

const wordOf = (value: unknown): string | undefined =>
  isNothing(value) || (typeof value !== 'string' && typeof value !== 'number') ? undefined : String(value);

const present = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
