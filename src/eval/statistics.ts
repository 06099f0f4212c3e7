/** Statistics of success counts. Pure. */
import { PumiceError } from '../errors.ts';

/** Two-sided 95 % quantile of the normal distribution. */
const Z_95 = 1.959963984540054;

/** An estimate with its 95 % interval, all 0..1. */
export interface Interval {
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's score interval (95 %) of a success rate; with no attempts it is the whole range.
 *
 * @throws PumiceError `config/invalid` when the counts are not whole numbers with 0 <= successes <= attempts.
 * @see E. B. Wilson, Journal of the American Statistical Association 22 (1927) 209-212
 */
export function wilson(successes: number, attempts: number): Interval {
  if (!Number.isInteger(successes) || !Number.isInteger(attempts) || successes < 0 || successes > attempts)
    throw new PumiceError(
      'config/invalid',
      `expected whole 0 <= successes <= attempts, got ${successes} of ${attempts}`,
      {
        who: 'statistics',
        hint: 'Count attempts and successes of the same episodes',
      },
    );
  if (attempts === 0) return { rate: 0, low: 0, high: 1 };
  const rate = successes / attempts;
  const z2 = Z_95 ** 2 / attempts;
  const centre = rate + z2 / 2;
  const spread = Z_95 * Math.sqrt((rate * (1 - rate) + z2 / 4) / attempts);
  return {
    rate,
    low: successes === 0 ? 0 : (centre - spread) / (1 + z2),
    high: successes === attempts ? 1 : (centre + spread) / (1 + z2),
  };
}

/** Two ways of doing the same episodes, counted by which of them did each. */
export interface PairedCounts {
  readonly both: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly neither: number;
}

/** Counts pairs, the first way's success before the second's. */
export function countPairs(pairs: readonly (readonly [boolean, boolean])[]): PairedCounts {
  const count = (first: boolean, second: boolean) => pairs.filter(([a, b]) => a === first && b === second).length;
  return {
    both: count(true, true),
    onlyFirst: count(true, false),
    onlySecond: count(false, true),
    neither: count(false, false),
  };
}

/**
 * McNemar's test in its exact form: the probability, if both ways were equally good, of the episodes that only one of them did
 * being shared out at least as unevenly as they were. Two-sided.
 *
 * @throws PumiceError `config/invalid` when the counts are not whole numbers from 0 on.
 * @see Q. McNemar, Psychometrika 12 (1947) 153-157
 */
export function mcnemar({ onlyFirst, onlySecond }: Pick<PairedCounts, 'onlyFirst' | 'onlySecond'>): number {
  if (![onlyFirst, onlySecond].every((count) => Number.isInteger(count) && count >= 0))
    throw new PumiceError('config/invalid', `expected whole counts from 0 on, got ${onlyFirst} and ${onlySecond}`, {
      who: 'statistics',
      hint: 'Count episodes that only one of the two did',
    });
  const trials = onlyFirst + onlySecond;
  // Logarithms: 2 ** -trials is 0 from 1075 on.
  let logTerm = -trials * Math.LN2;
  let tail = 0;
  for (let k = 0; k <= Math.min(onlyFirst, onlySecond); k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((trials - k) / (k + 1));
  }
  return Math.min(1, 2 * tail);
}
