/**
 * A stop source on the network: any datagram stops, but for `alive`, which renews a dead-man. It has a thread of its own, and with a stop
 * word it stops the body itself, whatever the rest of the program is doing. Datagrams can be lost and forged: this is a further
 * button beside the wired one, and by itself it listens to this machine alone.
 */
import { Worker } from 'node:worker_threads';
import { Observable } from 'rxjs';
import { PumiceError } from '../errors.ts';
import type { StopCategory, StopSource } from '../ports.ts';
import type { NetworkReply, NetworkWorkerData } from './network-worker.ts';

export interface NetworkStopOptions {
  /** UDP port; 0 takes a free one. */
  readonly port: number;
  /** Address to listen at. */
  readonly host?: string;
  /** Of the body: written at once, with nobody's help. */
  readonly stopWord?: SharedArrayBuffer;
  readonly category?: StopCategory;
  /** The longest silence between datagrams `alive`, ms; without it none is needed. */
  readonly renewWithinMs?: number;
}

export interface NetworkStop extends StopSource {
  /** Where it listens, once it does. */
  readonly listening: Promise<{ readonly host: string; readonly port: number }>;
}

const WORKER = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/src/stops/network-worker.js', import.meta.url)
  : new URL('./network-worker.js', import.meta.url);

/** Listens while its stream is listened to; a stop word is stopped in that time, whoever hangs. */
export function network(options: NetworkStopOptions): NetworkStop {
  const { port, host = '127.0.0.1', category = 1, stopWord, renewWithinMs } = options;
  const who = 'stop source network';
  if (!(Number.isInteger(port) && port >= 0 && port < 65_536))
    throw new PumiceError('config/invalid', `port is ${port}, expected 0 to 65535`, { who });
  if (renewWithinMs !== undefined && !(renewWithinMs > 0 && renewWithinMs < Infinity))
    throw new PumiceError('config/invalid', `renewWithinMs is ${renewWithinMs}, expected a time above 0`, { who });
  let heard: (place: { host: string; port: number }) => void;
  let failed: (error: unknown) => void;
  const listening = new Promise<{ host: string; port: number }>((resolve, reject) => {
    heard = resolve;
    failed = reject;
  });
  // Who does not ask where it listens learns of a failure by the stop.
  listening.catch(() => {});
  const workerData: NetworkWorkerData = { port, host, category, stopWord, renewWithinMs };
  return {
    name: 'network',
    listening,
    stop$: new Observable<string>((stops) => {
      const worker = new Worker(WORKER, { workerData, execArgv: [] });
      worker.unref();
      const fail = (error: unknown) => {
        failed(error);
        stops.error(error);
      };
      worker.on('message', (reply: NetworkReply) => {
        if (reply.kind === 'listening') heard(reply);
        if (reply.kind === 'stop') stops.next(reply.cause);
        if (reply.kind === 'failed')
          fail(
            new PumiceError('config/invalid', `cannot listen at ${host}:${port}: ${reply.message}`, {
              who,
              hint: 'Choose another port or address',
            }),
          );
      });
      worker.on('error', fail);
      worker.on('exit', () => stops.complete());
      return () => void worker.terminate();
    }),
  };
}
