/**
 * The thread that makes a video: draws each scene that it is sent, encodes it, and answers. Built to plain JavaScript and run from
 * `dist`. The encoder is WebAssembly without threads of its own, and hangs handlers on its process: neither is for the main thread.
 */
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { createPainter, type Picture } from './video/picture.ts';
import type { Layout, Scene } from './video/storyboard.ts';

/** What the main thread says: one picture more, or that there is none. */
export type Request = { readonly kind: 'scene'; readonly scene: Scene } | { readonly kind: 'end' };
/** The answer to each. */
export type Reply =
  | { readonly kind: 'drawn'; readonly isWhole: boolean }
  | { readonly kind: 'video'; readonly data: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'failed'; readonly message: string };

/** 10 (best) to 51. Chosen: one-pixel strokes of numbers stay sharp; an arm's episode takes about 4 KB a step. */
const QUANTIZATION = 26;
/** 0 (best) to 10 (fastest). Chosen: more effort took half as long again and gave no fewer bytes. */
const SPEED = 10;
/** How long the last picture stays, and how far apart pictures are that can be jumped to, s. */
const LAST_S = 1;
const KEY_S = 2;

// A CommonJS bundle whose names an import does not see.
const encoders = createRequire(import.meta.url)('h264-mp4-encoder') as typeof import('h264-mp4-encoder');

async function open(layout: Layout) {
  const encoder = await encoders.createH264MP4Encoder();
  encoder.width = layout.widthPx;
  encoder.height = layout.heightPx;
  encoder.frameRate = layout.rateHz;
  encoder.quantizationParameter = QUANTIZATION;
  encoder.speed = SPEED;
  encoder.groupOfPictures = KEY_S * layout.rateHz;
  encoder.initialize();
  const paint = createPainter(layout);
  let last: Uint8Array | undefined;
  return {
    add: async (scene: Scene): Promise<boolean> => {
      const picture = await paint(scene);
      last = rgbaOf(picture);
      encoder.addFrameRgba(last);
      return picture.isWhole;
    },
    end: (): Uint8Array<ArrayBuffer> => {
      for (let more = 1; last && more < LAST_S * layout.rateHz; more++) encoder.addFrameRgba(last);
      encoder.finalize();
      return new Uint8Array(encoder.FS.readFile(encoder.outputFilename));
    },
  };
}

function rgbaOf({ data }: Picture): Uint8Array {
  const rgba = new Uint8Array((data.length / 3) * 4);
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    rgba[to] = data[from]!;
    rgba[to + 1] = data[from + 1]!;
    rgba[to + 2] = data[from + 2]!;
    rgba[to + 3] = 255;
  }
  return rgba;
}

const opened = open(workerData as Layout);

async function answer(request: Request): Promise<Reply> {
  try {
    const video = await opened;
    if (request.kind === 'end') return { kind: 'video', data: video.end() };
    return { kind: 'drawn', isWhole: await video.add(request.scene) };
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', async (request: Request) => {
  const reply = await answer(request);
  parentPort?.postMessage(reply, reply.kind === 'video' ? [reply.data.buffer] : []);
});
