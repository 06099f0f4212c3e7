/** Checks of fixtures of Cosmos Reason's texts: `cosmos_reason1_parse`, `cosmos_real_outputs`, `vllm_reasoning_split`. */
import { readBoxes, readEvents, readPoints } from '../codecs/cosmos.ts';
import { critique } from '../codecs/cosmos-critic.ts';
import { readJson } from '../codecs/json-answer.ts';
import { strip } from '../codecs/python.ts';
import type { CoordinateSpace, Reading } from '../codecs/reading.ts';
import { benchmarkLetter, benchmarkReasoning, taggedText } from '../codecs/tagged.ts';
import { spokenIn } from '../codecs/thought.ts';
import { serverSplit, serverStream } from '../codecs/thought-stream.ts';
import { readChoice, readOption } from '../codecs/verdict.ts';
import { type Check, CLOSE, differences, type Entry, type Row, rowsOf } from './golden-check.ts';

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

/** Places come out as shares of a picture of one by one. */
const PICTURE = { widthPx: 1, heightPx: 1 };
const SPACES: Readonly<Record<string, CoordinateSpace>> = {
  norm1000: { kind: 'grid', max: 1000, axes: 'xy' },
  norm999: { kind: 'grid', max: 999, axes: 'xy' },
  norm1: { kind: 'unit', axes: 'xy' },
};

function orNone<T>(reading: Reading<T>): T | undefined {
  return reading.ok ? reading.value : undefined;
}

/** What is expected of a case, as pumice reads it. */
const READERS: Readonly<Record<string, (entry: Entry) => unknown>> = {
  events: ({ text }) =>
    orNone(readEvents(text))?.map(({ startS, endS, caption = null }) => ({ start_s: startS, end_s: endS, caption })),
  trajectory: (entry) => {
    const points = orNone(readPoints(entry.text, { space: SPACES[entry.coord], picture: PICTURE }));
    const found = points?.map(({ pointPx }) => pointPx);
    return { ...said(entry), points: found, labels: points?.map(({ label = null }) => label) };
  },
  boxes: (entry) => {
    const boxes = orNone(readBoxes(entry.text, { space: SPACES[entry.coord], picture: PICTURE }));
    const found = boxes?.map(({ boxPx }) => boxPx);
    return {
      ...said(entry),
      boxes: found,
      labels: boxes?.map(({ label = null }) => label),
      extra: extraOf(entry.text),
    };
  },
  verdict: ({ text, choices }) => {
    const isLetters = choices.every((choice: string) => /^[A-Z]$/.test(choice));
    const spoken = spokenIn(text);
    const options = () => Object.fromEntries(choices.map((letter: string) => [letter, undefined]));
    return orNone(isLetters ? readOption(spoken, options()) : readChoice(spoken, choices)) ?? null;
  },
  text: (entry) => (typeof entry.expected === 'string' ? said(entry).answer : said(entry)),
};

function said({ text }: Entry) {
  const spoken = orNone(spokenIn(text));
  return { reasoning: strip(spoken?.thought ?? ''), answer: strip(spoken?.answer ?? '') };
}

/** What else the object says that holds the places. */
function extraOf(text: string): unknown {
  const spoken = orNone(spokenIn(text));
  return spoken && orNone(readJson(spoken.answer))?.[0];
}

function* checkReal(entry: Entry): Iterable<string> {
  const reader = READERS[entry.kind];
  if (reader) yield* differences(reader(entry), entry.expected, CLOSE);
  else yield `kind: expected one of ${Object.keys(READERS).join(', ')}, got ${entry.kind}`;
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
  cosmos_real_outputs: (file) => rowsOf(file, 'cases', checkReal),
  vllm_reasoning_split: checkServer,
};
