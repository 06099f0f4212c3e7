/** What ember is shown: words as numbers, the tool's pose as eight numbers. Pure; training and policy share it. */

/** Words of a sentence that are read; the rest is cut. */
export const MOST_WORDS = 20;
/** Width and height of the picture. */
export const PICTURE_PX = 128;
/** Actions of a chunk, of 0.2 s each. */
export const HORIZON = 4;
export const PAD = 0;
export const UNKNOWN = 1;

/** The words of a sentence, as ember reads it: small letters alone. */
export const wordsOf = (sentence: string): string[] => sentence.toLowerCase().match(/[a-z]+/g) ?? [];

/** A sentence as numbers of the vocabulary, `[MOST_WORDS]`: 0 for no word, 1 for a word that it does not have. */
export function tokensOf(sentence: string, vocabulary: readonly string[]): number[] {
  const tokens = wordsOf(sentence)
    .slice(0, MOST_WORDS)
    .map((word) => Math.max(UNKNOWN, vocabulary.indexOf(word)));
  return [...tokens, ...new Array<number>(MOST_WORDS - tokens.length).fill(PAD)];
}

/**
 * Proprioception as ember takes it, `[8]`: x y z of the tool (m), sine and cosine of its yaw, two tilts, gripper 0..1.
 *
 * @param rotation - of the tool in the base frame, row-major 3x3.
 */
export const proprioOf = (pM: readonly number[], rotation: readonly number[], gripperOpen: number): number[] => {
  const yaw = Math.atan2(rotation[3]!, rotation[0]!);
  return [pM[0]!, pM[1]!, pM[2]!, Math.sin(yaw), Math.cos(yaw), rotation[2]!, rotation[5]!, gripperOpen];
};

/** Row-major 3x3 of a quaternion `[x, y, z, w]`. */
export const matrixOf = ([x, y, z, w]: readonly [number, number, number, number]): number[] => [
  1 - 2 * (y * y + z * z),
  2 * (x * y - w * z),
  2 * (x * z + w * y),
  2 * (x * y + w * z),
  1 - 2 * (x * x + z * z),
  2 * (y * z - w * x),
  2 * (x * z - w * y),
  2 * (y * z + w * x),
  1 - 2 * (x * x + y * y),
];

/** Stands for "no proprioception". */
export const NO_PROPRIO: readonly number[] = [0.44, 0, 0.13, 0, 0.95, 0, 0, 0.75];
