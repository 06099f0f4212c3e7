/**
 * How GLM-4.5V's own programs cut its answers on screens into memory, reason and action (zai-org/GLM-V `8fc9756`,
 * `examples/gui-agent/glm-45v/gui_agent_45v.py`). As those do, so that results can be compared; what is to be carried out is read by
 * `glm45v.ts`.
 */
import { PumiceError } from '../errors.ts';
import { strip } from './python.ts';

export const BOX_BEGIN = '<|begin_of_box|>';
export const BOX_END = '<|end_of_box|>';

export interface GlmMobileParts {
  readonly memory: string;
  readonly reason: string;
  readonly action: string;
  /** The action as JSON, where it begins as an object. */
  readonly parsedAction: unknown;
}

export interface GlmPcParts {
  readonly action: string | null;
  readonly actionText: string | null;
  readonly memory: string;
}

/**
 * The first of each heading, in this order; null where one is missing.
 *
 * @throws PumiceError `decode/not-json` where the program itself fails: an action that is no JSON, a box without an end.
 */
export function glmMobileParts(text: string): GlmMobileParts | null {
  const [memory, afterMemory] = between(text, text.indexOf('Memory:'), 'Memory:', 'Reason:');
  const [reason, afterReason] = between(text, afterMemory, 'Reason:', 'Action:');
  if (memory === undefined || reason === undefined) return null;
  let action = strip(text.slice(afterReason + 'Action:'.length));
  const begin = action.indexOf(BOX_BEGIN);
  if (begin >= 0) {
    const end = action.lastIndexOf(BOX_END);
    if (end < 0) throw broken('a box with an end', action);
    action = action.slice(begin + BOX_BEGIN.length, end);
  }
  return { memory, reason, action, parsedAction: action.startsWith('{') ? parsed(action) : null };
}

/** The text from a heading to the next, and where that is. */
function between(text: string, from: number, heading: string, next: string): [string | undefined, number] {
  const end = from < 0 ? -1 : text.indexOf(next, from + heading.length);
  return end < 0 ? [undefined, -1] : [strip(text.slice(from + heading.length, end)), end];
}

function parsed(action: string): unknown {
  try {
    return JSON.parse(action);
  } catch {
    throw broken('JSON', action);
  }
}

const broken = (what: string, action: string) =>
  new PumiceError('decode/not-json', `expected ${what} as the action, got '${action.slice(0, 80)}'`, {
    who: 'codec glm45v',
    hint: 'Allow more tokens where it was cut; else ask again',
  });

/** A box that ends on the line it begins on. */
const BOXED = /<\|begin_of_box\|>([^\n]*?)<\|end_of_box\|>/;
/** The first thing with brackets behind its name, where there is no box. */
const CALL_LIKE = /(?<![\p{L}\p{N}_])[\p{L}\p{N}_]+\([^)]*\)/u;
/** Nothing behind the last closing bracket can be one, and so the search never has to try twice. */
const callLike = (text: string): string | null => CALL_LIKE.exec(text.slice(0, text.lastIndexOf(')') + 1))?.[0] ?? null;

export function glmPcParts(text: string): GlmPcParts {
  const boxed = BOXED.exec(text)?.[1];
  const thoughtEnd = text.indexOf('</think>');
  const start = thoughtEnd < 0 ? 0 : thoughtEnd + '</think>'.length;
  const memoryAt = text.indexOf('Memory:', start);
  const firstMemory = text.indexOf('Memory:');
  return {
    action: boxed === undefined ? callLike(text) : strip(boxed),
    actionText: memoryAt < 0 ? null : withoutBoxes(strip(text.slice(start, memoryAt))),
    memory: firstMemory < 0 ? '[]' : strip(text.slice(firstMemory + 'Memory:'.length)),
  };
}

const withoutBoxes = (text: string): string =>
  [` ${BOX_BEGIN} `, ` ${BOX_END} `, BOX_BEGIN, BOX_END].reduce((rest, token) => rest.replaceAll(token, ''), text);
