/** Places, events and JSON in answers of Cosmos Reason, Qwen-VL and QVQ; loops; and that nothing makes a decoder throw. */
import fc from 'fast-check';
import {
  boxedIn,
  boxInFrame,
  type CoordinateSpace,
  loopAtEnd,
  loopBreaker,
  type Mode,
  type Reading,
  readBoxes,
  readEvents,
  readGrounded,
  readJson,
  readPoints,
  readQvq,
  seenThrough,
  smartResize,
  spansIn,
  timeOf,
} from 'pumice/codecs';
import { describe, expect, it } from 'vitest';
import { hostileText } from './hostile.ts';
import { OTHERS, READERS } from './reasoner-decoders.ts';

const grid: CoordinateSpace = { kind: 'grid', max: 1000, axes: 'xy' };
const picture = { widthPx: 1000, heightPx: 500 };
const form = { space: grid, picture };
const value = <T>(reading: Reading<T>) => (reading.ok ? reading.value : reading.problem.code);

describe('places', () => {
  it('are read without a coordinate space by nobody', () => {
    for (const read of [readBoxes, readPoints, readGrounded])
      expect(value<unknown>(read('{"bbox_2d":[1,2,3,4]}', { space: undefined, picture }))).toBe('config/invalid');
  });

  it('mean what the space says, not what the key says', () => {
    const answer = '{"box_2d":[100,200,300,400]}';
    const boxIn = (space: CoordinateSpace, sent = {}) => {
      const reading = readBoxes(answer, { space, picture: { ...picture, ...sent } });
      return reading.ok && reading.value[0]!.boxPx;
    };
    expect(boxIn(grid)).toEqual([100, 100, 300, 200]);
    expect(boxIn({ ...grid, axes: 'yx' })).toEqual([200, 50, 400, 150]);
    expect(boxIn({ kind: 'sent-px', axes: 'xy' }, { sentWidthPx: 500, sentHeightPx: 1000 })).toEqual([
      200, 100, 600, 200,
    ]);
  });

  it.each([
    ['one object', '{"bbox_2d":[1,2,3,4],"label":"a"}'],
    ['a list', '[{"bbox_2d":[1,2,3,4],"label":"a"}]'],
    ['a fence and prose', 'Here:\n```json\n[{"label":"a","bbox_2d":[1,2,3,4]}]\n```\nDone.'],
    ['a list of its own', '{"box_2d":[[1,2,3,4]],"label":"a"}'],
    ['within another object', '{"found":[{"box_2d":[1,2,3,4],"label":"a"}],"ok":true}'],
    ['after a thought with numbers', '<think>[9,9,9,9] {"bbox_2d":[9,9,9,9]}</think>{"bbox_2d":[1,2,3,4],"label":"a"}'],
    ['other white space', ' [ {\n"bbox_2d" : [ 1 , 2 ,3,4 ] , "label":"a" }\t] '],
  ])('come as %s', (_, answer) => {
    expect(value(readBoxes(answer, form))).toEqual([{ label: 'a', boxPx: [1, 1, 3, 2] }]);
  });

  it('that are inverted or outside are suspect, and no place is a guess', () => {
    for (const box of ['[3,2,1,4]', '[1,2,3,1001]', '[-1,2,3,4]'])
      expect(readBoxes(`{"bbox_2d":${box}}`, form)).toMatchObject({
        ok: true,
        flags: { suspect: true },
        value: [{ suspect: true }],
      });
    for (const box of ['[1,2,3]', '["1",2,3,4]', 'null', '[[1,2],[3,4]]', '"1,2,3,4"'])
      expect(value(readBoxes(`{"bbox_2d":${box}}`, form))).toBe('decode/schema');
    expect(value(readBoxes('[]', form))).toEqual([]);
    expect(value(readBoxes('[1,2,3,4]', form))).toBe('decode/schema');
    expect(value(readBoxes('nothing there', form))).toBe('decode/not-json');
  });

  it('of a trajectory keep their order', () => {
    const points = [
      [1, 2],
      [5, 6],
      [3, 4],
    ];
    const reading = readPoints(JSON.stringify(points.map((point_2d) => ({ point_2d }))), form);
    expect(reading.ok && reading.value.map(({ pointPx }) => pointPx)).toEqual(points.map(([x, y]) => [x, y! / 2]));
  });

  it('between tokens are boxes and points with their names', () => {
    const text =
      'The <|object_ref_start|>dog<|object_ref_end|><|box_start|>(100,200),(300,400)<|box_end|> at <|box_start|>(500, 600)<|box_end|>.';
    expect(value(readGrounded(text, form))).toEqual({
      boxes: [{ label: 'dog', boxPx: [100, 100, 300, 200] }],
      points: [{ pointPx: [500, 300] }],
      caption: 'The dog at .',
    });
    expect(value(readGrounded('<ref>dog</ref><box>(1,2),(3,4)</box>', form))).toMatchObject({
      boxes: [{ label: 'dog' }],
    });
    expect(value(readGrounded('<think><box>(9,9),(10,10)</box></think>none', form))).toMatchObject({ boxes: [] });
    expect(value(readGrounded('a (1,2),(3,4)', form))).toMatchObject({ boxes: [] });
    expect(value(readGrounded('a (1,2),(3,4)', { ...form, mode: 'compat' }))).toMatchObject({
      boxes: [{ boxPx: [1, 1, 3, 2] }],
    });
    expect(readGrounded('<|box_start|>(1,2),(3', form)).toMatchObject({ ok: false, flags: { truncated: true } });
    expect(value(readGrounded('<|box_start|>none<|box_end|>', form))).toBe('decode/schema');
  });

  it('written by a model that saw the resized picture come back to the frame', () => {
    const side = fc.integer({ min: 30, max: 4000 });
    fc.assert(
      fc.property(side, side, fc.constantFrom(28, 32), (heightPx, widthPx, factor) => {
        const seen = seenThrough({ heightPx, widthPx }, { factor });
        expect([seen.sentHeightPx! % factor, seen.sentWidthPx! % factor]).toEqual([0, 0]);
        const all = [0, 0, seen.sentWidthPx!, seen.sentHeightPx!] as const;
        expect(boxInFrame(all, { kind: 'sent-px', axes: 'xy' }, seen)).toEqual([0, 0, widthPx, heightPx]);
      }),
    );
  });

  it('taken for those of the frame would be off', () => {
    expect(smartResize({ heightPx: 1080, widthPx: 1920 }, { factor: 28 })).not.toEqual({
      heightPx: 1080,
      widthPx: 1920,
    });
  });
});

describe('a list that was cut off', () => {
  const list = [{ bbox_2d: [1, 2, 3, 4] }, { bbox_2d: [5, 6, 7, 8], label: 'a, ]"b' }, { bbox_2d: [9, 10, 11, 12] }];

  it('is refused with the elements that are whole, and no other', () => {
    const text = JSON.stringify({ found: list });
    fc.assert(
      fc.property(fc.integer({ min: 12, max: text.length - 1 }), (length) => {
        const reading = readJson(text.slice(0, length));
        expect(reading).toMatchObject({ ok: false, flags: { truncated: true }, problem: { code: 'decode/truncated' } });
        const whole = (!reading.ok && reading.partial) || [];
        expect(list.slice(0, whole.length)).toEqual(whole);
      }),
    );
    expect(readJson(text.slice(0, -3), {}, 'compat')).toMatchObject({
      ok: true,
      value: list.slice(0, 2),
      flags: { truncated: true },
    });
  });

  it('gives a number only when it is known to be whole', () => {
    expect(readJson('[10, 20, 3')).toMatchObject({ partial: [10, 20] });
  });

  it('is told from a list that is none', () => {
    expect(value(readJson('{"a":1} {"b":2,}'))).toBe('decode/not-json');
    expect(value(readJson('{"a":1} as in [1-3] or [the left one'))).toEqual([{ a: 1 }]);
  });

  it('gives what a loop repeated once', () => {
    expect(readJson(`[${'{"bbox_2d":[1,2,3,4]},'.repeat(40)}{"bb`)).toMatchObject({
      partial: [{ bbox_2d: [1, 2, 3, 4] }],
    });
  });

  it('whole, is whole', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ a: fc.integer(), b: fc.string() }), { minLength: 1 }), (values) => {
        expect(value(readJson(`Sure:\n${JSON.stringify(values)}\nDone.`))).toEqual([values]);
      }),
    );
  });
});

describe('times', () => {
  it.each([
    ['00:02.80', 2.8],
    ['00:00.100', 0.1],
    ['01:05.20', 65.2],
    ['1:02:03.5', 3723.5],
    ['2.7', 2.7],
    [2.7, 2.7],
    [0, 0],
    ['2.7s', 2.7],
    ['2.7 seconds', 2.7],
    ['<0.1 seconds>', 0.1],
    ['<00:02.80>', 2.8],
    ['00:75', undefined],
    ['1:75:00', undefined],
    [-1, undefined],
    [Number.NaN, undefined],
    ['', undefined],
    ['soon', undefined],
    [null, undefined],
  ])('%j is %s s', (said, expected) => {
    expect(timeOf(said)).toBe(expected);
  });

  it('stand in prose with a unit or as a clock', () => {
    const of = (text: string) => spansIn(text).map(({ startS, endS }) => [startS, endS]);
    expect(of('It falls (00:02-00:06).')).toEqual([[2, 6]]);
    expect(of('From 3s to 7s, and 8s-9s.')).toEqual([
      [3, 7],
      [8, 9],
    ]);
    expect(of('from 3 to 7 seconds')).toEqual([[3, 7]]);
    expect(of('between 00:02 and 00:04')).toEqual([[2, 4]]);
    expect(of('at 2s and 5s; 3 to 7 boxes; pages 2-5')).toEqual([]);
  });
});

describe('events', () => {
  const event = { startS: 1.5, endS: 3, caption: 'it falls' };

  it.each([
    ['a list', '[{"start":"00:01.50","end":"00:03.00","caption":"it falls"}]'],
    ['one object', '{"start":1.5,"end":3,"caption":"it falls"}'],
    ['a list by a name', '{"events":[{"caption":"it falls","end":"3","start":"1.5s"}]}'],
    ['a line', '<1.5> <3.0> it falls'],
    ['a line with clocks', '00:01.5 - 00:03 it falls'],
  ])('come as %s', (_, answer) => {
    expect(value(readEvents(answer))).toEqual([event]);
  });

  it('that end before they start, or have no end, are refused', () => {
    expect(value(readEvents('{"start":3,"end":1}'))).toBe('decode/schema');
    expect(readEvents('{"start":3,"end":1}', 'compat')).toMatchObject({ ok: true, flags: { suspect: true } });
    expect(value(readEvents('{"start":3}'))).toBe('decode/schema');
    expect(value(readEvents('nothing happens'))).toBe('decode/schema');
    expect(value(readEvents('[]'))).toEqual([]);
  });
});

describe('QVQ', () => {
  const said = (content: string) => ({ content, finishReason: 'stop' });

  it('answers in the last box, or under its heading', () => {
    expect(value(readQvq(said('I see 3, \\boxed{3}? No.\n**Final Answer**\n\\boxed{\\frac{1}{2}}')))).toMatchObject({
      answer: '\\frac{1}{2}',
    });
    expect(value(readQvq(said('hm **Final Answer**\nthe red one')))).toEqual({ thought: 'hm ', answer: 'the red one' });
    expect(boxedIn('\\boxed{\\text{B}} \\boxed{cut')).toBe('B');
  });

  it('without either is thought only, unless a field tells them apart', () => {
    expect(value(readQvq(said('so it is 3')))).toBe('decode/schema');
    expect(value(readQvq(said('so it is 3'), 'compat'))).toEqual({ answer: 'so it is 3' });
    expect(value(readQvq({ reasoning_content: 't', content: '3', finishReason: 'stop' }))).toEqual({
      thought: 't',
      answer: '3',
    });
  });
});

describe('a loop', () => {
  const phrase = 'Wait, let me look at the picture again. ';

  it('is a phrase of 32 characters that comes four times running, found while it comes in', () => {
    expect(loopAtEnd(`The cup is red. ${phrase.repeat(3)}`)).toBeUndefined();
    expect(loopAtEnd(`The cup is red. ${phrase.repeat(4)}`)).toMatchObject({ times: 4 });
    const breaker = loopBreaker();
    let fed = 0;
    for (const character of `${'The cup is red. '}${phrase.repeat(50)}`) {
      fed += 1;
      if (breaker.feed(character)) break;
    }
    expect(fed).toBeLessThanOrEqual(16 + 4 * phrase.length + 16);
    expect(breaker.feed('more')).toMatchObject({ unit: expect.any(String) });
  });

  it('is anything that comes six times running and makes up 35 % of the text', () => {
    expect(loopAtEnd('no way. '.repeat(6))).toMatchObject({ times: 6 });
    expect(loopAtEnd(`${honest(200)}${'no way. '.repeat(6)}`)).toBeUndefined();
  });

  it('goes on over the window in a text of any length', () => {
    expect(loopAtEnd(`${honest(40_000)}${'ab '.repeat(4000)}`)).toBeDefined();
  });

  it('is not a table, a rule, a list of places', () => {
    const table = `| name | x | y | z |\n|${'---|'.repeat(30)}\n| a | 1 | 2 | 3 |\n`;
    const places = Array.from({ length: 60 }, (_, at) =>
      JSON.stringify({ bbox_2d: [at, at + 1, at + 2, at + 3], label: 'cup' }),
    ).join(', ');
    for (const text of [table, '-'.repeat(80), places, honest(5000), '']) expect(ever(text)).toBeUndefined();
  });

  it('is found in any text that repeats, and in hardly any that does not', () => {
    const unit = fc.stringMatching(/^[a-z ]{32,60}$/);
    fc.assert(
      fc.property(unit, fc.string(), (phrase, before) => {
        expect(loopAtEnd(before + phrase.repeat(6))).toBeDefined();
      }),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z ,.]{0,300}$/), (text) => {
        if (!/(.{1,60})\1{3}$/.test(text)) expect(loopAtEnd(text)).toBeUndefined();
      }),
    );
  });
});

/** Words in no order: no text of a loop. */
function honest(chars: number): string {
  let [text, seed] = ['', 7];
  while (text.length < chars) {
    seed = (seed * 16807) % 2147483647;
    text += `${seed.toString(36)} `;
  }
  return text;
}
function ever(text: string) {
  const breaker = loopBreaker();
  return [...text].map((character) => breaker.feed(character)).find(Boolean);
}

describe('every decoder', () => {
  it('answers every text with a reading: no text makes one throw', () => {
    fc.assert(
      fc.property(hostileText, fc.constantFrom<Mode>('strict', 'compat'), (text, mode) => {
        for (const read of Object.values(READERS)) {
          const reading = read(text, mode);
          if (!reading.ok) expect(reading.problem.hint).toBeTruthy();
        }
        for (const other of OTHERS) other(text);
      }),
      { numRuns: 1500 },
    );
  });

  it('reads a good part of what models write: refusing everything is no way out', () => {
    const said = '<think>t</think>{"bbox_2d":[1,2,3,4],"point_2d":[1,2],"start":0,"end":1}';
    for (const name of ['answer', 'json', 'boxes', 'points', 'events'] as const)
      expect(READERS[name](said, 'strict').ok).toBe(true);
  });

  it('takes no longer than the text is long', () => {
    const nasty = [
      '<think>',
      '<answer>',
      '[',
      '{"a":',
      '<|box_start|>',
      '\\boxed{',
      ' ',
      '"',
      '<a>',
      '&',
      '(1,2),',
      '1:',
      'no ',
      '-',
      '\\',
    ];
    for (const piece of nasty) {
      const text = piece.repeat(Math.floor(20_000 / piece.length));
      const start = process.hrtime.bigint();
      for (const read of Object.values(READERS)) read(text, 'strict');
      for (const other of OTHERS) other(text);
      // Minutes where something is quadratic with a large factor; a bound of seconds is no timing of the machine.
      expect(Number(process.hrtime.bigint() - start) / 1e9, piece).toBeLessThan(10);
    }
  });
});
