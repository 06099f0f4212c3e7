/**
 * Thought and answer of a reasoning model, in all the ways in which they come apart: fields of the message, tags in the text, an
 * answer that a server took for thought, a thought that was cut off. What is thought is never answer. Pure: the message comes from
 * the client.
 */
import { PumiceError } from '../errors.ts';
import { loopAtEnd } from './loop-breaker.ts';
import { type Channel, type Flags, type Mode, type Reading, read, unread } from './reading.ts';

/** A message of a chat as the server gave it. Servers name the thought one way, the other, or both ways with one text. */
export interface Said {
  readonly content?: string | null;
  readonly reasoning?: string | null;
  readonly reasoning_content?: string | null;
  /** `stop` alone says that the model came to its end; within a tag it did not, whatever the server says. */
  readonly finishReason?: string | null;
}

export interface Asked {
  /** Whether the request asked the model to think first. */
  readonly toThink: boolean;
}

export interface Spoken {
  /** Absent: it did not think, or nobody could tell. */
  readonly thought?: string;
  readonly answer: string;
}

const problem = (code: 'decode/truncated' | 'decode/empty' | 'decode/schema', message: string) =>
  new PumiceError(code, message, {
    who: 'codec thought',
    hint: 'Raise the limit of tokens, or do not ask this model to think; take it as no answer',
  });

const OPEN = '<think>';
const CLOSE = '</think>';
const ANSWER = '<answer>';
const ANSWER_END = '</answer>';
const isBlank = (text: string) => text.trim() === '';

/**
 * What the model answered, apart from what it thought.
 *
 * Asked to think, an answer is only what stands after the thought's end. Not asked, a server that expects thoughts may put all of the
 * answer into the thought's field and null beside it: that is the answer where the model came to its end.
 *
 * @param mode - `compat` takes the first answer in tags wherever it stands, as the original programs do.
 */
export function spokenOf(said: Said, asked: Asked, mode: Mode = 'strict'): Reading<Spoken> {
  const thought = firstText(said.reasoning, said.reasoning_content);
  const isWhole = said.finishReason === 'stop' && !endsInTag(said.content ?? '');
  const content = said.content ?? '';
  const cut = isWhole ? {} : cutOff(isBlank(content) ? (thought ?? '') : content);
  if (!isBlank(content)) return fromContent(content, thought, asked, cut, mode);
  if (thought === undefined) return unread(problem('decode/empty', 'expected an answer, got none'), cut);
  if (!isWhole)
    return unread(problem('decode/truncated', `cut off while it thought, after '${tail(thought)}'`), {
      ...cut,
      channel: 'reasoning',
    });
  if (asked.toThink)
    return unread(problem('decode/empty', 'expected an answer after the thought, got the thought alone'), {
      channel: 'reasoning',
    });
  return fromTags(thought, 'reasoning', {}, mode);
}

const endsInTag = (text: string) =>
  [OPEN, CLOSE, ANSWER, ANSWER_END].some((tag) => {
    const at = text.lastIndexOf('<');
    return at !== -1 && text.length - at > 1 && text.length - at < tag.length && tag.startsWith(text.slice(at));
  });

/** Models that repeat themselves do so until they are cut off. */
const cutOff = (text: string): Flags => ({ truncated: true, ...(loopAtEnd(text) && { looped: true as const }) });

/** The same for a text alone that is known to be whole. It thought where it says so. */
export const spokenIn = (text: string, mode: Mode = 'strict'): Reading<Spoken> =>
  spokenOf({ content: text, finishReason: 'stop' }, { toThink: text.includes(CLOSE) || text.includes(OPEN) }, mode);

const firstText = (...texts: readonly (string | null | undefined)[]) =>
  texts.find((text) => text && !isBlank(text)) ?? undefined;
const tail = (text: string) => text.slice(-40);

function fromContent(
  content: string,
  thought: string | undefined,
  asked: Asked,
  cut: Flags,
  mode: Mode,
): Reading<Spoken> {
  const isTagged = content.includes(OPEN) || content.includes(CLOSE);
  if (thought !== undefined && !isTagged) return answerIn(content, thought, { ...cut, channel: 'content' }, mode);
  if (isTagged || !asked.toThink) return fromTags(content, isTagged ? 'inline' : 'content', cut, mode, thought);
  if (content.includes(ANSWER)) return answerIn(content, undefined, { ...cut, channel: 'content' }, mode);
  // It was to think first and no end of a thought came: cut off, this is thought; come to its end, it may not have thought at all.
  if (cut.truncated)
    return unread(problem('decode/truncated', `cut off while it thought, after '${tail(content)}'`), cut);
  return read({ answer: content }, { suspect: true, channel: 'content' });
}

function fromTags(text: string, channel: Channel, cut: Flags, mode: Mode, before?: string): Reading<Spoken> {
  const flags: Flags = { ...cut, channel };
  if (mode === 'compat') return answerIn(afterFirstThought(text), between(text) ?? before, flags, mode);
  const end = text.lastIndexOf(CLOSE);
  // A thought that begins behind the last end never ends.
  if (text.indexOf(OPEN, end === -1 ? 0 : end) !== -1)
    return unread(problem('decode/truncated', 'a thought begins and does not end'), { ...flags, truncated: true });
  if (end === -1) return answerIn(text, before, flags, mode);
  const head = text.slice(0, end);
  const start = head.indexOf(OPEN);
  const thought = head.slice(start === -1 ? 0 : start + OPEN.length);
  const isOdd = thought.includes(CLOSE) || (start > 0 && !isBlank(head.slice(0, start)));
  return answerIn(text.slice(end + CLOSE.length), thought, isOdd ? { ...flags, suspect: true } : flags, mode);
}

function afterFirstThought(text: string): string {
  const end = text.indexOf(CLOSE);
  return end === -1 ? text : text.slice(end + CLOSE.length);
}
function between(text: string): string | undefined {
  const end = text.indexOf(CLOSE);
  const start = text.indexOf(OPEN);
  return end === -1 ? undefined : text.slice(start === -1 || start > end ? 0 : start + OPEN.length, end);
}

/** The answer out of its own tags, where it has some. */
function answerIn(text: string, thought: string | undefined, flags: Flags, mode: Mode): Reading<Spoken> {
  const spoken = (answer: string): Spoken => ({ ...(thought !== undefined && { thought }), answer });
  const answers = innersOf(text);
  const isSame = answers.every((answer) => answer.trim() === answers[0]!.trim());
  if (answers.length > 0 && (isSame || mode === 'compat')) return nonBlank(spoken(answers[0]!), flags);
  if (answers.length > 0)
    return unread(problem('decode/schema', `expected one answer, got ${answers.length} that differ`), flags);
  const open = text.indexOf(ANSWER);
  if (open === -1) return nonBlank(spoken(text), flags);
  // A server that stops at the closing tag leaves it out.
  const rest = spoken(text.slice(open + ANSWER.length));
  return nonBlank(rest, { ...flags, suspect: true });
}

/** What stands in `<answer>..</answer>`, each. */
function innersOf(text: string): string[] {
  const inners: string[] = [];
  for (let from = 0; ; ) {
    const start = text.indexOf(ANSWER, from);
    const end = start === -1 ? -1 : text.indexOf(ANSWER_END, start);
    if (end === -1) return inners;
    inners.push(text.slice(start + ANSWER.length, end));
    from = end + ANSWER_END.length;
  }
}

function nonBlank(spoken: Spoken, flags: Flags): Reading<Spoken> {
  if (!isBlank(spoken.answer)) return read(spoken, flags);
  const code = flags.truncated ? 'decode/truncated' : 'decode/empty';
  return unread(problem(code, 'expected an answer after the thought, got none'), flags);
}
