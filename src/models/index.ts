/** Asking model servers, and reading what they answer. */
export type { ChatAnswer, ChatDelta, OnDelta } from './chat-answer.ts';
export { cssSizeOf, type DecodedAction, decodeAction, requireTargets, thoughtSoFar } from './decode-action.ts';
export type { Fetch, Patience } from './exchange.ts';
export { type MagmaRest, magmaRest } from './magma-rest.ts';
export { isMap, isNumpy, type Received, type ReceivedMap, type Sendable, type SentMap } from './msgpack-numpy.ts';
export {
  type Chat,
  type ChatMessage,
  type ChatOptions,
  type ChatPart,
  type ChatRequest,
  openaiChat,
  type TimedAnswer,
} from './openai-chat.ts';
export { type HostAnswer, type HostedClient, hostOpenpi } from './openpi-host.ts';
export { type OpenpiAnswer, type OpenpiServer, openpiServer } from './openpi-ws.ts';
export { type OpenvlaServer, openvlaServer } from './openvla-act.ts';
export {
  chooseProfile,
  type OwnProfile,
  ownProfile,
  profileForModel,
  profileOption,
  withOwnProfiles,
} from './own-profiles.ts';
export {
  type ArmObservation,
  jsonNumpy,
  magmaPredictBody,
  namedObservation,
  openvlaActBody,
  videoQaFields,
} from './own-wire.ts';
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
export { notServed, type ServedModel, servedModels } from './served.ts';
export { loadActionStats } from './stats-file.ts';
export { answerOf, type Heard, spokenBy, type Talk, talk, thinksOf, watchLoop } from './talk.ts';
export { fetchOf, recordTraffic, replayTraffic, type TrafficOptions } from './traffic.ts';
export { UI_KINDS, type UiKind, type UiPoints, uiPrompt, uiQuestion } from './ui-prompt.ts';
export { type Clip, chooseFrames, clipOf } from './video.ts';
export { type VideoQa, videoQa } from './video-qa.ts';
export { hostVlaEval, type VlaEvalClient, type VlaEvalHostOptions } from './vla-eval-host.ts';
export { kindOf, pixelsOf, readPicture } from './vla-eval-messages.ts';
