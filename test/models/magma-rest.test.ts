import { expect, test } from 'vitest';
import { actionStats, readActionText } from '../../src/codecs/index.ts';
import { LLAMA3_ACTION_TEXTS } from '../../src/codecs/llama3-action-tokens.ts';
import { magmaRest } from '../../src/models/magma-rest.ts';
import { magmaDouble } from './doubles/magma-rest.ts';

const { signal } = new AbortController();
const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9);
const PROMPT = 'What action should the robot take to pick?';
const FORM = { stats: actionStats('bridge_orig'), frameId: 'base' };
const END = 128_009;
const FIRST = 127_744;
const IDS = [127857, 127873, 127868, 127904, 127861, 127874, 127744];
const text = IDS.map((id) => LLAMA3_ACTION_TEXTS[id - FIRST])
  .join('')
  .trim();

test('an action comes back as the text of its seven tokens', async () => {
  await using double = await magmaDouble({ ids: [1, ...IDS, END], text });
  expect(await magmaRest({ url: `${double.url}/` }).predict(jpeg, PROMPT, signal)).toBe(text);
});

test('of words only the words come back: the seven numbers that the server makes of them reach nobody', async () => {
  const words = 'The robot should move up';
  await using double = await magmaDouble({ ids: [791, 6661, 389, 279, 12585, 374, 366, END], text: words });
  const said = await magmaRest({ url: double.url }).predict(jpeg, PROMPT, signal);
  expect(said).toBe(words);
  expect(readActionText(said, FORM)).toMatchObject({ ok: false });
  expect(readActionText(text, FORM)).toMatchObject({ ok: true });
});

test('a model that loads, a picture that is none, and another path are refused with what the server says', async () => {
  await using loading = await magmaDouble('loading');
  const early = magmaRest({ url: loading.url }).predict(jpeg, PROMPT, signal);
  await expect(early).rejects.toMatchObject({
    code: 'model/http',
    retryable: true,
    message: expect.stringMatching(/503.*not loaded/),
  });
  await using double = await magmaDouble({ ids: [1, ...IDS, END], text });
  const unreadable = magmaRest({ url: double.url }).predict(Uint8Array.of(1, 2), PROMPT, signal);
  await expect(unreadable).rejects.toThrow(/cannot identify/);
  const elsewhere = magmaRest({ url: `${double.url}/v1` }).predict(jpeg, PROMPT, signal);
  await expect(elsewhere).rejects.toMatchObject({ code: 'model/http', hint: expect.any(String) });
  expect(() => magmaRest({ url: 'gpu' })).toThrow(/address/);
});

test('a silent server is late, and an abort leaves at once with its reason', async () => {
  await using double = await magmaDouble('silence');
  const late = magmaRest({ url: double.url, deadlineMs: 50 }).predict(jpeg, PROMPT, signal);
  await expect(late).rejects.toMatchObject({ code: 'model/timeout' });
  const abort = new AbortController();
  const left = magmaRest({ url: double.url }).predict(jpeg, PROMPT, abort.signal);
  abort.abort(new Error('halt'));
  await expect(left).rejects.toThrow('halt');
});
