/**
 * A fake of the model, not of the wire: a real HTTP server on loopback that speaks OpenAI's chat completions. What the "model" says,
 * and every way in which a server can fail, is up to the test. The official `openai` 6.49.0 client reads its answers, whole and streamed.
 */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificate.ts';

export interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body of the request. */
  readonly body: {
    readonly model: string;
    readonly stream?: boolean;
    readonly messages: readonly { readonly role: string; readonly content: unknown }[];
    readonly [parameter: string]: unknown;
  };
  /** 0 for the first question. */
  readonly nth: number;
}
export type Reply = (response: ServerResponse, asked: Asked) => void;

export interface FakeModelServer extends AsyncDisposable {
  /** Ends in `/v1`. */
  readonly url: string;
  readonly asked: readonly Asked[];
  /** Resolves when a caller has gone away before its answer was complete. */
  readonly left: Promise<void>;
  readonly close: () => Promise<void>;
}

/** Answers each question with the reply of its number, and all further ones with the last. */
export const fakeModelServer = (...replies: readonly Reply[]) => listen(undefined, replies);

/** The same over TLS. */
export const tlsModelServer = (certificate: Certificate, ...replies: readonly Reply[]) => listen(certificate, replies);

async function listen(tls: Certificate | undefined, replies: readonly Reply[]): Promise<FakeModelServer> {
  const asked: Asked[] = [];
  let leave = () => {};
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const reply: RequestListener = async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    // It has no list of models, as many servers have none.
    if (request.method === 'GET') return json(404, { detail: 'Not Found' })(response);
    const one = { path: request.url!, headers: request.headers, body: JSON.parse(text), nth: asked.length };
    asked.push(one);
    response.on('close', () => response.writableFinished || leave());
    (replies[one.nth] ?? replies.at(-1)!)(response, one);
  };
  const server = tls ? createTlsServer(tls, reply) : createServer(reply);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  const url = `http${tls ? 's' : ''}://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return { url, asked, left, close, [Symbol.asyncDispose]: close };
}

const USAGE = { prompt_tokens: 1200, completion_tokens: 34, total_tokens: 1234 };
const event = (data: unknown) => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
export const chunk = (delta: object, finish: string | null = null) =>
  event({ object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] });

export interface Saying {
  readonly finish?: string;
  readonly reasoning?: string;
  /** Characters of a piece of a stream. */
  readonly pieces?: number;
}

/** Says a text, streamed when the question asks for a stream. */
export const says =
  (text: string, { finish = 'stop', reasoning, pieces = 7 }: Saying = {}): Reply =>
  (response, { body }) => {
    const thought = reasoning && { reasoning_content: reasoning };
    if (!body.stream) {
      const message = { role: 'assistant', content: text, ...thought };
      return json(200, { choices: [{ index: 0, message, finish_reason: finish }], usage: USAGE })(response);
    }
    begin(response);
    response.write(chunk({ role: 'assistant', content: '' }));
    if (thought) response.write(chunk(thought));
    for (let at = 0; at < text.length; at += pieces) response.write(chunk({ content: text.slice(at, at + pieces) }));
    response.write(chunk({}, finish));
    response.end(event({ choices: [], usage: USAGE }) + event('[DONE]'));
  };

/** Begins a stream. */
export const begin = (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });

export const json =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };

/**
 * An address on which nobody listens. Its port is below those that a system hands out, so that no server of a test beside
 * this one comes to be there, as happens on a port that was free a moment ago; fetch does not refuse it, as it does port 1.
 */
export const DEAD_PORT = 2;
export const deadUrl = `http://127.0.0.1:${DEAD_PORT}/v1`;
