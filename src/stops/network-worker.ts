/** The thread of the network's stop source: hears datagrams, and stops before it tells anybody. Runs from `dist`. */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { monotonicNowMs, sleep } from '../clock.ts';
import type { StopCategory } from '../ports.ts';
import { openStopWord } from '../robot/boxes.ts';

export interface NetworkWorkerData {
  readonly port: number;
  readonly host: string;
  readonly category: StopCategory;
  readonly stopWord: SharedArrayBuffer | undefined;
  readonly renewWithinMs: number | undefined;
}
export type NetworkReply =
  | { readonly kind: 'listening'; readonly host: string; readonly port: number }
  | { readonly kind: 'stop'; readonly cause: string }
  | { readonly kind: 'failed'; readonly message: string };

/** What a dead-man sends. */
const ALIVE = 'alive';

const { port, host, category, stopWord, renewWithinMs } = workerData as NetworkWorkerData;
const word = stopWord && openStopWord(stopWord);
const tell = (reply: NetworkReply) => parentPort!.postMessage(reply);
const stop = (cause: string) => {
  word?.stop(category);
  tell({ kind: 'stop', cause });
};

let renewedMs = monotonicNowMs();
async function watch(withinMs: number): Promise<void> {
  renewedMs = monotonicNowMs();
  for (let leftMs = withinMs; leftMs > 0; leftMs = renewedMs + withinMs - monotonicNowMs()) await sleep(leftMs);
  stop(`was not renewed within ${withinMs} ms`);
}

const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
socket.on('message', (datagram, sender) => {
  if (datagram.toString('latin1').trim() === ALIVE) renewedMs = monotonicNowMs();
  else stop(`a datagram came from ${sender.address}:${sender.port}`);
});
socket.on('error', (error) => {
  // A button that nobody hears is none.
  word?.stop(category);
  tell({ kind: 'failed', message: error.message });
  socket.close();
});
socket.bind(port, host, () => {
  tell({ kind: 'listening', host, port: socket.address().port });
  if (renewWithinMs !== undefined) void watch(renewWithinMs);
});
