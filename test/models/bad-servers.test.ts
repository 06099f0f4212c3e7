/**
 * Every way in which a model server can be of no use, on a real one on loopback: each is an error of one kind, that says what to do,
 * and comes before the time is up. What is not asserted here is how fast: deadlines are short and the test's own limit is the proof.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { PumiceError } from '../../src/errors.ts';
import { type ChatOptions, type ChatRequest, openaiChat } from '../../src/models/openai-chat.ts';
import { certificate } from './certificate.ts';
import {
  begin,
  chunk,
  deadUrl,
  type FakeModelServer,
  fakeModelServer,
  json,
  type Reply,
  says,
  tlsModelServer,
} from './fake-model-server.ts';

const run = promisify(execFile);
const DIST = join(import.meta.dirname, '../../dist');
const servers: FakeModelServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
async function serve(...replies: readonly Reply[]): Promise<FakeModelServer> {
  const server = await fakeModelServer(...replies);
  servers.push(server);
  return server;
}

const streamed = { onDelta: () => {} };
const both = [
  ['whole', {}],
  ['streamed', streamed],
] as const;
type Changes = Partial<ChatRequest & ChatOptions>;
const ask = ({ modelUrl, model = 'big-model', firstMs = 5000, silenceMs, deadlineMs = 10_000, ...request }: Changes) =>
  openaiChat({ modelUrl, model, firstMs, silenceMs, deadlineMs }, { OPENAI_API_KEY: 'sk-test-0123456789' }).complete({
    messages: [{ role: 'user', content: 'which one?' }],
    maxTokens: 50,
    temperature: 0,
    signal: new AbortController().signal,
    ...request,
  });
async function failureOf(asked: Promise<unknown>): Promise<PumiceError> {
  const error = await asked.then(
    (answer) => expect.fail(`expected an error, got ${JSON.stringify(answer)}`),
    (reason: unknown) => reason,
  );
  if (!PumiceError.is(error)) throw error;
  expect(error.who).toBe('model server');
  expect(error.hint, error.message).toBeTruthy();
  return error;
}
/** Writes for as long as somebody reads. */
const endless =
  (piece: string, type = 'text/event-stream'): Reply =>
  (response) => {
    response.writeHead(200, { 'content-type': type });
    const next = (): unknown => response.destroyed || response.write(piece, () => setImmediate(next));
    next();
  };

/** Writes now and then, until nobody reads. */
function drip(response: ServerResponse, piece: string): void {
  if (response.destroyed) return;
  response.write(piece);
  setTimeout(drip, 10, response, piece);
}

// ---------------------------------------------------------------- no server

test('a dead server, a host that does not exist and a port that nobody may use are named', async () => {
  const dead = await failureOf(ask({ modelUrl: deadUrl }));
  expect(dead).toMatchObject({ code: 'model/unreachable', retryable: true });
  expect(dead.hint).toContain('start the model server');
  const nowhere = await failureOf(ask({ modelUrl: 'http://no-such-host.invalid/v1' }));
  expect(nowhere).toMatchObject({ code: 'model/unreachable' });
  expect(nowhere.message).toContain('no-such-host.invalid');
});

test('a server that takes the connection and says nothing is given up when time is up', async () => {
  const sockets: { destroy: () => void }[] = [];
  const server = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const error = await failureOf(ask({ modelUrl: `http://127.0.0.1:${port}/v1`, firstMs: 60, silenceMs: 60 }));
  expect(error).toMatchObject({ code: 'model/timeout', retryable: true });
  for (const socket of sockets) socket.destroy();
  server.close();
});

test('something else than a web server is named', async () => {
  const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const error = await failureOf(ask({ modelUrl: `http://127.0.0.1:${port}/v1` }));
  expect(error).toMatchObject({ code: 'model/unreachable' });
  server.close();
});

// ---------------------------------------------------------------- TLS

let good: ReturnType<typeof certificate>;
beforeAll(() => {
  good = certificate();
});

test.each([
  ['that nobody vouches for', {}, 'NODE_EXTRA_CA_CERTS'],
  ['that is out of date', { isExpired: true }, 'out of date'],
] as const)('a certificate %s is not trusted, and the error says so', async (_what, form, advice) => {
  const server = await tlsModelServer(certificate(form), says('7'));
  servers.push(server);
  const error = await failureOf(ask({ modelUrl: server.url }));
  expect(error).toMatchObject({ code: 'model/unreachable' });
  expect(error.hint).toContain(advice);
  expect(server.asked).toHaveLength(0);
});

/** The authorities that Node trusts are read when it starts: a client in a process of its own, as it is built. */
async function askTrusting(cert: string, modelUrl: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pumice-tls-'));
  const [built, errors] = ['models/openai-chat.js', 'errors.js'].map((file) => join(DIST, 'src', file));
  const script = `
    const { openaiChat } = await import(${JSON.stringify(built)});
    const { describeError } = await import(${JSON.stringify(errors)});
    const chat = openaiChat({ modelUrl: ${JSON.stringify(modelUrl)}, model: 'm' }, {});
    const signal = new AbortController().signal;
    const asked = chat.complete({ messages: [], maxTokens: 5, temperature: 0, signal });
    console.log(await asked.then(({ text }) => text, describeError));`;
  try {
    await writeFile(join(folder, 'ca.pem'), cert);
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') };
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { env });
    return stdout.trim();
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('what is advised helps: a named authority is trusted, but not for another name', async () => {
  const other = certificate({ name: 'other.example' });
  const [trusted, misnamed] = [await tlsModelServer(good, says('7')), await tlsModelServer(other, says('7'))];
  servers.push(trusted, misnamed);
  expect(await askTrusting(good.cert, trusted.url)).toBe('7');
  expect(await askTrusting(other.cert, misnamed.url)).toContain('is for another name');
});

test('http:// and https:// taken for one another are told apart', async () => {
  const secure = await tlsModelServer(good, says('7'));
  const plain = await serve(says('7'));
  servers.push(secure);
  for (const modelUrl of [secure.url.replace('https:', 'http:'), plain.url.replace('http:', 'https:')]) {
    const error = await failureOf(ask({ modelUrl }));
    expect(error).toMatchObject({ code: 'model/unreachable' });
    expect(error.hint).toContain('https://');
  }
});

// ---------------------------------------------------------------- a server that refuses

test.each([
  ['a wrong path', 404, { detail: 'Not Found' }, 'ends in /v1'],
  [
    'a wrong model name',
    404,
    { error: { message: 'The model `big-model` does not exist.', type: 'NotFoundError' } },
    'does not have this model (GET http',
  ],
  ['a key that is not taken', 401, { error: { message: 'bad key' } }, 'Check the key in OPENAI_API_KEY'],
  ['a picture that is too large', 413, 'too large', 'smaller window'],
  [
    'a context that is too short',
    400,
    { error: { message: "This model's maximum context length is 10" } },
    'maxTokens',
  ],
] as const)('%s says what to do and is asked once', async (_what, status, body, advice) => {
  const server = await serve(json(status, body));
  const error = await failureOf(ask({ modelUrl: server.url }));
  expect(error).toMatchObject({ code: 'model/http', retryable: false });
  expect(error.message).toContain(`${status}`);
  expect(error.hint).toContain(advice);
  expect(server.asked).toHaveLength(1);
});

test('429 with a time that is too long says how long the server wants to be left alone', async () => {
  const server = await serve(json(429, { error: 'slow down' }, { 'retry-after': '90' }));
  const error = await failureOf(ask({ modelUrl: server.url }));
  expect(error).toMatchObject({ code: 'model/http', retryable: true });
  expect(error.hint).toContain('90 s');
  expect(server.asked).toHaveLength(1);
});

test('429 with a time that the deadline does not leave ends at the deadline', async () => {
  const server = await serve(json(429, { error: 'slow down' }, { 'retry-after': '15' }));
  const error = await failureOf(ask({ modelUrl: server.url, deadlineMs: 100 }));
  expect(error).toMatchObject({ code: 'model/timeout' });
  expect(server.asked).toHaveLength(1);
});

test('500 is tried again, but a server that never answers is not asked for ever by many', async () => {
  const server = await serve(json(500, { error: 'out of memory' }, { 'retry-after': '0.001' }));
  const failures = [];
  for (let i = 0; i < 6; i++) failures.push(await failureOf(ask({ modelUrl: server.url })));
  expect(failures.every(({ code }) => code === 'model/http')).toBe(true);
  expect(failures[0]!.message).toContain('500: out of memory');
  // Three calls for each, until six were repetitions.
  expect(server.asked).toHaveLength(6 + 6);
});

// ---------------------------------------------------------------- a server that is slow

test('a first token that does not come is waited for as long as was said, whatever signs of life there are', async () => {
  const server = await serve((response) => {
    begin(response);
    drip(response, ': still here\n\n');
  });
  const error = await failureOf(ask({ modelUrl: server.url, ...streamed, firstMs: 150 }));
  expect(error).toMatchObject({ code: 'model/timeout', retryable: true });
  expect(error.message).toContain('150 ms');
  await server.left;
});

test('a stall in the middle is known sooner than a slow start', async () => {
  const server = await serve((response) => begin(response).write(chunk({ content: 'the' })));
  const error = await failureOf(ask({ modelUrl: server.url, ...streamed, firstMs: 60_000, silenceMs: 80 }));
  expect(error).toMatchObject({ code: 'model/timeout' });
  expect(error.message).toContain('80 ms');
  await server.left;
});

test('an answer that was begun is never asked for again: nothing is said twice', async () => {
  const server = await serve((response) => {
    begin(response).write(chunk({ content: 'the' }));
    setImmediate(() => response.socket!.destroy());
  }, says('the seventh'));
  let heard = '';
  const onDelta = ({ text }: { text: string }) => {
    heard += text;
  };
  const error = await failureOf(ask({ modelUrl: server.url, onDelta }));
  expect(error).toMatchObject({ code: 'model/cut', retryable: true });
  expect([heard, server.asked.length]).toEqual(['the', 1]);
});

test.each([
  ['words', chunk({ content: 'na' })],
  ['nothing', chunk({})],
  ['comments', ': still here\n\n'],
])('a stream of %s without end is left at the deadline', async (_what, piece) => {
  const server = await serve((response) => {
    begin(response);
    drip(response, piece);
  });
  const error = await failureOf(ask({ modelUrl: server.url, ...streamed, deadlineMs: 200 }));
  expect(error).toMatchObject({ code: 'model/timeout' });
  expect(error.message).toContain('within 200 ms');
  await server.left;
});

// ---------------------------------------------------------------- answers that are none

test.each([
  ['a line without end', 'x'.repeat(1 << 18), 'text/event-stream'],
  ['a body without end', 'x'.repeat(1 << 18), 'application/json'],
  ['comments as fast as they come', `: ${'x'.repeat(1 << 18)}\n\n`, 'text/event-stream'],
  ['zeros of another kind', '\0'.repeat(1 << 18), 'application/octet-stream'],
])('%s is given up before it fills the memory', async (_what, piece, type) => {
  const server = await serve(endless(piece, type));
  const error = await failureOf(ask({ modelUrl: server.url, ...streamed }));
  expect(error).toMatchObject({ code: 'model/http', retryable: false });
  await server.left;
});

test.each(both)('a small body that unpacks to a huge one is given up (%s)', async (_form, form) => {
  const bomb = gzipSync(Buffer.alloc(64 << 20));
  const { url } = await serve((response) =>
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb),
  );
  expect(await failureOf(ask({ modelUrl: url, ...form }))).toMatchObject({ code: 'model/http' });
});

test.each([
  ['a web page', 'text/html', '<!doctype html><title>Log in</title>'],
  ['a picture', 'image/png', '\x89PNG\r\n\x1a\n'],
  ['plain text', 'text/plain', 'ok'],
  ['half of JSON', 'application/json', '{"choices":[{"message"'],
])('%s in place of an answer is named by its kind, with what to check', async (_what, type, body) => {
  const { url } = await serve((response) => response.writeHead(200, { 'content-type': type }).end(body));
  for (const [, form] of both) {
    const error = await failureOf(ask({ modelUrl: url, ...form }));
    expect(error).toMatchObject({ code: 'decode/not-json' });
    expect(error.message).toContain(type);
    expect(error.hint).toContain('/v1');
  }
});

test.each([
  ['text/plain', 'text/plain; charset=utf-8'],
  ['nothing', undefined],
])('a stream that calls itself %s is read as what it is', async (_what, type) => {
  const { url } = await serve((response) => {
    response.writeHead(200, type === undefined ? {} : { 'content-type': type });
    response.write(': hello\n\n');
    response.end(chunk({ content: 'the ' }) + chunk({ content: 'seventh' }, 'stop'));
  });
  expect(await ask({ modelUrl: url, ...streamed })).toMatchObject({ text: 'the seventh' });
});

// ---------------------------------------------------------------- many at once

test('a server is asked so many questions at once, others wait their turn, and too many are refused', async () => {
  let open = 0;
  let most = 0;
  const release: (() => void)[] = [];
  const server = await serve((response, asked) => {
    most = Math.max(most, ++open);
    release.push(() => {
      open--;
      says('7')(response, asked);
    });
  });
  const answers = Array.from({ length: 40 }, () => ask({ modelUrl: server.url }));
  const tooMany = await failureOf(ask({ modelUrl: server.url }));
  expect(tooMany).toMatchObject({ code: 'model/busy', retryable: true });
  for (let done = 0; done < 40; done++) {
    await expect.poll(() => release.length).toBeGreaterThan(0);
    release.shift()!();
  }
  expect((await Promise.all(answers)).every(({ text }) => text === '7')).toBe(true);
  expect(most).toBe(8);
});

test('who is stopped while waiting for a turn leaves the queue at once and takes no place', async () => {
  const release: (() => void)[] = [];
  const server = await serve((response, asked) => release.push(() => says('7')(response, asked)));
  const first = Array.from({ length: 8 }, () => ask({ modelUrl: server.url }));
  await expect.poll(() => server.asked.length).toBe(8);
  const abort = new AbortController();
  const waiting = ask({ modelUrl: server.url, signal: abort.signal });
  const late = failureOf(ask({ modelUrl: server.url, deadlineMs: 50 }));
  const last = ask({ modelUrl: server.url });
  abort.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  expect(await late).toMatchObject({ code: 'model/timeout' });
  for (const one of release.splice(0)) one();
  await expect.poll(() => release.length).toBe(1);
  release[0]!();
  expect((await last).text).toBe('7');
  await Promise.all(first);
  expect(server.asked).toHaveLength(9);
});
