/** Action tokens as a reading, ranges out of a user's file, and the words that an action is asked for in. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { PumiceError } from 'pumice';
import {
  actionStats,
  magmaPrompt,
  magmaQuestion,
  openvlaPrompt,
  openvlaV01Prompt,
  readAction,
  readActionIds,
  readActionText,
  readDatasetStatistics,
} from 'pumice/codecs';
import { loadActionStats } from 'pumice/models';
import { describe, expect, it } from 'vitest';
import { folder } from '../cli/pumice.ts';

const golden = JSON.parse(readFileSync(new URL('../golden/magma/action_text.json', import.meta.url), 'utf8'));
const { text, token_ids: ids } = golden.cases[0] as { text: string; token_ids: number[] };
const form = { stats: actionStats('bridge_orig'), frameId: 'base' };
const codeOf = (reading: { ok: boolean; problem?: unknown }) =>
  PumiceError.is(reading.problem) ? reading.problem.code : reading.ok;

describe('an action', () => {
  it('is the same from text, from ids, and from ids as text, with the end of the answer behind it or not', () => {
    const wanted = readActionIds(ids, form);
    expect(wanted).toMatchObject({ ok: true, value: { ids, action: { frameId: 'base' } }, flags: {} });
    for (const reading of [
      readActionText(text, form),
      readActionText(`${text}<|eot_id|>`, form),
      readActionIds([...ids, 128_009], form),
      readAction(text, form),
      readAction(ids.join(' '), form),
      readAction(` ${JSON.stringify(ids)}\n`, form),
    ])
      expect(reading).toEqual(wanted);
  });

  it('in the vocabulary of OpenVLA is read from ids alone', () => {
    const llama2 = { ...form, vocabSize: 32_000 };
    const of32000 = ids.map((id) => id - 96_000);
    expect(readActionIds([...of32000, 2], llama2)).toMatchObject({ ok: true, value: { ids: of32000 } });
    expect(codeOf(readActionText(text, llama2))).toBe('config/invalid');
  });

  it('of too few tokens was cut off; of too many it was not', () => {
    expect(readActionIds(ids.slice(1), form)).toMatchObject({ ok: false, flags: { truncated: true } });
    expect(readActionText('兄弟iв', form)).toMatchObject({ ok: false, flags: { truncated: true } });
    expect(readActionIds([...ids, ids[0]!], form)).toMatchObject({ ok: false, flags: {} });
    expect(readActionText(text + text, form)).toMatchObject({ ok: false, flags: {} });
  });

  it.each([
    ['nothing', '  ', 'decode/empty'],
    ['words', 'pick up the can', 'decode/out-of-range'],
    ['bytes that are lost', '兄弟\uFFFD', 'decode/out-of-range'],
    ['ids that are no action', '791 6661 389 279 12585 374 366', 'decode/out-of-range'],
  ])('%s is refused', (_, said, code) => expect(codeOf(readAction(said, form))).toBe(code));

  it('without an id is refused', () => expect(codeOf(readActionIds([], form))).toBe('decode/empty'));
});

const SETS = JSON.stringify({
  mine: { action: { ...form.stats, mean: [1], std: [1] }, proprio: {} },
  other: { action: { ...actionStats('google_robot') } },
  num: 3,
});

describe("ranges of the user's own", () => {
  it.each([
    ['as OpenVLA writes them', SETS, 'mine'],
    ["in a model's config", `{"norm_stats": ${SETS}}`, 'mine'],
    ['one set alone', JSON.stringify({ mine: { action: form.stats } }), undefined],
  ])('are read %s', (_, file, key) => {
    expect(readDatasetStatistics(file, key)).toEqual({ ok: true, value: { ...form.stats, name: 'mine' }, flags: {} });
  });

  it('are read bare, without a mask, too', () => {
    const { q01, q99 } = form.stats;
    expect(readDatasetStatistics(JSON.stringify({ q01, q99 }))).toMatchObject({ value: { name: 'own', q01, q99 } });
    expect(readDatasetStatistics(JSON.stringify({ action: { q01, q99, mask: null } }))).toEqual({
      ok: true,
      value: { name: 'own', q01, q99 },
      flags: {},
    });
  });

  const with_ = (change: object) => JSON.stringify({ mine: { action: { ...form.stats, ...change } } });
  it.each([
    ['no JSON', '{', undefined, 'decode/not-json', /expected JSON/],
    ['no sets', '[]', undefined, 'decode/schema', /data sets/],
    ['two sets and no key', SETS, undefined, 'config/invalid', /one of 2 data sets \(has: mine, other\)/],
    ['an unknown key', SETS, 'toString', 'config/invalid', /no data set 'toString' \(has: mine, other\)/],
    ['too few numbers', with_({ q01: [1] }), undefined, 'decode/schema', /7 finite numbers in q01, got 1/],
    ['no upper ends', with_({ q99: undefined }), undefined, 'decode/schema', /in q99/],
    ['what is no number', with_({ q99: Array(7).fill(null) }), undefined, 'decode/schema', /in q99/],
    ['a mask of numbers', with_({ mask: Array(7).fill(1) }), undefined, 'decode/schema', /mask/],
    [
      'ends upside down',
      with_({ q01: form.stats.q99, q99: form.stats.q01 }),
      undefined,
      'decode/schema',
      /q01 is above q99 at number 1/,
    ],
  ])('%s is refused', (_, file, key, code, message) => {
    const reading = readDatasetStatistics(file, key);
    if (reading.ok) throw new Error('expected that it is refused');
    expect([reading.problem.code, reading.problem.message]).toEqual([code, expect.stringMatching(message)]);
  });

  it('no file makes the reader throw', () => {
    fc.assert(
      fc.property(fc.json(), fc.option(fc.string(), { nil: undefined }), (file, key) => {
        expect(typeof readDatasetStatistics(file, key).ok).toBe('boolean');
      }),
    );
  });

  it('come by one name: what is shipped, a file, or a set in a file', () => {
    using mine = folder();
    const file = mine.write('dataset_statistics.json', SETS);
    expect(loadActionStats('bridge_orig')).toBe(form.stats);
    expect(loadActionStats(`${file}#mine`)).toEqual({ ...form.stats, name: 'mine' });
    expect(() => loadActionStats(file)).toThrow(/dataset_statistics\.json: .*expected the key of one of 2/);
    expect(() => loadActionStats(`${file}x.json`)).toThrow(/cannot be read/);
    expect(() => loadActionStats('bridge')).toThrow(/there is: bridge_orig/);
  });
});

describe('the words of a question', () => {
  it('keep their case for Magma, and lose it for OpenVLA', () => {
    expect(magmaQuestion.arm('Pick Up')).toContain('to Pick Up?');
    expect(openvlaPrompt('Pick Up')).toContain('to pick up?');
    expect(openvlaV01Prompt('Pick Up')).toMatch(/^A chat .* USER: .* to pick up\? ASSISTANT:$/);
  });

  it('lose blanks at their ends, and each picture is marked', () => {
    const prompt = magmaPrompt(`${magmaQuestion.locateMarks()}\u0085`, { images: 2 });
    expect(prompt).toMatch(/marks in the image\.<\|eot_id\|>/);
    expect(prompt.match(/<image_start><image><image_end>\n/g)).toHaveLength(2);
  });
});
