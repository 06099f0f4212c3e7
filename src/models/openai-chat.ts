/**
 * A client of any server that speaks OpenAI's chat completions: one question with pictures in, one text out, streamed or whole.
 * Knows nothing of what is asked. The key goes into one header and nowhere else: errors are cleaned of it.
 * Wire format: platform.openai.com, API reference, "Create chat completion".
 */
import { monotonicNowMs, msUntil, sleep } from '../clock.ts';
import { PumiceError } from '../errors.ts';
import { type ChatAnswer, type ChatDelta, type Clean, gatherAnswer, messageIn } from './chat-answer.ts';
import { causeOf, cutOff, type Environment, type ModelAddress, refused, silent, unreachable } from './server-errors.ts';

export type ChatPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } };
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string | readonly ChatPart[];
}
export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  readonly maxTokens: number;
  readonly temperature: number;
  /** Further fields of the body, in the words of the wire. */
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  /** Asks for a stream and gets its pieces. */
  readonly onDelta?: (delta: ChatDelta) => void;
  /** Told when the server is busy and will be asked again. */
  readonly onWait?: (why: string) => void;
}
export interface Chat extends ModelAddress {
  /** @throws PumiceError `model/*` or `decode/*`; the signal's reason when it is aborted. */
  readonly complete: (request: ChatRequest) => Promise<ChatAnswer>;
}
export interface ChatOptions {
  /** Address before `/chat/completions`, e.g. `http://gpu:8000/v1`. Default: OPENAI_BASE_URL. */
  readonly modelUrl?: string | undefined;
  readonly model: string;
  /** Variable that holds the key. Default: OPENAI_API_KEY, and no key when that is not set. */
  readonly apiKeyEnv?: string | undefined;
  /** Time without a byte after which the server counts as stuck, ms. */
  readonly silenceMs?: number;
}

/** Chosen: a large model on a cold server may think for so long before its first token. */
const SILENCE_MS = 120_000;
/** Calls for one answer while the server is busy. Chosen. */
const MAX_CALLS = 3;
/** First pause before asking again, ms; doubles. Chosen. */
const FIRST_WAIT_MS = 500;
/** Longest pause that a busy server is granted, ms. Chosen: less than people wait without wondering. */
const MAX_WAIT_MS = 20_000;
/** Bytes of an answer after which it is given up: no server may fill the memory. Chosen: far above any answer. */
const MAX_BYTES = 8 << 20;

/** @throws PumiceError `config/invalid` when no server is named, the address is none, or the key cannot be sent. */
export function openaiChat(options: ChatOptions, environment: Environment = process.env): Chat {
  const key = keyOf(options.apiKeyEnv, environment);
  const address: ModelAddress = {
    endpoint: endpointOf(options.modelUrl ?? environment.OPENAI_BASE_URL),
    model: options.model,
    keyName: options.apiKeyEnv ?? 'OPENAI_API_KEY',
    hasKey: key !== undefined,
  };
  const call: Call = { address, key, environment, silenceMs: options.silenceMs ?? SILENCE_MS };
  return { ...address, complete: (request) => complete(call, request) };
}

interface Call {
  readonly address: ModelAddress;
  readonly key: string | undefined;
  readonly environment: Environment;
  readonly silenceMs: number;
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
  const url = URL.canParse(base) ? new URL(base) : undefined;
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

/** Asks until there is an answer, within bounds: again while the server is busy, otherwise while it refuses a parameter. */
async function complete(call: Call, request: ChatRequest): Promise<ChatAnswer> {
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
    if (pauseMs > MAX_WAIT_MS) throw error;
    request.onWait?.(`${error.message}; asking again in ${Math.ceil(pauseMs / 100) / 10} s`);
    await sleep(pauseMs, request.signal);
    calls += 1;
  }
}

function bodyOf(model: string, { messages, maxTokens, temperature, extra, onDelta }: ChatRequest): Body {
  const streamed = onDelta && { stream: true, stream_options: { include_usage: true } };
  return { model, messages, max_tokens: maxTokens, temperature, ...extra, ...streamed };
}

/** Other words for a parameter that some servers and models refuse. `undefined` leaves it out. */
const INSTEAD: Readonly<Record<string, string | undefined>> = {
  max_tokens: 'max_completion_tokens',
  temperature: undefined,
  stream_options: undefined,
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
async function ask(call: Call, body: Body, request: ChatRequest): Promise<ChatAnswer | Refusal> {
  const { address, key, silenceMs } = call;
  const guard = watchSilence(silenceMs, request.signal);
  const explain = (error: unknown, otherwise: () => PumiceError) => {
    request.signal.throwIfAborted();
    if (guard.isLate()) return silent(address, silenceMs);
    return PumiceError.is(error) ? error : otherwise();
  };
  try {
    const sent = await fetch(address.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: guard.signal,
    }).catch((error: unknown) => ({ error }));
    if ('error' in sent) {
      const error = explain(sent.error, () => unreachable(address, sent.error, call.environment));
      return { error, waitMs: wasDropped(sent.error) ? 0 : undefined, instead: undefined };
    }
    const answer = gatherAnswer(cleanerOf(key), (delta) => request.onDelta?.(delta));
    try {
      if (!sent.ok) return await refusalOf(sent, await whole(sent, guard.heard), call, body);
      await read(sent, answer, guard.heard);
    } catch (error) {
      throw explain(error, () => cutOff(address, answer.heard.text, error));
    }
    request.signal.throwIfAborted();
    return answer.finish(request.maxTokens);
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
  const error = refused(address, response.status, why);
  return {
    error,
    waitMs: error.retryable ? waitOf(response.headers) : undefined,
    instead: withoutRefused(body, response.status, said),
  };
}

/** How long the server asks to be left alone, ms; 0 when it does not say. */
function waitOf(headers: Headers): number {
  const after = headers.get('retry-after') ?? '';
  const waitMs = /^\s*\d+(\.\d+)?\s*$/.test(after) ? Number(after) * 1000 : msUntil(after);
  return Math.max(0, waitMs || 0);
}

/** Reads an answer of either form; servers that cannot stream answer whole even when asked to. */
async function read(response: Response, answer: ReturnType<typeof gatherAnswer>, heard: () => void): Promise<void> {
  const isStream = response.headers.get('content-type')?.includes('text/event-stream') ?? false;
  if (!isStream) return answer.take(await whole(response, heard));
  for await (const text of textsOf(response, heard)) answer.feed(text);
  if (!answer.isAtEnd()) throw new Error('the stream ended early');
}

async function whole(response: Response, heard: () => void): Promise<string> {
  let all = '';
  for await (const text of textsOf(response, heard)) all += text;
  return all;
}

async function* textsOf({ body }: Response, heard: () => void): AsyncGenerator<string> {
  heard();
  const decoder = new TextDecoder();
  let bytes = 0;
  for await (const part of (body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    heard();
    bytes += part.length;
    if (bytes > MAX_BYTES) throw new PumiceError('model/http', `expected an answer, got over ${MAX_BYTES} bytes`);
    yield decoder.decode(part, { stream: true });
  }
}

/** Aborts when nothing was heard for `limitMs`, and when `signal` is. */
function watchSilence(limitMs: number, signal: AbortSignal) {
  const abort = new AbortController();
  let heardMs = monotonicNowMs();
  let late = false;
  const watch = async () => {
    for (let leftMs = limitMs; leftMs > 0; leftMs = heardMs + limitMs - monotonicNowMs())
      await sleep(leftMs, abort.signal);
    late = true;
    abort.abort();
  };
  watch().catch(() => {}); // stopped in time
  return {
    signal: AbortSignal.any([signal, abort.signal]),
    heard: () => {
      heardMs = monotonicNowMs();
    },
    isLate: () => late,
    stop: () => abort.abort(),
  };
}
