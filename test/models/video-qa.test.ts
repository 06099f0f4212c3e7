/** The client of CogVLM2-Video's own server, against a double of it. */
import { expect, it } from 'vitest';
import { videoQa } from '../../src/models/video-qa.ts';
import { serve } from './doubles/server.ts';
import { type VideoAsked, videoQaDouble } from './doubles/video-qa.ts';

const clip = Uint8Array.from([0, 0, 0, 24, 0x66, 0x74, 0x79, 0x70, 13, 10, 255]);
const signal = () => new AbortController().signal;

it('sends clip and question as they are, and brings the answer back', async () => {
  const asked: VideoAsked[] = [];
  await using server = await videoQaDouble((question) => {
    asked.push(question);
    return 'The block is lifted from 3 to 7 seconds.';
  });
  const model = videoQa({ url: server.url });
  expect(await model.ask(clip, 'When wird der Block gehoben? größer', signal())).toBe(
    'The block is lifted from 3 to 7 seconds.',
  );
  await model.ask(clip, 'again', signal(), 0.7);
  expect(asked.map(({ question, temperature }) => [question, temperature])).toEqual([
    ['When wird der Block gehoben? größer', '0.001'],
    ['again', '0.7'],
  ]);
  expect([...asked[0]!.video]).toEqual([...clip]);
});

it('asks nothing where there is no question: the server would take it for another', async () => {
  const model = videoQa({ url: 'http://127.0.0.1:9' });
  await expect(model.ask(clip, ' ', signal())).rejects.toMatchObject({ code: 'config/invalid' });
});

it('a server that fails, one of another kind and an empty answer are told apart', async () => {
  await using failing = await videoQaDouble(() => {
    throw new Error('CUDA out of memory');
  });
  await expect(videoQa({ url: failing.url }).ask(clip, 'what?', signal())).rejects.toThrow(
    /answered 500.*CUDA out of memory/s,
  );
  await using other = await serve(() => ({ status: 200, body: '{"choices":[]}' }));
  await expect(videoQa({ url: other.url }).ask(clip, 'what?', signal())).rejects.toThrow(/expected "answer"/);
  await using page = await serve(() => ({ status: 200, body: '<html>' }));
  await expect(videoQa({ url: page.url }).ask(clip, 'what?', signal())).rejects.toThrow(/expected JSON/);
  await using empty = await videoQaDouble(() => ' ');
  await expect(videoQa({ url: empty.url }).ask(clip, 'what?', signal())).rejects.toMatchObject({
    code: 'decode/empty',
  });
});

it('no answer in time is one that is late, and an address with a password is none', async () => {
  await using silent = await serve(() => 'silence');
  await expect(videoQa({ url: silent.url, firstMs: 100 }).ask(clip, 'what?', signal())).rejects.toMatchObject({
    code: 'model/timeout',
  });
  let said = '';
  try {
    videoQa({ url: 'http://ann:geheim@gpu:5000' });
  } catch (error) {
    said = String(error);
  }
  expect(said).toContain('without a password');
  expect(said).not.toContain('geheim');
});
