import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countPairs, mcnemar, wilson } from '../../src/eval/statistics.ts';

describe("Wilson's interval", () => {
  // Published example: 81 of 263, R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%i of %i', (successes, attempts, low, high) => {
    const interval = wilson(successes, attempts);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  test('with no attempts it says nothing', () => {
    expect(wilson(0, 0)).toEqual({ rate: 0, low: 0, high: 1 });
  });

  const counts = fc
    .integer({ min: 1, max: 10_000 })
    .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));
  test('it holds the rate, stays within 0 and 1, and mirrors when failures are counted', () => {
    fc.assert(
      fc.property(counts, ([successes, attempts]) => {
        const { rate, low, high } = wilson(successes, attempts);
        const failed = wilson(attempts - successes, attempts);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(rate);
        expect(high).toBeGreaterThanOrEqual(rate);
        expect(high).toBeLessThanOrEqual(1);
        expect(failed.low).toBeCloseTo(1 - high, 9);
      }),
    );
  });

  test.each([
    [3, 2],
    [-1, 2],
    [0.5, 2],
  ])('%d of %d is refused', (successes, attempts) => {
    expect(() => wilson(successes, attempts)).toThrow(/whole/);
  });
});

describe("McNemar's exact test", () => {
  // Sums of binomial terms in exact fractions.
  test.each([
    [1, 7, 0.0703125],
    [0, 5, 0.0625],
    [0, 6, 0.03125],
    [2, 8, 0.109375],
    [5, 5, 1],
    [0, 0, 1],
    [5, 15, 0.0413895],
    [121, 59, 4.43445e-6],
    [600, 700, 0.00601579],
  ])('%i against %i', (onlyFirst, onlySecond, p) => {
    const value = mcnemar({ onlyFirst, onlySecond });
    expect(Math.abs(value - p)).toBeLessThan(p * 1e-5);
  });

  test('it does not mind which of the two comes first, and is a probability', () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.nat(2000), (a, b) => {
        const p = mcnemar({ onlyFirst: a, onlySecond: b });
        expect(p).toBe(mcnemar({ onlyFirst: b, onlySecond: a }));
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
      }),
    );
  });

  test.each([-1, 0.5, Number.NaN])('a count of %d is refused', (count) => {
    expect(() => mcnemar({ onlyFirst: count, onlySecond: 1 })).toThrow(/whole/);
  });

  test('pairs are counted by who did them', () => {
    const pairs = [
      [true, true],
      [true, false],
      [true, false],
      [false, true],
      [false, false],
    ] as const;
    expect(countPairs(pairs)).toEqual({ both: 1, onlyFirst: 2, onlySecond: 1, neither: 1 });
  });
});
