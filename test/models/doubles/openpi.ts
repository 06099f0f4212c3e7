/**
 * A double of openpi's policy server: its frames are bytes that the original package made. Source of the behaviour:
 * Physical-Intelligence/openpi, src/openpi/serving/websocket_policy_server.py: metadata first, one answer a question, a traceback as text
 * and then close 1011 when it fails.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export interface OpenpiDouble extends AsyncDisposable {
  readonly url: string;
  readonly asked: Buffer[];
  readonly headers: Record<string, unknown>[];
}

export type OpenpiReply = (socket: WebSocket) => void;

export async function openpiDouble(metadata: Buffer, ...replies: readonly OpenpiReply[]): Promise<OpenpiDouble> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const asked: Buffer[] = [];
  const headers: Record<string, unknown>[] = [];
  server.on('connection', (socket, request) => {
    headers.push(request.headers);
    socket.send(metadata);
    socket.on('message', (data: Buffer) => {
      asked.push(data);
      replies[Math.min(asked.length, replies.length) - 1]!(socket);
    });
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    headers,
    [Symbol.asyncDispose]: async () => {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}

/** As the original fails: the traceback as text, then the close. */
export const fails: OpenpiReply = (socket) => {
  socket.send('Traceback (most recent call last):\n  File "policy.py", line 1\nKeyError: \'observation/state\'\n');
  socket.close(1011, 'Internal server error. Traceback included in previous frame.');
};
