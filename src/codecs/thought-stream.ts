/**
 * Thought and answer of a text that is still coming in, told apart as soon as they can be. Also how vLLM's reasoning parsers split a
 * text, which is what a client gets to see (vllm-project/vllm `049d8df`, `vllm/reasoning/qwen3_reasoning_parser.py`).
 */

/** What a piece of the stream brought, each in full or so far as it is certain. */
export interface Piece {
  readonly thought: string;
  readonly answer: string;
}

export interface SplitRule {
  /** Texts that end the thought and belong to neither. */
  readonly ends: readonly string[];
  /** Texts that end it and are the beginning of the answer. */
  readonly begins?: readonly string[];
  /** What opens a thought; what came with it in one piece before it is dropped. */
  readonly opens?: string;
}

/** Tags, for models of which the stream begins with the thought. */
export const TAGS: SplitRule = { ends: ['</think>'], opens: '<think>' };
/** vLLM's `qwen3` takes a call of a tool for the end of a thought that nobody ended. */
export const QWEN3: SplitRule = { ...TAGS, begins: ['<tool_call>'] };

export interface ThoughtStream {
  feed(text: string): Piece;
  /** What was held back since it might have been the beginning of a mark. */
  end(): Piece;
  isAnswering(): boolean;
}

/** Begins within the thought. Whatever the pieces are cut into, what comes out in all is the same. */
export function thoughtStream({ ends, begins = [], opens }: SplitRule): ThoughtStream {
  const marks = [...ends, ...begins, ...(opens ? [opens] : [])];
  let held = '';
  let isAnswering = false;
  return { feed, end, isAnswering: () => isAnswering };

  function feed(text: string): Piece {
    if (isAnswering) return { thought: '', answer: text };
    held += text;
    let thought = '';
    for (;;) {
      const found = firstMark(held, marks);
      if (!found) break;
      const { mark, at } = found;
      if (mark !== opens) {
        thought += held.slice(0, at);
        const answer = held.slice(begins.includes(mark) ? at : at + mark.length);
        held = '';
        isAnswering = true;
        return { thought, answer };
      }
      held = held.slice(at + mark.length);
      thought = '';
    }
    const keep = heldBack(held, marks);
    thought += held.slice(0, held.length - keep);
    held = keep === 0 ? '' : held.slice(-keep);
    return { thought, answer: '' };
  }

  function end(): Piece {
    const rest = held;
    held = '';
    return { thought: rest, answer: '' };
  }
}

function firstMark(text: string, marks: readonly string[]): { readonly mark: string; readonly at: number } | undefined {
  const found = marks.map((mark) => ({ mark, at: text.indexOf(mark) })).filter(({ at }) => at !== -1);
  return found.sort((a, b) => a.at - b.at)[0];
}

/** Length of the longest end of `text` that a mark begins with. */
function heldBack(text: string, marks: readonly string[]): number {
  let longest = 0;
  for (const mark of marks)
    for (let length = Math.min(mark.length - 1, text.length); length > longest; length -= 1)
      if (text.endsWith(mark.slice(0, length))) longest = length;
  return longest;
}

/** Fields of the message that a server with a reasoning parser gives. Null: the field is absent. */
export interface ServerSplit {
  readonly reasoning: string | null;
  readonly content: string | null;
}

/** How vLLM splits a whole text. A text without an end of the thought is thought altogether, also of a model that never thinks. */
export function serverSplit(output: string, parser: 'qwen3' | 'deepseek_r1'): ServerSplit {
  const start = output.indexOf('<think>');
  const text = start === -1 ? output : output.slice(start + '<think>'.length);
  const end = text.indexOf('</think>');
  if (end !== -1) return { reasoning: text.slice(0, end), content: text.slice(end + '</think>'.length) || null };
  const call = parser === 'qwen3' ? text.indexOf('<tool_call>') : -1;
  if (call !== -1) return { reasoning: text.slice(0, call) || null, content: text.slice(call) };
  return { reasoning: text, content: null };
}

/** How vLLM splits a stream, put together again. */
export function serverStream(deltas: readonly string[], parser: 'qwen3' | 'deepseek_r1'): ServerSplit {
  const stream = thoughtStream(parser === 'qwen3' ? QWEN3 : TAGS);
  const pieces = [...deltas.map((delta) => stream.feed(delta)), stream.end()];
  return {
    reasoning: pieces.map(({ thought }) => thought).join('') || null,
    content: pieces.map(({ answer }) => answer).join('') || null,
  };
}
