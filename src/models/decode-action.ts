/**
 * Reads one action for a user interface from the text of a model: one JSON object, `{ "thought"?, "kind", ... }`, alone, fenced or
 * with words around it. Reads strictly: it repairs nothing and guesses nothing, so what comes out stood in the text. Pure.
 */
import { PumiceError } from '../errors.ts';
import { type Action, type ActionKind, actionSchema, type Frame, type Observation, type Target } from '../types.ts';
import { brief } from './brief.ts';

export interface DecodedAction {
  readonly action: Action;
  readonly thought?: string;
}

/** Fields that hold a target; a bare number there is a mark's. */
const TARGET_FIELDS = ['target', 'from', 'to'] as const;
/** Characters of an answer that an error shows. Chosen. */
const _SHOWN_CHARS = 200;

const schemaError = (message: string) => new PumiceError('decode/schema', message, { who: 'model answer' });
const shown = (value: string): string => `'${brief(value)}'`;

/**
 * The one action of an answer, of one of `kinds`, with its defaults filled in.
 *
 * @throws PumiceError `decode/empty`, `decode/not-json` or `decode/schema`, in words that a model can act on.
 */
export function decodeAction(text: string, kinds: readonly ActionKind[]): DecodedAction {
  const { thought, ...fields } = onlyObject(text);
  if (thought !== undefined && typeof thought !== 'string') throw schemaError('"thought" must be a text');
  const kind = kinds.find((one) => one === fields.kind);
  if (!kind)
    throw schemaError(`"kind" must be one of ${kinds.join(', ')}; it is ${shown(`${JSON.stringify(fields.kind)}`)}`);
  for (const field of TARGET_FIELDS) if (typeof fields[field] === 'number') fields[field] = { markId: fields[field] };
  // Models write null for a field that they leave out.
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
  const parsed = actionSchema.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || kind}: ${message}`);
    throw schemaError(`not a valid ${kind}: ${problems.join('; ')}; it came as ${shown(JSON.stringify(fields))}`);
  }
  return { action: parsed.data, ...(thought !== undefined && { thought }) };
}

/** The only JSON object of a text; thinking in front of it, within `<think>`, does not count. */
function onlyObject(text: string): Record<string, unknown> {
  const said = text.replace(/^\s*<think>[\s\S]*?(<\/think>|$)/, '');
  if (said.trim() === '') throw new PumiceError('decode/empty', 'the answer is empty', { who: 'model answer' });
  const objects = objectsIn(said);
  if (objects.length === 1) return objects[0]!;
  const found = objects.length === 0 ? 'none' : `${objects.length}`;
  const expected = `expected exactly one JSON object with one action, found ${found} in ${shown(said)}`;
  throw new PumiceError(objects.length === 0 ? 'decode/not-json' : 'decode/schema', expected, { who: 'model answer' });
}

/** Every outermost `{...}` that is JSON, in order. What stands after a brace that is never closed is not looked at. */
function objectsIn(text: string): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  for (let from = text.indexOf('{'); from >= 0; ) {
    const end = endOfObject(text, from);
    if (end === undefined) break;
    const object = parseObject(text.slice(from, end));
    if (object) found.push(object);
    from = text.indexOf('{', end);
  }
  return found;
}

/** Index after the brace that closes the one at `from`; braces within JSON strings do not count. */
function endOfObject(text: string, from: number): number | undefined {
  let depth = 0;
  let isInString = false;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (isInString) {
      if (character === '\\') at++;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return at + 1;
  }
  return undefined;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws PumiceError `decode/schema` when the action points at a mark that is not there or outside the picture. */
export function requireTargets(action: Action, observation: Observation): void {
  for (const [field, target] of Object.entries(action) as [string, Target][]) {
    if (!TARGET_FIELDS.some((one) => one === field)) continue;
    const problem = problemOf(target, observation);
    if (problem) throw schemaError(`"${field}": ${problem}`);
  }
}

function problemOf(target: Target, { marks = [], frames: [frame] }: Observation): string | undefined {
  if ('markId' in target) {
    if (marks.some(({ id }) => id === target.markId)) return undefined;
    return `there is no mark ${target.markId}; ${marks.length === 0 ? 'there are no marks' : 'choose a number of the list'}`;
  }
  const [widthPx, heightPx] = frame ? cssSizeOf(frame) : [0, 0];
  const isInside = target.xPx >= 0 && target.xPx < widthPx && target.yPx >= 0 && target.yPx < heightPx;
  return isInside
    ? undefined
    : `(${target.xPx}, ${target.yPx}) is outside the picture of ${widthPx} x ${heightPx} CSS px`;
}

/** Width and height of a frame in CSS pixels; an image without a pixel ratio has one pixel per CSS pixel. */
export function cssSizeOf({ widthPx, heightPx, cssWidthPx, cssHeightPx, dpr = 1 }: Frame): readonly [number, number] {
  return [cssWidthPx ?? widthPx / dpr, cssHeightPx ?? heightPx / dpr];
}

const THOUGHT = /"thought"\s*:\s*"((?:[^"\\]|\\(?:u[0-9a-fA-F]{4}|[^u]))*)/;

/** As much of the thought as an answer that is still coming in has said. */
export function thoughtSoFar(text: string): string {
  const written = THOUGHT.exec(text)?.[1];
  if (written === undefined) return '';
  // Bare control characters are no JSON; they are shown as blanks here and fail the decoder later.
  return (parseObject(`{"thought":"${written.replace(/\p{Cc}/gu, ' ')}"}`)?.thought as string) ?? '';
}
