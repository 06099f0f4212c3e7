/** A bare server in a thread of its own, which notes what comes when and does nothing else: the floor of what a page sends. */
import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';
import { monotonicNowMs, type PilotInput } from 'pumice';
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
server.on('listening', () => parentPort!.postMessage((server.address() as AddressInfo).port));
server.on('connection', (socket) =>
  socket.on('message', (data) => {
    const atMs = monotonicNowMs();
    parentPort!.postMessage({ atMs, share: (JSON.parse(String(data)) as PilotInput).share });
  }),
);
