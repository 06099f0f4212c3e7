/**
 * Magma's and OpenVLA's action tokens <-> end-effector delta. The last 256 ids of a vocabulary stand for 255 bins of -1..1, the
 * highest id for the lowest bin; ranges of a training set turn those into metres and radians.
 * Read from microsoft/Magma `e373780` (`data/openx/action_tokenizer.py`, `magma_model.py`) and openvla/openvla `c8f03f4`.
 * Knows no model and no server.
 */
import { PumiceError } from '../errors.ts';
import type { ActionOf } from '../types.ts';
import type { ActionStats } from './action-stats.ts';
import { LLAMA3_ACTION_TEXTS, LLAMA3_VOCAB_SIZE } from './llama3-action-tokens.ts';

/** Numbers of one action: x y z (m), roll pitch yaw (rad), gripper. */
const ACTION_NUMBERS = 7;
/** Ids that stand for actions; one more than there are bins, so the two lowest ids mean the same. */
const TOKENS = 256;
/** Edges of the bins, as `numpy.linspace(-1, 1, 256)` computes them. */
const EDGES = Float64Array.from({ length: TOKENS }, (_, at) => (at === TOKENS - 1 ? 1 : at * (2 / (TOKENS - 1)) - 1));
const CENTRES = Float64Array.from({ length: TOKENS - 1 }, (_, at) => (EDGES[at]! + EDGES[at + 1]!) / 2);

export interface TokenForm {
  /** `tokenizer.vocab_size`: 128000 for Magma-8B (Llama-3), 32000 for OpenVLA (Llama-2). */
  readonly vocabSize: number;
  readonly stats: ActionStats;
  /**
   * `strict` refuses what the original programs guess at: ids that are no action, more or fewer than seven, a gripper outside 0..1.
   * `compat` does as they do: ids are clipped, bit for bit.
   */
  readonly mode?: 'strict' | 'compat';
}

const WHO = 'codec action-tokens';
const HINT =
  'Check that the model was asked for an action, and that vocabulary size and statistics are those of this model';
const outOfRange = (message: string) => new PumiceError('decode/out-of-range', message, { who: WHO, hint: HINT });

/**
 * The delta that seven action tokens mean.
 *
 * @param ids - `[7]` token ids in the order x y z roll pitch yaw gripper.
 * @param frameId - the frame that the training set's deltas are in.
 * @throws PumiceError `decode/token-count`, `decode/out-of-range`; `config/invalid` for statistics that are none.
 */
export function decodeActionTokens(ids: readonly number[], frameId: string, form: TokenForm): ActionOf<'eef-delta'> {
  const [x, y, z, roll, pitch, yaw, grip] = decodeActionNumbers(ids, form) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (form.mode !== 'compat' && !(grip >= 0 && grip <= 1))
    throw outOfRange(`expected a gripper of 0 (closed) to 1 (open), got ${grip} by statistics '${form.stats.name}'`);
  const gripperOpen = Math.min(1, Math.max(0, grip));
  return { kind: 'eef-delta', frameId, dPosM: [x, y, z], dRpyRad: [roll, pitch, yaw], gripperOpen };
}

/** The seven numbers themselves, `[7]`, as the original programs give them. Throws as {@link decodeActionTokens}. */
export function decodeActionNumbers(ids: readonly number[], { vocabSize, stats, mode }: TokenForm): number[] {
  requireStats(stats);
  if (ids.length !== ACTION_NUMBERS)
    throw new PumiceError('decode/token-count', `expected ${ACTION_NUMBERS} action tokens, got ${ids.length}`, {
      who: WHO,
      hint: HINT,
    });
  return ids.map((id, axis) => {
    const isAction = id >= vocabSize - TOKENS && id < vocabSize;
    if (!Number.isInteger(id) || (mode !== 'compat' && !isAction))
      throw outOfRange(`expected ids ${vocabSize - TOKENS} to ${vocabSize - 1}, got ${id} for number ${axis + 1}`);
    const centre = CENTRES[Math.min(TOKENS - 2, Math.max(0, vocabSize - id - 1))]!;
    if (stats.mask && !stats.mask[axis]) return centre;
    const [low, high] = [stats.q01[axis]!, stats.q99[axis]!];
    // In this order, so that the last digit is that of the original.
    return 0.5 * (centre + 1) * (high - low) + low;
  });
}

/**
 * The tokens of an action, `[7]` ids; what is outside the ranges of the statistics is clipped to them.
 *
 * @throws PumiceError `decode/out-of-range` for numbers that are not finite.
 */
export function encodeActionTokens(action: ActionOf<'eef-delta'>, form: Omit<TokenForm, 'mode'>): number[] {
  const { vocabSize, stats } = form;
  requireStats(stats);
  return [...action.dPosM, ...action.dRpyRad, action.gripperOpen].map((value, axis) => {
    if (!Number.isFinite(value)) throw outOfRange(`expected finite numbers to encode, got ${value}`);
    const [low, high] = [stats.q01[axis]!, stats.q99[axis]!];
    const isRaw = stats.mask && !stats.mask[axis];
    // A range of nothing has one value, in any bin.
    return vocabSize - digitize(isRaw ? value : high === low ? 0 : (2 * (value - low)) / (high - low) - 1);
  });
}

/** As `numpy.digitize` of the clipped number: 1 for the lowest bin to 256 for 1 itself. */
function digitize(valueNorm: number): number {
  const value = Math.min(1, Math.max(-1, valueNorm));
  // A first guess by arithmetic may be off by one where an edge is rounded.
  let above = Math.min(TOKENS, Math.max(1, Math.floor(((value + 1) / 2) * (TOKENS - 1)) + 1));
  while (above < TOKENS && EDGES[above]! <= value) above += 1;
  while (above > 1 && EDGES[above - 1]! > value) above -= 1;
  return above;
}

/** Id of the action token of a bin, 0 (lowest) to 254. */
export const tokenOfBin = (bin: number, vocabSize: number): number => vocabSize - (bin + 1);

type TokenText = readonly [text: string, id: number];
/** By the first character of the text, in any order: no text is the beginning of another. */
type TokenTexts = ReadonlyMap<string, readonly TokenText[]>;

function byFirst(change: (text: string) => string): TokenTexts {
  const texts = new Map<string, TokenText[]>();
  for (const [at, whole] of LLAMA3_ACTION_TEXTS.entries()) {
    if (whole === undefined) continue;
    const text = change(whole);
    texts.set(text[0]!, [...(texts.get(text[0]!) ?? []), [text, LLAMA3_VOCAB_SIZE - TOKENS + at]]);
  }
  return texts;
}

const TEXTS = byFirst((text) => text);
/** Servers strip the white space that the first token may begin with. */
const FIRST_TEXTS = byFirst((text) => text.trimStart());

/**
 * Ids of action tokens that a server returned as text, as any chat server does with Magma-8B's answer. A left-to-right match against
 * the table has one reading only; encoding the text again with the tokenizer does not give the same ids.
 *
 * @throws PumiceError `decode/out-of-range` where the text is no action token; `decode/token-count` unless there are seven.
 */
export function actionTokensOfText(text: string): number[] {
  const ids: number[] = [];
  for (let rest = text.trim(); rest !== ''; ) {
    const texts = (ids.length === 0 ? FIRST_TEXTS : TEXTS).get(rest[0]!);
    const found = texts?.find(([token]) => rest.startsWith(token));
    if (!found) {
      const problem = rest.startsWith('\uFFFD')
        ? 'a token whose bytes are lost in text'
        : JSON.stringify(rest.slice(0, 20));
      throw outOfRange(`expected an action token after ${ids.length} of them, got ${problem}`);
    }
    const [token, id] = found;
    rest = rest.slice(token.length);
    ids.push(id);
  }
  if (ids.length === ACTION_NUMBERS) return ids;
  throw new PumiceError('decode/token-count', `expected ${ACTION_NUMBERS} action tokens, got ${ids.length}`, {
    who: WHO,
    hint: HINT,
  });
}

function requireStats({ name, q01, q99, mask }: ActionStats): void {
  const isSeven = [q01, q99, mask ?? q01].every(({ length }) => length === ACTION_NUMBERS);
  if (isSeven && [...q01, ...q99].every(Number.isFinite) && q01.every((low, at) => low <= q99[at]!)) return;
  throw new PumiceError('config/invalid', `statistics '${name}': expected 7 finite numbers each, q01 not above q99`, {
    who: WHO,
    hint: "Take them from the model's dataset statistics",
  });
}
