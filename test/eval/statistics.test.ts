import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wilson } from '../../src/eval/statistics.ts';

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
