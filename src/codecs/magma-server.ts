/**
 * What Magma's own server answers beside the text (microsoft/Magma `e373780`, `server/main.py` generate_response): always seven
 * numbers, of whatever the last eight ids were but the last, words and prompt included; and "deltas" by ranges that are no training
 * set's. For servers that speak in its way, and to show what must not be used.
 */
import { decodeActionNumbers } from './action-tokens.ts';
import { LLAMA3_VOCAB_SIZE } from './llama3-action-tokens.ts';

const PLAIN = {
  name: 'bins',
  q01: Array<number>(7).fill(-1),
  q99: Array<number>(7).fill(1),
  mask: Array<boolean>(7).fill(false),
};
/** +-0.05 m, +-3.14 rad, the gripper 0..1. */
const FIXED = {
  name: 'fixed ranges of the server',
  q01: [-0.05, -0.05, -0.05, -3.14, -3.14, -3.14, 0],
  q99: [0.05, 0.05, 0.05, 3.14, 3.14, 3.14, 1],
};

/**
 * @param ids - all that was generated, the prompt before it included.
 * @throws PumiceError `decode/token-count` for fewer than eight.
 */
export function magmaServerNumbers(ids: readonly number[]): { normalized: number[]; deltas: number[] } {
  const seven = ids.slice(-8, -1);
  const form = { vocabSize: LLAMA3_VOCAB_SIZE, mode: 'compat' as const };
  return {
    normalized: decodeActionNumbers(seven, { ...form, stats: PLAIN }),
    deltas: decodeActionNumbers(seven, { ...form, stats: FIXED }),
  };
}
