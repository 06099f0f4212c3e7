/**
 * The thread that packs clips: pictures in, H.264 in MP4 out, one clip after the other. Built to plain JavaScript and run from
 * `dist`. The encoder is WebAssembly without threads of its own, and hangs handlers on its process: neither is for the main thread.
 */
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';

export interface Packing {
  readonly id: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly fps: number;
  /** Raw RGB, all of one size. */
  readonly pictures: readonly Uint8Array<ArrayBuffer>[];
}
export type Packed = { readonly id: number } & (
  | { readonly mp4: Uint8Array<ArrayBuffer> }
  | { readonly failure: string }
);

/** 10 (best) to 51. Chosen: text on pages stays legible, half of the bytes of the same pictures as JPEG. */
const QUANTIZATION = 22;
/** 0 (best) to 10 (fastest). Chosen: more effort takes half as long again and gives no fewer bytes. */
const SPEED = 10;

// A CommonJS bundle whose names an import does not see.
const encoders = createRequire(import.meta.url)('h264-mp4-encoder') as typeof import('h264-mp4-encoder');

async function pack({ widthPx, heightPx, fps, pictures }: Packing): Promise<Uint8Array<ArrayBuffer>> {
  const encoder = await encoders.createH264MP4Encoder();
  try {
    encoder.width = widthPx;
    encoder.height = heightPx;
    encoder.frameRate = fps;
    encoder.quantizationParameter = QUANTIZATION;
    encoder.speed = SPEED;
    // Servers pick frames by their number, and seek to them: a picture of its own once a second.
    encoder.groupOfPictures = Math.max(1, Math.round(fps));
    encoder.initialize();
    for (const picture of pictures) encoder.addFrameRgba(rgbaOf(picture));
    encoder.finalize();
    const mp4 = new Uint8Array(encoder.FS.readFile(encoder.outputFilename));
    encoder.FS.unlink(encoder.outputFilename);
    return mp4;
  } finally {
    encoder.delete();
  }
}

function rgbaOf(data: Uint8Array): Uint8Array {
  const rgba = new Uint8Array((data.length / 3) * 4);
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    rgba[to] = data[from]!;
    rgba[to + 1] = data[from + 1]!;
    rgba[to + 2] = data[from + 2]!;
    rgba[to + 3] = 255;
  }
  return rgba;
}

async function answer(packing: Packing): Promise<Packed> {
  try {
    return { id: packing.id, mp4: await pack(packing) };
  } catch (error) {
    return { id: packing.id, failure: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', async (packing: Packing) => {
  const packed = await answer(packing);
  parentPort?.postMessage(packed, 'mp4' in packed ? [packed.mp4.buffer] : []);
});
