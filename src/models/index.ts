/** Asking model servers, and reading what they answer. */
export type { ChatAnswer, ChatDelta } from './chat-answer.ts';
export { type DecodedAction, decodeAction, requireTargets, thoughtSoFar } from './decode-action.ts';
export {
  type Chat,
  type ChatMessage,
  type ChatOptions,
  type ChatPart,
  type ChatRequest,
  openaiChat,
} from './openai-chat.ts';
export {
  chooseProfile,
  type OwnProfile,
  ownProfile,
  profileForModel,
  profileOption,
  withOwnProfiles,
} from './own-profiles.ts';
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
  type RequestMessage,
  type RequestPart,
  type SentImage,
  type SentVideo,
} from './request.ts';
export { loadActionStats } from './stats-file.ts';
export { UI_KINDS, type UiKind, uiPrompt } from './ui-prompt.ts';
