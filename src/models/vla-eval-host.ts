/**
 * The other end of vla-eval's wire: its benchmarks connect here. Knows nothing of what answers.
 * As the original: hello both ways, then episodes; each observation is answered with an action or an error of the same number. Other than the
 * original nothing else is ever sent: its clients take the next message for their answer, so one too many would move an arm by the one before.
 * Wire: PyPI `vla-eval` 0.8.0, connection.py, model_servers/serve.py, runners/sync_runner.py.
 */
import type { WebSocket } from 'ws';
import { describeError } from '../errors.ts';
import type { ReceivedMap, SentMap } from './msgpack-numpy.ts';
import { hostSockets, type SocketHost } from './socket-host.ts';
import { readMessage, type VlaEvalMessage, writeMessage } from './vla-eval-messages.ts';

/** Bytes of an observation: four pictures of 1024 x 1024, raw. Chosen. */
const MAX_BYTES = 16 << 20;
const PROTOCOL_VERSION = 1;
/** Of a websocket that is closed for what its client sent. */
const POLICY_VIOLATION = 1008;
/** Its clients send no header of their own, but what stands before the @ of their address. */
const USER = 'pumice';

/** One connection. What it throws is told to the client as an error. */
export interface VlaEvalClient {
  readonly start: (episode: ReceivedMap) => void;
  /** One at a time, in an episode. */
  readonly ask: (observation: ReceivedMap) => Promise<{ readonly action: SentMap } | { readonly error: string }>;
  readonly end: (result: ReceivedMap) => void;
  readonly left: () => void;
}

export interface VlaEvalHostOptions {
  /** Address to listen at; this machine alone is 127.0.0.1. */
  readonly host: string;
  readonly port: number;
  /** What clients have to write as `ws://pumice:KEY@HOST`; none is asked for without. */
  readonly key?: string | undefined;
  /** What else is said in the hello: specs, parameters of observations, what stands in the client's result file. */
  readonly hello: SentMap;
  /** Gets ready for a client, which waits for its hello. @param benchmark - what it says that it is. */
  readonly onClient: (benchmark: string | undefined) => Promise<VlaEvalClient>;
  /** Why a client was cut off, which its own words do not say. */
  readonly onRefused: (words: string) => void;
}

/** @throws PumiceError `config/invalid` where it cannot listen. */
export const hostVlaEval = ({ host, port, key, ...rest }: VlaEvalHostOptions): Promise<SocketHost> =>
  hostSockets({
    ...{ who: 'vla-eval host', host, port, maxBytes: MAX_BYTES },
    ...{ healthPath: '/health', healthText: '{"status": "ok"}\n' },
    authorization: key === undefined ? undefined : `Basic ${Buffer.from(`${USER}:${key}`).toString('base64')}`,
    onSocket: (socket) => attend(socket, rest),
  });

type Attending = Pick<VlaEvalHostOptions, 'hello' | 'onClient' | 'onRefused'>;

function attend(socket: WebSocket, { hello, onClient, onRefused }: Attending): void {
  let coming: Promise<VlaEvalClient> | undefined;
  /** Since it was greeted. */
  let client: VlaEvalClient | undefined;
  let lastSeq = -1;
  let isBusy = false;
  let isInEpisode = false;
  /** Counts what the client begins and ends: an answer to what came before is not sent, since it would be taken for the next one's. */
  let era = 0;
  let isOver = false;

  const send = (type: 'hello' | 'action' | 'error', payload: SentMap, seq: number) => {
    if (!isOver) socket.send(writeMessage(type, payload, seq));
  };
  const leave = () => {
    if (isOver) return;
    isOver = true;
    void coming?.then((one) => one.left()).catch(() => {});
  };
  const refuse = (words: string, seq = 0) => {
    if (isOver) return;
    send('error', { error: words }, seq);
    leave();
    onRefused(words);
    socket.close(POLICY_VIOLATION, 'The error is in the message before');
  };
  const greet = async ({ payload, seq }: VlaEvalMessage) => {
    const { protocol_version: version, benchmark } = payload;
    if (version !== PROTOCOL_VERSION)
      return refuse(`expected protocol_version ${PROTOCOL_VERSION} in hello, got ${JSON.stringify(version)}`, seq);
    coming = onClient(typeof benchmark === 'string' ? benchmark : undefined);
    const greeted = await coming;
    client = greeted;
    send('hello', { ...hello, protocol_version: PROTOCOL_VERSION }, seq);
  };
  const answer = async ({ ask }: VlaEvalClient, { payload, seq }: VlaEvalMessage) => {
    if (!isInEpisode)
      return send('error', { error: 'expected an episode_start on this connection before an observation' }, seq);
    // Not kept until its turn: by then it would be of the past.
    if (isBusy) return send('error', { error: 'one observation at a time: the one before is in thought' }, seq);
    isBusy = true;
    const mine = era;
    const said = await ask(payload).catch((error: unknown) => ({ error: describeError(error) }));
    if (mine !== era) return;
    isBusy = false;
    if ('action' in said) send('action', said.action, seq);
    else send('error', { error: said.error }, seq);
  };
  const take = async (data: Buffer, isBinary: boolean) => {
    if (isOver) return;
    const message = isBinary ? readMessage(data) : 'expected msgpack, got text';
    if (typeof message === 'string') return refuse(message);
    const { type, payload, seq } = message;
    // The original's client, when it comes back by itself, greets with a higher number than the message that it came back for.
    if (type === 'hello') return coming ? refuse('got a second hello on one connection', seq) : greet(message);
    if (seq <= lastSeq) return refuse(`expected a seq above ${lastSeq}, got ${seq}: each message has its own`, seq);
    lastSeq = seq;
    if (!client) return refuse(`expected a hello first, and its answer, got ${type}`, seq);
    if (type === 'observation') return answer(client, message);
    if (type === 'error') return refuse(`the client failed: ${JSON.stringify(payload.error ?? null)}`, seq);
    era += 1;
    isBusy = false;
    isInEpisode = type === 'episode_start';
    if (isInEpisode) client.start(payload);
    else client.end(payload);
  };
  socket.on('error', (error) => onRefused(`a client was cut off: ${describeError(error)}`));
  socket.on(
    'message',
    (data: Buffer, isBinary) => void take(data, isBinary).catch((error: unknown) => refuse(describeError(error))),
  );
  socket.on('close', leave);
}
