/** Forms of answers that models give, read and written. */

export { type ActionForm, readAction, readActionIds, readActionText, type TokenAction } from './action-reading.ts';
export { type ActionStats, actionStats } from './action-stats.ts';
export {
  actionTokensOfText,
  decodeActionNumbers,
  decodeActionTokens,
  encodeActionTokens,
  type TokenForm,
  tokenOfBin,
} from './action-tokens.ts';
export { LLAMA3_VOCAB_SIZE } from './llama3-action-tokens.ts';
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
