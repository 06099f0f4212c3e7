/** A websocket server for clients that ask policies: who may connect, how much they may send, a path that says it is up. Knows no wire. */
import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { describeError, PumiceError } from '../errors.ts';

export interface SocketHost extends AsyncDisposable {
  readonly url: string;
}

export interface SocketHostOptions {
  readonly who: string;
  /** Address to listen at; this machine alone is 127.0.0.1. */
  readonly host: string;
  readonly port: number;
  /** Bytes of a message above which its client is cut off. */
  readonly maxBytes: number;
  readonly healthPath: string;
  readonly healthText: string;
  /** What has to stand in the header of that name; nothing is asked for without. */
  readonly authorization: string | undefined;
  readonly onSocket: (socket: WebSocket) => void;
}

/** Silence after which a connection is asked whether it is still there, ms. Chosen. */
const KEEP_ALIVE_MS = 30_000;

/** @throws PumiceError `config/invalid` where it cannot listen. */
export async function hostSockets(options: SocketHostOptions): Promise<SocketHost> {
  const { who, host, port, maxBytes, healthPath, healthText, authorization, onSocket } = options;
  const http = createServer((request, response) => {
    const isHealthy = request.method === 'GET' && request.url === healthPath;
    response.writeHead(isHealthy ? 200 : 404).end(isHealthy ? healthText : 'Not Found\n');
  });
  // A client whose machine is gone says nothing: its connection must not be kept, with its policy and its record, for ever.
  http.on('connection', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS));
  const sockets = new WebSocketServer({
    server: http,
    maxPayload: maxBytes,
    perMessageDeflate: false,
    verifyClient: ({ req }: { req: { headers: { authorization?: string | undefined } } }) =>
      authorization === undefined || isSame(req.headers.authorization ?? '', authorization),
  });
  // Told by the server below it.
  sockets.on('error', () => {});
  sockets.on('connection', onSocket);
  http.listen(port, host);
  await once(http, 'listening').catch((cause: unknown) => {
    throw new PumiceError('config/invalid', `cannot listen at ${host}:${port}: ${describeError(cause)}`, {
      who,
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

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
