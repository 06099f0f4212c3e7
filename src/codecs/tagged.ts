/**
 * Text between tags, as NVIDIA's own programs for Cosmos Reason cut it out (nvidia-cosmos/cosmos-reason1 `3e7f1cb`:
 * `cosmos_reason1_utils/text.py`, `examples/benchmark/tools/eval/utils/output.py`), quirks included. What pumice acts on goes through
 * `thought.ts` and `verdict.ts`.
 */
import { strip } from './python.ts';

export interface Tagged {
  /** Inner texts by the name of their tag, in order. Tags within them stay part of the text. */
  readonly tags: ReadonlyMap<string, readonly string[]>;
  /** What stands between. */
  readonly remaining: readonly string[];
}

/** Tags without attributes only; one that is never closed counts as not there. */
export function taggedText(text: string): Tagged {
  const tags = new Map<string, string[]>();
  const remaining: string[] = [];
  // Whether a name is closed anywhere behind here is asked once: text of nothing but open tags would cost a search of all of it each.
  const neverClosed = new Set<string>();
  const opening = /<([a-zA-Z]*?)>/g;
  let from = 0;
  while (from < text.length) {
    opening.lastIndex = from;
    const found = opening.exec(text);
    if (!found) {
      remaining.push(text.slice(from));
      break;
    }
    remaining.push(text.slice(from, found.index));
    from = opening.lastIndex;
    const name = found[1]!;
    const closing = `</${name}>`;
    const end = neverClosed.has(name) ? -1 : text.indexOf(closing, from);
    if (end === -1) {
      neverClosed.add(name);
      continue;
    }
    tags.set(name, [...(tags.get(name) ?? []), text.slice(from, end)]);
    from = end + closing.length;
  }
  return { tags, remaining };
}

/** How the benchmark of Cosmos Reason1 scores: the first capital of the first answer, so "The correct option is (B)" is T. */
export function benchmarkReasoning(text: string): { readonly answer: string; readonly reasoning: string } {
  const inner = (name: string) => firstBetween(text, `<${name}>`, `</${name}>`) ?? '';
  return { answer: benchmarkLetter(inner('answer')), reasoning: strip(inner('think')) };
}

/** How the benchmark scores models that are not asked to think: the first capital anywhere. */
export const benchmarkLetter = (text: string): string => /[A-Z]/.exec(text)?.[0] ?? '';

function firstBetween(text: string, open: string, close: string): string | undefined {
  const start = text.indexOf(open);
  const end = start === -1 ? -1 : text.indexOf(close, start + open.length);
  return end === -1 ? undefined : text.slice(start + open.length, end);
}
