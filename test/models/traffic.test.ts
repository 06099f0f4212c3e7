/** Traffic of a real client with a real server on loopback, recorded to a file and answered from it. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { PumiceError } from '../../src/errors.ts';
import type { Fetch } from '../../src/models/exchange.ts';
import { type ChatRequest, openaiChat } from '../../src/models/openai-chat.ts';
import { fetchOf, recordTraffic, replayTraffic } from '../../src/models/traffic.ts';
import {
  begin,
  chunk,
  deadUrl,
  type FakeModelServer,
  fakeModelServer,
  json,
  type Reply,
  says,
} from './fake-model-server.ts';

const KEY = 'sk-test-"0123456789';
let folder: string;
let file: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pumice-traffic-'));
});
afterAll(() => rm(folder, { recursive: true }));
const servers: FakeModelServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
const newFile = () => {
  file = join(folder, `${files++}.jsonl`);
  return file;
};
async function serve(...replies: readonly Reply[]): Promise<string> {
  const server = await fakeModelServer(...replies);
  servers.push(server);
  return server.url;
}

const streamed = { onDelta: () => {} };
type Changes = Partial<ChatRequest> & { readonly environment?: Record<string, string> };
const ask = (fetch: Fetch, modelUrl: string, { environment = {}, ...changes }: Changes = {}) =>
  openaiChat({ modelUrl, model: 'm', fetch, firstMs: 200, silenceMs: 200 }, environment).complete({
    messages: [{ role: 'user', content: 'which one? ⑦' }],
    maxTokens: 50,
    temperature: 0,
    signal: new AbortController().signal,
    ...changes,
  });
const outcomeOf = (asked: Promise<object>) =>
  asked.then(
    (answer) => ({ ...answer, firstMs: 0, totalMs: 0 }),
    (error: unknown) => {
      if (!PumiceError.is(error)) throw error;
      return { code: error.code, message: error.message };
    },
  );
const ELSEWHERE = 'http://elsewhere.invalid:1/v1';

test.each([
  ['an answer that comes whole', {}, says('the seventh')],
  ['a stream, with its thought', streamed, says('the seventh — ⑦', { reasoning: 'hm', pieces: 1 })],
  ['a refusal', {}, json(404, { error: { message: 'no such model' } })],
  ['a web page', {}, (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>hello')],
  ['bytes that are no text', {}, (response) => response.writeHead(200).end(Buffer.from([0, 255, 254]))],
  [
    'a stream that is cut',
    streamed,
    (response) => {
      begin(response).write(chunk({ content: 'the' }));
      setImmediate(() => response.socket!.destroy());
    },
  ],
  [
    'a stream that stalls',
    streamed,
    (response) => {
      begin(response).write(chunk({ content: 'the' }));
    },
  ],
  ['a server that says nothing', {}, () => {}],
] as const satisfies readonly (readonly [string, Changes, Reply])[])(
  '%s is the same again when it is replayed, wherever the server was',
  async (_what, form, reply) => {
    const url = await serve(reply);
    const first = await outcomeOf(ask(recordTraffic(newFile()), url, form));
    const again = await outcomeOf(ask(replayTraffic(file), ELSEWHERE, form));
    expect(JSON.stringify(again).replaceAll('elsewhere.invalid:1', '')).toBe(
      JSON.stringify(first).replaceAll(new URL(url).host, ''),
    );
  },
);

test('a server that is not there is not there again', async () => {
  const url = deadUrl;
  const first = await outcomeOf(ask(recordTraffic(newFile()), url));
  expect(first).toMatchObject({ code: 'model/unreachable' });
  expect(await outcomeOf(ask(replayTraffic(file), url))).toEqual(first);
});

test('answers go to the questions they were given to, in any order, each once', async () => {
  const url = await serve(says('one'), says('two'));
  const record = recordTraffic(newFile());
  const question = (content: string) => ({ messages: [{ role: 'user' as const, content }] });
  await ask(record, url, question('1'));
  await ask(record, url, question('2'));
  const replay = replayTraffic(file);
  expect((await ask(replay, url, question('2'))).text).toBe('two');
  expect((await ask(replay, url, question('1'))).text).toBe('one');
  expect(await outcomeOf(ask(replay, url, question('1')))).toMatchObject({ code: 'record/invalid' });
  expect((await ask(replayTraffic(file, { anyBody: true }), url, question('3'))).text).toBe('one');
});

test('no key is written: not of a header, not of the address, not where a server shows it again, even in two pieces', async () => {
  const url = await serve((response, { headers, path }) => {
    begin(response);
    const shown = `data: ${JSON.stringify({ error: { message: `${headers.authorization} ${path}` } })}\n\n`;
    const at = shown.indexOf('sk-test') + 4;
    response.write(shown.slice(0, at), () => setImmediate(() => response.end(shown.slice(at))));
  });
  const environment = { OPENAI_API_KEY: KEY };
  await outcomeOf(ask(recordTraffic(newFile()), `${url}?key=sk-query-987654`, { ...streamed, environment }));
  const text = await readFile(file, 'utf8');
  expect(text).toContain('which one? ⑦');
  expect(text).toContain('Bearer ***');
  for (const part of ['0123456789', 'sk-test', 'sk-query']) expect(text).not.toContain(part);
  expect((await stat(file)).mode & 0o077).toBe(0);
});

test('what was asked is on disk before the answer is there, and a file that was broken off can be read', async () => {
  const url = await serve(says('one'), () => {});
  const record = recordTraffic(newFile());
  await ask(record, url);
  const abort = new AbortController();
  const second = outcomeOf(ask(record, url, { signal: abort.signal }));
  await expect.poll(async () => (await readFile(file, 'utf8')).split('\n')).toHaveLength(5);
  await writeFile(`${file}.broken`, `${await readFile(file, 'utf8')}{"exchange":1,"at`);
  abort.abort(new PumiceError('port/aborted', 'enough'));
  await second;
  const replay = replayTraffic(`${file}.broken`);
  expect((await ask(replay, url)).text).toBe('one');
  expect(await outcomeOf(ask(replay, url))).toMatchObject({ code: 'model/timeout' });
});

test('a form with a file is the same form when it is sent again', async () => {
  const form = () => {
    const data = new FormData();
    data.append('video', new Blob([new Uint8Array([0, 255, 1])]), 'clip.mp4');
    data.append('question', 'what happens?');
    return data;
  };
  const video: Fetch = async () => Response.json({ answer: 'a cup falls' });
  const post = (exchange: Fetch) => exchange('http://gpu:5000/video_qa', { method: 'POST', body: form() });
  await (await post(recordTraffic(newFile(), { fetch: video }))).text();
  expect(await (await post(replayTraffic(file))).json()).toEqual({ answer: 'a cup falls' });
});

test('an answer that nobody reads is not read by the recorder either', async () => {
  let pulled = 0;
  const source: Fetch = async () =>
    new Response(new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array([pulled++])) }, { highWaterMark: 0 }));
  const { body } = await recordTraffic(newFile(), { fetch: source })('http://gpu/v1', {});
  await new Promise(setImmediate);
  expect(pulled).toBe(0);
  await body!.cancel();
  expect(await readFile(file, 'utf8')).toContain('"end":"left"');
});

test.each([
  ['a file that is not there', undefined],
  ['an empty file', ''],
  ['another file', '{"a":1}\n'],
  ['a line that is no JSON', '{"format":"pumice-traffic","version":1}\noops\n'],
  [
    'an answer to nothing',
    '{"format":"pumice-traffic","version":1}\n{"exchange":0,"atMs":1,"pieces":[],"end":"whole"}\n',
  ],
])('%s is refused with what is wrong', async (_what, text) => {
  newFile();
  if (text !== undefined) await writeFile(file, text);
  expect(() => replayTraffic(file)).toThrowError(expect.objectContaining({ code: 'record/invalid' }));
});

test('a file that cannot be written is an error before anything is asked', () => {
  expect(() => recordTraffic(join(folder, 'none', 'x'))).toThrowError(
    expect.objectContaining({ code: 'record/write-failed' }),
  );
});

test('the environment turns it on for all clients of the process, into one file', async () => {
  const url = await serve(says('one'), says('two'));
  const environment = { PUMICE_RECORD_TRAFFIC: newFile(), OPENAI_BASE_URL: url };
  const request = { messages: [], maxTokens: 5, temperature: 0, signal: new AbortController().signal };
  for (const model of ['a', 'b']) await openaiChat({ model }, environment).complete(request);
  const replay = { PUMICE_REPLAY_TRAFFIC: file, OPENAI_BASE_URL: ELSEWHERE };
  expect((await openaiChat({ model: 'c' }, replay).complete(request)).text).toBe('one');
  expect((await openaiChat({ model: 'c' }, replay).complete(request)).text).toBe('two');
  expect(() => fetchOf({ ...environment, ...replay })).toThrowError(
    expect.objectContaining({ code: 'config/invalid' }),
  );
  expect(fetchOf({})).toBe(fetch);
});

test('recorded streams of a real server are read: pieces, reason of the end, tokens, and one that was left', async () => {
  const recorded = join(import.meta.dirname, '../golden/traffic/transformers-serve.jsonl');
  const replay = replayTraffic(recorded, { anyBody: true });
  const pieces: string[] = [];
  const expected = { text: '赤ちゃん거거거거除非', finish: 'length', usage: { inputTokens: 17, outputTokens: 6 } };
  const onDelta = ({ text }: { text: string }) => pieces.push(text);
  expect(await ask(replay, ELSEWHERE, { mayBeCut: true, onDelta })).toMatchObject(expected);
  expect(pieces).toEqual(['赤ちゃん', '거', '거', '거', '거', '除非']);
  expect(await ask(replay, ELSEWHERE, { mayBeCut: true })).toMatchObject(expected);
  expect(await outcomeOf(ask(replay, ELSEWHERE, streamed))).toMatchObject({ code: 'model/timeout' });
});
