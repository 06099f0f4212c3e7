/** Asking model servers, and reading what they answer. */
export type { ChatAnswer, ChatDelta, OnDelta } from './chat-answer.ts';
export { cssSizeOf, type DecodedAction, decodeAction, requireTargets, thoughtSoFar } from './decode-action.ts';
export type { Fetch, Patience } from './exchange.ts';
export {
  type Chat,
  type ChatMessage,
  type ChatOptions,
  type ChatPart,
  type ChatRequest,
  openaiChat,
  type TimedAnswer,
} from './openai-chat.ts';
export {
  chooseProfile,
  type OwnProfile,
  ownProfile,
  profileForModel,
  profileOption,
  withOwnProfiles,
} from './own-profiles.ts';
export { type ModelPlannerOptions, modelPlanner } from './planner.ts';
export { type ProbeResult, probeModel } from './probe.ts';
export {
  MODEL_ROLES,
  type ModelProfile,
  type ModelRole,
  modelProfileSchema,
  TRANSPORTS,
  type Transport,
} from './profile.ts';
export { PROFILES, type Profiles, profileOf } from './profiles.ts';
export {
  chatBodyOf,
  chatRequestOf,
  type ProfiledRequest,
  promptOf,
  type Question,
  type SentImage,
  type SentVideo,
} from './request.ts';
export {
  askChat,
  fitOnce,
  type SelfTest,
  type SelfTestFault,
  type SelfTestResult,
  selfTest,
  type TestAsk,
} from './self-test.ts';
export { type SentPicture, sentPicture } from './sent-picture.ts';
export { notServed, requireServed, type ServedModel, type ServedModel, servedModels, servedModels } from './served.ts';
export { loadActionStats, loadActionStats, loadActionStats } from './stats-file.ts';
export { answerOf, type Heard, spokenBy, type Talk, talk, thinksOf, watchLoop } from './talk.ts';
export {
  fetchOf,
  fetchOf,
  recordTraffic,
  recordTraffic,
  replayTraffic,
  replayTraffic,
  type TrafficOptions,
  type TrafficOptions,
} from './traffic.ts';
export {
  UI_KINDS,
  UI_KINDS,
  UI_KINDS,
  UI_KINDS,
  type UiKind,
  type UiKind,
  type UiKind,
  type UiKind,
  type UiPoints,
  type UiPoints,
  type UiPoints,
  type UiPoints,
  uiPrompt,
  uiPrompt,
  uiPrompt,
  uiPrompt,
  uiQuestion,
  uiQuestion,
  uiQuestion,
  uiQuestion,
} from './ui-prompt.ts';
export { type Clip, type Clip, chooseFrames, clipOf, clipOf } from './video.ts';
