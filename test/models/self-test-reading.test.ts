/** What a self-test reads out of answers of any form. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isActionTokens, middleOf, noiseIn, placeIn } from '../../src/models/self-test-reading.ts';

test.each([
  ['[{"point_2d": [195, 630], "label": "gripper"}]', [195, 630]],
  ['{"bbox_2d":[1,2,3,4]}, {"bbox_2d":[5,6,7,8]}', [1, 2, 3, 4]],
  ['[[10, 20, 30, 40]]', [10, 20, 30, 40]],
  ['<|box_start|>(221,423),(569,886)<|box_end|>', [221, 423, 569, 886]],
  ["Action: click(start_box='<|box_start|>(12,34)<|box_end|>')", [12, 34]],
  ["click(point='<point>12 34</point>')", [12, 34]],
  ['Coordinate: (0.23, 0.45) Mark: 3', [0.23, 0.45]],
  ['{"kind":"ui-click","target":{"xPx": 120, "yPx": 48}}', [120, 48]],
  ['{"x":512,"y":80}', [512, 80]],
  ['<think>(1,2)</think>(3,4)', [3, 4]],
])('%s has the place %j', (text, numbers) => {
  expect(placeIn(text)?.numbers).toEqual(numbers);
});

test('the last place counts of a model that thinks aloud', () => {
  expect(placeIn('Maybe (1,2). So (3,4),(5,6)', true)?.numbers).toEqual([3, 4, 5, 6]);
});

test('the patches of a box are its outer edges as fractions', () => {
  expect(placeIn('<object><patch_index_0000><patch_index_1023></object>')).toEqual({
    numbers: [0, 0, 1, 1],
    isPatches: true,
  });
});

test('a place is read in the order and the numbers of its space', () => {
  const sent = { widthPx: 200, heightPx: 100 };
  const place = { numbers: [50, 20] };
  expect(middleOf(place, { kind: 'sent-px', axes: 'xy' }, sent)).toEqual([0.25, 0.2]);
  expect(middleOf(place, { kind: 'sent-px', axes: 'yx' }, sent)).toEqual([0.1, 0.5]);
  expect(middleOf(place, { kind: 'grid', max: 100, axes: 'xy' }, sent)).toEqual([0.5, 0.2]);
});

test('no text makes it throw, and none makes it linger', () => {
  const bits = fc.constantFrom(
    '(',
    '[',
    '1',
    '2.5',
    ',',
    ' ',
    '-',
    ')',
    ']',
    '"x":',
    '<point>',
    '\uFFFD',
    'the ',
    '兄弟',
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(bits, { maxLength: 400 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(texts, fc.boolean(), (text, isAloud) => {
      placeIn(text, isAloud);
      noiseIn(text);
      isActionTokens(text);
    }),
  );
  for (const text of [
    '('.repeat(20_000),
    '[1,'.repeat(9000),
    '1'.repeat(20_000),
    'ab'.repeat(9000),
    '(1,1),'.repeat(2000),
  ]) {
    placeIn(text);
    noiseIn(text);
  }
});
