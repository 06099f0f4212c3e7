/** Traces and places of marks, strictly; the original's reading is in `pumice golden`'s test. */
import fc from 'fast-check';
import { readMagmaMarks, readMagmaTraces } from 'pumice/codecs';
import { describe, expect, it } from 'vitest';
import { pythonLiteral } from '../../src/codecs/python-literal.ts';

const picture = { widthPx: 1280, heightPx: 720 };
const HEAD = 'and their future positions are:';
const strict = (text: string) => readMagmaTraces(text, { picture });
const compat = (text: string) => readMagmaTraces(text, { picture, mode: 'compat' });

type Traces = { markId: number; points: [number, number][] }[];
/** As the training texts are made, `data/conversations.py`. */
function write(traces: Traces, { tags = false, blank = '\n\n' } = {}): string {
  const starts = traces.map(({ markId, points }) => `Mark ${markId} at [${points[0]}]`).join(', ');
  const body = traces
    .map(({ markId, points }) => `"Mark ${markId}": "[${points.map(([x, y]) => `[${x},${y}]`)}]"${blank}`)
    .join('');
  return `${starts} should be moved, ${HEAD}\n\n${tags ? `<trace_start>${body}<trace_end>` : body}`;
}
const cell = fc.integer({ min: 0, max: 255 });
const anyTraces: fc.Arbitrary<Traces> = fc.uniqueArray(
  fc.record({
    markId: fc.integer({ min: 1, max: 50 }),
    points: fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 10 }),
  }),
  {
    minLength: 1,
    maxLength: 8,
    selector: ({ markId }) => markId,
  },
);

describe('traces', () => {
  it('whatever is written as in training is read back, blank lines and tags or not', () => {
    fc.assert(
      fc.property(anyTraces, fc.boolean(), fc.constantFrom('\n\n', '\n', ', ', '\r\n\r\n'), (traces, tags, blank) => {
        const reading = strict(write(traces, { tags, blank }));
        const got =
          reading.ok && reading.value.traces.map(({ markId, pointsGrid }) => ({ markId, points: pointsGrid }));
        expect(got).toEqual(traces);
        expect(reading.ok && reading.value.steps).toBe(Math.max(...traces.map(({ points }) => points.length)));
      }),
    );
  });

  it('strict and compat agree on what both read, but that compat pads short traces', () => {
    fc.assert(
      fc.property(anyTraces, (traces) => {
        const [ours, theirs] = [strict(write(traces)), compat(write(traces))];
        if (!ours.ok || !theirs.ok) throw new Error('expected that both read it');
        expect(theirs.value.steps).toBe(ours.value.steps);
        for (const [at, { pointsPx }] of ours.value.traces.entries()) {
          const padded = theirs.value.traces[at]!.pointsPx;
          expect(padded.slice(0, pointsPx.length)).toEqual(pointsPx);
          expect(padded).toHaveLength(ours.value.steps);
          expect(padded.at(-1)).toEqual(pointsPx.at(-1));
        }
      }),
    );
  });

  it('twin: one line end instead of two is lost to compat', () => {
    const traces: Traces = [1, 2].map((markId) => ({ markId, points: [[1, 2]] }));
    expect(compat(write(traces, { blank: '\n' })).ok).toBe(false);
    expect(strict(write(traces, { blank: '\n' })).ok).toBe(true);
  });

  it('cells become pixels of the frame, and starts are kept', () => {
    const reading = strict(`Mark 3 at [10,20] should be moved, ${HEAD}\n\n"Mark 3": "[[128,64],[0,255]]"\n\n`);
    expect(reading).toMatchObject({
      value: {
        steps: 2,
        traces: [
          {
            markId: 3,
            startGrid: [10, 20],
            pointsPx: [
              [640, 180],
              [0, 717.1875],
            ],
          },
        ],
      },
    });
  });

  it.each([
    ['nothing', '', 'decode/empty'],
    ['words', 'I cannot see any marks.', 'decode/schema'],
    ['words behind the traces', `"Mark 3": "[[1,2]]" and so on`, 'decode/schema'],
    ['a cell outside the grid', `"Mark 3": "[[1,256]]"`, 'decode/out-of-range'],
    ['a start outside the grid', `Mark 3 at [1,256] ${HEAD}\n\n"Mark 3": "[[1,2]]"`, 'decode/out-of-range'],
    ['a mark twice', `"Mark 3": "[[1,2]]"\n\n"Mark 3": "[[3,4]]"`, 'decode/schema'],
    ['parts of cells', `"Mark 3": "[[1.5,2]]"`, 'decode/schema'],
    ['below zero', `"Mark 3": "[[-1,2]]"`, 'decode/schema'],
    ['a trace without a point', `"Mark 3": "[]"`, 'decode/schema'],
    ['more than any answer has', ' '.repeat(70_000), 'decode/schema'],
  ])('%s is refused', (_, text, code) => {
    const reading = strict(text);
    expect(!reading.ok && reading.problem.code).toBe(code);
  });

  it('what was cut off says so', () => {
    const whole = write([
      {
        markId: 3,
        points: [
          [1, 2],
          [3, 4],
        ],
      },
    ]).trimEnd();
    for (const text of [whole.slice(0, -4), whole.slice(0, -1).replace(/\]\]$/, '')])
      expect(strict(text)).toMatchObject({ ok: false, flags: { truncated: true } });
    expect(strict('no marks').flags).toEqual({});
  });

  it.each([
    ['the header without a line end', `${HEAD} "Mark 3": "[[1,2]]"`],
    ['the header twice', `${HEAD}\n${HEAD}\n"Mark 3": "[[1,2]]"`],
    ['traces that are no strings', `"Mark 3": [[1,2]]`],
    ['points of one number', `"Mark 3": "[[1]]"`],
    ['points of different lengths', `"Mark 3": "[[1,2]]",\n"Mark 4": "[[1,2,3]]"`],
    ['numbers for points', `"Mark 3": "[1,2]"`],
  ])('compat gives nothing for %s', (_, text) => expect(compat(text).ok).toBe(false));

  it.each([
    ['the last of a mark that is there twice', `"Mark 3": "[[1,2]]", "Mark 3": "[[5,6]]"`, [[5, 6]]],
    ['tuples, broken numbers and a comma at the end', `'Mark 3': '((.5, 1e1),)',`, [[0.5, 10]]],
    ['strings that follow each other', `"Mark" " 3": "[[1," "2]]"`, [[1, 2]]],
  ])('compat takes %s', (_, text, points) => {
    const reading = compat(text);
    expect(reading.ok && reading.value.traces.map(({ pointsGrid }) => pointsGrid)).toEqual([points]);
  });
});

describe('places of marks', () => {
  it('are read as pixels', () => {
    expect(readMagmaMarks('Mark 1 at [128,64]. Mark 12 at [0, 255].\n', { picture })).toEqual({
      ok: true,
      value: [
        { label: 'Mark 1', pointPx: [640, 180] },
        { label: 'Mark 12', pointPx: [0, 717.1875] },
      ],
      flags: {},
    });
  });

  it.each(['', 'Mark 1', 'Mark 1 at [1,256]', 'Mark 1 at [1,2] moves', 'Mark 1 at [1,2', 'x'.repeat(70_000)])(
    '%j is refused',
    (text) => expect(readMagmaMarks(text, { picture }).ok).toBe(false),
  );
});

describe('literals of Python', () => {
  it.each([
    ['[1, -2.5, +3., .5e1, 1_000]', [1, -2.5, 3, 5, 1000]],
    ["('a', \"b\\n\", 'c' 'd',)", ['a', 'b\n', 'cd']],
    ['(1)', 1],
    ['()', []],
    ['[True, False, None]', [true, false, null]],
    ['{"a": {1: 2},}', new Map([['a', new Map([[1, 2]])]])],
    [' [ # all\n 1 ] ', [1]],
  ])('%s', (text, value) => expect(pythonLiteral(text)).toEqual({ value }));

  it.each([
    '',
    '[',
    '[1 2]',
    '[,]',
    '{1}',
    '{1: }',
    '01',
    '1__0',
    'true',
    'a',
    "'",
    '"a\nb"',
    '1 2',
    '[1]]',
    '{,}',
    '-',
    '1e',
    '['.repeat(99),
  ])('%j is none', (text) => expect(pythonLiteral(text)).toBeUndefined());
});
