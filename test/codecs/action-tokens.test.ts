/** Magma's action tokens, against what the original programs compute (`test/golden/magma`) and as properties. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { PumiceError } from 'pumice';
import {
  type ActionStats,
  actionStats,
  actionTokensOfText,
  decodeActionNumbers,
  decodeActionTokens,
  encodeActionTokens,
  LLAMA3_VOCAB_SIZE,
  tokenOfBin,
} from 'pumice/codecs';
import { describe, expect, it } from 'vitest';

interface Golden {
  action_decode: {
    name: string;
    vocab_size: number;
    token_ids: number[];
    stats_key: string;
    stats: Omit<ActionStats, 'name'>;
    action: number[];
  };
  action_encode: {
    name: string;
    vocab_size: number;
    normalized_in: number[];
    token_ids: number[];
    decoded_again: number[];
  };
  action_text: { name: string; text: string; token_ids: number[] };
}
const file = (name: string) =>
  JSON.parse(readFileSync(new URL(`../golden/magma/${name}.json`, import.meta.url), 'utf8')) as Record<string, unknown>;
const casesOf = <K extends keyof Golden>(name: K) => file(name).cases as Golden[K][];
const table = file('action_token_table').tokens as { id: number; text: string | null; bin_index: number }[];

/** Nothing is scaled: a number means itself. */
const RAW: ActionStats = { name: 'raw', q01: Array(7).fill(-1), q99: Array(7).fill(1), mask: Array(7).fill(false) };
const bridge = { vocabSize: LLAMA3_VOCAB_SIZE, stats: actionStats('bridge_orig') };
const ids = (id: number) => Array<number>(7).fill(id);
const codeOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return PumiceError.is(error) ? error.code : String(error);
  }
  return 'none';
};
const action = (numbers: readonly number[]) => ({
  kind: 'eef-delta' as const,
  frameId: 'base',
  dPosM: numbers.slice(0, 3) as [number, number, number],
  dRpyRad: numbers.slice(3, 6) as [number, number, number],
  gripperOpen: numbers[6]!,
});

describe('decoding, against the originals', () => {
  it.each(casesOf('action_decode'))('compat gives the same bits: $name', ({ vocab_size, token_ids, stats, action }) => {
    const form = { vocabSize: vocab_size, stats: { name: 'golden', ...stats }, mode: 'compat' as const };
    expect(decodeActionNumbers(token_ids, form)).toEqual(action);
  });

  it('strict gives the same numbers, and refuses the one case that the originals clip', () => {
    const refused = casesOf('action_decode').filter(({ vocab_size, token_ids, stats, action }) => {
      const form = { vocabSize: vocab_size, stats: { name: 'golden', ...stats } };
      const code = codeOf(() => expect(decodeActionNumbers(token_ids, form)).toEqual(action));
      expect(['none', 'decode/out-of-range']).toContain(code);
      return code !== 'none';
    });
    expect(refused.map(({ name }) => name)).toEqual(['ids outside the action range are clipped, not refused']);
  });

  it('the ranges that are shipped are those of the originals', () => {
    for (const { stats_key, stats } of casesOf('action_decode'))
      if (!stats_key.startsWith('made_up')) expect(actionStats(stats_key)).toEqual({ name: stats_key, ...stats });
  });

  it('every id of the table falls into the bin that the originals put it in', () => {
    for (const { id, bin_index } of table) {
      const [decoded] = decodeActionNumbers(ids(id), { vocabSize: LLAMA3_VOCAB_SIZE, stats: RAW });
      expect(decoded).toBeCloseTo((2 * bin_index + 1) / 255 - 1, 14);
    }
  });

  it('a delta has metres, radians and an open or closed hand', () => {
    const { token_ids, action: numbers } = casesOf('action_decode')[1]!;
    expect(decodeActionTokens(token_ids, 'base', bridge)).toEqual(action(numbers));
  });
});

describe('encoding, against the originals', () => {
  it.each(casesOf('action_encode'))('$name gives the same ids, and back', (golden) => {
    const form = { vocabSize: golden.vocab_size, stats: RAW };
    const encoded = encodeActionTokens(action(golden.normalized_in), form);
    expect(encoded).toEqual(golden.token_ids);
    expect(decodeActionNumbers(encoded, form)).toEqual(golden.decoded_again);
  });

  it('whatever is in range comes back within half a bin, in any ranges', () => {
    fc.assert(
      fc.property(
        anyStats,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 7, maxLength: 7 }),
        (stats, parts) => {
          const numbers = parts.map((part, at) => stats.q01[at]! + part * (stats.q99[at]! - stats.q01[at]!));
          const form = { vocabSize: 32_000, stats };
          const again = decodeActionNumbers(encodeActionTokens(action(numbers), form), form);
          expect(worstBins(numbers, again, stats)).toBeLessThanOrEqual(0.5 + 1e-6);
        },
      ),
    );
  });

  it('tokens come back as the same tokens, but for the lowest id, which means what its neighbour means', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 255 }), { minLength: 7, maxLength: 7 }), (offsets) => {
        const form = { vocabSize: LLAMA3_VOCAB_SIZE, stats: RAW };
        const tokens = offsets.map((offset) => LLAMA3_VOCAB_SIZE - 256 + offset);
        expect(encodeActionTokens(action(decodeActionNumbers(tokens, form)), form)).toEqual(tokens);
      }),
    );
  });

  it('twin: the ranges of another robot do not bring numbers back', () => {
    const other = { vocabSize: LLAMA3_VOCAB_SIZE, stats: actionStats('google_robot') };
    const numbers = [0.02, 0.03, 0.02, 0.05, 0.05, 0.1, 1];
    const again = decodeActionNumbers(encodeActionTokens(action(numbers), bridge), other);
    expect(worstBins(numbers, again, bridge.stats)).toBeGreaterThan(50);
  });

  it('a small model of 255 bins writes tokens that are read as its bins', () => {
    for (let bin = 0; bin < 255; bin++) {
      const [value] = decodeActionNumbers(ids(tokenOfBin(bin, 32_000)), { vocabSize: 32_000, stats: RAW });
      expect(value).toBeCloseTo((2 * bin + 1) / 255 - 1, 14);
    }
  });
});

describe('text', () => {
  it.each(casesOf('action_text'))('is read as the ids that made it: $name', ({ text, token_ids }) => {
    expect(actionTokensOfText(text)).toEqual(token_ids);
    expect(actionTokensOfText(`\n${text.trim()}\n`)).toEqual(token_ids);
  });

  it('any seven tokens that are whole text are read back, also when the first space was stripped', () => {
    const whole = table.filter(({ text }) => text !== null);
    expect(whole).toHaveLength(253);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...whole), { minLength: 7, maxLength: 7 }), (tokens) => {
        const text = tokens.map((token) => token.text).join('');
        for (const form of [text, text.trim()]) expect(actionTokensOfText(form)).toEqual(tokens.map(({ id }) => id));
      }),
    );
  });

  it('words, too few, too many and lost bytes are refused', () => {
    const { text } = casesOf('action_text')[0]!;
    expect(codeOf(() => actionTokensOfText('I should pick up the can'))).toBe('decode/out-of-range');
    expect(codeOf(() => actionTokensOfText(`Action: ${text}`))).toBe('decode/out-of-range');
    expect(codeOf(() => actionTokensOfText(`${text} done`))).toBe('decode/out-of-range');
    expect(codeOf(() => actionTokensOfText(text.slice(2)))).toBe('decode/token-count');
    expect(codeOf(() => actionTokensOfText(text + text))).toBe('decode/token-count');
    expect(codeOf(() => actionTokensOfText(''))).toBe('decode/token-count');
    expect(() => actionTokensOfText('兄弟\uFFFD')).toThrow(/bytes are lost/);
  });
});

describe('what is refused', () => {
  it('other than seven tokens, in either mode', () => {
    for (const mode of ['strict', 'compat'] as const)
      for (const count of [0, 6, 8])
        expect(codeOf(() => decodeActionNumbers(Array(count).fill(127_872), { ...bridge, mode }))).toBe(
          'decode/token-count',
        );
  });

  it('ids that are no action, and what is no id at all', () => {
    for (const id of [127_743, 128_000, 0, -1])
      expect(codeOf(() => decodeActionNumbers(ids(id), bridge))).toBe('decode/out-of-range');
    for (const id of [Number.NaN, 127_872.5, Number.POSITIVE_INFINITY])
      expect(codeOf(() => decodeActionNumbers(ids(id), { ...bridge, mode: 'compat' }))).toBe('decode/out-of-range');
  });

  it('a gripper outside 0..1, which compat clamps', () => {
    const closed = [...ids(127_872).slice(1), 127_999];
    expect(() => decodeActionTokens(closed, 'base', bridge)).toThrow(/gripper.*bridge_orig/);
    expect(decodeActionTokens(closed, 'base', { ...bridge, mode: 'compat' }).gripperOpen).toBe(0);
  });

  it('numbers that are not finite', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(codeOf(() => encodeActionTokens(action([0, 0, 0, 0, value, 0, 1]), bridge))).toBe('decode/out-of-range');
  });

  it('statistics that are unknown, short, not finite or upside down', () => {
    expect(() => actionStats('bridge')).toThrow(/bridge_orig, google_robot/);
    const { stats } = bridge;
    for (const broken of [
      { ...stats, q01: stats.q01.slice(1) },
      { ...stats, mask: [true] },
      { ...stats, q99: ids(Number.NaN) },
      { ...stats, q01: stats.q99, q99: stats.q01 },
    ])
      expect(codeOf(() => decodeActionNumbers(ids(127_872), { ...bridge, stats: broken }))).toBe('config/invalid');
  });
});

const anyStats = fc
  .array(fc.tuple(fc.double({ min: -2, max: 2, noNaN: true }), fc.double({ min: 1e-3, max: 3, noNaN: true })), {
    minLength: 7,
    maxLength: 7,
  })
  .map(
    (ranges): ActionStats => ({
      name: 'any',
      q01: ranges.map(([low]) => low),
      q99: ranges.map(([low, width]) => low + width),
    }),
  );

/** How far numbers are apart at most, in widths of a bin. */
const worstBins = (a: readonly number[], b: readonly number[], { q01, q99 }: ActionStats) =>
  Math.max(...a.map((value, at) => (Math.abs(value - b[at]!) * 255) / (q99[at]! - q01[at]!)));
