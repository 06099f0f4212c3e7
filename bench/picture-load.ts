/** A camera's worth of work, in a thread of its own: two given pictures of 640 x 480 are encoded as JPEG 30 times a second. */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { monotonicNowMs, sleep } from '../src/clock.ts';
import { encodeJpeg } from '../src/vision/index.ts';

const [WIDTH_PX, HEIGHT_PX, FPS] = [640, 480, 30];

/** @returns how many pictures were encoded, when it is stopped. */
export function loadOfPictures(): () => Promise<number> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL(import.meta.url), { workerData: { stop, isLoad: true } });
  return async () => {
    Atomics.store(stop, 0, 1);
    const count = await new Promise<number>((resolve) => worker.once('message', resolve));
    await worker.terminate();
    return count;
  };
}

if (!isMainThread && (workerData as { isLoad?: boolean } | null)?.isLoad) {
  const { stop } = workerData as { stop: Int32Array };
  // What cameras give: shades and noise, so that the encoder has work.
  const pictures = [0, 1].map((camera) => {
    const data = new Uint8Array(WIDTH_PX * HEIGHT_PX * 3);
    for (let at = 0; at < data.length; at++)
      data[at] = 96 + 64 * Math.sin((at % (WIDTH_PX * 3)) / 90 + camera) + 16 * Math.random();
    return {
      data,
      encoding: 'rgb8' as const,
      widthPx: WIDTH_PX,
      heightPx: HEIGHT_PX,
      stampMs: 0,
      camera: `load ${camera}`,
    };
  });
  let count = 0;
  for (let dueMs = monotonicNowMs(); Atomics.load(stop, 0) === 0; dueMs += 1000 / FPS) {
    for (const picture of pictures) await encodeJpeg(picture);
    count += pictures.length;
    await sleep(Math.max(0, dueMs + 1000 / FPS - monotonicNowMs()));
  }
  parentPort!.postMessage(count);
}
