/**
 * Pictures of which the right answer is known: one disc in blue, one in yellow, and on the second picture the other way round. Their
 * sides are multiples of what any family resizes to, so a model that answers in pixels sees the pixels that were painted.
 */
import type { Frame } from '../types.ts';
import type { Resize } from './profile.ts';
import type { SentImage } from './request.ts';

/** 48 x 24 patches of 28 px, 42 x 21 of 32 px. */
const WIDTH_PX = 1344;
const HEIGHT_PX = 672;
const RADIUS_PX = 110;
const BLUE = [30, 80, 230] as const;
const YELLOW = [250, 190, 0] as const;
/** Where the discs are. A place read in a wrong space, or with its axes swapped, is in neither. */
const SPOTS = [
  [1080, 180],
  [300, 520],
] as const;

export interface TestPicture {
  readonly image: SentImage;
  /** Of the picture as it is sent. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Whether a place, as fractions of width and height, is on the blue disc. */
  readonly isOnBlue: (x: number, y: number) => boolean;
}

/** Both pictures, resized and encoded as a family wants them; `rgb8` is of no use to those that answer in words. */
export async function testPictures(resize: Resize, format: SentImage['format']): Promise<readonly TestPicture[]> {
  return Promise.all(SPOTS.map((_, blue) => picture(blue, resize, format)));
}

async function picture(blue: number, resize: Resize, format: SentImage['format']): Promise<TestPicture> {
  const { encodeJpeg, encodePng, resizeArea } = await import('../vision/index.ts');
  const painted = paint(blue);
  const isFixed = resize.rule === 'exact' || resize.rule === 'pad';
  const sent = isFixed ? resizeArea(painted, resize.widthPx, resize.heightPx) : painted;
  const frame: Frame = { ...sent, encoding: 'rgb8', stampMs: 0, camera: 'self-test' };
  const data = format === 'png' ? await encodePng(sent) : (await encodeJpeg(frame)).data;
  const [blueX, blueY] = SPOTS[blue]!;
  return {
    image: { data, format },
    widthPx: sent.widthPx,
    heightPx: sent.heightPx,
    isOnBlue: (x, y) => Math.hypot(x * WIDTH_PX - blueX, y * HEIGHT_PX - blueY) <= RADIUS_PX,
  };
}

function paint(blue: number) {
  const data = new Uint8Array(WIDTH_PX * HEIGHT_PX * 3).fill(255);
  for (const [at, [centreX, centreY]] of SPOTS.entries())
    for (let y = centreY - RADIUS_PX; y < centreY + RADIUS_PX; y++)
      for (let x = centreX - RADIUS_PX; x < centreX + RADIUS_PX; x++)
        if (Math.hypot(x - centreX, y - centreY) < RADIUS_PX)
          data.set(at === blue ? BLUE : YELLOW, (y * WIDTH_PX + x) * 3);
  return { data, widthPx: WIDTH_PX, heightPx: HEIGHT_PX };
}
