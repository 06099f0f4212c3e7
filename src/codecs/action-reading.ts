/**
 * Magma's and OpenVLA's seven action tokens as a reading: from text as any chat server returns it, from token ids, or from the list
 * of ids written as text. Total: what is no action is a problem. Knows no server; the arithmetic is in `action-tokens.ts`.
 */
import { PumiceError } from '../errors.ts';
import type { ActionOf } from '../types.ts';
import { actionTokensOfText, decodeActionTokens, type TokenForm } from './action-tokens.ts';
import { LLAMA3_VOCAB_SIZE } from './llama3-action-tokens.ts';
import { type Flags, type Reading, read, unread } from './reading.ts';

export interface ActionForm extends Omit<TokenForm, 'vocabSize'> {
  /** `tokenizer.vocab_size`; 128000 (Magma-8B) unless given. */
  readonly vocabSize?: number;
  /** The frame that the training set's deltas are in. */
  readonly frameId: string;
}

export interface TokenAction {
  /** `[7]`, in the order x y z roll pitch yaw gripper. */
  readonly ids: readonly number[];
  readonly action: ActionOf<'eef-delta'>;
}

/** Ids that end an answer and may stand behind the action: `<|eot_id|>` and `<|end_of_text|>` of Llama-3, `</s>` of Llama-2. */
const END_IDS: Readonly<Record<number, readonly number[]>> = { 128000: [128_009, 128_001], 32000: [2] };
/** The same where a server leaves special tokens in the text. */
const END_TEXT = /(?:<\|eot_id\|>|<\|end_of_text\|>)$/;
const ACTION_NUMBERS = 7;

/** Seven action tokens as a chat server writes them: `兄弟iв aktivit...`. */
export function readActionText(text: string, form: ActionForm): Reading<TokenAction> {
  if (text.trim() === '') return unread(nothing('text'));
  const vocabSize = form.vocabSize ?? LLAMA3_VOCAB_SIZE;
  if (vocabSize !== LLAMA3_VOCAB_SIZE)
    return unread(
      new PumiceError('config/invalid', `no table of action texts for a vocabulary of ${vocabSize}`, {
        who: WHO,
        hint: 'Have the server return token ids',
      }),
    );
  return attempt(() => actionTokensOfText(text.trimEnd().replace(END_TEXT, '')), form);
}

/** Seven ids, an end token behind them or not. */
export function readActionIds(ids: readonly number[], form: ActionForm): Reading<TokenAction> {
  if (ids.length === 0) return unread(nothing('ids'));
  const isEnded = END_IDS[form.vocabSize ?? LLAMA3_VOCAB_SIZE]?.includes(ids.at(-1)!);
  return attempt(() => (isEnded ? ids.slice(0, -1) : ids), form);
}

/** Ids as text, with commas or blanks between them, in brackets or not; anything else is taken for the text of action tokens. */
export function readAction(text: string, form: ActionForm): Reading<TokenAction> {
  const inside = text.trim().replace(/^\[|\]$/g, '');
  if (!/^[\d\s,]+$/.test(inside) || !/\d/.test(inside)) return readActionText(text, form);
  return readActionIds((inside.match(/\d+/g) ?? []).map(Number), form);
}

const WHO = 'codec action-tokens';
const nothing = (what: string) =>
  new PumiceError('decode/empty', `expected ${ACTION_NUMBERS} action tokens, got no ${what}`, {
    who: WHO,
    hint: 'Check that the model was asked for an action',
  });

function attempt(idsOf: () => readonly number[], form: ActionForm): Reading<TokenAction> {
  let count: number | undefined;
  try {
    const ids = idsOf();
    count = ids.length;
    const action = decodeActionTokens(ids, form.frameId, { vocabSize: LLAMA3_VOCAB_SIZE, ...form });
    return read({ ids, action });
  } catch (error) {
    if (!PumiceError.is(error)) throw error;
    return unread(error, isCut(error, count) ? CUT : {});
  }
}

const CUT: Flags = { truncated: true };
/** Tokens that are all actions, but too few of them. */
const isCut = (error: PumiceError, count: number | undefined) =>
  error.code === 'decode/token-count' && (count === undefined ? /got [1-6]$/.test(error.message) : count < 7);
