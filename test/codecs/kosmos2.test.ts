/** KOSMOS-2's answers, prompts and places as rules; the originals' own results are in `golden-kosmos.test.ts`. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { PumiceError } from 'pumice';
import {
  boxOfCells,
  cellsOfBox,
  KOSMOS2_IDS,
  KOSMOS2_PROMPTS,
  type Kosmos2Answer,
  kosmos2Boxes,
  kosmos2Prompt,
  kosmos2TagOfId,
  readKosmos2,
} from 'pumice/codecs';
import { describe, expect, it } from 'vitest';
import { hostileText } from './hostile.ts';

const cell = (index: number) => `<patch_index_${String(index).padStart(4, '0')}>`;
const object = (...pairs: readonly (readonly [number, number])[]) =>
  `<object>${pairs.map(([ul, lr]) => cell(ul) + cell(lr)).join('</delimiter_of_multi_objects/>')}</object>`;
const SNOWMAN = `<grounding> An image of<phrase> a snowman</phrase>${object([44, 863])} by<phrase> a fire</phrase>${object([5, 911])}.`;
const answerOf = (text: string, mode?: 'strict' | 'compat'): Kosmos2Answer => {
  const reading = readKosmos2(text, mode);
  if (!reading.ok) throw reading.problem;
  return reading.value;
};
const codeOf = (text: string) => {
  const reading = readKosmos2(text);
  return reading.ok ? 'none' : reading.problem.code;
};

describe('answers', () => {
  it('are a sentence, with each phrase at its place and its boxes in px of the frame', () => {
    const answer = answerOf(SNOWMAN);
    expect(answer.caption).toBe('An image of a snowman by a fire.');
    expect(answer.entities.map(({ name, span: [start, end] }) => [name, answer.caption.slice(start, end)])).toEqual([
      ['a snowman', 'a snowman'],
      ['a fire', 'a fire'],
    ]);
    expect(kosmos2Boxes(answer, { widthPx: 640, heightPx: 320 })[0]).toEqual({
      label: 'a snowman',
      boxPx: [250, 15, 630, 265],
    });
  });

  it('read strictly are those that the original reads, where nothing in them is odd', () => {
    const { cases } = JSON.parse(
      readFileSync(new URL('../golden/reasoners/kosmos2_entities.json', import.meta.url), 'utf8'),
    );
    let same = 0;
    for (const { text } of cases) {
      const [strict, compat] = [readKosmos2(text), readKosmos2(text, 'compat')];
      // A `<` in the words is eaten by the original, with all up to the next tag's end.
      if (!strict.ok || /[<>]/.test(strict.value.caption) || />\s+</.test(text)) continue;
      expect(strict.value).toEqual(compat.ok && compat.value);
      same += 1;
    }
    expect(same).toBeGreaterThan(cases.length / 3);
  });

  it('may hold a sum: strict keeps it, the original eats it', () => {
    const text = `3 < 5 but<phrase> a cup</phrase>${object([44, 863])} > 2`;
    const strict = answerOf(text);
    expect(strict.caption).toBe('3 < 5 but a cup > 2');
    expect(strict.caption.slice(...strict.entities[0]!.spanUtf16)).toBe('a cup');
    expect(answerOf(text, 'compat').caption).toBe('3  a cup > 2');
  });

  it('mean the same with a blank between special tokens, which some servers put there', () => {
    const spaced = SNOWMAN.replaceAll('><patch', '> <patch')
      .replaceAll('></object>', '> </object>')
      .replaceAll('><object>', '> <object>');
    expect(spaced).not.toBe(SNOWMAN);
    expect(answerOf(spaced)).toEqual({ ...answerOf(SNOWMAN), rawCaption: spaced });
    expect(answerOf(spaced, 'compat').entities).toEqual([]);
  });

  it('have spans in code points and in code units, which part at the first emoji', () => {
    const [entity] = answerOf(`🐶🐶 and<phrase> a 🐱</phrase>${object([0, 99])}`).entities;
    expect([entity!.span, entity!.spanUtf16]).toEqual([
      [7, 10],
      [9, 13],
    ]);
  });

  it('flag boxes that are the wrong way round', () => {
    const reading = readKosmos2(`<phrase> cup</phrase>${object([863, 44], [44, 863])}`);
    expect(reading).toMatchObject({ ok: true, flags: { suspect: true } });
    const boxes = reading.ok ? kosmos2Boxes(reading.value, { widthPx: 1, heightPx: 1 }) : [];
    expect(boxes.map(({ suspect }) => suspect)).toEqual([true, undefined]);
  });

  it.each([
    ['nothing', '', 'decode/empty'],
    ['a cell that is cut off', '<phrase> a cup</phrase><object><patch_index_0044><patch_index_08', 'decode/truncated'],
    ['an object without an end', `<phrase> a cup</phrase><object>${cell(44)}${cell(863)}`, 'decode/truncated'],
    ['a phrase without an end', '<grounding> An image of<phrase> a cup', 'decode/truncated'],
    ['a cell that there is not', `<phrase> a cup</phrase>${object([44, 2048])}`, 'decode/out-of-range'],
    ['three cells', `<phrase> a cup</phrase><object>${cell(1)}${cell(2)}${cell(3)}</object>`, 'decode/schema'],
    ['words among the cells', `<object>${cell(1)} and ${cell(2)}</object>`, 'decode/schema'],
    [
      'an object that is only opened',
      `<phrase> a cup</phrase><object>${cell(1)}${cell(40)} on a table`,
      'decode/schema',
    ],
  ])('are refused for %s', (_, text, code) => {
    expect(codeOf(text)).toBe(code);
    expect(readKosmos2(text, 'compat').ok).toBe(true);
  });

  it('give back what was written, whatever the phrases and cells', () => {
    const words = fc.string({ unit: fc.constantFrom('a', 'é', '🐶', '雪', "'"), minLength: 1, maxLength: 8 });
    const pair = fc.tuple(fc.nat(1023), fc.nat(1023));
    const entity = fc.record({ name: words, pairs: fc.array(pair, { minLength: 1, maxLength: 3 }) });
    fc.assert(
      fc.property(fc.array(entity, { minLength: 1, maxLength: 5 }), (entities) => {
        const text = entities.map(({ name, pairs }) => `<phrase> ${name}</phrase>${object(...pairs)}`).join(' and');
        const answer = answerOf(`<grounding>${text}`);
        expect(answer.entities.map(({ name }) => name)).toEqual(entities.map(({ name }) => name));
        for (const [at, { spanUtf16, span, name, boxesNorm }] of answer.entities.entries()) {
          expect(answer.caption.slice(...spanUtf16)).toBe(name);
          expect([...answer.caption].slice(...span).join('')).toBe(name);
          expect(boxesNorm).toEqual(entities[at]!.pairs.map(([ul, lr]) => boxOfCells(ul, lr)));
        }
      }),
    );
  });
});

describe('no text makes it throw', () => {
  const tags = fc.constantFrom(
    '<phrase>',
    '</phrase>',
    '<object>',
    '</object>',
    '</delimiter_of_multi_objects/>',
    cell(3),
    '<patch_index_',
    '<',
    '>',
    ' a',
    '\n',
    '🐶',
    '\ud800',
    `<patch_index_${'9'.repeat(400)}>`,
    '<patch_index_٣>',
    '</image>',
  );
  const texts = fc.oneof(
    fc.array(tags, { maxLength: 30 }).map((parts) => parts.join('')),
    hostileText,
  );

  it('in either mode, and boxes are numbers', () => {
    let [readable, refused] = [0, 0];
    fc.assert(
      fc.property(texts, fc.constantFrom('strict', 'compat'), (text, mode) => {
        const reading = readKosmos2(text, mode);
        if (!reading.ok) {
          refused += 1;
          expect(PumiceError.is(reading.problem)).toBe(true);
          return;
        }
        readable += 1;
        expect(reading.value.entities.every(({ boxesNorm }) => boxesNorm.flat().every(Number.isFinite))).toBe(true);
      }),
      { numRuns: 1000 },
    );
    expect([readable, refused].every((count) => count > 50)).toBe(true);
  });

  it('nor is a text of opened tags alone one that it does not get through', () => {
    for (const piece of ['<', '<phrase>', '<object>', `<object>${cell(1)}`, '<\n', '</image>']) {
      const text = piece.repeat(200_000 / piece.length);
      expect(readKosmos2(text, 'compat')).toMatchObject({ ok: true, value: { entities: [] } });
    }
  });
});

describe('places', () => {
  it('come back within one cell', () => {
    const sides = fc
      .tuple(fc.nat(999), fc.nat(999))
      .map(([a, b]) => [Math.min(a, b) / 1000, (Math.max(a, b) + 1) / 1000]);
    fc.assert(
      fc.property(sides, sides, ([x1, x2], [y1, y2]) => {
        const said = [x1!, y1!, x2!, y2!] as const;
        const box = boxOfCells(...cellsOfBox(said));
        for (const [at, value] of said.entries()) expect(Math.abs(box[at]! - value)).toBeLessThan(1 / 32);
      }),
    );
  });

  it('are not that exact: the whole picture comes back smaller', () => {
    expect(boxOfCells(...cellsOfBox([0, 0, 1, 1]))).toEqual([1 / 64, 1 / 64, 63 / 64, 63 / 64]);
  });

  it.each([[[0.5, 0, 0.5, 1]], [[0, 1, 1, 0]], [[0, 0, Number.NaN, 1]], [[0, 0, Number.POSITIVE_INFINITY, 1]]])(
    'without an area are refused: %j',
    (box) => expect(() => cellsOfBox(box as [number, number, number, number])).toThrow(/box with an area/),
  );

  it('have ids, and only those', () => {
    expect(kosmos2TagOfId(KOSMOS2_IDS.firstCell + 1023)).toBe('<patch_index_1023>');
    expect(kosmos2TagOfId(KOSMOS2_IDS.firstCell + 1024)).toBeUndefined();
    expect(kosmos2TagOfId(1000)).toBeUndefined();
  });
});

describe('prompts', () => {
  it('are those of the model card', () => {
    expect(KOSMOS2_PROMPTS.phrase('a snowman')).toBe('<grounding><phrase> a snowman</phrase>');
    expect(KOSMOS2_PROMPTS.referring([44, 863])).toBe(
      '<grounding><phrase> It</phrase><object> <patch_index_0044> <patch_index_0863> </object> is',
    );
    expect(KOSMOS2_PROMPTS.asking('What is', 'this character', [0.04, 0.39, 0.39, 1], '?')).toBe(
      '<grounding> Question: What is<phrase> this character</phrase><object> <patch_index_0385> <patch_index_1004> </object>? Answer:',
    );
    expect(KOSMOS2_PROMPTS.question('Are there people?')).toBe('<grounding> Question: Are there people? Answer:');
  });

  it('take no tags from those who ask', () => {
    for (const words of ['a cup</phrase><object>', 'a\ncup', '  '])
      expect(() => KOSMOS2_PROMPTS.phrase(words)).toThrow(/words/);
  });

  it('have boxes for every phrase or for none', () => {
    expect(() => kosmos2Prompt('<phrase> a</phrase> and<phrase> b</phrase>', [null])).toThrow(/2 <phrase>/);
    expect(kosmos2Prompt('<phrase> a</phrase>', [])).toBe('<phrase> a</phrase>');
  });
});
