/**
 * Magma's wire, with any model behind it: the forms of its own server (`server/main.py` of microsoft/Magma `e373780`: GET /health,
 * POST /predict, POST /predict_from_file) and OpenAI's chat completions, whole and streamed, with token ids beside the text as
 * pumice's own model server gives them. Writes the chat template as Magma's tokenizer does. Listens on loopback only; knows no model.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { decodeActionNumbers, LLAMA3_VOCAB_SIZE, nearestSayable, textOfActionTokens } from '../codecs/index.ts';
import { describeError, PumiceError } from '../errors.ts';
import { decodeImage, type RawImage } from '../vision/index.ts';

export interface SpokenQuestion {
  readonly picture: RawImage;
  /** All that the tokenizer gets, template included. */
  readonly prompt: string;
  readonly temperature: number;
  readonly seed: number;
}
/** Seven action tokens, or words. */
export type SpokenAnswer = { readonly ids: readonly number[] } | { readonly text: string };
export interface SpokenModel {
  readonly name: string;
  readonly answer: (question: SpokenQuestion, signal: AbortSignal) => Promise<SpokenAnswer>;
}

export interface ServeOptions {
  readonly port?: number;
  /** Whether chat answers carry token ids. Without them text has to do, and tokens that text loses are replaced by their neighbours. */
  readonly ids?: boolean;
}
export interface Served extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

const WHO = 'pumice serve-model';
const SYSTEM = 'You are agent that can see, talk and act.';
/** Of `/predict`, which has no field for it; its own default is sampling at 0.7. */
const REST_TEMPERATURE = 0;
/** Bytes of a question. Chosen: a large picture in base64. */
const MAX_BODY = 32 << 20;

/** @throws PumiceError `server/port-in-use`. */
export async function serveMagma(model: SpokenModel, { port = 0, ids = true }: ServeOptions = {}): Promise<Served> {
  const server = createServer((request, response) => {
    void answer(model, ids, request, response);
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

// ---------------------------------------------------------------- template

const turn = (role: string, text: string) => `<|start_header_id|>${role}<|end_header_id|>\n\n${text.trim()}<|eot_id|>`;

/** What Magma's tokenizer makes of messages, one picture in each text that begins with `<image>`. */
const templateOf = (turns: readonly { readonly role: string; readonly text: string }[]): string =>
  `<|begin_of_text|>${turns.map(({ role, text }) => turn(role, text)).join('')}<|start_header_id|>assistant<|end_header_id|>\n\n`.replaceAll(
    '<image>',
    '<image_start><image><image_end>',
  );

// ---------------------------------------------------------------- requests

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Route = (call: Call) => Promise<void>;
interface Call {
  readonly model: SpokenModel;
  readonly ids: boolean;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly signal: AbortSignal;
}

const ROUTES: Readonly<Record<string, Route>> = {
  'GET /health': async ({ response }) => send(response, 200, { status: 'healthy', model_loaded: true }),
  'GET /v1/models': async ({ response, model }) =>
    send(response, 200, { object: 'list', data: [{ id: model.name, object: 'model', owned_by: 'pumice' }] }),
  'POST /predict': async (call) => {
    const body = read(predictSchema, await json(call.request), 422);
    await predict(call, body.image, body.prompt);
  },
  'POST /predict_from_file': async (call) => {
    const type = call.request.headers['content-type'] ?? '';
    const bytes = new Uint8Array(await bodyOf(call.request));
    const form = await new Response(bytes, { headers: { 'content-type': type } }).formData().catch(() => undefined);
    const [file, prompt] = [form?.get('file'), form?.get('prompt')];
    if (typeof prompt !== 'string' || !(file instanceof Blob)) throw new Refusal(422, 'expected file and prompt');
    await predict(call, Buffer.from(await file.arrayBuffer()).toString('base64'), prompt);
  },
  'POST /v1/chat/completions': async (call) => chat(call),
};

async function answer(
  model: SpokenModel,
  ids: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const path = (request.url ?? '/').split('?')[0]!;
  const isChat = path.startsWith('/v1/');
  try {
    const route = ROUTES[`${request.method} ${path}`];
    if (!route) throw new Refusal(404, 'Not Found');
    await route({ model, ids, request, response, signal: gone.signal });
  } catch (error) {
    if (gone.signal.aborted || response.headersSent) return void response.destroy();
    const status = error instanceof Refusal ? error.status : 500;
    const said = error instanceof Refusal ? error.message : `Error processing request: ${describeError(error)}`;
    send(
      response,
      status,
      isChat ? { error: { message: said, type: 'invalid_request_error', code: status } } : { detail: said },
    );
  }
}

const send = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY) throw new Refusal(413, `expected at most ${MAX_BODY} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function json(request: IncomingMessage): Promise<unknown> {
  const text = (await bodyOf(request)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'expected JSON');
  }
}

function read<S extends z.ZodType>(schema: S, body: unknown, status: number): z.output<S> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Refusal(status, `${issue?.path.join('.') || 'body'}: ${issue?.message}`);
}

// ---------------------------------------------------------------- Magma's own server

const predictSchema = z.object({ image: z.string(), prompt: z.string() });

/** Fixed ranges of its `denormalize_actions`, which are no robot's. */
const DELTA_RANGES = [0.05, 0.05, 0.05, 3.14, 3.14, 3.14] as const;

async function predict({ model, response, signal }: Call, image: string, prompt: string): Promise<void> {
  const picture = await decodeImage(Buffer.from(image, 'base64'));
  const question = {
    picture,
    prompt: templateOf([
      { role: 'system', text: SYSTEM },
      { role: 'user', text: `<image>\n${prompt}` },
    ]),
    temperature: REST_TEMPERATURE,
    seed: 0,
  };
  const said = await model.answer(question, signal);
  const ids = 'ids' in said ? nearestSayable(said.ids) : undefined;
  // Its answer always holds seven numbers: words are read as the highest bin.
  const normalized = decodeActionNumbers(ids ?? new Array<number>(7).fill(0), {
    vocabSize: LLAMA3_VOCAB_SIZE,
    stats: UNSCALED,
    mode: 'compat',
  });
  send(response, 200, {
    text_response: 'text' in said ? said.text : textOfActionTokens(ids!),
    normalized_actions: normalized,
    delta_values: normalized.map((value, at) => (at < 6 ? value * DELTA_RANGES[at]! : (value + 1) / 2)),
  });
}

const UNSCALED = {
  name: 'none',
  q01: new Array<number>(7).fill(-1),
  q99: new Array<number>(7).fill(1),
  mask: new Array<boolean>(7).fill(false),
};

// ---------------------------------------------------------------- OpenAI's form

const partSchema = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image_url'), image_url: z.object({ url: z.string() }) }),
]);
const chatSchema = z.object({
  model: z.string(),
  messages: z
    .array(
      z.object({
        role: z.enum(['system', 'user', 'assistant']),
        content: z.union([z.string(), z.array(partSchema)]),
      }),
    )
    .min(1),
  temperature: z.number().min(0).max(2).default(1),
  max_tokens: z.int().min(1).default(1000),
  seed: z.int().default(0),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().default(false) }).optional(),
});
const DATA_URL = /^data:image\/(?:png|jpeg);base64,/;

async function chat({ model, ids: tellsIds, request, response, signal }: Call): Promise<void> {
  const asked = read(chatSchema, await json(request), 400);
  if (asked.model !== model.name) throw new Refusal(404, `The model \`${asked.model}\` does not exist.`);
  const urls: string[] = [];
  const turns = asked.messages.map(({ role, content }) => {
    if (typeof content === 'string') return { role, text: content };
    const pictures = content.filter((part) => part.type === 'image_url').map((part) => part.image_url.url);
    urls.push(...pictures);
    const words = content.filter((part) => part.type === 'text').map((part) => part.text);
    return { role, text: `${'<image>\n'.repeat(pictures.length)}${words.join('\n')}` };
  });
  const [url] = urls;
  if (url === undefined || urls.length > 1 || !DATA_URL.test(url))
    throw new Refusal(400, `expected one picture as a data URL, PNG or JPEG, got ${urls.length} pictures`);
  const picture = await decodeImage(Buffer.from(url.replace(DATA_URL, ''), 'base64')).catch((error: unknown) => {
    throw new Refusal(400, describeError(error));
  });
  const { temperature, seed } = asked;
  const said = await model.answer({ picture, prompt: templateOf(turns), temperature, seed }, signal);
  const ids = 'text' in said ? [] : tellsIds ? said.ids : nearestSayable(said.ids);
  const text = 'text' in said ? said.text : textOfActionTokens(ids);
  const head = { id: 'chatcmpl-pumice', model: model.name, created: 0 };
  const shown = tellsIds && ids.length > 0 ? { token_ids: ids } : {};
  const completion = 'text' in said ? Math.ceil(text.length / 4) : ids.length + 1;
  const usage = { prompt_tokens: 300, completion_tokens: completion, total_tokens: 300 + completion };
  if (!asked.stream)
    return send(response, 200, {
      ...head,
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: text }, ...shown, finish_reason: 'stop' }],
      usage,
    });
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const event = (choices: readonly unknown[], more = {}) =>
    response.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...more })}\n\n`);
  event([{ index: 0, delta: { role: 'assistant', content: text }, ...shown, finish_reason: null }]);
  event([{ index: 0, delta: {}, finish_reason: 'stop' }]);
  if (asked.stream_options?.include_usage) event([], { usage });
  response.end('data: [DONE]\n\n');
}
