/** Magma's answers about pages: the original's reading is in `pumice golden`'s test, strict's own is here. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { type MagmaUiAnswer, type Reading, readMagmaUi } from 'pumice/codecs';
import { describe, expect, it } from 'vitest';

interface Case {
  response: string;
  labels: Record<string, [number, number, number, number]>;
  screen_size: [number, number];
  resolved: { kind: string; mark_id?: number; point_px?: [number, number] };
  careful?: { kind: string; mark_id?: number; point_norm?: [number, number] };
}
const { cases } = JSON.parse(readFileSync(new URL('../golden/magma/ui_parse.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};
const marks = cases[0]!.labels;
const picture = { widthPx: 1280, heightPx: 800 };
const strict = (text: string) => readMagmaUi(text, { picture, marks });
const compat = (text: string) => readMagmaUi(text, { picture, marks, mode: 'compat' });
const shown = (reading: Reading<MagmaUiAnswer>) => (reading.ok ? reading.value : reading.problem.code);
const at = (x: number, y: number) => ({ kind: 'point', pointPx: [expect.closeTo(x, 9), expect.closeTo(y, 9)] });
const mark3 = expect.objectContaining({ kind: 'mark', markId: 3, pointPx: [800, 300], boxPx: [640, 200, 960, 400] });

describe('strict does what a careful runtime has to', () => {
  it.each(cases)('$response', ({ response, labels, screen_size: [widthPx, heightPx], resolved, careful }) => {
    const wanted = careful ?? resolved;
    const reading = readMagmaUi(response, { picture: { widthPx, heightPx }, marks: labels });
    if (wanted.kind === 'refuse' || wanted.kind === 'none') return expect(reading.ok).toBe(false);
    const target = reading.ok ? reading.value.target : undefined;
    expect(target?.kind).toBe(wanted.kind);
    if (target?.kind === 'mark') return expect(target.markId).toBe(wanted.mark_id);
    const norm = careful?.point_norm;
    const [x, y] = norm ? [norm[0] * widthPx, norm[1] * heightPx] : resolved.point_px!;
    expect(target).toEqual(at(x, y));
  });
});

describe('what strict reads', () => {
  it.each([
    ['MARK: 3', mark3],
    ['Mark 3.', mark3],
    ['Mark: 003', mark3],
    ['Mark: 3 ... so, Mark: 3', mark3],
    ['Coordinate: (0.62, 0.37), Mark index: 3', mark3],
    ['Step 2 of 5: the point is [0.25,0.75]', at(320, 600)],
    ['The bookmark at (0.25,0.75)', at(320, 600)],
    ['<box>(100, 200), (300, 400)</box>', at(256, 240)],
    ['(0.25,0.75) as said: (0.25, 0.75)', at(320, 600)],
  ])('%s', (text, target) => expect(shown(strict(text))).toEqual({ target }));

  it.each([
    ['Action: CLICK, Value: None, Mark: 3', { action: 'CLICK', target: mark3 }],
    ['Action: TYPE, Value: new york 12, Mark: 3', { action: 'TYPE', value: 'new york 12', target: mark3 }],
    ['Action: TYPE, Value: Mark 7 (0.1,0.2), Mark: 3', { action: 'TYPE', value: 'Mark 7 (0.1,0.2)', target: mark3 }],
    ['action: press_back', { action: 'PRESS_BACK' }],
    ['{"ACTION":"CLICK","MARK":3,"VALUE":"None","COORDINATE":[0.62,0.37]}', { action: 'CLICK', target: mark3 }],
    ['```json\n{"action": "Select", "mark": "3", "value": 5}\n```', { action: 'SELECT', value: '5', target: mark3 }],
    ["{'ACTION': 'CLICK', 'MARK': None, 'COORDINATE': (0.25, 0.75)}", { action: 'CLICK', target: at(320, 600) }],
    ['{"COORDINATE": "(0.25,0.75)"}', { target: at(320, 600) }],
    ['{"coordinate": [0.2, 0.7, 0.3, 0.8]}', { target: at(320, 600) }],
  ])('%s', (text, wanted) => expect(shown(strict(text))).toEqual(wanted));

  it('a mark that is not the one at the coordinate is taken, and flagged', () => {
    expect(strict('Coordinate: (0.95,0.95). Mark: 3')).toMatchObject({ ok: true, flags: { suspect: true } });
    expect(strict('Coordinate: (0.62,0.37). Mark: 3')).toMatchObject({ ok: true, flags: {} });
  });

  it('where no marks are known, any number is one', () => {
    expect(shown(readMagmaUi('Mark: 99', { picture }))).toEqual({ target: { kind: 'mark', markId: 99 } });
  });
});

describe('what strict refuses', () => {
  it.each([
    ['', 'decode/empty'],
    [' \n', 'decode/empty'],
    ['Mark: 99', 'decode/out-of-range'],
    ['Mark: -3', 'decode/schema'],
    ['Mark: 3.5', 'decode/schema'],
    ['Mark: 3, Mark: 7 (0.1,0.2)', 'decode/schema'],
    ['(0.1,0.2) or (0.3,0.4)', 'decode/schema'],
    ['<box>(1,2),(3,4)', 'decode/schema'],
    ['<box>(300,400),(100,200)</box>', 'decode/schema'],
    ['<box>(0,0),(1001,1)</box>', 'decode/out-of-range'],
    ['(1.01,0.5)', 'decode/out-of-range'],
    ['0 or 1 of them', 'decode/schema'],
    ['{"MARK": 3', 'decode/schema'],
    ['{"MARK": [3]}', 'decode/schema'],
    ['{"MARK": 3.5}', 'decode/schema'],
    ['{"COORDINATE": [0.1]}', 'decode/schema'],
    ['{"COORDINATE": [0.1, null]}', 'decode/schema'],
    ['{"COORDINATE": "left"}', 'decode/schema'],
    ['{"COORDINATE": [9, 9]}', 'decode/out-of-range'],
    ['{"__proto__": 3}', 'decode/schema'],
    [`${' '.repeat(9000)}Mark: 3${' '.repeat(9000)}`, 'decode/schema'],
  ])('%s', (text, code) => expect(shown(strict(text))).toBe(code));

  it('every place that it reads lies on the page, whatever the text', () => {
    fc.assert(
      fc.property(answerLike, (text) => {
        const reading = strict(text);
        const target = reading.ok ? reading.value.target : undefined;
        if (target?.kind !== 'point') return;
        const [x, y] = target.pointPx;
        expect(x >= 0 && x <= picture.widthPx && y >= 0 && y <= picture.heightPx).toBe(true);
      }),
    );
  });

  it('twin: compat reads places that do not', () => {
    expect(shown(compat('(62,37)'))).toEqual({ target: at(79_360, 29_600) });
    expect(compat('(62,37)').flags).toEqual({ suspect: true });
  });

  it('of what the model was trained to write, nothing: marks with coordinates in them', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(marks)), fc.boolean(), (mark, isLong) => {
        const [x1, y1, x2, y2] = marks[mark]!;
        const place = `(${((x1 + x2) / 2).toFixed(2)},${((y1 + y2) / 2).toFixed(2)})`;
        const reading = strict(`${isLong ? `Coordinate: ${place}. ` : ''}Mark: ${mark}`);
        expect(shown(reading)).toMatchObject({ target: { kind: 'mark', markId: Number(mark) } });
      }),
    );
  });
});

describe('compat reads as Python does', () => {
  it.each([
    ['digits of other scripts', 'Mark: \u0663', { target: mark3 }],
    ['digits of a script whose tens touch the next', 'Mark: \u{1d7db}', { target: mark3 }],
    ['the first mark of many digits', 'Mark: 0000000000000000000000003', { target: mark3 }],
    ['a word with box in it takes the way of boxes', 'the inbox at (0.1,0.2)', 'decode/schema'],
    ['only the first of two boxes', '<box>(0,0),(200,200)</box><box>(9,9),(9,9)</box>', { target: at(128, 80) }],
    ['a mark named like a property of objects', 'Mark: 4', 'decode/schema'],
  ])('%s', (_, text, wanted) => expect(shown(compat(text))).toEqual(wanted));
});

const piece = fc.oneof(
  fc.constantFrom(
    'Mark: 3',
    'mark',
    ':',
    '(',
    ')',
    ',',
    '.',
    '-',
    '<box>',
    '</box>',
    '{',
    '}',
    '"',
    'Action: CLICK',
    'Value:',
    ' ',
  ),
  fc.double({ min: -1, max: 2, noNaN: true }).map((value) => value.toFixed(2)),
  fc
    .tuple(fc.float({ min: -1, max: 2, noNaN: true }), fc.float({ min: 0, max: 1, noNaN: true }))
    .map(([x, y]) => `(${x.toFixed(2)},${y.toFixed(2)})`),
);
const answerLike = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
