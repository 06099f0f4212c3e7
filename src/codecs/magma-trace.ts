/**
 * Magma's traces of marks: where each numbered mark of a picture goes in the next steps, and where marks are. Whole numbers on a grid
 * of 256 by 256 (microsoft/Magma `e373780`, `agents/robot_traj/app.py`, `data/conversations.py`). Strict reads what the training texts
 * look like, blank lines or not; compat reads what the original's `literal_eval` does, and pads short traces as it does.
 */
import { PumiceError } from '../errors.ts';
import { strip } from './python.ts';
import { type Literal, pythonLiteral } from './python-literal.ts';
import { type FoundPoint, type Mode, type Picture, type Reading, read, unread } from './reading.ts';

/** Cells along each side of the picture. */
export const TRACE_GRID = 256;

export interface MarkTrace {
  /** As the model names it: `Mark 3`. */
  readonly label: string;
  readonly markId?: number;
  /** Where the mark is, if it said so; grid cells `[x, y]`. */
  readonly startGrid?: readonly [number, number];
  /** Where it goes, a point per step; grid cells `[x, y]`. */
  readonly pointsGrid: readonly (readonly number[])[];
  /** The same in pixels of the frame. */
  readonly pointsPx: readonly (readonly [number, number])[];
}

export interface MarkTraces {
  readonly traces: readonly MarkTrace[];
  /** Points of the longest. */
  readonly steps: number;
}

const HEADER = 'and their future positions are:';
/** Longest answer that is read, characters: 50 marks of 50 steps are below. */
const MAX_CHARS = 65_536;

export function readMagmaTraces(
  text: string,
  { picture, mode }: { picture: Picture; mode?: Mode },
): Reading<MarkTraces> {
  if (text.length > MAX_CHARS) return unread(problem(`at most ${MAX_CHARS} characters`, `${text.length}`));
  if (strip(text) === '') return unread(problem('traces of marks', 'nothing', 'decode/empty'));
  const traces = mode === 'compat' ? asTheApp(text, picture) : strictly(text, picture);
  if (!(traces instanceof PumiceError))
    return read({ traces, steps: Math.max(...traces.map(({ pointsGrid }) => pointsGrid.length)) });
  return unread(traces, isCut(text) ? { truncated: true } : {});
}

/** An answer that is whole ends with a quote, blanks or an end tag behind it. */
const isCut = (text: string) => text.includes('[[') && !/["\]](?:\s|<trace_end>)*$/.test(text);

// ---------------------------------------------------------------- as the original does

function asTheApp(text: string, picture: Picture): MarkTrace[] | PumiceError {
  const parts = text.includes(HEADER) ? text.split(`${HEADER}\n`) : ['', text];
  if (parts.length !== 2) return problem(`one '${HEADER}' and a line end`, text);
  const dict = pythonLiteral(`{${strip(parts[1]!).replaceAll('\n\n', ',')}}`)?.value;
  if (!(dict instanceof Map) || dict.size === 0) return problem('a dict of traces', text);
  const traces = [...dict].map(([label, trace]) => ({ label: String(label), points: pointsOf(trace) }));
  const steps = Math.max(...traces.map(({ points }) => points?.length ?? 0));
  const width = traces[0]?.points?.[0]?.length;
  const made = traces.flatMap(({ label, points }) => {
    if (!points || points.some((point) => point.length !== width)) return [];
    const last = points.at(-1)!;
    return [traceOf(label, [...points, ...Array<number[]>(steps - points.length).fill(last)], picture)];
  });
  return made.length === traces.length ? made : problem('traces that are lists of points', text);
}

/** A list of lists of at least two numbers, written as a string. */
function pointsOf(trace: Literal): number[][] | undefined {
  const points = typeof trace === 'string' ? pythonLiteral(trace)?.value : undefined;
  if (!Array.isArray(points) || points.length === 0) return undefined;
  const isPoint = (point: unknown) =>
    Array.isArray(point) && point.length >= 2 && point.every((number) => typeof number === 'number');
  return points.every(isPoint) ? points : undefined;
}

// ---------------------------------------------------------------- strict

const CELL = '\\[ ?\\d+ ?, ?\\d+ ?\\]';
const PLACED = new RegExp(`\\bMark (\\d+) at (${CELL})`, 'g');
const ENTRY = new RegExp(` ?,? ?["']?Mark (\\d+)["']? ?: ?["']?\\[ ?(${CELL}(?: ?, ?${CELL})*) ?\\]["']?`, 'y');
/** Any blanks as one: patterns with runs of blanks in them would take long on long runs. */
const flat = (text: string) => strip(text).replace(/\s+/g, ' ');

function strictly(text: string, picture: Picture): MarkTrace[] | PumiceError {
  const [head, tail] = halves(flat(text));
  const starts = new Map([...head.matchAll(PLACED)].map(([, markId, cell]) => [Number(markId), cellsOf(cell!)[0]!]));
  const body = flat(tail.replace(/<trace_start>|<trace_end>/g, ' '));
  const traces = new Map<number, MarkTrace>();
  ENTRY.lastIndex = 0;
  let end = 0;
  for (let found = ENTRY.exec(body); found; found = ENTRY.exec(body)) {
    end = ENTRY.lastIndex;
    const markId = Number(found[1]);
    if (traces.has(markId)) return problem('each mark once', `Mark ${markId} twice`);
    traces.set(markId, traceOf(`Mark ${markId}`, cellsOf(found[2]!), picture, starts.get(markId)));
  }
  if (traces.size === 0 || !/^ ?,?$/.test(body.slice(end)))
    return problem('"Mark N": "[[x,y],[x,y]]" for each mark', body.slice(end) || text);
  const cells = [...starts.values(), ...[...traces.values()].flatMap(({ pointsGrid }) => pointsGrid)];
  return outsideOf(cells) ?? [...traces.values()];
}

function halves(text: string): [head: string, tail: string] {
  const at = text.indexOf(HEADER);
  return at < 0 ? ['', text] : [text.slice(0, at), text.slice(at + HEADER.length)];
}

const cellsOf = (text: string): [number, number][] =>
  [...text.matchAll(/(\d+) ?, ?(\d+)/g)].map(([, x, y]) => [Number(x), Number(y)]);

function outsideOf(cells: readonly (readonly number[])[]): PumiceError | undefined {
  const outside = cells.find((cell) => cell.some((number) => number >= TRACE_GRID));
  return outside && problem(`cells of 0 to ${TRACE_GRID - 1}`, `[${outside}]`, 'decode/out-of-range');
}

// ---------------------------------------------------------------- where marks are

/** `Mark 1 at [12,40]. Mark 2 at [200,7]`: the answer to the question where all marks are. One form for both modes: ours. */
export function readMagmaMarks(text: string, { picture }: { picture: Picture }): Reading<readonly FoundPoint[]> {
  if (strip(text) === '') return unread(problem('places of marks', 'nothing', 'decode/empty'));
  if (text.length > MAX_CHARS) return unread(problem(`at most ${MAX_CHARS} characters`, `${text.length}`));
  const found = [...flat(text).matchAll(PLACED)].map(([, markId, cell]) => ({ markId, cell: cellsOf(cell!)[0]! }));
  const rest = flat(text).replace(PLACED, '');
  if (found.length === 0 || !/^[ .,]*$/.test(rest)) return unread(problem('Mark N at [x,y]. Mark N at [x,y]', text));
  const outside = outsideOf(found.map(({ cell }) => cell));
  if (outside) return unread(outside);
  return read(found.map(({ markId, cell }) => ({ label: `Mark ${markId}`, pointPx: pixelsOf(cell, picture) })));
}

// ---------------------------------------------------------------- both

function traceOf(
  label: string,
  pointsGrid: readonly (readonly number[])[],
  picture: Picture,
  startGrid?: readonly [number, number],
): MarkTrace {
  const markId = /^Mark (\d+)$/.exec(label)?.[1];
  return {
    label,
    ...(markId !== undefined && { markId: Number(markId) }),
    ...(startGrid && { startGrid }),
    pointsGrid,
    pointsPx: pointsGrid.map((point) => pixelsOf(point, picture)),
  };
}

/** In 32-bit floats, as the original scales them. */
const pixelsOf = ([x, y]: readonly number[], { widthPx, heightPx }: Picture): [number, number] => [
  Math.fround(Math.fround(Math.fround(x!) / TRACE_GRID) * widthPx),
  Math.fround(Math.fround(Math.fround(y!) / TRACE_GRID) * heightPx),
];

const problem = (
  expected: string,
  got: string,
  code: 'decode/schema' | 'decode/empty' | 'decode/out-of-range' = 'decode/schema',
) =>
  new PumiceError(code, `expected ${expected}, got ${JSON.stringify(got.slice(0, 80))}`, {
    who: 'codec magma-trace',
    hint: 'Check that the model was asked in the words of its training, about a picture with red numbered discs on it',
  });
