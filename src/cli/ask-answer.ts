/** What stands in an answer besides words: boxes, points and events by the decoders of the model's family, and a picture of them. */
import { wallText } from '../clock.ts';
import {
  type CoordinateSpace,
  type FoundBox,
  type FoundEvent,
  type FoundPoint,
  kosmos2Boxes,
  type Picture,
  type Reading,
  readBoxes,
  readCogvlm2,
  readEvents,
  readGrounded,
  readKosmos2,
  readMagmaUi,
  readPoints,
  type Spoken,
} from '../codecs/index.ts';
import type { ModelProfile } from '../models/index.ts';
import { drawMarks, drawTraces, encodePng, type RawImage } from '../vision/index.ts';

export interface FoundInAnswer {
  readonly boxes: readonly FoundBox[];
  readonly points: readonly FoundPoint[];
  readonly events: readonly FoundEvent[];
}

const held = <T>(reading: Reading<T>): T | undefined => (reading.ok ? reading.value : undefined);

/** An answer may hold none of it: then there is nothing to show. */
export function foundIn(
  { family, space, media }: ModelProfile,
  spoken: Reading<Spoken>,
  picture: Picture | undefined,
): FoundInAnswer {
  const answer = held(spoken)?.answer ?? '';
  const events = media.video
    ? family === 'cogvlm2-video'
      ? held(readCogvlm2(answer))?.events
      : held(readEvents(spoken))
    : undefined;
  const none: FoundInAnswer = { boxes: [], points: [], events: events ?? [] };
  if (!picture) return none;
  if (family === 'kosmos2') {
    const read = held(readKosmos2(answer));
    return { ...none, boxes: read ? kosmos2Boxes(read, picture) : [] };
  }
  if (family === 'magma') {
    const target = held(readMagmaUi(answer, { picture }))?.target;
    return { ...none, points: target?.kind === 'point' ? [{ pointPx: target.pointPx }] : [] };
  }
  const form = { space: space as CoordinateSpace | undefined, picture };
  const grounded = held(readGrounded(spoken, form));
  return {
    ...none,
    boxes: [...(held(readBoxes(spoken, form)) ?? []), ...(grounded?.boxes ?? [])],
    points: [...(held(readPoints(spoken, form)) ?? []), ...(grounded?.points ?? [])],
  };
}

/** Half the side of the square that stands for a point, px. */
const POINT_PX = 6;

/** The picture with boxes numbered and points joined in order, as PNG. */
export async function drawn(canvas: RawImage, { boxes, points }: FoundInAnswer): Promise<Uint8Array> {
  const frame = { ...canvas, data: canvas.data.slice(), encoding: 'rgb8' as const, stampMs: 0, camera: 'answer' };
  const around = ([x, y]: readonly [number, number]) =>
    [x - POINT_PX, y - POINT_PX, x + POINT_PX, y + POINT_PX] as const;
  const marks = [...boxes.map(({ boxPx }) => boxPx), ...points.map(({ pointPx }) => around(pointPx))];
  drawMarks(
    frame,
    marks.map((boxPx, at) => ({ id: at + 1, boxPx })),
  );
  if (points.length > 1) drawTraces(frame, [{ markId: 1, pointsPx: points.map(({ pointPx }) => pointPx) }]);
  return encodePng(frame);
}

const rounded = (numbers: readonly number[]) => numbers.map((number) => Math.round(number)).join(', ');

/** Lines for people, numbered as on the picture. */
export function linesOf({ boxes, points, events }: FoundInAnswer, startWallMs?: number): string[] {
  const doubt = (suspect: boolean | undefined) => (suspect ? ' (doubtful)' : '');
  return [
    ...boxes.map(
      ({ label, boxPx, suspect }, at) => `${at + 1}. box [${rounded(boxPx)}] ${label ?? ''}`.trimEnd() + doubt(suspect),
    ),
    ...points.map(({ label, pointPx }, at) =>
      `${boxes.length + at + 1}. point [${rounded(pointPx)}] ${label ?? ''}`.trimEnd(),
    ),
    ...events.map(({ startS, endS, caption = '' }) =>
      `${timeText(startS, startWallMs)} to ${timeText(endS, startWallMs)}  ${caption}`.trimEnd(),
    ),
  ];
}

/** A second of a clip, dated where the clip is. */
export function timeText(seconds: number, startWallMs?: number): string {
  if (startWallMs === undefined) return `${seconds.toFixed(1)} s`;
  return wallText(startWallMs + seconds * 1000);
}
