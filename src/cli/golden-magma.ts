/** Checks of Magma's fixtures: the functions of codecs, held against what the original programs gave. */
import { actionTokensOfText, decodeActionNumbers, encodeActionTokens } from '../codecs/index.ts';
import { type Check, differences, type Entry, rowsOf } from './golden-check.ts';

const stats = (entry: Entry) => ({ name: String(entry.stats_key ?? 'golden'), ...entry.stats });

export const MAGMA_CHECKS: Readonly<Record<string, Check>> = {
  action_text: (file) =>
    rowsOf(file, 'cases', function* ({ text, token_ids }) {
      yield* differences(actionTokensOfText(text), token_ids, 0, 'token_ids');
    }),
  action_decode: (file) =>
    rowsOf(file, 'cases', function* (entry) {
      const form = { vocabSize: entry.vocab_size, stats: stats(entry), mode: 'compat' as const };
      yield* differences(decodeActionNumbers(entry.token_ids, form), entry.action, 0, 'action');
    }),
};
void encodeActionTokens;
