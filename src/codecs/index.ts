/** Forms of answers that models give, read and written. */
export { type ActionEnsemble, actionEnsemble } from './action-ensemble.ts';
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
export { type Cogvlm2Answer, type Cogvlm2Event, type Cogvlm2Form, readCogvlm2 } from './cogvlm2.ts';
export {
  COGVLM2_FRAMES,
  type Cogvlm2Choice,
  type Cogvlm2Strategy,
  type Cogvlm2Video,
  cogvlm2Frames,
  cogvlm2TimeS,
} from './cogvlm2-frames.ts';
export { type PlaceForm, readBoxes, readEvents, readPoints } from './cosmos.ts';
export {
  type Anomaly,
  anomalyOf,
  type CriticComponent,
  type Critique,
  critique,
  readCritique,
} from './cosmos-critic.ts';
export { readDatasetStatistics } from './dataset-statistics.ts';
export { axisAngleOfRpy } from './euler-axis.ts';
export { type GlmAction, readGlmAction, readGlmBoxes } from './glm45v.ts';
export { type GlmMobileParts, type GlmPcParts, glmMobileParts, glmPcParts } from './glm45v-parts.ts';
export { type Json, readJson } from './json-answer.ts';
export { type Kosmos2Answer, type Kosmos2Entity, kosmos2Boxes, readKosmos2 } from './kosmos2.ts';
export { boxOfCells, cellsOfBox, KOSMOS2_IDS, kosmos2TagOfId, type NormBox } from './kosmos2-grid.ts';
export { KOSMOS2_PROMPTS, kosmos2Prompt, type PhraseBoxes, type PromptBox } from './kosmos2-prompt.ts';
export { LLAMA3_VOCAB_SIZE } from './llama3-action-tokens.ts';
export { type Loop, loopAtEnd, loopBreaker } from './loop-breaker.ts';
export { type AnyresGrid, anyresGrid, MAGMA_ARM_PX, MAGMA_MARKS, MAGMA_NORM, magmaLabelTextPx } from './magma-image.ts';
export {
  MAGMA_SYSTEM,
  magmaPrompt,
  magmaQuestion,
  openvlaPrompt,
  openvlaV01Prompt,
  type TraceQuestion,
} from './magma-prompts.ts';
export { magmaServerNumbers } from './magma-server.ts';
export { type MarkTrace, type MarkTraces, readMagmaMarks, readMagmaTraces, TRACE_GRID } from './magma-trace.ts';
export { type MagmaUiAnswer, type MagmaUiForm, readMagmaUi, type UiTarget } from './magma-ui.ts';
export { type MotionText, readMotions, type ToolMotion, type ToolStance, writeMotions } from './motion-text.ts';
export { boxInFrame, isInSpace, isSoundBox, pointInFrame } from './places.ts';
export { type PoseRule, poseTarget, type ToolPose } from './pose-target.ts';
export { boxedIn, QVQ, readQvq } from './qvq.ts';
export { type Grounded, type GroundedForm, readGrounded } from './qwen-boxes.ts';
export { type Qwen3Bounds, qwen3FrameSize, qwen3Frames, qwen3Grid, qwen3Times, qwen3TimeText } from './qwen3-video.ts';
export {
  type Channel,
  type CoordinateSpace,
  type Flags,
  type FoundBox,
  type FoundEvent,
  type FoundPoint,
  type Mode,
  type Picture,
  type Reading,
  read,
  unread,
} from './reading.ts';
export { type Latch, latchedGripper, liberoGripper, OPEN_LATCH, widowxGripper } from './robot-gripper.ts';
export {
  LATCH_STEPS,
  SIM_CONTROLS,
  type SimControl,
  type SimMotion,
  type SimRobot,
  simMotion,
  simNumbers,
} from './sim-control.ts';
export {
  type Rt1Output,
  rt1Action,
  type SimplerAction,
  type SimplerPost,
  type SimplerRobot,
  simplerPost,
} from './simpler-action.ts';
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
export type { UiForm } from './ui-call-action.ts';
export { readUiTars, type UiTarsAnswer } from './ui-tars.ts';
export { type Options, readChoice, readOption, type YesNo, yesOrNo } from './verdict.ts';
export { chooseFrames, type FrameChoice, frameSize, type VideoOptions, visualTokens } from './video-frames.ts';
