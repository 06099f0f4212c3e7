/**
 * A client of openpi's wire, which serves pi0, GR00T and others: a socket, one observation out, one chunk of actions back, one at a time.
 * A frame of text is an error and holds the server's own words. Wire: Physical-Intelligence/openpi, websocket_policy_server.py.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { parseAddress } from '../address.ts';
import { PumiceError } from '../errors.ts';
import { type Patience, patienceOf, watchDeadline } from './exchange.ts';
import { isMap, isNumpy, packed, type Received, type ReceivedMap, type Sendable, unpacked } from './msgpack-numpy.ts';
import { cutOff, type ModelAddress, overdue, unreachable } from './server-errors.ts';

const WHO = 'openpi server';
/** Bytes of a message after which it is given up: a chunk of actions is thousands. Chosen. */
const MAX_BYTES = 16 << 20;

export interface OpenpiOptions extends Patience {
  /** `ws://HOST:8000`, or another address with its path. */
  readonly url: string;
  /** Variable that holds the key, sent as `Authorization: Api-Key`. */
  readonly apiKeyEnv?: string | undefined;
}
export interface OpenpiAnswer {
  /** `[horizon][width]`. */
  readonly actions: readonly (readonly number[])[];
  /** What else came: timings, for one. */
  readonly rest: ReceivedMap;
}
export interface OpenpiServer {
  /** What the server says of itself when it is connected to. */
  readonly metadata: (signal: AbortSignal) => Promise<ReceivedMap>;
  /** @throws PumiceError `model/*`; the signal's reason when it is aborted. A call that was left closes its socket: answers have no number. */
  readonly infer: (observation: Readonly<Record<string, Sendable>>, signal: AbortSignal) => Promise<OpenpiAnswer>;
  readonly close: () => void;
}

interface Connection {
  readonly socket: WebSocket;
  readonly metadata: ReceivedMap;
}

/** @param actionsField - where the actions are in an answer. @throws PumiceError `config/invalid`. */
export function openpiServer(options: OpenpiOptions, actionsField = 'actions'): OpenpiServer {
  const { url, apiKeyEnv } = options;
  if (!/^wss?:$/.test(parseAddress(url)?.protocol ?? ''))
    throw new PumiceError('config/invalid', `expected an address that begins with ws:// or wss://, got '${url}'`, {
      who: WHO,
      hint: 'Give --model-url ws://HOST:8000',
    });
  const key = apiKeyEnv === undefined ? undefined : process.env[apiKeyEnv];
  if (apiKeyEnv !== undefined && !key)
    throw new PumiceError('config/invalid', `expected a key in the variable ${apiKeyEnv}, it is not set`, {
      who: WHO,
      hint: 'Set it',
    });
  const address: ModelAddress = { endpoint: url, model: '', keyName: apiKeyEnv ?? '', hasKey: key !== undefined };
  const limits = patienceOf(options);
  let open: Connection | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const strange = (what: string) =>
    new PumiceError('model/http', `expected a message of ${url}, got ${what}`, {
      who: WHO,
      hint: 'Check that an openpi server listens there',
    });

  /** The next frame. A text is the server's traceback. */
  const frame = async (socket: WebSocket, signal: AbortSignal): Promise<ReceivedMap> => {
    const over = new AbortController();
    const leave = AbortSignal.any([signal, over.signal]);
    const closed = once(socket, 'close', { signal: leave }).then(() => {
      throw cutOff(address, '');
    });
    const message = once(socket, 'message', { signal: leave });
    closed.catch(() => {});
    message.catch(() => {});
    try {
      const [data, isBinary] = (await Promise.race([message, closed])) as [Buffer, boolean];
      if (!isBinary) {
        const words = data.toString().trim().split('\n').at(-1)?.slice(0, 300);
        throw new PumiceError('model/http', `expected an answer of ${url}, the server failed: ${words}`, {
          who: WHO,
          hint: 'Look into its log; often an observation lacks a field that the policy was trained with',
        });
      }
      const said: Received = unpacked(data);
      if (!isMap(said)) throw strange(`${data.length} bytes that are no map`);
      return said;
    } finally {
      over.abort();
    }
  };

  const connect = async (signal: AbortSignal): Promise<Connection> => {
    if (open && open.socket.readyState === WebSocket.OPEN) return open;
    const headers = key === undefined ? {} : { Authorization: `Api-Key ${key}` };
    const socket = new WebSocket(url, { headers, perMessageDeflate: false, maxPayload: MAX_BYTES });
    // What goes wrong later is told by the close that follows.
    socket.on('error', () => {});
    try {
      const metadata = frame(socket, signal);
      metadata.catch(() => {});
      await once(socket, 'open', { signal }).catch((error: unknown) => {
        signal.throwIfAborted();
        throw unreachable(address, error, process.env);
      });
      open = { socket, metadata: await metadata };
      return open;
    } catch (error) {
      socket.terminate();
      throw error;
    }
  };

  const inTime = async <T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const deadline = watchDeadline(address, Math.min(limits.firstMs, limits.deadlineMs), signal);
    try {
      return await work(deadline.signal);
    } catch (error) {
      // Its answer may still come, and would be taken for the next one's.
      open?.socket.terminate();
      open = undefined;
      signal.throwIfAborted();
      throw deadline.signal.aborted ? overdue(address, limits.firstMs) : error;
    } finally {
      deadline.stop();
    }
  };

  /** One at a time: answers have no number. */
  const queued = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work, work);
    turn = mine.catch(() => {});
    return mine;
  };

  return {
    metadata: (signal) => queued(() => inTime(signal, async (left) => (await connect(left)).metadata)),
    infer: (observation, signal) =>
      queued(() =>
        inTime(signal, async (left) => {
          const { socket } = await connect(left);
          const answer = frame(socket, left);
          answer.catch(() => {});
          socket.send(packed(observation));
          const { [actionsField]: actions, ...rest } = await answer;
          return { actions: rowsOf(actions, actionsField, strange), rest };
        }),
      ),
    close: () => {
      open?.socket.close();
      open = undefined;
    },
  };
}

function rowsOf(actions: Received, field: string, strange: (what: string) => PumiceError): number[][] {
  if (!isNumpy(actions) || actions.shape.length !== 2 || !actions.values.every(Number.isFinite))
    throw strange(`no array [horizon, width] of finite numbers as "${field}"`);
  const [rows, width] = actions.shape as [number, number];
  return Array.from({ length: rows }, (_, row) => actions.values.slice(row * width, (row + 1) * width));
}
