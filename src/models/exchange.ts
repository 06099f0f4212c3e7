/**
 * What every question over HTTP shares, whatever is asked: limits on time and size, and leaving at once. The reason of an abort is
 * the error that says why. Knows no format.
 */
import { monotonicNowMs, sleep } from '../clock.ts';
import { PumiceError } from '../errors.ts';
import { type ModelAddress, overdue, silent } from './server-errors.ts';

/** The platform's `fetch`, or one that records or replays. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Limits {
  /** Until an answer begins, ms. Signs of life that say nothing do not count. */
  readonly firstMs: number;
  /** Between two pieces of an answer, ms. */
  readonly silenceMs: number;
  /** For all of it, ms: waiting for a turn, repetitions, and an answer that never ends. */
  readonly deadlineMs: number;
}
export type Patience = { readonly [limit in keyof Limits]?: number | undefined };

/** Chosen: a large model on a cold server may think for so long before its first token. */
const FIRST_MS = 120_000;
/** Chosen: a server that computes a long prompt for somebody else pauses for seconds. */
const SILENCE_MS = 30_000;
/** Chosen: eight thousand tokens of thought at ten a second. */
const DEADLINE_MS = 900_000;
/** Bytes of an answer after which it is given up: no server may fill the memory. Chosen: far above any answer. */
const MAX_BYTES = 8 << 20;

export const patienceOf = ({
  firstMs = FIRST_MS,
  silenceMs = SILENCE_MS,
  deadlineMs = DEADLINE_MS,
}: Patience): Limits => ({
  firstMs,
  silenceMs,
  deadlineMs,
});

/** Ends the sleep of a watch that is no longer needed. One for all: without it each call makes two errors. */
const STOPPED = new Error('no longer watched');

export interface Guard {
  /** Aborted when time is up or the caller's signal is. */
  readonly signal: AbortSignal;
  readonly stop: () => void;
}

/** Aborts when `limitMs` are over. */
export function watchDeadline(address: ModelAddress, limitMs: number, signal: AbortSignal): Guard {
  const abort = new AbortController();
  const over = new AbortController();
  const end = () => over.abort(overdue(address, limitMs));
  sleep(limitMs, abort.signal).then(end, () => {}); // stopped in time
  return { signal: AbortSignal.any([signal, over.signal]), stop: () => abort.abort(STOPPED) };
}

/** Aborts when nothing was heard for as long as patience lasts. */
export function watchSilence(
  address: ModelAddress,
  { firstMs, silenceMs }: Limits,
  signal: AbortSignal,
): Guard & { readonly heard: () => void } {
  const abort = new AbortController();
  const over = new AbortController();
  let heardMs = monotonicNowMs();
  let limitMs = firstMs;
  const watch = async () => {
    // Patience may shrink while it sleeps, to that between two pieces.
    for (let leftMs = limitMs; leftMs > 0; leftMs = heardMs + limitMs - monotonicNowMs())
      await sleep(Math.min(leftMs, silenceMs), abort.signal);
    over.abort(silent(address, limitMs));
  };
  watch().catch(() => {}); // stopped in time
  return {
    signal: AbortSignal.any([signal, over.signal]),
    heard: () => {
      heardMs = monotonicNowMs();
      limitMs = silenceMs;
    },
    stop: () => abort.abort(STOPPED),
  };
}

/**
 * The text of a body as it comes.
 *
 * @throws PumiceError `model/http` when it is larger than any answer.
 */
export async function* textsOf({ body }: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let bytes = 0;
  for await (const part of (body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    bytes += part.length;
    if (bytes > MAX_BYTES) {
      const hint = 'Check that --model-url is the address of a model server, and that its model is not running wild';
      throw new PumiceError('model/http', `expected an answer, got over ${MAX_BYTES} bytes`, {
        who: 'model server',
        hint,
      });
    }
    yield decoder.decode(part, { stream: true });
  }
}

/** The whole text of a body. `heard` is told of each part. */
export async function wholeText(response: Response, heard: () => void): Promise<string> {
  let all = '';
  for await (const text of textsOf(response)) {
    heard();
    all += text;
  }
  return all;
}
