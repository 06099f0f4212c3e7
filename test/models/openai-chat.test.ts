/** The client against a real server on loopback, for every way in which an answer can come, fail to come, or come in part. */
import { inspect } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { PumiceError } from '../../src/errors.ts';
import { type ChatOptions, type ChatRequest, openaiChat } from '../../src/models/openai-chat.ts';
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

const KEY = 'sk-test-0123456789';
const servers: FakeModelServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
async function serve(...replies: readonly Reply[]): Promise<FakeModelServer> {
  const server = await fakeModelServer(...replies);
  servers.push(server);
  return server;
}

type Changes = Partial<ChatRequest & ChatOptions> & { readonly environment?: Record<string, string> };
const ask = ({ environment = {}, modelUrl, apiKeyEnv, firstMs, silenceMs, ...request }: Changes) =>
  openaiChat({ modelUrl, model: 'm', apiKeyEnv, firstMs, silenceMs }, environment).complete({
    messages: [{ role: 'user', content: 'which one?' }],
    maxTokens: 50,
    temperature: 0,
    signal: new AbortController().signal,
    ...request,
  });
const failureOf = async (asked: Promise<unknown>): Promise<PumiceError> => {
  const error = await asked.then(
    (answer) => expect.fail(`expected an error, got ${JSON.stringify(answer)}`),
    (reason: unknown) => reason,
  );
  if (!PumiceError.is(error)) throw error;
  return error;
};
const streamed = { onDelta: () => {} };
const both = [
  ['whole', {}],
  ['streamed', streamed],
] as const;

test.each(both)('a %s answer comes with its text, its reasoning and its tokens', async (_form, form) => {
  const { url } = await serve(says('the seventh — ⑦', { reasoning: 'hm' }));
  const { firstMs, totalMs, ...answer } = await ask({ modelUrl: url, ...form });
  expect(firstMs).toBeGreaterThan(0);
  expect(totalMs).toBeGreaterThanOrEqual(firstMs);
  expect(answer).toEqual({
    text: 'the seventh — ⑦',
    reasoning: 'hm',
    channel: 'content',
    finish: 'stop',
    usage: { inputTokens: 1200, outputTokens: 34 },
  });
});

test('a stream is told piece by piece, also when characters are cut in the middle of their bytes', async () => {
  const { url } = await serve((response) => {
    begin(response);
    const bytes = Buffer.from(`: a comment\r\n\r\n${chunk({ content: 'née ⑦' })}${chunk({}, 'stop')}`);
    let at = 0;
    const next = (): unknown =>
      at < bytes.length ? response.write(bytes.subarray(at, ++at), () => setImmediate(next)) : response.end();
    next();
  });
  const pieces: string[] = [];
  const { text } = await ask({ modelUrl: url, onDelta: (delta) => pieces.push(`${delta.channel}:${delta.text}`) });
  expect([text, pieces]).toEqual(['née ⑦', ['text:née ⑦']]);
});

test('a server that cannot stream may answer whole', async () => {
  const { url } = await serve((response, asked) =>
    says('7')(response, { ...asked, body: { ...asked.body, stream: false } }),
  );
  expect((await ask({ modelUrl: url, ...streamed })).text).toBe('7');
});

test('the question goes to /chat/completions, whatever slashes the address ends in', async () => {
  const server = await serve(says('7'));
  for (const end of ['', '/', '//', '/chat/completions', '/chat/completions/'])
    await ask({ modelUrl: server.url + end });
  expect(new Set(server.asked.map(({ path }) => path))).toEqual(new Set(['/v1/chat/completions']));
  expect(server.asked[0]!.body).toMatchObject({ model: 'm', max_tokens: 50, temperature: 0 });
});

test('video, further fields and a form for the text go out as they are', async () => {
  const server = await serve(says('{"a":1}'));
  const video = { type: 'video_url', video_url: { url: 'data:video/mp4;base64,AAAA' } } as const;
  const extra = { mm_processor_kwargs: { fps: 4, do_sample_frames: true }, top_p: 0.8 };
  const schema = { name: 'answer', schema: { type: 'object' } };
  await ask({ modelUrl: server.url, messages: [{ role: 'user', content: [video] }], extra, schema });
  expect(server.asked[0]!.body).toEqual({
    model: 'm',
    messages: [{ role: 'user', content: [video] }],
    max_tokens: 50,
    temperature: 0,
    mm_processor_kwargs: { fps: 4, do_sample_frames: true },
    top_p: 0.8,
    response_format: { type: 'json_schema', json_schema: { ...schema, strict: true } },
  });
});

test('a server that cannot hold a model to a form is asked without', async () => {
  const refuse = json(400, { error: { message: "Unknown parameter: 'response_format'" } });
  const server = await serve(refuse, says('{"a":1}'));
  const schema = { name: 'answer', schema: { type: 'object' } };
  expect((await ask({ modelUrl: server.url, schema })).text).toBe('{"a":1}');
  expect(server.asked[1]!.body).not.toHaveProperty('response_format');
});

// ---------------------------------------------------------------- thought and answer

test.each([
  ['reasoning', { reasoning: 'hm' }],
  ['reasoning_content', { reasoning_content: 'hm' }],
  ['both, with the same text', { reasoning: 'hm', reasoning_content: 'hm' }],
  ['both, one of them empty', { reasoning: 'hm', reasoning_content: '' }],
])('a thought that comes in %s is told once', async (_field, thought) => {
  const { url } = await serve((response, { body }) =>
    body.stream
      ? begin(response).end(chunk(thought) + chunk({ content: '7' }, 'stop'))
      : json(200, { choices: [{ message: { content: '7', ...thought }, finish_reason: 'stop' }] })(response),
  );
  for (const [, form] of both)
    expect(await ask({ modelUrl: url, ...form })).toMatchObject({ reasoning: 'hm', text: '7' });
});

/** What a server with a reasoning parser sends for an answer without a closing tag. */
const filedAway =
  (finish: string): Reply =>
  (response) =>
    json(200, { choices: [{ message: { content: null, reasoning: 'yes' }, finish_reason: finish }] })(response);

test('an answer that a server files under reasoning is found when none was asked for, and the field is named', async () => {
  const { url } = await serve(filedAway('stop'));
  expect(await ask({ modelUrl: url, thinks: false })).toMatchObject({
    text: 'yes',
    reasoning: '',
    channel: 'reasoning',
  });
  expect(await failureOf(ask({ modelUrl: url, thinks: true }))).toMatchObject({ code: 'decode/empty' });
  expect(await failureOf(ask({ modelUrl: url }))).toMatchObject({ code: 'decode/empty' });
});

test('a thought that was cut is never an answer', async () => {
  const { url } = await serve(filedAway('length'));
  for (const thinks of [true, false])
    expect(await failureOf(ask({ modelUrl: url, thinks, mayBeCut: true }))).toMatchObject({ code: 'decode/truncated' });
});

test('a cut answer is had only by who asks for it, and is marked', async () => {
  const { url } = await serve(says('[1, 2, 3', { finish: 'length' }));
  expect(await failureOf(ask({ modelUrl: url }))).toMatchObject({ code: 'decode/truncated' });
  expect(await ask({ modelUrl: url, mayBeCut: true })).toMatchObject({ text: '[1, 2, 3', finish: 'length' });
});

test('who has heard enough leaves: the rest is not read and the server is told', async () => {
  const server = await serve((response) => {
    begin(response);
    const next = (): unknown =>
      response.destroyed || response.write(chunk({ content: 'na' }), () => setImmediate(next));
    next();
  });
  let heard = '';
  const onDelta = ({ text }: { text: string }) => {
    heard += text;
    return heard.length >= 20 ? 'leave' : undefined;
  };
  expect(await ask({ modelUrl: server.url, onDelta })).toMatchObject({ text: 'nananananananananana', finish: 'left' });
  await server.left;
});

test('the tokens that a server names beside the text are kept, pieces in order', async () => {
  const { url } = await serve((response) => {
    const piece = (ids: number[], finish: string | null = null) =>
      `data: ${JSON.stringify({ choices: [{ delta: { content: 'x' }, token_ids: ids, finish_reason: finish }] })}\n\n`;
    begin(response).end(piece([7, 8]) + piece([9], 'stop'));
  });
  expect(await ask({ modelUrl: url, ...streamed })).toMatchObject({ text: 'xx', tokenIds: [7, 8, 9] });
});

// ---------------------------------------------------------------- address and key

test('address and key come from the environment unless they are given; without a key none is sent', async () => {
  const server = await serve(says('7'));
  const environment = { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: KEY, OTHER: 'other' };
  await ask({ environment });
  await ask({ environment, apiKeyEnv: 'OTHER' });
  await ask({ modelUrl: server.url });
  expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([
    `Bearer ${KEY}`,
    'Bearer other',
    undefined,
  ]);
});

test.each([
  ['no address', {}, '--model-url'],
  ['an address that is none', { modelUrl: 'gpu:8000' }, 'http(s)'],
  ['a password in the address', { modelUrl: 'http://ann:hunter2@gpu/v1' }, 'password'],
  ['a key variable that is not set', { modelUrl: 'http://gpu/v1', apiKeyEnv: 'MISSING' }, 'MISSING'],
  [
    'a key that no header can carry',
    { modelUrl: 'http://gpu/v1', environment: { OPENAI_API_KEY: 'hunter2\nhunter2' } },
    'OPENAI_API_KEY',
  ],
] as const)('%s is refused before anything is sent, and no secret is shown', async (_what, changes, named) => {
  const error = await failureOf((async () => ask(changes))());
  expect(error.code).toBe('config/invalid');
  expect(`${error.message} ${error.hint}`).toContain(named);
  expect(`${error.message} ${error.hint}`).not.toContain('hunter2');
});

test('a server that is not there is named, with what to do', async () => {
  const error = await failureOf(ask({ modelUrl: deadUrl }));
  expect(error).toMatchObject({ code: 'model/unreachable', retryable: true });
  expect(error.message).toMatch(/127\.0\.0\.1:\d+.*ECONNREFUSED/);
  expect(error.hint).toContain('start the model server');
});

test('an address with https:// of a server that speaks http is told as such', async () => {
  const { url } = await serve(says('7'));
  const error = await failureOf(ask({ modelUrl: url.replace('http:', 'https:') }));
  expect(error.code).toBe('model/unreachable');
  expect(error.hint).toContain('http:// or https://');
});

test('a proxy variable that has no effect is named when a server cannot be reached', async () => {
  const modelUrl = deadUrl;
  const error = await failureOf(ask({ modelUrl, environment: { HTTPS_PROXY: 'http://proxy:3128' } }));
  expect(error.hint).toMatch(/HTTPS_PROXY is set but not used/);
  expect((await failureOf(ask({ modelUrl }))).hint).not.toContain('PROXY');
});

test.each(both)('an answer cut in the middle is an error (%s)', async (_form, form) => {
  const { url } = await serve((response, { body }) => {
    if (body.stream) begin(response).write(chunk({ content: 'the sev' }));
    else response.writeHead(200, { 'content-type': 'application/json', 'content-length': 500 }).write('{"choices":');
    setImmediate(() => response.socket!.destroy());
  });
  expect(await failureOf(ask({ modelUrl: url, ...form }))).toMatchObject({ code: 'model/cut', retryable: true });
});

test('a stream that ends in good order before the model said so is an error', async () => {
  const { url } = await serve((response) => begin(response).end(chunk({ content: 'the sev' })));
  expect(await failureOf(ask({ modelUrl: url, ...streamed }))).toMatchObject({ code: 'model/cut' });
});

test.each(both)('a server that hangs is left at once when the caller aborts (%s)', async (_form, form) => {
  const abort = new AbortController();
  const server = await serve((response, { body }) => {
    if (body.stream) begin(response).write(chunk({ content: 'the' }));
    setImmediate(() => abort.abort(new PumiceError('port/aborted', 'enough')));
  });
  expect(await failureOf(ask({ modelUrl: server.url, ...form, signal: abort.signal }))).toMatchObject({
    code: 'port/aborted',
  });
  await server.left;
});

test.each(both)('a server that falls silent is given up, and its connection closed (%s)', async (_form, form) => {
  const server = await serve((response, { body }) => {
    if (body.stream) begin(response).write(chunk({ content: 'the' }));
  });
  expect(await failureOf(ask({ modelUrl: server.url, ...form, firstMs: 50, silenceMs: 50 }))).toMatchObject({
    code: 'model/timeout',
  });
  await server.left;
});

test('a server that answers slowly but steadily is not given up', async () => {
  const { url } = await serve((response) => {
    begin(response);
    let left = 12;
    const next = () => {
      if (left-- === 0) return response.end(chunk({}, 'stop'));
      response.write(chunk({ content: '.' }));
      return setTimeout(next, 60);
    };
    next();
  });
  expect((await ask({ modelUrl: url, ...streamed, silenceMs: 600 })).text).toBe('............');
});

test.each([
  [401, 'Check the key in OPENAI_API_KEY'],
  [403, 'Check the key in OPENAI_API_KEY'],
  [404, '--model'],
  [400, 'pictures'],
] as const)(
  'status %i says what to do, is not tried again, and the key is in no part of the error',
  async (status, advice) => {
    const server = await serve(json(status, { error: { message: `no: Bearer ${KEY}` } }));
    const error = await failureOf(ask({ modelUrl: server.url, environment: { OPENAI_API_KEY: KEY } }));
    expect(error).toMatchObject({ code: 'model/http', retryable: false });
    expect(error.message).toContain(`${status}: no: Bearer ***`);
    expect(error.hint).toContain(advice);
    expect(server.asked).toHaveLength(1);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(KEY);
  },
);

test('without a key, a server that wants one is answered with how to give it', async () => {
  const { url } = await serve(json(401, { detail: 'who are you?' }));
  expect((await failureOf(ask({ modelUrl: url }))).hint).toContain('--api-key-env');
});

test.each([429, 500, 503])('status %i is tried again after the time that the server asks for', async (status) => {
  const waits: string[] = [];
  const busy = json(status, { error: 'busy' }, { 'retry-after': '0.02' });
  const server = await serve(busy, busy, says('7'));
  expect((await ask({ modelUrl: server.url, onWait: (why) => waits.push(why) })).text).toBe('7');
  expect(waits).toHaveLength(2);
  expect(waits[0]).toMatch(new RegExp(`${status}: busy.*again in 0.1 s`));
});

test('a server that stays busy is asked three times, not for ever', async () => {
  const server = await serve(json(503, { error: 'down' }, { 'retry-after': '0.01' }));
  expect(await failureOf(ask({ modelUrl: server.url }))).toMatchObject({ code: 'model/http', retryable: true });
  expect(server.asked).toHaveLength(3);
});

test.each([
  ['in seconds', '3600'],
  ['as a date', new Date(Date.now() + 3_600_000).toUTCString()],
])('a server that asks for an hour (%s) is not waited for', async (_form, after) => {
  const server = await serve(json(429, { error: 'later' }, { 'retry-after': after }));
  expect(await failureOf(ask({ modelUrl: server.url }))).toMatchObject({ code: 'model/http', retryable: true });
  expect(server.asked).toHaveLength(1);
});

test('a stop while waiting for a busy server ends the wait', async () => {
  const abort = new AbortController();
  const { url } = await serve(json(429, {}, { 'retry-after': '15' }));
  const stop = () => abort.abort(new PumiceError('port/aborted', 'enough'));
  expect(await failureOf(ask({ modelUrl: url, signal: abort.signal, onWait: stop }))).toMatchObject({
    code: 'port/aborted',
  });
});

test('a connection that was dropped before any answer is tried again', async () => {
  const { url } = await serve((response) => response.socket!.destroy(), says('7'));
  expect((await ask({ modelUrl: url })).text).toBe('7');
});

test('a parameter that the model refuses by name is put in other words or left out', async () => {
  const refuse = (name: string) => json(400, { error: { message: `Unsupported parameter: '${name}'`, param: name } });
  const server = await serve(refuse('max_tokens'), refuse('temperature'), says('7'));
  expect((await ask({ modelUrl: server.url })).text).toBe('7');
  expect(server.asked[2]!.body).toEqual({
    model: 'm',
    messages: [{ role: 'user', content: 'which one?' }],
    max_completion_tokens: 50,
  });
});

test('a redirect is not followed: pictures go only where they were sent', async () => {
  const elsewhere = await serve(says('7'));
  const { url } = await serve(json(307, {}, { location: elsewhere.url }));
  const error = await failureOf(ask({ modelUrl: url }));
  expect(error).toMatchObject({ code: 'model/http' });
  expect(error.message).toContain(`moved to ${elsewhere.url}`);
  expect(elsewhere.asked).toHaveLength(0);
});

test.each([
  ['an empty answer', 'decode/empty', says('')],
  ['a blank answer', 'decode/empty', says(' \n')],
  ['nothing but reasoning', 'decode/empty', says('', { reasoning: 'let me see' })],
  ['an answer cut at the token limit', 'decode/truncated', says('{"kind":"ui-cl', { finish: 'length' })],
  [
    'a web page',
    'decode/not-json',
    (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>hello'),
  ],
  ['no body', 'decode/not-json', (response) => response.writeHead(200).end()],
  ['JSON of another kind', 'model/http', json(200, [1, 2])],
  ['an error with status 200', 'model/http', json(200, { error: { message: 'out of memory' } })],
] as const satisfies readonly (readonly [string, string, Reply])[])(
  '%s is an error of its own',
  async (_what, code, reply) => {
    const { url } = await serve(reply);
    for (const [, form] of both) expect(await failureOf(ask({ modelUrl: url, ...form }))).toMatchObject({ code });
  },
);

test('an error in the middle of a stream, and an event that is no JSON, are errors', async () => {
  const broken =
    (data: string): Reply =>
    (response) =>
      begin(response).end(`${chunk({ content: 'the' })}data: ${data}\n\n`);
  const { url } = await serve(broken('{"error":{"message":"out of memory"}}'), broken('oops'));
  expect(await failureOf(ask({ modelUrl: url, ...streamed }))).toMatchObject({ code: 'model/http' });
  expect(await failureOf(ask({ modelUrl: url, ...streamed }))).toMatchObject({ code: 'decode/not-json' });
});

test('a page that shows the request again does not bring the key into an error', async () => {
  const { url } = await serve((response, { headers }) =>
    response.writeHead(200).end(`<pre>${headers.authorization}</pre>`),
  );
  const error = await failureOf(ask({ modelUrl: url, environment: { OPENAI_API_KEY: KEY } }));
  expect(error.message).toContain('<pre>Bearer ***</pre>');
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(KEY);
});

test('an answer that holds the same words as the key comes as it is', async () => {
  const { url } = await serve(says('the cart is EMPTY'));
  const environment = { OPENAI_API_KEY: 'EMPTY' };
  for (const [, form] of both)
    expect((await ask({ modelUrl: url, environment, ...form })).text).toBe('the cart is EMPTY');
});

test('an answer without end is given up before it fills the memory', async () => {
  const server = await serve((response) => {
    begin(response);
    const more = `data: ${'x'.repeat(1 << 20)}`;
    const next = (): unknown => response.destroyed || response.write(more, () => setImmediate(next));
    next();
  });
  expect(await failureOf(ask({ modelUrl: server.url, ...streamed }))).toMatchObject({ code: 'model/http' });
  await server.left;
});
