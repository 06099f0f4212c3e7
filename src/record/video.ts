/**
 * A short video of a recorded episode: H.264 in MP4, made by a thread of its own. Knows nothing of pages and commands.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { PumiceError } from '../errors.ts';
import type { Episode } from './reader.ts';
import { storyboardOf } from './video/storyboard.ts';
import type { Reply, Request } from './video-worker.ts';

export interface Video {
  /** The MP4 file. */
  readonly data: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Steps shown, one picture each, and how many a second. */
  readonly steps: number;
  readonly rateHz: number;
  /** Steps with a picture that could not be read; its place is dark. */
  readonly damaged: number;
}

export interface VideoOptions {
  /** Told after each step that is drawn. */
  readonly onProgress?: (done: number, all: number) => void;
  readonly signal?: AbortSignal;
}

/** Workers run what is built, also where the source is run. */
const WORKER = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/src/record/video-worker.js', import.meta.url)
  : new URL('./video-worker.js', import.meta.url);

const failed = (what: string, cause?: unknown): PumiceError =>
  new PumiceError('record/video', `the video could not be made: ${what}`, {
    who: 'video',
    hint: 'Make the report without a video; it needs none',
    cause,
  });

/**
 * Makes a video of the episode's pictures, with marks, traces and a strip of all steps.
 *
 * @throws PumiceError `record/invalid` when no step has a picture, `record/video` when none could be read or the encoder failed.
 */
export async function makeVideo(episode: Episode, { onProgress, signal }: VideoOptions = {}): Promise<Video> {
  const { layout, scenes } = storyboardOf(episode);
  signal?.throwIfAborted();
  const worker = new Worker(WORKER, { workerData: layout });
  const gone = once(worker, 'exit').then(([code]) => Promise.reject(failed(`its thread ended with code ${code}`)));
  // It is listened to only while an answer is waited for.
  gone.catch(() => {});
  const ask = async (request: Request): Promise<Exclude<Reply, { kind: 'failed' }>> => {
    const answered = once(worker, 'message', signal ? { signal } : {}) as Promise<[Reply]>;
    worker.postMessage(request);
    const [reply] = await Promise.race([answered, gone]);
    if (reply.kind === 'failed') throw failed(reply.message);
    return reply;
  };
  try {
    let damaged = 0;
    for (const [at, scene] of scenes.entries()) {
      const reply = await ask({ kind: 'scene', scene });
      if (reply.kind === 'drawn' && !reply.isWhole) damaged++;
      onProgress?.(at + 1, scenes.length);
    }
    if (damaged === scenes.filter(({ frames }) => frames.length > 0).length)
      throw failed(`none of the pictures of ${damaged} steps can be read`);
    const reply = await ask({ kind: 'end' });
    if (reply.kind !== 'video') throw failed('its thread gave no file');
    const { widthPx, heightPx, rateHz } = layout;
    return { data: reply.data, widthPx, heightPx, steps: scenes.length, rateHz, damaged };
  } catch (cause) {
    signal?.throwIfAborted();
    throw PumiceError.is(cause) ? cause : failed(cause instanceof Error ? cause.message : String(cause), cause);
  } finally {
    await worker.terminate();
  }
}
