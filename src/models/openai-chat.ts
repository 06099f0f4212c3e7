/**
 * A client of any server that speaks OpenAI's chat completions: one question with pictures and video in, one text out, streamed or
 * whole. Knows nothing of what is asked. The key goes into one header and nowhere else: errors are cleaned of it.
 * Wire format: platform.openai.com, API reference, "Create chat completion"; video parts and further fields as vLLM takes them.
 */

import { parseAddress } from '../address.ts';
import { monotonicNowMs, msUntil, sleep } from '../clock.ts';
import { PumiceError } from '../errors.ts';
import { type ChatAnswer, type Clean, gatherAnswer, messageIn, type OnDelta, type Wanted } from './chat-answer.ts';
import {
  type Fetch,
  type Limits,
  type Patience,
  patienceOf,
  textsOf,
  watchDeadline,
  watchSilence,
  wholeText,
} from './exchange.ts';
import { causeOf, cutOff, type Environment, type ModelAddress, refused, unreachable } from './server-errors.ts';
import { takeTurn } from './server-queue.ts';
import { fetchOf } from './traffic.ts';

export type ChatPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } }
  | { readonly type: 'video_url'; readonly video_url: { readonly url: string } };
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string | readonly ChatPart[];
}
export interface ChatRequest extends Wanted {
  readonly messages: readonly ChatMessage[];
  readonly temperature: number;
  readonly signal: AbortSignal;
  /** Further fields of the body, in the words of the wire: `top_p`, `mm_processor_kwargs`, `media_io_kwargs`. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** The form that the text is to have; a server that cannot hold a model to one is asked without. */
  readonly schema?: { readonly name: string; readonly schema: object };
  /** Asks for a stream and gets its pieces. */
  readonly onDelta?: OnDelta;
  /** Told when the server is busy and will be asked again. */
  readonly onWait?: (why: string) => void;
}
export interface TimedAnswer extends ChatAnswer {
  /** From the question to the first piece of the answer, ms; of an answer that came whole, to all of it. */
  readonly firstMs: number;
  /** To the end of the answer, ms. Both without the wait for a busy server. */
  readonly totalMs: number;
}
export interface Chat extends ModelAddress {
  /** @throws PumiceError `model/*` or `decode/*`; the signal's reason when it is aborted. */
  readonly complete: (request: ChatRequest) => Promise<TimedAnswer>;
}
export interface ChatOptions extends Patience {
  /** Address before `/chat/completions`, e.g. `http://gpu:8000/v1`. Default: OPENAI_BASE_URL. */
  readonly modelUrl?: string | undefined;
  readonly model: string;
  /** Variable that holds the key. Default: OPENAI_API_KEY, and no key when that is not set. */
  readonly apiKeyEnv?: string | undefined;
  /** In place of the platform's: `recordTraffic`, `replayTraffic`. Default: as PUMICE_RECORD_TRAFFIC or PUMICE_REPLAY_TRAFFIC say. */
  readonly fetch?: Fetch | undefined;
}

/** Calls for one answer while the server is busy. Chosen. */
const MAX_CALLS = 3;
/** First pause before asking again, ms; doubles. Chosen. */
const FIRST_WAIT_MS = 500;
/** Longest pause that a busy server is granted, ms. Chosen: less than people wait without wondering. */
const MAX_WAIT_MS = 20_000;

/** @throws PumiceError `config/invalid` when no server is named, the address is none, or the key cannot be sent. */
export function openaiChat(options: ChatOptions, environment: Environment = process.env): Chat {
  const key = keyOf(options.apiKeyEnv, environment);
  const address: ModelAddress = {
    endpoint: endpointOf(options.modelUrl ?? environment.OPENAI_BASE_URL),
    model: options.model,
    keyName: options.apiKeyEnv ?? 'OPENAI_API_KEY',
    hasKey: key !== undefined,
  };
  const exchange = options.fetch ?? fetchOf(environment);
  const call: Call = { address, key, environment, exchange, patience: patienceOf(options) };
  return { ...address, complete: (request) => complete(call, request) };
}

interface Call {
  readonly address: ModelAddress;
  readonly key: string | undefined;
  readonly environment: Environment;
  readonly exchange: Fetch;
  readonly patience: Limits;
}
type Body = Readonly<Record<string, unknown>>;
/** A call that brought no answer, but might another time or in another form. */
interface Refusal {
  readonly error: PumiceError;
  readonly waitMs: number | undefined;
  /** The same body in words that the server knows. */
  readonly instead: Body | undefined;
}

const invalid = (message: string, hint: string) =>
  new PumiceError('config/invalid', message, { who: 'model server', hint });

function endpointOf(base: string | undefined): string {
  const hint = 'Give --model-url http://HOST:PORT/v1, or set OPENAI_BASE_URL';
  if (!base) throw invalid('expected the address of a model server, got none', hint);
  const url = parseAddress(base);
  if (!url || !/^https?:$/.test(url.protocol)) throw invalid('--model-url is not an http(s) address', hint);
  if (url.username || url.password)
    throw invalid('--model-url holds a name or password', 'Give the key by --api-key-env instead');
  return `${url.origin}${url.pathname.replace(/\/*(\/chat\/completions)?\/*$/, '')}/chat/completions${url.search}`;
}

function keyOf(name: string | undefined, environment: Environment): string | undefined {
  const key = environment[name ?? 'OPENAI_API_KEY']?.trim();
  if (name !== undefined && !key)
    throw invalid(`expected a key in the variable ${name}, it is not set`, 'Set it, or correct --api-key-env');
  // The platform's own error for such a header would show the key.
  if (key && !/^[\x21-\x7e]+$/.test(key))
    throw invalid(`the key in ${name ?? 'OPENAI_API_KEY'} has characters that no header can carry`, 'Correct it');
  return key || undefined;
}

/** Asks until there is an answer, within bounds of time and number. */
async function complete(call: Call, request: ChatRequest): Promise<TimedAnswer> {
  const guard = watchDeadline(call.address, call.patience.deadlineMs, request.signal);
  try {
    const turn = await takeTurn(call.address.endpoint, guard.signal);
    let hasAnswered = false;
    try {
      const answer = await askUntil(call, { ...request, signal: guard.signal }, turn.mayRepeat);
      hasAnswered = true;
      return answer;
    } finally {
      turn.end(hasAnswered);
    }
  } finally {
    guard.stop();
  }
}

/** Again while the server is busy, otherwise while it refuses a parameter. Nothing was said yet, so nothing is said twice. */
async function askUntil(call: Call, request: ChatRequest, mayRepeat: () => boolean): Promise<TimedAnswer> {
  let body = bodyOf(call.address.model, request);
  for (let calls = 1; ; ) {
    request.signal.throwIfAborted();
    const outcome = await ask(call, body, request);
    if ('text' in outcome) return outcome;
    const { error, waitMs, instead } = outcome;
    if (instead) {
      body = instead;
      continue;
    }
    if (waitMs === undefined || calls === MAX_CALLS) throw error;
    const pauseMs = waitMs || FIRST_WAIT_MS * 2 ** (calls - 1) * (0.5 + Math.random() / 2);
    if (pauseMs > MAX_WAIT_MS || !mayRepeat()) throw error;
    request.onWait?.(`${error.message}; asking again in ${Math.ceil(pauseMs / 100) / 10} s`);
    await sleep(pauseMs, request.signal);
    calls += 1;
  }
}

function bodyOf(model: string, { messages, maxTokens, temperature, extra, schema, onDelta }: ChatRequest): Body {
  const form = schema && { response_format: { type: 'json_schema', json_schema: { ...schema, strict: true } } };
  const streamed = onDelta && { stream: true, stream_options: { include_usage: true } };
  return { model, messages, max_tokens: maxTokens, temperature, ...extra, ...form, ...streamed };
}

/** Other words for a parameter that some servers and models refuse. `undefined` leaves it out. */
const INSTEAD: Readonly<Record<string, string | undefined>> = {
  max_tokens: 'max_completion_tokens',
  temperature: undefined,
  stream_options: undefined,
  response_format: undefined,
  structured_outputs: undefined,
  guided_choice: undefined,
};

/** The body without the parameter that an error body names, if it is one that can be done without. */
function withoutRefused(body: Body, status: number, said: string): Body | undefined {
  if (status !== 400 && status !== 422) return undefined;
  const name = Object.keys(INSTEAD).find((one) => one in body && new RegExp(`['"\`.]${one}['"\`]`).test(said));
  if (!name) return undefined;
  const { [name]: value, ...rest } = body;
  const other = INSTEAD[name];
  return other ? { ...rest, [other]: value } : rest;
}

/** One call. Leaves no timer and no connection behind. */
async function ask(call: Call, body: Body, request: ChatRequest): Promise<TimedAnswer | Refusal> {
  const { address, key } = call;
  const startMs = monotonicNowMs();
  const guard = watchSilence(address, call.patience, request.signal);
  const explain = (error: unknown, otherwise: () => PumiceError) => {
    guard.signal.throwIfAborted();
    return PumiceError.is(error) ? error : otherwise();
  };
  try {
    const sent = await call
      .exchange(address.endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
        body: JSON.stringify(body),
        redirect: 'manual',
        signal: guard.signal,
      })
      .catch((error: unknown) => ({ error }));
    if ('error' in sent) {
      const error = explain(sent.error, () => unreachable(address, sent.error, call.environment));
      return { error, waitMs: wasDropped(sent.error) ? 0 : undefined, instead: undefined };
    }
    let firstMs: number | undefined;
    const answer = gatherAnswer(cleanerOf(key), (delta) => {
      firstMs ??= monotonicNowMs() - startMs;
      return request.onDelta?.(delta);
    });
    try {
      if (!sent.ok) return refusalOf(sent, await wholeText(sent, guard.heard), call, body);
      await read(sent, answer, guard.heard);
    } catch (error) {
      throw explain(error, () => cutOff(address, answer.heard.text, error));
    }
    guard.signal.throwIfAborted();
    const totalMs = monotonicNowMs() - startMs;
    return { ...answer.finish(request), firstMs: firstMs ?? totalMs, totalMs };
  } finally {
    guard.stop();
  }
}

/** A connection that was open already and closed under the question, as idle ones do. */
const wasDropped = (error: unknown) => /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/.test(causeOf(error).code);

/** For errors: servers like to repeat the key that they did not take. */
const cleanerOf =
  (key: string | undefined): Clean =>
  (text) =>
    key ? text.replaceAll(key, '***') : text;

function refusalOf(response: Response, said: string, { address, key }: Call, body: Body): Refusal {
  const moved = response.headers.get('location');
  const why = cleanerOf(key)(moved ? `moved to ${moved}` : messageIn(said));
  const waitMs = waitOf(response.headers);
  const error = refused(address, response.status, why, waitMs);
  return {
    error,
    waitMs: error.retryable ? waitMs : undefined,
    instead: withoutRefused(body, response.status, said),
  };
}

/** How long the server asks to be left alone, ms; 0 when it does not say. */
function waitOf(headers: Headers): number {
  const after = headers.get('retry-after') ?? '';
  const waitMs = /^\s*\d+(\.\d+)?\s*$/.test(after) ? Number(after) * 1000 : msUntil(after);
  return Math.max(0, waitMs || 0);
}

/** Characters by which a stream is known that does not call itself one. Chosen. */
const HEAD_CHARS = 200;

/** Reads an answer of either form: servers that cannot stream answer whole even when asked to, and some misname what they send. */
async function read(response: Response, answer: ReturnType<typeof gatherAnswer>, heard: () => void): Promise<void> {
  const type = response.headers.get('content-type') ?? '';
  let isStream = type.includes('text/event-stream');
  let body = '';
  for await (const text of textsOf(response)) {
    if (!isStream) {
      heard();
      // Looked at only while it is short: to look into a text that is still growing costs all of it each time.
      const isAtHead = body.length < HEAD_CHARS;
      body += text;
      if (isAtHead) isStream = /^\s*(data|event|id|retry)?:/.test(body.slice(0, HEAD_CHARS));
    }
    if (!isStream) continue;
    if (answer.feed(body || text)) heard();
    body = '';
    // Leaving the body closes the connection, by which servers know that nobody listens.
    if (answer.isLeft()) return;
  }
  if (!isStream) answer.take(body, type);
  else if (!answer.isAtEnd()) throw new Error('the stream ended early');
}
