/** What `pumice decode` can read: one row per form of answer. Knows the decoders; the command asks nothing else of them. */
import {
  type ActionStats,
  type CoordinateSpace,
  type Mode,
  type Picture,
  type Reading,
  readAction,
  readBoxes,
  readChoice,
  readCogvlm2,
  readCritique,
  readEvents,
  readGlmAction,
  readGlmBoxes,
  readGrounded,
  readJson,
  readKosmos2,
  readMagmaMarks,
  readMagmaTraces,
  readMagmaUi,
  readOption,
  readPoints,
  readQvq,
  readUiTars,
  spokenIn,
  unread,
} from '../codecs/index.ts';

/** What the command was told. Each part that is asked for and was not given is refused with the name of its flag. */
export interface DecodeContext {
  readonly mode: Mode;
  /** In which numbers the model of `--profile` writes places. */
  readonly space: () => CoordinateSpace;
  /** `--picture WxH`, and `--sent WxH` where the model saw another size. */
  readonly picture: () => Picture;
  /** `--stats NAME|FILE[#KEY]`. */
  readonly stats: () => ActionStats;
  /** `--frame`, the frame that an arm's deltas are in. */
  readonly frameId: string;
}

export interface DecodeFormat {
  readonly summary: string;
  readonly read: (text: string, context: DecodeContext) => Reading<unknown>;
}

export const DECODE_FORMATS: Readonly<Record<string, DecodeFormat>> = {
  'magma-action': {
    summary: "seven action tokens of Magma or OpenVLA, as text or as ids: the arm's motion; needs --stats",
    read: (text, { stats, mode, frameId }) => readAction(text, { stats: stats(), mode, frameId }),
  },
  'magma-ui': {
    summary: 'mark or coordinate on a page, as Magma answers; needs --picture',
    read: (text, { picture, mode }) => readMagmaUi(text, { picture: picture(), mode }),
  },
  'magma-trace': {
    summary: 'where marks go in the next steps, as Magma answers; needs --picture',
    read: (text, { picture, mode }) => readMagmaTraces(text, { picture: picture(), mode }),
  },
  'magma-marks': {
    summary: 'where marks are on a picture, as Magma answers; needs --picture',
    read: (text, { picture }) => readMagmaMarks(text, { picture: picture() }),
  },
  answer: {
    summary: 'thought and answer of a reasoning model, out of <think> and <answer>',
    read: (text, { mode }) => spokenIn(text, mode),
  },
  json: {
    summary: 'JSON of an answer, fenced or bare; of a list that was cut off, the elements that are whole',
    read: (text, { mode }) => fromAnswer(text, mode, (answer) => readJson(answer, {}, mode)),
  },
  points: {
    summary:
      'points of Cosmos Reason and Qwen-VL as JSON (point_2d), a trajectory in its order; needs --profile, --picture',
    read: (text, { space, picture, mode }) => readPoints(text, { space: space(), picture: picture(), mode }),
  },
  boxes: {
    summary: 'boxes of Cosmos Reason and Qwen-VL as JSON (bbox_2d, box_2d); needs --profile, --picture',
    read: (text, { space, picture, mode }) => readBoxes(text, { space: space(), picture: picture(), mode }),
  },
  'qwen-boxes': {
    summary: 'boxes of Qwen2-VL and QVQ between tokens (<|box_start|>); needs --profile, --picture',
    read: (text, { space, picture, mode }) => readGrounded(text, { space: space(), picture: picture(), mode }),
  },
  events: {
    summary: 'events in a video with start and end in seconds, from JSON, lines or prose',
    read: (text, { mode }) => readEvents(text, mode),
  },
  critic: {
    summary: "Cosmos Reason1's critique of a video, in XML",
    read: (text, { mode }) => readCritique(text, mode),
  },
  'yes-no': {
    summary: 'a verdict yes or no; never out of the thought',
    read: (text, { mode }) => readChoice(spokenIn(text, mode), ['yes', 'no']),
  },
  option: {
    summary: 'the letter of a multiple choice; never out of the thought',
    read: (text, { mode }) => readOption(spokenIn(text, mode), LETTERS),
  },
  qvq: {
    summary: 'thought and answer of QVQ, by its heading "Final Answer" or its box',
    read: (text, { mode }) => readQvq({ content: text, finishReason: 'stop' }, mode),
  },
  kosmos2: {
    summary: 'phrases and boxes of KOSMOS-2, 0 to 1 along each side',
    read: (text, { mode }) => readKosmos2(text, mode),
  },
  cogvlm2: {
    summary: 'times in an answer of CogVLM2-Video, shown one frame a second',
    read: (text, { mode }) => readCogvlm2(text, { mode }),
  },
  'ui-tars': {
    summary: "UI-TARS' call as an action on the screen; needs --profile, --picture",
    read: (text, { space, picture, mode }) => readUiTars(text, { space: space(), picture: picture(), mode }),
  },
  glm45v: {
    summary: "GLM-4.5V's call or JSON as an action on the screen; needs --profile, --picture",
    read: (text, { space, picture, mode }) => readGlmAction(text, { space: space(), picture: picture(), mode }),
  },
  'glm45v-boxes': {
    summary: "GLM-4.5V's boxes between tokens; needs --profile, --picture",
    read: (text, { space, picture, mode }) => readGlmBoxes(text, { space: space(), picture: picture(), mode }),
  },
};

const LETTERS = Object.fromEntries([...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((letter) => [letter, undefined]));

function fromAnswer<T>(text: string, mode: Mode, readIt: (answer: string) => Reading<T>): Reading<T> {
  const spoken = spokenIn(text, mode);
  return spoken.ok ? readIt(spoken.value.answer) : unread(spoken.problem, spoken.flags);
}
