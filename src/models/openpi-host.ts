/**
 * The other end of openpi's wire: its own clients, and the robots and benchmarks that speak it, connect here. Knows nothing of what answers.
 * As the original: what the server says of itself first, then one answer a question; what failed is a frame of text, which its clients raise.
 * Wire: Physical-Intelligence/openpi, src/openpi/serving/websocket_policy_server.py.
 */
import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { describeError, PumiceError } from '../errors.ts';
import { isMap, packed, type ReceivedMap, type SentMap, unpacked } from './msgpack-numpy.ts';

/** Bytes of a question: four pictures of 1024 x 1024. Chosen. */
const MAX_BYTES = 16 << 20;
/** As the original closes what failed. */
const INTERNAL_ERROR = 1011;

export type HostAnswer =
  | { readonly answer: SentMap }
  /** `isOver`: nothing more is answered on this connection. */
  | { readonly error: string; readonly isOver: boolean };

/** One connection. */
export interface HostedClient {
  /** One at a time. */
  readonly ask: (observation: ReceivedMap) => Promise<HostAnswer>;
  readonly left: () => void;
}

export interface HostOptions {
  /** Address to listen at; this machine alone is 127.0.0.1. */
  readonly host: string;
  readonly port: number;
  /** What clients have to send as `Authorization: Api-Key`; none is asked for without. */
  readonly key?: string | undefined;
  /** What is said to each client at once. */
  readonly metadata: SentMap;
  /** Gets ready for a client, which waits for the first message. */
  readonly onClient: () => Promise<HostedClient>;
}

/** @throws PumiceError `config/invalid` where it cannot listen. */
export async function hostOpenpi({
  host,
  port,
  key,
  metadata,
  onClient,
}: HostOptions): Promise<AsyncDisposable & { readonly url: string }> {
  const http = createServer((request, response) => {
    const isHealthy = request.method === 'GET' && request.url === '/healthz';
    response.writeHead(isHealthy ? 200 : 404).end(isHealthy ? 'OK\n' : 'Not Found\n');
  });
  const sockets = new WebSocketServer({
    server: http,
    maxPayload: MAX_BYTES,
    perMessageDeflate: false,
    verifyClient: ({ req }: { req: { headers: { authorization?: string | undefined } } }) =>
      key === undefined || isSame(req.headers.authorization ?? '', `Api-Key ${key}`),
  });
  // Told by the server below it.
  sockets.on('error', () => {});
  sockets.on('connection', (socket) => void attend(socket, onClient(), metadata));
  http.listen(port, host);
  await once(http, 'listening').catch((cause: unknown) => {
    throw new PumiceError('config/invalid', `cannot listen at ${host}:${port}: ${describeError(cause)}`, {
      who: 'openpi host',
      hint: 'Give another --port or --host',
      cause,
    });
  });
  return {
    url: `ws://${host.includes(':') ? `[${host}]` : host}:${(http.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

async function attend(socket: WebSocket, coming: Promise<HostedClient>, metadata: SentMap): Promise<void> {
  let isBusy = false;
  const fail = (words: string) => {
    socket.send(words);
    socket.close(INTERNAL_ERROR, 'The error is in the frame before');
  };
  const answer = async (data: Buffer, isBinary: boolean) => {
    // Answers have no number: a second question could be taken for the first one's.
    if (isBusy) return fail('one question at a time: wait for the answer');
    const observation = isBinary ? unpacked(data) : undefined;
    if (!isMap(observation)) return fail('expected a map in msgpack, as openpi-client sends it');
    isBusy = true;
    try {
      const said = await (await coming).ask(observation);
      if ('answer' in said) socket.send(packed(said.answer));
      else if (said.isOver) fail(said.error);
      else socket.send(said.error);
    } catch (error) {
      fail(describeError(error));
    } finally {
      isBusy = false;
    }
  };
  socket.on('error', () => {});
  socket.on('message', (data: Buffer, isBinary) => void answer(data, isBinary));
  socket.on('close', () => void coming.then((client) => client.left()).catch(() => {}));
  await coming.then(
    () => socket.send(packed(metadata)),
    (error: unknown) => fail(describeError(error)),
  );
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
