/** The probe of a model, against a server that speaks for models of several talents. */
import { expect, test } from 'vitest';
import { openaiChat } from '../../src/models/openai-chat.ts';
import { probeModel, probeObservation } from '../../src/models/probe.ts';
import { decodeImage } from '../../src/vision/decode.ts';
import { deadUrl, fakeModelServer, type Reply, says } from './fake-model-server.ts';

async function probe(reply: Reply) {
  await using server = await fakeModelServer(reply);
  const chat = openaiChat({ modelUrl: server.url, model: 'm' }, {});
  const result = await probeModel(chat, { signal: new AbortController().signal, maxTokens: 200 });
  return { result, asked: server.asked[0]! };
}

test('a model that sees is told from one that guesses wrong and from one that cannot write an action', async () => {
  const right = await probe(says('{"kind":"ui-click","target":9}'));
  expect(right.result).toMatchObject({ isRight: true, usage: { inputTokens: 1200, outputTokens: 34 } });
  expect(right.result.problem).toBeUndefined();
  expect(right.result.firstMs).toBeLessThanOrEqual(right.result.totalMs);
  expect((await probe(says('{"kind":"ui-click","target":{"xPx":1010,"yPx":190}}'))).result.isRight).toBe(true);
  const wrong = (await probe(says('{"kind":"ui-click","target":2}'))).result;
  expect([wrong.isRight, wrong.problem]).toEqual([false, undefined]);
  const blind = (await probe(says('the blue one'))).result;
  expect(blind).toMatchObject({
    isRight: false,
    text: 'the blue one',
    problem: expect.stringContaining('JSON object'),
  });
  expect((await probe(says(''))).result).toMatchObject({ isRight: false, problem: expect.stringContaining('empty') });
});

test('the picture that is sent shows the blue disc within its mark, and nothing but the picture gives it away', async () => {
  const { asked } = await probe(says('{"kind":"ui-back"}'));
  const [text, image] = asked.body.messages[1]!.content as [{ text: string }, { image_url: { url: string } }];
  expect(text.text).toContain('Click the blue disc.');
  expect(text.text).toMatch(/Marks:\n5 element\n2 element\n9 element\n4 element\n/);
  const jpeg = Buffer.from(image.image_url.url.split(',')[1]!, 'base64');
  const { data, widthPx } = await decodeImage(jpeg);
  const observation = await probeObservation();
  const [x, y] = observation.marks!.find(({ id }) => id === 9)!.pointPx;
  const [r, g, b] = data.subarray((y * widthPx + x) * 3);
  expect([r! < 80, g! < 130, b! > 180]).toEqual([true, true, true]);
});

test('without a server the probe says so', async () => {
  const chat = openaiChat({ modelUrl: deadUrl, model: 'm' }, {});
  const asked = probeModel(chat, { signal: new AbortController().signal, maxTokens: 200 });
  await expect(asked).rejects.toMatchObject({ code: 'model/unreachable' });
});
