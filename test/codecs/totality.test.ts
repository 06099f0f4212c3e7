/**
 * No text makes a decoder throw, whatever its form and mode: all formats of `pumice decode`, by random pieces of what models write,
 * by any characters at all, and by long runs of one piece. CODEC_TEXTS says how many texts; the night suite takes a million.
 */
import fc from 'fast-check';
import { PumiceError } from 'pumice';
import { actionStats, type Reading } from 'pumice/codecs';
import { describe, expect, it } from 'vitest';
import { DECODE_FORMATS } from '../../src/cli/decode-formats.ts';

const RUNS = Number(process.env.CODEC_TEXTS ?? 300);
const MODES = ['strict', 'compat'] as const;
const NAMES = Object.keys(DECODE_FORMATS);

const context = {
  frameId: 'base',
  space: () => ({ kind: 'grid', max: 1000, axes: 'xy' }) as const,
  picture: () => ({ widthPx: 1280, heightPx: 720 }),
  stats: () => actionStats('bridge_orig'),
};

/** What a reading has to be, whatever was read. */
function isReading(reading: Reading<unknown>): boolean {
  if (typeof reading.flags !== 'object') return false;
  return reading.ok ? 'value' in reading : PumiceError.is(reading.problem);
}

function readAll(text: string): void {
  for (const name of NAMES)
    for (const mode of MODES)
      try {
        if (!isReading(DECODE_FORMATS[name]!.read(text, { ...context, mode }))) throw new Error('no reading');
      } catch (cause) {
        throw new Error(`${name}, ${mode}: ${JSON.stringify(text.slice(0, 200))}`, { cause });
      }
}

/** What models write, in pieces that do not fit together. */
const PIECES = [
  '兄弟',
  ' Yatırım',
  'ุษย',
  '\uFFFD',
  '127857',
  ', ',
  '[',
  ']',
  '(',
  ')',
  '{',
  '}',
  '"',
  "'",
  ':',
  ',',
  '.',
  '-',
  '\n',
  '\n\n',
  ' ',
  '\\',
  '\\u',
  '/',
  'Mark: 3',
  'Mark 3 at [1,2]',
  '"Mark 3": "[[1,2],[3,4]]"',
  'and their future positions are:\n',
  '<trace_start>',
  '<box>(1,2),(3,4)</box>',
  '<box>',
  '</box>',
  'Coordinate: (0.5,0.25)',
  'Action: CLICK',
  'Value: ',
  'None',
  'null',
  'NaN',
  '1e999',
  '-0',
  '0.5',
  '99999999999999999999',
  '<think>',
  '</think>',
  '<answer>',
  '</answer>',
  '<|box_start|>',
  '<|box_end|>',
  '<|object_ref_start|>',
  '<|eot_id|>',
  '```json',
  '```',
  '{"bbox_2d": [1, 2, 3, 4], "label": "cup"}',
  '{"point_2d": [1, 2]}',
  '"start": 1',
  '<mm:ss>',
  '00:12',
  '1:02:03.5',
  '12.5 seconds',
  '<phrase>',
  '</phrase>',
  '<object>',
  '<patch_index_0044>',
  '</delimiter_of_multi_objects/>',
  '<grounding>',
  '<overall_score>',
  '**Final Answer**',
  '\\boxed{',
  'yes',
  'No',
  '(A)',
  'Thought: ',
  "click(start_box='(1,2)')",
  '<|begin_of_box|>',
  '__proto__',
  'constructor',
  '\u0000',
  '\uD800',
  '\u0663',
  '\u0130',
];
const piece = fc.constantFrom(...PIECES);
const mixed = fc
  .array(
    fc.oneof({ weight: 6, arbitrary: piece }, fc.string({ unit: 'binary', maxLength: 4 }), fc.integer().map(String)),
    { maxLength: 14 },
  )
  .map((pieces) => pieces.join(''));
const anyText = fc.oneof(
  { weight: 4, arbitrary: mixed },
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.json(),
  fc.string({ unit: 'binary-ascii' }),
);

describe(`of ${NAMES.length} formats in both modes`, () => {
  it('none throws, whatever the text', { timeout: 4 * 3_600_000 }, () => {
    fc.assert(fc.property(anyText, readAll), { numRuns: RUNS });
  });

  it('none throws or hangs on long runs of one piece', { timeout: 60_000 }, () => {
    const pieces = RUNS > 300 ? PIECES : PIECES.filter((_, at) => at % 4 === 0);
    for (const text of pieces) for (const end of ['', 'x']) readAll(text.repeat(Math.ceil(20_000 / text.length)) + end);
    readAll(' '.repeat(100_000));
  });

  it('twin: what does throw is seen, by name and text', () => {
    expect(() =>
      isReading(
        DECODE_FORMATS['magma-action']!.read('', { ...context, mode: 'strict', stats: () => actionStats('none') }),
      ),
    ).toThrow(/none/);
    expect(isReading({ ok: false, problem: new Error('no'), flags: {} } as never)).toBe(false);
    expect(isReading({ ok: true, flags: {} } as never)).toBe(false);
  });
});
