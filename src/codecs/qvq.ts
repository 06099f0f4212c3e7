/**
 * Answers of QVQ. The open weights write thought and answer as one text without tags; the answer is what they box or put under a
 * heading "Final Answer" (both from memory, never seen from trained weights). Hosted ones give thought and answer in fields of their own.
 */
import { PumiceError } from '../errors.ts';
import { type Mode, type Reading, read, unread } from './reading.ts';
import { type Said, type Spoken, spokenOf } from './thought.ts';
import type { SplitRule } from './thought-stream.ts';

const HEADING = '**Final Answer**';
const BOXED = '\\boxed{';

/** For the stream of the open weights: thought until the heading. */
export const QVQ: SplitRule = { ends: [HEADING], begins: [BOXED] };

/**
 * @param mode - without heading and box there is no telling what is thought: `strict` refuses, `compat` gives all of it.
 */
export function readQvq(said: Said, mode: Mode = 'strict'): Reading<Spoken> {
  const isApart = Boolean(said.reasoning || said.reasoning_content || said.content?.includes('</think>'));
  const spoken = spokenOf(said, { toThink: isApart }, mode);
  if (!spoken.ok || isApart) return spoken;
  const { answer: text } = spoken.value;
  const heading = text.lastIndexOf(HEADING);
  const answer = boxedIn(heading === -1 ? text : text.slice(heading)) ?? underHeading(text, heading);
  if (answer !== undefined)
    return read({ thought: heading === -1 ? text : text.slice(0, heading), answer }, spoken.flags);
  if (mode === 'compat') return spoken;
  return unread(
    new PumiceError('decode/schema', `expected ${HEADING} or ${BOXED}..}, got '${text.slice(-60)}'`, {
      who: 'codec qvq',
      hint: 'Ask for the final answer in \\boxed{}',
    }),
    spoken.flags,
  );
}

function underHeading(text: string, heading: number): string | undefined {
  if (heading === -1) return undefined;
  const under = text
    .slice(heading + HEADING.length)
    .replace(/^[\s:]+/, '')
    .trim();
  return under === '' ? undefined : under;
}

/** What the last whole `\boxed{..}` holds, braces within it included; `\text{..}` around all of it is taken off. */
export function boxedIn(text: string): string | undefined {
  for (let at = text.lastIndexOf(BOXED); at !== -1; at = at === 0 ? -1 : text.lastIndexOf(BOXED, at - 1)) {
    const inner = untilBrace(text, at + BOXED.length);
    if (inner !== undefined) return inner.replace(/^\\text\{([^{}]*)\}$/, '$1').trim();
  }
  return undefined;
}

/** A brace that is escaped is none. Longer than this is no answer. */
const LONGEST_BOX = 2_000;
function untilBrace(text: string, from: number): string | undefined {
  let depth = 1;
  for (let at = from; at < Math.min(text.length, from + LONGEST_BOX); at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '{') depth += 1;
    else if (text[at] === '}') depth -= 1;
    if (depth === 0) return text.slice(from, at);
  }
  return undefined;
}
