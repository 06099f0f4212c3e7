/** Checks of fixtures about thought, tags and critiques: `cosmos_reason1_parse`, `vllm_reasoning_split`. */
import { critique } from '../codecs/cosmos-critic.ts';
import { benchmarkLetter, benchmarkReasoning, taggedText } from '../codecs/tagged.ts';
import { serverSplit, serverStream } from '../codecs/thought-stream.ts';
import { type Check, differences, type Entry, type Row, rowsOf } from './golden-check.ts';

function* checkParse(entry: Entry): Iterable<string> {
  const { text } = entry;
  if (entry.extract_tagged_text !== undefined) {
    const { tags, remaining } = taggedText(text);
    const want = entry.extract_tagged_text;
    yield* differences([...tags], Object.entries(want.tags), 0, 'tags');
    yield* differences(remaining, want.remaining, 0, 'remaining');
  }
  if (entry.critic !== undefined) yield* differences(critique(text) ?? null, entry.critic, 0, 'critic');
  if (entry.benchmark_reasoning !== undefined)
    yield* differences(benchmarkReasoning(text), entry.benchmark_reasoning, 0, 'benchmark_reasoning');
  if (entry.benchmark_letter !== undefined)
    yield* differences(benchmarkLetter(text), entry.benchmark_letter, 0, 'benchmark_letter');
}

function* checkSplit({ output, parser, reasoning, content }: Entry): Iterable<string> {
  yield* differences(serverSplit(output, parser), { reasoning, content });
}
function* checkStream({ deltas, parser, reasoning, content }: Entry): Iterable<string> {
  yield* differences(serverStream(deltas, parser), { reasoning, content });
}

function* checkServer(file: unknown): Generator<Row> {
  yield* rowsOf(file, 'split', checkSplit);
  yield* rowsOf(file, 'stream', checkStream);
}

export const COSMOS_CHECKS: Readonly<Record<string, Check>> = {
  cosmos_reason1_parse: (file) => rowsOf(file, 'cases', checkParse),
  vllm_reasoning_split: checkServer,
};
