/** A thread that posts one motion after the other along x, as a loop of a run would, until it is killed. */
import { parentPort, workerData } from 'node:worker_threads';
import { monotonicNowMs } from '../../../dist/src/clock.js';
import { openPost } from '../../../dist/src/robot/driver-post.js';

const { buffers, home, epoch, periodMs, byM } = workerData;
const { post } = openPost(buffers);
const pause = new Int32Array(new SharedArrayBuffer(4));
for (let n = 1; ; n++) {
  const [x, y, z] = home.pM;
  const target = { ...home, pM: [x + n * byM, y, z] };
  post({ verdictId: n, epoch, validUntilMs: monotonicNowMs() + 3 * periodMs, durationMs: periodMs, target });
  parentPort.postMessage(n);
  Atomics.wait(pause, 0, 0, periodMs);
}
