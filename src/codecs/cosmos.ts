/**
 * What Cosmos Reason and its kin (Qwen2.5-VL, Qwen3-VL) answer in JSON: points, boxes, trajectories, events in time; one object or a
 * list, within another object or not. Keys name the kind only: the numbers mean what the model's profile says.
 * Forms after NVIDIA's guides for Cosmos-Reason2 (cosmos-cookbook `48a30c0`) and Cosmos 3 (nvidia/cosmos `8ef19d3`).
 */
import { PumiceError } from '../errors.ts';
import { type Json, objectOf, readJson } from './json-answer.ts';
import { boxInFrame, isInSpace, isSoundBox, type Pair, pointInFrame, type Quad } from './places.ts';
import {
  type CoordinateSpace,
  type Flags,
  type FoundBox,
  type FoundEvent,
  type FoundPoint,
  type Mode,
  type Picture,
  type Reading,
  read,
  unread,
} from './reading.ts';
import { type Spoken, spokenIn } from './thought.ts';
import { spanLine, spansIn, timeOf } from './timestamps.ts';

export interface PlaceForm {
  /** Of the model's profile. Without one nothing is read. */
  readonly space: CoordinateSpace | undefined;
  readonly picture: Picture;
  readonly mode?: Mode;
}

const WHO = 'codec cosmos';
const problem = (message: string, hint = 'Ask again, or name the form that is wanted in the question') =>
  new PumiceError('decode/schema', message, { who: WHO, hint });
const noSpace = () =>
  new PumiceError(
    'config/invalid',
    'expected a coordinate space: the keys of an answer do not tell what its numbers mean',
    {
      who: WHO,
      hint: 'Name the profile of the model',
    },
  );

const BOX_KEYS = ['bbox_2d', 'box_2d', 'bbox', 'box'];
const POINT_KEYS = ['point_2d', 'point', 'points_2d'];

type Answer = string | Reading<Spoken>;

/** Boxes of an answer: `bbox_2d` or `box_2d`, flat or in a list of their own. Those that are inverted or outside are `suspect`. */
export function readBoxes(answer: Answer, form: PlaceForm): Reading<readonly FoundBox[]> {
  return readPlaces(answer, form, BOX_KEYS, 4, (numbers, label, { space, picture }) => {
    const said = numbers as unknown as Quad;
    const isSound = isSoundBox(said, space, picture);
    return { ...label, boxPx: boxInFrame(said, space, picture), ...(!isSound && { suspect: true as const }) };
  });
}

/** Points of an answer, in order: `point_2d`. For a trajectory they are its way. */
export function readPoints(answer: Answer, form: PlaceForm): Reading<readonly FoundPoint[]> {
  return readPlaces(answer, form, POINT_KEYS, 2, (numbers, label, { space, picture }) => {
    const said = numbers as unknown as Pair;
    const isOutside = !isInSpace(said, space, picture);
    return { ...label, pointPx: pointInFrame(said, space, picture), ...(isOutside && { suspect: true as const }) };
  });
}

type Label = { readonly label?: string };
interface Known {
  readonly space: CoordinateSpace;
  readonly picture: Picture;
}

function readPlaces<T extends { suspect?: true }>(
  answer: Answer,
  { space, picture, mode = 'strict' }: PlaceForm,
  keys: readonly string[],
  length: number,
  make: (numbers: readonly number[], label: Label, known: Known) => T,
): Reading<readonly T[]> {
  if (!space) return unread(noSpace());
  const spoken = typeof answer === 'string' ? spokenIn(answer, mode) : answer;
  if (!spoken.ok) return unread(spoken.problem, spoken.flags);
  const json = readJson(spoken.value.answer, spoken.flags, mode);
  const places: T[] = [];
  let odd: Json | undefined;
  for (const { numbers, label, value } of (json.ok ? json.value : (json.partial ?? [])).flatMap((one) =>
    placesIn(one, keys, length),
  ))
    if (numbers) places.push(make(numbers, label, { space, picture }));
    else odd ??= value;
  if (!json.ok) return unread(json.problem, json.flags, places);
  const flags = places.some(({ suspect }) => suspect) ? { ...json.flags, suspect: true as const } : json.flags;
  if (odd !== undefined && mode === 'strict')
    return unread(problem(`expected ${length} numbers, got ${JSON.stringify(odd).slice(0, 60)}`), flags, places);
  // An empty list is an answer: there is none.
  if (places.length > 0 || json.value.some((value) => Array.isArray(value) && value.length === 0))
    return read(places, flags);
  return unread(problem(`expected places under ${keys.slice(0, 2).join(' or ')}, found none`), flags);
}

interface RawPlace {
  /** Absent: what stands under the key is no place. */
  readonly numbers?: readonly number[];
  readonly label: Label;
  readonly value: Json;
}

function placesIn(value: Json, keys: readonly string[], length: number): RawPlace[] {
  if (Array.isArray(value)) return value.flatMap((one) => placesIn(one, keys, length));
  const object = objectOf(value);
  if (!object) return [];
  const label: Label = typeof object.label === 'string' ? { label: object.label } : {};
  return Object.entries(object).flatMap(([key, inner]) =>
    keys.includes(key) ? numbersIn(inner, length).map((found) => ({ ...found, label })) : placesIn(inner, keys, length),
  );
}

/** `[a, b, ..]`, or a list of such. */
function numbersIn(value: Json, length: number): Omit<RawPlace, 'label'>[] {
  const isFlat = Array.isArray(value) && value.length === length && value.every((one) => typeof one === 'number');
  if (isFlat) return [{ numbers: value as number[], value }];
  const isNested = Array.isArray(value) && value.length > 0 && value.every(Array.isArray);
  return isNested ? value.flatMap((one) => numbersIn(one, length)) : [{ value }];
}

const START_KEYS = ['start', 'start_time', 'start_s', 'begin'];
const END_KEYS = ['end', 'end_time', 'end_s', 'stop'];
const CAPTION_KEYS = ['caption', 'description', 'event', 'label'];

/**
 * Events of an answer: a list or one object with `start` and `end`, else lines `<start> <end> caption`, else spans in prose without
 * captions. An end before its start is refused; `compat` gives it, marked `suspect`.
 */
export function readEvents(answer: Answer, mode: Mode = 'strict'): Reading<readonly FoundEvent[]> {
  const spoken = typeof answer === 'string' ? spokenIn(answer, mode) : answer;
  if (!spoken.ok) return unread(spoken.problem, spoken.flags);
  const { answer: text } = spoken.value;
  const json = readJson(text, spoken.flags, mode);
  if (!json.ok && json.problem.code === 'decode/not-json') return eventsInProse(text, spoken.flags, mode);
  const raw = (json.ok ? json.value : (json.partial ?? [])).flatMap(eventsIn);
  const events = raw.filter((event) => event !== undefined);
  if (!json.ok) return unread(json.problem, json.flags, events);
  if (raw.length > events.length && mode === 'strict')
    return unread(problem('expected a start and an end in each event, as mm:ss.ff or seconds'), json.flags, events);
  const isNone = json.value.some((value) => Array.isArray(value) && value.length === 0);
  return events.length === 0 && !isNone ? eventsInProse(text, json.flags, mode) : sound(events, json.flags, mode);
}

function eventsIn(value: Json): (FoundEvent | undefined)[] {
  if (Array.isArray(value)) return value.flatMap(eventsIn);
  const object = objectOf(value);
  if (!object) return [];
  const [start, end] = [firstOf(object, START_KEYS), firstOf(object, END_KEYS)];
  if (start === undefined && end === undefined) return Object.values(object).flatMap(eventsIn);
  const [startS, endS, caption] = [timeOf(start), timeOf(end), firstOf(object, CAPTION_KEYS)];
  if (startS === undefined || endS === undefined) return [undefined];
  return [{ startS, endS, ...(typeof caption === 'string' && { caption }) }];
}

const firstOf = (object: { readonly [key: string]: Json }, keys: readonly string[]): Json | undefined =>
  object[keys.find((key) => Object.hasOwn(object, key)) ?? ''];

function eventsInProse(text: string, flags: Flags, mode: Mode): Reading<readonly FoundEvent[]> {
  const lines = text
    .split('\n')
    .map(spanLine)
    .filter((event) => event !== undefined);
  const events = lines.length > 0 ? lines : spansIn(text);
  if (events.length > 0) return sound(events, flags, mode);
  return unread(problem(`expected events with start and end, got '${text.trim().slice(0, 60)}'`), flags);
}

function sound(events: readonly FoundEvent[], flags: Flags, mode: Mode): Reading<readonly FoundEvent[]> {
  const inverted = events.find(({ startS, endS }) => endS < startS);
  if (!inverted) return read(events, flags);
  if (mode === 'compat') return read(events, { ...flags, suspect: true });
  return unread(
    problem(`expected an end after the start, got ${inverted.startS} s to ${inverted.endS} s`),
    flags,
    events,
  );
}
