/**
 * Action tokens of Magma-8B as the text that a server makes of them: the way back of `actionTokensOfText`. Three of the 256 are no
 * whole UTF-8, and text loses them.
 */
import { PumiceError } from '../errors.ts';
import { LLAMA3_ACTION_TEXTS, LLAMA3_VOCAB_SIZE } from './llama3-action-tokens.ts';

const FIRST = LLAMA3_VOCAB_SIZE - LLAMA3_ACTION_TEXTS.length;

/** What an incomplete character becomes when bytes are made text. */
const LOST = '\uFFFD';

/** As a tokenizer decodes them. @throws PumiceError `decode/out-of-range` for ids that stand for no action. */
export const textOfActionTokens = (ids: readonly number[]): string =>
  ids.map((id) => LLAMA3_ACTION_TEXTS[indexOf(id)] ?? LOST).join('');

/** Whether text can carry this token. */
export const isSayable = (id: number): boolean => LLAMA3_ACTION_TEXTS[indexOf(id)] !== undefined;

/**
 * The same tokens, each that text would lose replaced by the next lower id, which is the next higher bin: for who has to speak in
 * text, and may be wrong by a bin but not silent.
 */
export const nearestSayable = (ids: readonly number[]): number[] => ids.map((id) => (isSayable(id) ? id : id - 1));

function indexOf(id: number): number {
  if (Number.isInteger(id) && id >= FIRST && id < LLAMA3_VOCAB_SIZE) return id - FIRST;
  throw new PumiceError('decode/out-of-range', `expected ids ${FIRST} to ${LLAMA3_VOCAB_SIZE - 1}, got ${id}`, {
    who: 'codec action-tokens',
    hint: 'Encode actions with encodeActionTokens',
  });
}
