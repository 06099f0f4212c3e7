/**
 * KOSMOS-2's answers: a sentence with phrases in it, each followed by the boxes of what it speaks of. `compat` reads as
 * transformers 5.23.0 `models/kosmos2/processing_kosmos2.py` does (`post_process_generation`), spans outside the sentence, sums that
 * are eaten as tags and all; `strict` takes what the model was trained to write, and refuses the rest. Pure.
 */
import { PumiceError } from '../errors.ts';
import { boxOfCells, KOSMOS2_CELLS, type NormBox } from './kosmos2-grid.ts';
import { strip } from './python.ts';
import { asciiDigits } from './python-digits.ts';
import { type FoundBox, type Mode, type Picture, type Reading, read, unread } from './reading.ts';

type Span = readonly [start: number, end: number];

export interface Kosmos2Entity {
  /** The phrase; of an object without one, its cells in the form `<patch_index_A><patch_index_B>`. */
  readonly name: string;
  readonly isNameless: boolean;
  /** Place in the caption, code points, end exclusive. In `compat` it may lie outside. */
  readonly span: Span;
  /** The same in UTF-16 code units: indices of a JavaScript string. */
  readonly spanUtf16: Span;
  readonly boxesNorm: readonly NormBox[];
  /** What is wrong with a box of it; the original hands them out without a word. */
  readonly suspect: readonly ('inverted' | 'out_of_range')[];
}

export interface Kosmos2Answer {
  /** All after the picture's own tokens, as the model wrote it. */
  readonly rawCaption: string;
  readonly caption: string;
  readonly entities: readonly Kosmos2Entity[];
}

/** A piece of the answer with its objects, before anything is cleaned. Offsets are UTF-16 code units. */
interface Found {
  readonly name: string;
  readonly isNameless: boolean;
  readonly start: number;
  readonly end: number;
  readonly cells: readonly (readonly [bigint, bigint])[];
}

export function readKosmos2(text: string, mode: Mode = 'strict'): Reading<Kosmos2Answer> {
  const raw = text.split('</image>').at(-1)!;
  const problem = mode === 'strict' ? problemOf(raw) : undefined;
  const joined = mode === 'strict' ? raw.replace(BETWEEN_TAGS, '') : raw;
  const tags = mode === 'strict' ? knownTags(joined) : anyTags(joined);
  const found = objectsIn(joined);
  if (!found) return unread(refusal('decode/out-of-range', 'a number of a cell that is too long to be one'));
  const cleaned = cleanedOf(joined, tags, found);
  const answer: Kosmos2Answer = { rawCaption: raw, ...cleaned };
  const flags = answer.entities.some(({ suspect }) => suspect.length > 0) ? { suspect: true as const } : {};
  if (!problem) return read(answer, flags);
  return unread(problem, problem.code === 'decode/truncated' ? { ...flags, truncated: true } : flags, answer);
}

/** Every box of an answer in pixels of the frame. The model saw the picture squashed to a square, so each axis goes by itself. */
export const kosmos2Boxes = ({ entities }: Kosmos2Answer, { widthPx, heightPx }: Picture): FoundBox[] =>
  entities.flatMap(({ name, isNameless, boxesNorm }) =>
    boxesNorm.map((box) => ({
      ...(!isNameless && { label: name }),
      boxPx: [box[0] * widthPx, box[1] * heightPx, box[2] * widthPx, box[3] * heightPx] as const,
      ...(suspicions([box]).length > 0 && { suspect: true as const }),
    })),
  );

const CELL = String.raw`<patch_index_\p{Nd}+>`;
const DELIMITER = '</delimiter_of_multi_objects/>';
const OBJECT = new RegExp(
  `(?:<phrase>([^<]+)</phrase>)?<object>((?:${CELL}${CELL}${DELIMITER})*${CELL}${CELL})</object>`,
  'gu',
);
/** Digits beyond which Python itself makes no number of them, or none that a coordinate could come of. */
const MAX_DIGITS = 300;

/** The objects of an answer; undefined where a cell is no number. An object without a phrase counts once for each of its boxes. */
function objectsIn(text: string): Found[] | undefined {
  const found: Found[] = [];
  for (const match of text.matchAll(OBJECT)) {
    const [, name, content] = match;
    const numbers = asciiDigits(content!).match(/\d+/g)!;
    if (numbers.some(({ length }) => length > MAX_DIGITS)) return undefined;
    const cells = pairs(numbers.map(BigInt));
    const start = match.index + (name === undefined ? 0 : '<phrase>'.length);
    const place = { start, end: start + (name?.length ?? 0) };
    if (name !== undefined) found.push({ name, isNameless: false, ...place, cells });
    else
      for (const [ul, lr] of cells)
        found.push({
          name: `<patch_index_${ul}><patch_index_${lr}>`,
          isNameless: true,
          ...place,
          cells: [[ul, lr]],
        });
  }
  return found;
}

const pairs = (numbers: readonly bigint[]) =>
  numbers.flatMap((ul, at) => (at % 2 === 0 ? [[ul, numbers[at + 1]!] as const] : []));

/** Takes tags and outer blanks off, and moves the places along. */
function cleanedOf(text: string, tags: readonly Span[], found: readonly Found[]) {
  const kept = withoutTags(text, tags);
  const caption = strip(kept);
  const points = codePointsBefore(text);
  const leading = blanksBefore(kept);
  const place = placesWithout(tags, points);
  const captionUnits = utf16Of(caption);
  const entities = found.map(({ name, isNameless, start, end, cells }): Kosmos2Entity => {
    const stripped = strip(name);
    const trailing = stripped === '' ? name.length : name.length - blanksBefore(name) - stripped.length;
    const span = [place(start) - leading + blanksBefore(name), place(end) - leading - trailing] as const;
    const boxesNorm = cells.map(([ul, lr]) => boxOfCells(ul, lr));
    const spanUtf16 = [captionUnits(span[0]), captionUnits(span[1])] as const;
    return { name: stripped, isNameless, span, spanUtf16, boxesNorm, suspect: suspicions(boxesNorm) };
  });
  return { caption, entities };
}

/** Characters that `lstrip` takes off; all that it takes off are single code units. */
function blanksBefore(text: string): number {
  const stripped = strip(text);
  return stripped === '' ? text.length : text.indexOf(stripped);
}

function suspicions(boxes: readonly NormBox[]): Kosmos2Entity['suspect'] {
  const isInverted = boxes.some(([x1, y1, x2, y2]) => x2 <= x1 || y2 <= y1);
  const isOutside = boxes.some((box) => box.some((value) => value < 0 || value > 1));
  return [...(isInverted ? (['inverted'] as const) : []), ...(isOutside ? (['out_of_range'] as const) : [])];
}

/** What `re.sub('<.*?>', '')` takes for tags: from a `<` to the next `>` on its line. */
function anyTags(text: string): Span[] {
  const tags: Span[] = [];
  for (let from = text.indexOf('<'); from >= 0; ) {
    const end = text.indexOf('>', from);
    if (end < 0) break;
    // No `<` in front of a line's end has its `>` on this line.
    const lineEnd = text.slice(from, end).lastIndexOf('\n');
    if (lineEnd < 0) tags.push([from, end + 1]);
    from = text.indexOf('<', lineEnd < 0 ? end + 1 : from + lineEnd + 1);
  }
  return tags;
}

/** Tags of the model's vocabulary that stand in answers. */
const TAG =
  /<\/?(?:s|pad|unk|grounding|phrase|object|image|doc)>|<\/delimiter_of_multi_objects\/>|<patch_index_\d{4}>/g;
const knownTags = (text: string): Span[] =>
  [...text.matchAll(TAG)].map(({ 0: tag, index }) => [index, index + tag.length] as const);
/** Some servers put a blank between special tokens; in and before an object it means nothing. */
const BETWEEN_TAGS =
  /(?<=<\/phrase>)[ ]+(?=<object>)|(?<=<object>|<patch_index_\d{4}>|<\/delimiter_of_multi_objects\/>)[ ]+(?=<patch_index_|<\/delimiter_of_multi_objects\/>|<\/object>)/g;

const withoutTags = (text: string, tags: readonly Span[]): string =>
  tags.map(([start], at) => text.slice(tags[at - 1]?.[1] ?? 0, start)).join('') + text.slice(tags.at(-1)?.[1] ?? 0);

/** How many code points come before each code unit. */
function codePointsBefore(text: string): Uint32Array {
  const before = new Uint32Array(text.length + 1);
  let points = 0;
  for (let at = 0; at <= text.length; at++) {
    before[at] = points;
    const isFirstHalf = (text.codePointAt(at) ?? 0) > 0xffff;
    if (isFirstHalf) before[++at] = points;
    points += 1;
  }
  return before;
}

/** Code points in front of a place that are no part of a tag which ended by then. Places are asked for in ascending order. */
function placesWithout(tags: readonly Span[], points: Uint32Array): (at: number) => number {
  let [next, removed] = [0, 0];
  let last = 0;
  return (at) => {
    if (at < last) [next, removed] = [0, 0];
    last = at;
    for (; next < tags.length && tags[next]![1] <= at; next++)
      removed += points[tags[next]![1]]! - points[tags[next]![0]]!;
    return points[at]! - removed;
  };
}

/** Places in code points as places in code units; what lies outside keeps its distance to the text. */
function utf16Of(text: string): (points: number) => number {
  const units: number[] = [];
  for (let at = 0; at < text.length; at += text.codePointAt(at)! > 0xffff ? 2 : 1) units.push(at);
  return (points) => (points < 0 ? points : (units[points] ?? text.length + (points - units.length)));
}

type Code = 'decode/schema' | 'decode/truncated' | 'decode/out-of-range' | 'decode/empty';
const refusal = (code: Code, what: string) =>
  new PumiceError(code, `expected a sentence with <phrase> and <object> tags, got ${what}`, {
    who: 'codec kosmos2',
    hint: 'Allow more tokens where it was cut; else ask again with one of its own prompts',
  });

/** Names every tag, so that the order of them can be checked as a word; words in between are left out. */
const LETTER: Readonly<Record<string, string>> = {
  '<phrase>': 'p',
  '</phrase>': 'q',
  '<object>': 'o',
  '</object>': 'c',
  [DELIMITER]: 'd',
};
/** Phrases and objects, the latter of pairs of cells (`x`) with delimiters in between. */
const ORDER = /^(?:pwq|oxx(?:dxx)*c|w)*$/;
const ORDER_CUT = /^(?:pwq|oxx(?:dxx)*c|w)*(?:p|pw|o(?:xxd)*(?:xx?)?)$/;

/** Why strict refuses an answer. */
function problemOf(raw: string): PumiceError | undefined {
  if (strip(raw) === '') return refusal('decode/empty', 'nothing');
  let order = '';
  let at = 0;
  for (const { 0: tag, index } of raw.matchAll(TAG)) {
    order += wordsAs(raw.slice(at, index));
    order += LETTER[tag] ?? (tag.startsWith('<patch') ? 'x' : '');
    if (Number(/\d{4}/.exec(tag)?.[0] ?? 0) >= KOSMOS2_CELLS)
      return refusal('decode/out-of-range', `${tag}, beyond the last cell ${KOSMOS2_CELLS - 1}`);
    at = index + tag.length;
  }
  const rest = raw.slice(at);
  const isCutTag = /<\/?[a-z_]+[\d/]*$/.test(rest);
  order += wordsAs(isCutTag ? rest.replace(/<\/?[a-z_]+[\d/]*$/, '') : rest);
  if (isCutTag || ORDER_CUT.test(order)) return refusal('decode/truncated', `one that is cut off in ${tail(raw)}`);
  if (!ORDER.test(order) || /<\/?(?:patch_index|phrase|object|delimiter)/.test(raw.replace(TAG, '')))
    return refusal('decode/schema', `tags out of order in ${tail(raw)}`);
  return undefined;
}

const wordsAs = (text: string): string => (strip(text) === '' ? '' : 'w');
/** The end of an answer, for a message. */
const tail = (text: string): string => JSON.stringify(text.slice(-80));
