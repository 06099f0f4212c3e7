import { expect, test } from 'vitest';
import { arrayIn } from '../../src/models/json-numpy.ts';
import { openvlaServer } from '../../src/models/openvla-act.ts';
import { openVlaDouble } from './doubles/openvla-act.ts';

const { signal } = new AbortController();
const ACTION = [0.01, -0.02, 0.03, 0.1, -0.2, 0.3, 0.99607843];
const question = {
  rgb: new Uint8Array(2 * 3 * 3),
  widthPx: 3,
  heightPx: 2,
  instruction: 'pick up the cup',
};

test('seven numbers come back as they were, to the last bit', async () => {
  await using double = await openVlaDouble(ACTION, ['bridge_orig']);
  expect(await openvlaServer({ url: double.url }).act(question, signal)).toEqual(ACTION);
});

test('"error" with status 200 is an error: a key is missing, or unknown', async () => {
  await using double = await openVlaDouble(ACTION, ['bridge_orig', 'libero']);
  const client = openvlaServer({ url: double.url });
  const refusal = { code: 'model/http', hint: expect.stringContaining('--unnorm-key') };
  await expect(client.act(question, signal)).rejects.toMatchObject(refusal);
  await expect(client.act({ ...question, unnormKey: 'google' }, signal)).rejects.toMatchObject(refusal);
  expect(await client.act({ ...question, unnormKey: 'libero' }, signal)).toEqual(ACTION);
});

test.each([
  ['six numbers', [1, 2, 3, 4, 5, 6]],
  ['no numbers', ACTION.map(() => Number.NaN)],
])('%s are no action', async (_, action) => {
  await using double = await openVlaDouble(action, ['one']);
  await expect(openvlaServer({ url: double.url }).act(question, signal)).rejects.toMatchObject({ code: 'model/http' });
});

test('pixels that are not width by height by three are not sent', async () => {
  const sent = openvlaServer({ url: 'http://127.0.0.1:9' }).act({ ...question, widthPx: 4 }, signal);
  await expect(sent).rejects.toMatchObject({ code: 'vision/invalid' });
});

test('an array whose bytes, type and shape disagree is none', () => {
  const data = Buffer.from(new Float32Array([1, 2]).buffer).toString('base64');
  expect(arrayIn({ __numpy__: data, dtype: '<f4', shape: [2] })?.values).toEqual([1, 2]);
  for (const wrong of [{ dtype: '<f8' }, { shape: [3] }, { dtype: 'O' }, { shape: [-1, -2] }, { dtype: 'toString' }])
    expect(arrayIn({ __numpy__: data, dtype: '<f4', shape: [2], ...wrong })).toBeUndefined();
});
