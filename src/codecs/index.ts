/** Forms of answers that models give, read and written. */

export { type ActionForm, readAction, readActionIds, readActionText, type TokenAction } from './action-reading.ts';
export { type ActionStats, actionStats } from './action-stats.ts';
export { isSayable, nearestSayable, textOfActionTokens } from './action-token-text.ts';
export {
  actionTokensOfText,
  decodeActionNumbers,
  decodeActionTokens,
  encodeActionTokens,
  type TokenForm,
  tokenOfBin,
} from './action-tokens.ts';
export { type PlaceForm, readBoxes, readEvents, readPoints } from './cosmos.ts';
export {
  type Anomaly,
  anomalyOf,
  type CriticComponent,
  type Critique,
  critique,
  readCritique,
} from './cosmos-critic.ts';
export { type Json, readJson } from './json-answer.ts';
export { LLAMA3_VOCAB_SIZE } from './llama3-action-tokens.ts';
export { type Loop, loopAtEnd, loopBreaker } from './loop-breaker.ts';
export { type MagmaUiAnswer, type MagmaUiForm, readMagmaUi, type UiTarget } from './magma-ui.ts';
export { boxInFrame, isInSpace, isSoundBox, pointInFrame } from './places.ts';
export { boxedIn, QVQ, readQvq } from './qvq.ts';
export { type Grounded, type GroundedForm, readGrounded } from './qwen-boxes.ts';
export { type Qwen3Bounds, qwen3FrameSize, qwen3Frames, qwen3Grid, qwen3Times, qwen3TimeText } from './qwen3-video.ts';
export type {
  Channel,
  CoordinateSpace,
  Flags,
  FoundBox,
  FoundEvent,
  FoundPoint,
  Mode,
  Picture,
  Reading,
} from './reading.ts';
export { read, unread } from './reading.ts';
export { type ResizeRule, type Size, seenThrough, smartResize } from './smart-resize.ts';
export { benchmarkLetter, benchmarkReasoning, type Tagged, taggedText } from './tagged.ts';
export { type Asked, type Said, type Spoken, spokenIn, spokenOf } from './thought.ts';
export {
  QWEN3,
  type SplitRule,
  serverSplit,
  serverStream,
  TAGS,
  type ThoughtStream,
  thoughtStream,
} from './thought-stream.ts';
export { spansIn, timeOf } from './timestamps.ts';
export { type Options, readChoice, readOption, type YesNo, yesOrNo } from './verdict.ts';
export { chooseFrames, type FrameChoice, frameSize, type VideoOptions, visualTokens } from './video-frames.ts';
