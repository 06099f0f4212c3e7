/**
 * Packs pictures into a video file on a thread of its own, which stays for the next clip and keeps no process alive. Knows nothing
 * of frames and models.
 */
import { Worker } from 'node:worker_threads';
import { PumiceError } from '../errors.ts';
import type { Packed, Packing } from './clip-worker.ts';

/** Workers run what is built, also where the source is run. */
const WORKER = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/src/models/clip-worker.js', import.meta.url)
  : new URL('./clip-worker.js', import.meta.url);

interface Packer {
  readonly worker: Worker;
  readonly waiting: Map<number, (packed: Packed) => void>;
}
let running: Packer | undefined;
let clips = 0;

function start(): Packer {
  const worker = new Worker(WORKER);
  const packer: Packer = { worker, waiting: new Map() };
  worker.unref();
  const settle = (packed: Packed) => {
    packer.waiting.get(packed.id)?.(packed);
    packer.waiting.delete(packed.id);
    if (packer.waiting.size === 0) worker.unref();
  };
  const fail = (failure: string) => {
    if (running === packer) running = undefined;
    for (const id of [...packer.waiting.keys()]) settle({ id, failure });
  };
  worker.on('message', settle);
  worker.on('error', (error) => fail(error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => fail(`its thread ended with code ${code}`));
  return packer;
}

/**
 * One MP4 file of pictures of one size, even in both sides. The pictures are handed over: they are empty afterwards.
 *
 * @throws PumiceError `record/video`; the signal's reason when it is aborted.
 */
export function packClip(packing: Omit<Packing, 'id'>, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    running ??= start();
    const { worker, waiting } = running;
    const id = clips++;
    const leave = () => {
      waiting.delete(id);
      if (waiting.size === 0) worker.unref();
      reject(signal?.reason);
    };
    waiting.set(id, (packed) => {
      signal?.removeEventListener('abort', leave);
      if ('mp4' in packed) resolve(packed.mp4);
      else reject(failed(packed.failure));
    });
    signal?.addEventListener('abort', leave, { once: true });
    worker.ref();
    worker.postMessage(
      { id, ...packing },
      packing.pictures.map(({ buffer }) => buffer),
    );
  });
}

const failed = (why: string) =>
  new PumiceError('record/video', `the clip could not be packed: ${why}`, {
    who: 'model video',
    hint: 'Ask with pictures in place of a video, or a smaller one',
  });
