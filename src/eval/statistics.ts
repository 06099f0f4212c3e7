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
