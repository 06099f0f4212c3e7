/**
 * Draws one picture of a video: the cameras with marks and traces, and the strip above. Knows nothing of encoders or threads.
 */
import { PumiceError } from '../../errors.ts';
import type { Frame } from '../../types.ts';
import { drawMarks } from '../../vision/draw-marks.ts';
import { drawTraces } from '../../vision/draw-traces.ts';
import { drawDigits, fillRect, labelSize, type Raster, type Rgb } from '../../vision/raster.ts';
import { scaleToRgb } from '../../vision/scale.ts';
import { type Layout, type Pane, type Scene, STRIP_PX } from './storyboard.ts';

const GROUND: Rgb = [24, 27, 32];
const WHITE: Rgb = [255, 255, 255];
/** Colour and height (a share of the strip) of a step: told by both, not by colour alone. Colours as in the dark report. */
const STEPS: Readonly<Record<Layout['strip'][number], readonly [colour: Rgb, height: number]>> = {
  allow: [[111, 211, 156], 0.3],
  modify: [[140, 188, 245], 0.5],
  ask: [[240, 189, 92], 0.8],
  deny: [[255, 147, 137], 0.8],
  halt: [[223, 160, 245], 0.8],
};
/** How much of its colour a step has that is still to come. */
const TO_COME = 0.4;
/** Side of a cell of the digits in the strip, px, and room around its parts. */
const CELL_PX = 2;
const MARGIN_PX = 6;
/** Narrowest column of a step, px: one that went otherwise must be seen among thousands. */
const MIN_STEP_PX = 2;

/** A picture of the video as rgb8, and whether each of its frames could be read. A frame that cannot leaves its place dark. */
export type Picture = Raster & { readonly isWhole: boolean };

/** Makes what draws the pictures of one video. */
export function createPainter(layout: Layout): (scene: Scene) => Promise<Picture> {
  const { widthPx, heightPx } = layout;
  const strip = drawStrip(layout);
  return async (scene) => {
    const image = { data: new Uint8Array(widthPx * heightPx * 3), widthPx, heightPx };
    fillRect(image, [0, 0, widthPx, heightPx], GROUND);
    let isWhole = true;
    const placeFrame = async (frame: Frame, at: number) => {
      const pane = layout.panes.find(({ camera }) => camera === frame.camera);
      if (!pane) return;
      const drawn = await inPane(pane, frame).catch((error: unknown) => {
        if (!PumiceError.is(error, 'vision/invalid')) throw error;
        isWhole = false;
      });
      if (!drawn) return;
      if (at === 0) {
        drawMarks(drawn, scene.marks);
        drawTraces(drawn, scene.traces);
      }
      copyInto(image, drawn, pane);
    };
    await Promise.all(scene.frames.map(placeFrame));
    strip(image, scene);
    return { ...image, isWhole };
  };
}

/** The frame as large as its pane lets it be. */
function inPane(pane: Pane, frame: Frame): Promise<Frame> {
  const scale = Math.min(pane.widthPx / frame.widthPx, pane.heightPx / frame.heightPx);
  const [widthPx, heightPx] = [frame.widthPx * scale, frame.heightPx * scale].map((side) =>
    Math.max(1, Math.round(side)),
  );
  return scaleToRgb(frame, widthPx!, heightPx!);
}

/** Copies the frame into the middle of its pane. */
function copyInto(image: Raster, frame: Frame, pane: Pane): void {
  const left = pane.leftPx + ((pane.widthPx - frame.widthPx) >> 1);
  const top = STRIP_PX + ((pane.heightPx - frame.heightPx) >> 1);
  const bytes = frame.widthPx * 3;
  for (let row = 0; row < frame.heightPx; row++)
    image.data.set(frame.data.subarray(row * bytes, (row + 1) * bytes), ((top + row) * image.widthPx + left) * 3);
}

/** Makes what draws the strip: the number of the step, and all steps as columns. Those to come are dim, a white line is now. */
function drawStrip({ widthPx, strip }: Layout): (image: Raster, scene: Scene) => void {
  const digits = Math.max(4, String(strip.length).length);
  const left = 2 * MARGIN_PX + labelSize(10 ** (digits - 1), CELL_PX)[0];
  const pitch = (widthPx - MARGIN_PX - left) / strip.length;
  const whole = { data: new Uint8Array(widthPx * STRIP_PX * 3), widthPx, heightPx: STRIP_PX };
  fillRect(whole, [0, 0, widthPx, STRIP_PX], GROUND);
  const columns = strip.map((colour, at) => ({ look: STEPS[colour], at }));
  // The tall ones last, so that none is hidden by a neighbour.
  for (const { look, at } of columns.sort((a, b) => a.look[1] - b.look[1])) {
    const x0 = Math.round(left + at * pitch);
    const x1 = Math.max(x0 + MIN_STEP_PX, Math.round(left + (at + 1) * pitch) - (pitch > 3 ? 1 : 0));
    const y1 = STRIP_PX - MARGIN_PX;
    fillRect(whole, [x0, Math.round(y1 - look[1] * (STRIP_PX - MARGIN_PX)), x1, y1], look[0]);
  }
  const dim = { ...whole, data: whole.data.map((part, at) => GROUND[at % 3]! + TO_COME * (part - GROUND[at % 3]!)) };
  const numberTop = (STRIP_PX - labelSize(0, CELL_PX)[1]) >> 1;
  return (image, { position, index }) => {
    const now = Math.round(left + (position + 1) * pitch);
    for (let row = 0; row < STRIP_PX; row++) {
      const [from, middle, to] = [0, now, widthPx].map((x) => (row * widthPx + x) * 3) as [number, number, number];
      image.data.set(whole.data.subarray(from, middle), from);
      image.data.set(dim.data.subarray(middle, to), middle);
    }
    fillRect(image, [now - 1, 2, now + 1, STRIP_PX - 2], WHITE);
    drawDigits(image, Math.max(0, index), [MARGIN_PX, numberTop], CELL_PX, WHITE);
  };
}
