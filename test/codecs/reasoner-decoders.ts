/** Every decoder of Cosmos Reason, QVQ and Qwen-VL as a function of a text, for properties that hold for all. */
import {
  anomalyOf,
  benchmarkReasoning,
  boxedIn,
  loopAtEnd,
  type Mode,
  readBoxes,
  readChoice,
  readCritique,
  readEvents,
  readGrounded,
  readJson,
  readOption,
  readPoints,
  readQvq,
  serverSplit,
  spokenIn,
  spokenOf,
  taggedText,
  timeOf,
  yesOrNo,
} from 'pumice/codecs';

const space = { kind: 'grid', max: 1000, axes: 'xy' } as const;
const picture = { widthPx: 1280, heightPx: 720 };

/** Those that answer with a reading. */
export const READERS = {
  answer: (text: string, mode: Mode) => spokenIn(text, mode),
  'answer from the reasoning field': (text: string, mode: Mode) =>
    spokenOf({ content: null, reasoning: text, finishReason: 'stop' }, { toThink: false }, mode),
  json: (text: string, mode: Mode) => readJson(text, {}, mode),
  boxes: (text: string, mode: Mode) => readBoxes(text, { space, picture, mode }),
  points: (text: string, mode: Mode) => readPoints(text, { space, picture, mode }),
  events: (text: string, mode: Mode) => readEvents(text, mode),
  'qwen-boxes': (text: string, mode: Mode) => readGrounded(text, { space, picture, mode }),
  critic: (text: string, mode: Mode) => readCritique(text, mode),
  qvq: (text: string, mode: Mode) => readQvq({ content: text, finishReason: 'stop' }, mode),
  choice: (text: string, mode: Mode) => readChoice(spokenIn(text, mode), ['Approve', 'Reject']),
  option: (text: string, mode: Mode) => readOption(spokenIn(text, mode), { A: 'Possible', B: 'Impossible' }),
};

/** Those that answer otherwise. */
export const OTHERS: readonly ((text: string) => unknown)[] = [
  taggedText,
  benchmarkReasoning,
  boxedIn,
  loopAtEnd,
  timeOf,
  anomalyOf,
  (text) => serverSplit(text, 'qwen3'),
  (text) => yesOrNo(spokenIn(text)),
];
