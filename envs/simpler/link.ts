/**
 * The web socket to a simulator's server: one question at a time, each with a deadline, and pings while nobody asks. What is lost or
 * late is ended and never used again. Messages: `server/wire.py`. Knows no robot.
 */
import { Packr, Unpackr } from 'msgpackr';
import { monotonicNowMs, PumiceError, sleep } from 'pumice';
import { WebSocket } from 'ws';
import type { z } from 'zod';
import { later } from '../../src/clock.ts';
import { answerSchema } from './messages.ts';
import { problemOf, WHO } from './problems.ts';

/** Bytes of an answer above which the socket is given up. Chosen: eight raw pictures of 1920 x 1080. */
const MAX_BYTES = 64 << 20;
/** Silence after which a server that nobody asks counts as gone, ms, and pings in that time. Chosen. */
const SILENCE_MS = 15_000;
const PINGS = 6;

interface Wait {
  readonly limitMs: number;
  readonly signal?: AbortSignal;
}

export interface Link {
  /**
   * @throws PumiceError what the server says; `simulator/gone` when it is lost, `simulator/hung` after `limitMs`, `decode/schema` for an
   * answer that is none; the signal's reason when it is aborted. After all but the first the link is of no more use.
   */
  readonly call: <S extends z.ZodType>(
    name: string,
    fields: Readonly<Record<string, unknown>>,
    schema: S,
    wait: Wait,
  ) => Promise<z.output<S>>;
  /** Why it is of no more use; undefined while it is. */
  readonly lost: () => string | undefined;
  readonly close: () => void;
}

export interface LinkOptions {
  readonly url: string;
  /** Sent as `Authorization: Bearer`. */
  readonly key?: string | undefined;
  /** Longest wait for the connection, ms. */
  readonly connectMs: number;
  /** Silence after which a server that nobody asks counts as gone, ms. */
  readonly silenceMs?: number;
}

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ mapsAsObjects: true, useRecords: false });

/** @throws PumiceError `simulator/gone` when nobody listens there. */
export async function openLink({ url, key, connectMs, silenceMs = SILENCE_MS }: LinkOptions): Promise<Link> {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: MAX_BYTES,
    handshakeTimeout: connectMs,
    ...(key !== undefined && { headers: { Authorization: `Bearer ${key}` } }),
  });
  let lost: string | undefined;
  let number = 0;
  let heardMs = monotonicNowMs();
  let waiting: { readonly resolve: (bytes: Uint8Array) => void; readonly reject: (error: unknown) => void } | undefined;
  const over = new AbortController();

  const lose = (why: string) => {
    lost ??= why;
    over.abort();
    socket.terminate();
    waiting?.reject(gone(url, lost));
  };
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.on('error', ({ message }) => {
      lost ??= message;
      reject(gone(url, message));
    });
  });
  socket.on('close', (code) => lose(lost ?? `closed with code ${code}`));
  socket.on('pong', () => {
    heardMs = monotonicNowMs();
  });
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    heardMs = monotonicNowMs();
    if (!isBinary || !waiting) return lose('a message that nobody asked for');
    waiting.resolve(data);
  });

  /** While a question is open its own deadline counts. */
  const keepAlive = async () => {
    for (;;) {
      await sleep(silenceMs / PINGS, over.signal);
      if (waiting) heardMs = monotonicNowMs();
      else if (monotonicNowMs() - heardMs > silenceMs) lose(`no answer to pings for ${silenceMs / 1000} s`);
      else socket.ping();
    }
  };
  keepAlive().catch(() => {});

  /** One question's bytes, answer or deadline, in as few steps as it takes: this is on the way of every action. */
  const answerTo = (bytes: Uint8Array, name: string, { limitMs, signal }: Wait): Promise<Uint8Array> =>
    new Promise<Uint8Array>((resolve, reject) => {
      const leave = () => settle(() => reject(signal?.reason));
      const expire = later(limitMs, () => settle(() => reject(hung(name, limitMs))));
      const settle = (then: () => void) => {
        waiting = undefined;
        expire();
        signal?.removeEventListener('abort', leave);
        then();
      };
      waiting = {
        resolve: (answer) => settle(() => resolve(answer)),
        reject: (error) => settle(() => reject(error)),
      };
      signal?.addEventListener('abort', leave, { once: true });
      socket.send(bytes);
    });

  return {
    lost: () => lost,
    close: () => {
      lost ??= 'closed';
      over.abort();
      socket.close();
    },
    call: async (name, fields, schema, wait) => {
      if (lost !== undefined) throw gone(url, lost);
      if (waiting) throw new PumiceError('config/misfit', `${name}: a question is open already`, { who: WHO });
      wait.signal?.throwIfAborted();
      number += 1;
      const id = number;
      try {
        const bytes = await answerTo(packr.pack({ id, call: name, ...fields }), name, wait);
        const answer = answerSchema.safeParse(read(bytes));
        if (!answer.success) throw strange(name, 'a message without id and ok or error');
        // 0: the server could not read the question, or has no seat.
        if (answer.data.id !== id && answer.data.id !== 0)
          throw strange(name, `an answer to question ${answer.data.id}`);
        if ('error' in answer.data) throw problemOf(answer.data.error);
        const parsed = schema.safeParse(answer.data.ok);
        if (parsed.success) return parsed.data;
        const [issue] = parsed.error.issues;
        throw strange(name, `${issue?.path.join('.') || 'an answer'}: ${issue?.message}`);
      } catch (error) {
        // An answer may still come, and would be taken for the next one's.
        const isAnswered = PumiceError.is(error) && error.code !== 'simulator/hung' && error.code !== 'decode/schema';
        if (!isAnswered) lose(PumiceError.is(error) ? error.message : `${name} was left`);
        throw error;
      }
    },
  };
}

const gone = (url: string, why: string) =>
  new PumiceError('simulator/gone', `expected the simulator at ${url}, it is gone: ${why}`, {
    who: WHO,
    hint: 'Reset begins another where pumice started it; else start it: pumice sim-server',
    retryable: true,
  });

const hung = (call: string, limitMs: number) =>
  new PumiceError('simulator/hung', `expected an answer to ${call} in ${limitMs / 1000} s, none came`, {
    who: WHO,
    hint: `The simulator was ended; reset begins another. Look whether the machine is busy; a program allows more by ${call === 'step' ? 'stepTimeoutS' : 'startTimeoutS'}`,
  });

const strange = (call: string, what: string) =>
  new PumiceError('decode/schema', `expected an answer to ${call}, got ${what}`, {
    who: WHO,
    hint: 'Use server and pumice of one version',
  });

function read(bytes: Uint8Array): unknown {
  try {
    return unpackr.unpack(bytes);
  } catch {
    return undefined;
  }
}
