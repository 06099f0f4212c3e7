/**
 * A small HTTP server for models that stand behind another's wire: routes, JSON bodies with a limit, refusals, the forms of OpenAI's
 * chat completions. Listens on loopback only; knows no model and no wire by name.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { z } from 'zod';
import { describeError, PumiceError } from '../errors.ts';
import { decodeImage, type RawImage } from '../vision/index.ts';

export interface Served extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The caller has gone. */
  readonly signal: AbortSignal;
}
export type Route = (call: Call) => Promise<void>;

/** What is told to the caller in place of an answer. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface HttpOptions {
  readonly port?: number;
  /** What the server of this wire calls an error of a status, in OpenAI's form. */
  readonly errorType?: (status: number) => string;
}

const WHO = 'pumice serve-model';
/** Bytes of a question. Chosen: a large picture in base64. */
const MAX_BODY = 32 << 20;

/**
 * @param routes - by method and path, as in `GET /health`.
 * @throws PumiceError `server/port-in-use`.
 */
export async function serveHttp(
  routes: Readonly<Record<string, Route>>,
  { port = 0, errorType = () => 'invalid_request_error' }: HttpOptions = {},
): Promise<Served> {
  const server = createServer((request, response) => {
    void answer(routes, errorType, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new PumiceError('server/port-in-use', `cannot listen on port ${port} (${cause.code})`, {
          who: WHO,
          hint: 'Give another with --port',
          cause,
        }),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close, [Symbol.asyncDispose]: close };
}

async function answer(
  routes: Readonly<Record<string, Route>>,
  errorType: (status: number) => string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const path = (request.url ?? '/').split('?')[0]!;
  const isChat = path.startsWith('/v1/');
  try {
    const route = routes[`${request.method} ${path}`];
    if (!route) throw new Refusal(404, 'Not Found');
    await route({ request, response, signal: gone.signal });
  } catch (error) {
    if (gone.signal.aborted || response.headersSent) return void response.destroy();
    const status = error instanceof Refusal ? error.status : 500;
    const said = error instanceof Refusal ? error.message : `Error processing request: ${describeError(error)}`;
    send(
      response,
      status,
      isChat ? { error: { message: said, type: errorType(status), code: status } } : { detail: said },
    );
  }
}

export const send = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY) throw new Refusal(413, `expected at most ${MAX_BODY} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The JSON of a request, as a schema has it; `status` for one that is not. */
export async function readBody<S extends z.ZodType>(
  request: IncomingMessage,
  schema: S,
  status: number,
): Promise<z.output<S>> {
  const text = (await bodyOf(request)).toString('utf8');
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refusal(400, 'expected JSON');
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Refusal(status, `${issue?.path.join('.') || 'body'}: ${issue?.message}`);
}

const DATA_URL = /^data:image\/(?:png|jpeg);base64,/;

/** The pixels of a picture that came as a data URL. */
export async function pictureOf(url: string): Promise<RawImage> {
  if (!DATA_URL.test(url)) throw new Refusal(400, 'expected a picture as a data URL, PNG or JPEG');
  return decodeImage(Buffer.from(url.replace(DATA_URL, ''), 'base64')).catch((error: unknown) => {
    throw new Refusal(400, describeError(error));
  });
}

/** The list of models, in OpenAI's form. */
export const modelList =
  (name: string, more: Readonly<Record<string, unknown>> = {}): Route =>
  async ({ response }) =>
    send(response, 200, { object: 'list', data: [{ id: name, object: 'model', owned_by: 'pumice', ...more }] });

/** An answer in OpenAI's form: pieces of messages in their order, each with what stands beside it in its choice. */
export interface ChatReply {
  readonly model: string;
  readonly pieces: readonly Readonly<Record<string, string>>[];
  readonly beside?: Readonly<Record<string, unknown>>;
  readonly finish: 'stop' | 'length';
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** Sends it whole, or as a stream of events. */
export function reply(
  response: ServerResponse,
  { model, pieces, beside = {}, finish, promptTokens, completionTokens }: ChatReply,
  { isStream, tellsUsage }: { readonly isStream: boolean; readonly tellsUsage: boolean },
): void {
  const head = { id: 'chatcmpl-pumice', model, created: 0 };
  const usage = {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
  if (!isStream) {
    const message: Record<string, string | null> = { role: 'assistant', content: null };
    for (const piece of pieces)
      for (const [field, text] of Object.entries(piece)) message[field] = (message[field] ?? '') + text;
    send(response, 200, {
      ...head,
      object: 'chat.completion',
      choices: [{ index: 0, message, ...beside, finish_reason: finish }],
      usage,
    });
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const event = (choices: readonly unknown[], more = {}) =>
    response.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...more })}\n\n`);
  pieces.forEach((piece, nth) => {
    const delta = nth === 0 ? { role: 'assistant', ...piece } : piece;
    event([{ index: 0, delta, ...(nth === 0 && beside), finish_reason: null }]);
  });
  event([{ index: 0, delta: {}, finish_reason: finish }]);
  if (tellsUsage) event([], { usage });
  response.end('data: [DONE]\n\n');
}
