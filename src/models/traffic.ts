/**
 * Records what goes to model servers and comes back, byte for byte, in one file that can be sent with a report of a bug; and answers
 * from such a file. Stands in the place of `fetch`, so that every client can be recorded without knowing. Keys are never written:
 * of the headers only a few are kept, and where the value of another comes back in a text it is struck out.
 */
import { openSync, writeSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { monotonicNowMs } from '../clock.ts';
import { PumiceError } from '../errors.ts';
import type { Fetch } from './exchange.ts';
import { causeOf, type Environment } from './server-errors.ts';
import { type Answered, type Asked, bytesOf, dataOf, FORMAT, readTraffic, VERSION } from './traffic-file.ts';

/** Headers that say something of the traffic and nothing of the user. */
const KEPT = /^(accept|content-type|content-encoding|retry-after|location|server|x-request-id|x-ratelimit-.*)$/i;
/** Shorter values than this are no keys, and striking them out would tear holes into texts. Chosen. */
const KEY_CHARS = 6;
const who = 'model traffic';

export interface TrafficOptions {
  /** What is asked in truth. Default: the platform's. */
  readonly fetch?: Fetch;
}

/**
 * A `fetch` that writes all it carries to `file`, which it makes or empties. Each line is on its way to disk before the answer goes on.
 *
 * @throws PumiceError `record/write-failed`.
 */
export function recordTraffic(file: string, options: TrafficOptions = {}): Fetch {
  const { fetch: exchange = fetch } = options;
  const startMs = monotonicNowMs();
  const write = writerOf(file);
  write({ format: FORMAT, version: VERSION });
  let exchanges = 0;
  return async (url, init) => {
    const id = exchanges++;
    const askedMs = monotonicNowMs();
    const strike = strikerOf(url, init);
    const asked = { exchange: id, atMs: round(askedMs - startMs), ...(await questionOf(url, init, strike)) };
    write(asked);
    const pieces: { afterMs: number; bytes: Uint8Array }[] = [];
    let response: Response | undefined;
    let isOver = false;
    const end = (how: Answered['end'], fault?: unknown) => {
      if (isOver) return;
      isOver = true;
      const isLeft = how === 'left' || init.signal?.aborted === true;
      const answered: Answered = {
        exchange: id,
        atMs: round(monotonicNowMs() - startMs),
        ...(response && { status: response.status, headers: kept(response.headers, strike) }),
        pieces: struck(pieces, strike),
        end: how === 'whole' ? how : isLeft ? 'left' : 'cut',
        ...(fault !== undefined && !isLeft && { fault: causeOf(fault) }),
      };
      write(answered);
    };
    try {
      response = await exchange(url, init);
    } catch (error) {
      end('cut', error);
      throw error;
    }
    const heard = (bytes: Uint8Array) => pieces.push({ afterMs: round(monotonicNowMs() - askedMs), bytes });
    return overheard(response, heard, end);
  };
}

/** The same answer; `end` is told once, however it ends. */
function overheard(
  response: Response,
  heard: (bytes: Uint8Array) => void,
  end: (how: Answered['end'], fault?: unknown) => void,
): Response {
  if (!response.body) {
    end('whole');
    return response;
  }
  const reader = response.body.getReader();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull: async (to) => {
        try {
          const { done, value } = await reader.read();
          if (done) {
            end('whole');
            return to.close();
          }
          heard(value);
          to.enqueue(value);
        } catch (error) {
          end('cut', error);
          to.error(error);
        }
      },
      cancel: (reason) => {
        end('left');
        return reader.cancel(reason);
      },
    },
    // Read only when somebody reads: a recorder must not pull what its client leaves.
    { highWaterMark: 0 },
  );
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}

function writerOf(file: string): (row: unknown) => void {
  const failed = (cause: unknown) =>
    new PumiceError('record/write-failed', `cannot write ${file}: ${causeOf(cause).message}`, {
      who,
      hint: 'Check the folder and the room on the disk',
      cause,
    });
  try {
    // Pictures of a user's screen: nobody else's business.
    const descriptor = openSync(file, 'w', 0o600);
    return (row) => {
      try {
        writeSync(descriptor, `${JSON.stringify(row)}\n`);
      } catch (cause) {
        throw failed(cause);
      }
    };
  } catch (cause) {
    throw PumiceError.is(cause) ? cause : failed(cause);
  }
}

const round = (ms: number) => Math.round(ms * 100) / 100;

// ---------------------------------------------------------------- secrets

type Strike = (bytes: Uint8Array) => Uint8Array;

/** Strikes out the values of all headers and query fields that may hold a key, in each form in which a server may show them again. */
function strikerOf(url: string, { headers }: RequestInit): Strike {
  const values = [...new Headers(headers)].flatMap(([name, value]) => (KEPT.test(name) ? [] : value.split(/[\s,;]+/)));
  const { searchParams, username, password } = new URL(url);
  values.push(...searchParams.values(), username, password);
  const keys = values.filter((value) => value.length >= KEY_CHARS && !/^bearer$/i.test(value));
  const forms = keys.flatMap((key) => [key, JSON.stringify(key).slice(1, -1), encodeURIComponent(key)]);
  const all = [...new Set(forms)].sort((a, b) => b.length - a.length).map((form) => Buffer.from(form));
  return (bytes) => all.reduce<Uint8Array>(without, bytes);
}

function without(bytes: Uint8Array, key: Buffer): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.includes(key)) return bytes;
  const text = buffer.toString('latin1').replaceAll(key.toString('latin1'), '***');
  return Buffer.from(text, 'latin1');
}

const strikeText = (text: string, strike: Strike): string => Buffer.from(strike(Buffer.from(text))).toString();

const kept = (headers: Headers, strike: Strike): Record<string, string> =>
  Object.fromEntries(
    [...headers].flatMap(([name, value]) => (KEPT.test(name) ? [[name, strikeText(value, strike)]] : [])),
  );

/** A key may be cut by the border of two pieces: then they are written as one. */
function struck(pieces: readonly { afterMs: number; bytes: Uint8Array }[], strike: Strike): Answered['pieces'] {
  const whole = Buffer.concat(pieces.map(({ bytes }) => bytes));
  const clean = strike(whole);
  if (clean !== whole) return [{ afterMs: pieces.at(-1)!.afterMs, data: dataOf(clean) }];
  return pieces.map(({ afterMs, bytes }) => ({ afterMs, data: dataOf(bytes) }));
}

type Question = Pick<Asked, 'method' | 'url' | 'headers' | 'body'>;

async function questionOf(url: string, init: RequestInit, strike: Strike): Promise<Question> {
  const clean = new URL(url);
  clean.username = clean.password = '';
  const body = init.body ? { body: dataOf(strike(await bytesIn(init.body))) } : {};
  const headers = kept(new Headers(init.headers), strike);
  return { method: init.method ?? 'GET', url: strikeText(clean.href, strike), headers, ...body };
}

/** A form with files is parted by a text that is drawn anew each time: it is put in other words, so that equal forms are equal. */
async function bytesIn(body: NonNullable<RequestInit['body']>): Promise<Uint8Array> {
  const packed = new Response(body);
  const bytes = Buffer.from(await packed.arrayBuffer());
  const [, boundary] = /^multipart\/.*boundary=(.+)$/.exec(packed.headers.get('content-type') ?? '') ?? [];
  return boundary ? Buffer.from(bytes.toString('latin1').replaceAll(boundary, 'boundary'), 'latin1') : bytes;
}

// ---------------------------------------------------------------- replay

/**
 * A `fetch` that asks nobody: each question gets the answer that the same question got when the file was recorded, once. What had
 * been cut is cut again, what had been left waits until it is left again; nothing waits for its time.
 *
 * @param options.anyBody - takes the next answer of the same path, whatever is asked: for pages and pictures that have changed since.
 * @throws PumiceError `record/invalid`; the `fetch` itself throws it for a question that was not recorded.
 */
export function replayTraffic(file: string, options: { readonly anyBody?: boolean } = {}): Fetch {
  const rest = readTraffic(file);
  return async (url, init) => {
    const question = await questionOf(url, init, strikerOf(url, init));
    init.signal?.throwIfAborted();
    const place = placeOf(question);
    const same = rest.filter(({ asked }) => placeOf(asked) === place);
    const found = options.anyBody ? same[0] : same.find(({ asked }) => isDeepStrictEqual(asked.body, question.body));
    if (!found) throw unrecorded(file, place, same.length);
    rest.splice(rest.indexOf(found), 1);
    return answerOf(found.answered, init.signal ?? undefined);
  };
}

/** The host is left out: who replays a report has another one. */
const placeOf = ({ method, url }: Question): string => {
  const { pathname, search } = new URL(url);
  return `${method} ${pathname}${search}`;
};

const unrecorded = (file: string, place: string, others: number) =>
  new PumiceError('record/invalid', `${file} holds no further answer to this ${place}`, {
    who,
    hint:
      others > 0 ? `It holds ${others} to other questions there: ask the same, or take any body` : 'Record it first',
  });

async function answerOf(answered: Answered | undefined, signal: AbortSignal | undefined): Promise<Response> {
  if (answered?.status === undefined) {
    if (answered?.end === 'cut') throw new TypeError('fetch failed', { cause: answered.fault });
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }));
  }
  const { status, headers = {}, pieces, end, fault } = answered;
  if (pieces.length === 0 && end === 'whole') return new Response(null, { status, headers });
  const left = pieces.map(({ data }) => bytesOf(data));
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (to) => signal?.addEventListener('abort', () => to.error(signal.reason), { once: true }),
    pull: (to) => {
      const next = left.shift();
      if (next) to.enqueue(next);
      else if (end === 'whole') to.close();
      else if (end === 'cut') to.error(new TypeError('terminated', { cause: fault }));
      // What was left never goes on: a promise that nobody keeps.
      else return new Promise(() => {});
    },
  });
  return new Response(body, { status, headers });
}

// ---------------------------------------------------------------- by the environment

const opened = new Map<string, Fetch>();
function once(name: string, open: () => Fetch): Fetch {
  const known = opened.get(name) ?? open();
  opened.set(name, known);
  return known;
}

/** What clients ask with unless they are given another: recorded or replayed where the environment says so, one file for the process. */
export function fetchOf(environment: Environment): Fetch {
  const { PUMICE_RECORD_TRAFFIC: into, PUMICE_REPLAY_TRAFFIC: from } = environment;
  if (into && from)
    throw new PumiceError('config/invalid', 'both PUMICE_RECORD_TRAFFIC and PUMICE_REPLAY_TRAFFIC are set', {
      who,
      hint: 'Unset one of them',
    });
  if (into) return once(`record ${into}`, () => recordTraffic(into));
  if (from) return once(`replay ${from}`, () => replayTraffic(from, { anyBody: true }));
  return fetch;
}
