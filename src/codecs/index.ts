/** Forms of answers that models give, read and written. */
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
export { LLAMA3_VOCAB_SIZE } from './llama3-action-tokens.ts';
