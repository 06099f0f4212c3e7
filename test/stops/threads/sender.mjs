/** Sends one datagram from a thread of its own, once the word that it is given says so. */
import { createSocket } from 'node:dgram';
import { workerData } from 'node:worker_threads';

const { port, text, go } = workerData;
Atomics.wait(new Int32Array(go), 0, 0);
const socket = createSocket('udp4');
socket.send(text, port, '127.0.0.1', () => socket.close());
