/**
 * What the cameras of a robot see: the newest picture of each, with the time of this machine at which it was taken. JPEG is passed through
 * as it came. A picture whose time is not known, or that has another size than the profile says, is none. On a link of its own: pictures
 * must not stand in the way of commands.
 */
import { type Frame, monotonicNowMs } from 'pumice';
import { compressedImageSchema, imageSchema, rgbOf } from './incoming.ts';
import { jpegSizeOf } from './jpeg-size.ts';
import type { Link } from './link.ts';
import type { CameraProfile } from './profile.ts';

export interface Cameras {
  /** The newest picture of each camera that has sent one. */
  readonly frames: () => readonly Frame[];
  /** What keeps a camera from being seen, each with its topic. */
  readonly problems: () => readonly string[];
  /** The camera that has fallen silent, or shows nothing that can be taken; for how long. */
  readonly late: (nowMs: number) => string | undefined;
  /** Pictures that came of a camera. */
  readonly count: (name: string) => number;
}

/** Periods of the slowest rate that a camera may have, after which it is silent. */
const SILENT_PERIODS = 3;

/** @param hereMs - when it was here that the robot's clock showed this. */
export function openCameras(
  link: Link,
  cameras: readonly CameraProfile[],
  hereMs: (robotMs: number, nowMs: number) => number | undefined,
): Cameras {
  const eyes = cameras.map((camera) => openEye(link, camera, hereMs));
  return {
    frames: () => eyes.flatMap(({ newest }) => newest() ?? []),
    problems: () => eyes.flatMap(({ problem }) => problem() ?? []),
    late: (nowMs) => eyes.map(({ late }) => late(nowMs)).find((why) => why !== undefined),
    count: (name) => eyes[cameras.findIndex((camera) => camera.name === name)]?.count() ?? 0,
  };
}

function openEye(link: Link, camera: CameraProfile, hereMs: (robotMs: number, nowMs: number) => number | undefined) {
  const { name, topic, kind, widthPx, heightPx, minHz, intrinsics, cameraInBase } = camera;
  /** Stays when the socket is lost: its stamp says how old it is. */
  let frame: Frame | undefined;
  let problem: string | undefined = 'no picture came yet';
  let takenMs = monotonicNowMs();
  const take = (
    header: { readonly stamp: number; readonly frame_id: string },
    receivedMs: number,
    size: readonly [number, number] | undefined,
    picture: () => Pick<Frame, 'data' | 'encoding'>,
  ) => {
    const stampMs = hereMs(header.stamp, receivedMs);
    if (stampMs === undefined) problem = "the robot's clock is not known, or its stamps are of another one";
    else if (size?.[0] !== widthPx || size[1] !== heightPx)
      problem = `expected ${widthPx} x ${heightPx} pixels, got ${size?.join(' x ') ?? 'a picture without a size'}`;
    else {
      problem = undefined;
      takenMs = receivedMs;
      frame = {
        ...picture(),
        ...{ widthPx, heightPx, stampMs, camera: name },
        ...(header.frame_id !== '' && { frameId: header.frame_id }),
        ...(intrinsics && { intrinsics }),
        ...(cameraInBase && { cameraInBase }),
      };
    }
  };
  const maxSilenceMs = (1000 / minHz) * SILENT_PERIODS;
  const common = { topic, compression: 'cbor', maxSilenceMs } as const;
  const subscription =
    kind === 'compressed'
      ? link.subscribe(
          { ...common, type: 'sensor_msgs/CompressedImage', schema: compressedImageSchema },
          ({ message: { header, data }, receivedMs }) =>
            take(header, receivedMs, jpegSizeOf(data), () => ({ data, encoding: 'jpeg' })),
        )
      : link.subscribe({ ...common, type: 'sensor_msgs/Image', schema: imageSchema }, ({ message, receivedMs }) =>
          take(message.header, receivedMs, [message.width, message.height], () => ({
            data: rgbOf(message),
            encoding: 'rgb8',
          })),
        );
  return {
    newest: () => frame,
    count: subscription.count,
    late: (nowMs: number) => {
      const silentMs = nowMs - takenMs;
      const why = subscription.unfit().problem ?? problem;
      const words = `camera ${name} (${topic}): expected a picture every ${maxSilenceMs} ms, none for ${Math.round(silentMs)} ms`;
      return silentMs <= maxSilenceMs ? undefined : `${words}${why === undefined ? '' : ` (${why})`}`;
    },
    problem: () => {
      const { problem: unfit } = subscription.unfit();
      const why = subscription.count() === 0 ? unfit : problem;
      return (why ?? problem) === undefined ? undefined : `camera ${name} (${topic}): ${why ?? problem}`;
    },
  };
}
