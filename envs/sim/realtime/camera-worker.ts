/**
 * The thread that draws what the cameras see, from the newest scene that the physics has told of, and makes JPEG of it. Physics never
 * waits for it, and nor does whoever looks: the newest picture lies in shared memory. Built to plain JavaScript and run from `dist`.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { monotonicNowMs, sleep } from 'pumice';
import { encodeJpeg } from 'pumice/vision';
import { openBox } from '../../../src/robot/boxes.ts';
import { type CameraName, createCameras, type Disturbance } from '../cameras.ts';
import { layoutFor } from '../layout.ts';
import type { Goal } from '../words.ts';
import { openFrameBox } from './frames.ts';
import { CAMERA_PRIORITY, prioritise } from './priority.ts';
import { createSceneView, type Fixed } from './scene.ts';

export interface CameraData extends Fixed {
  readonly sceneBox: SharedArrayBuffer;
  readonly cameras: readonly { readonly name: CameraName; readonly box: SharedArrayBuffer }[];
  readonly sizePx: number;
  /** Of JPEG; absent: raw pixels. */
  readonly quality?: number;
}
/** Looks at another layout from here on: scenes before that time are of the one before. */
export interface CameraRequest {
  readonly seed: number;
  readonly goal?: Goal;
  readonly disturbance: Disturbance;
  readonly sinceMs: number;
}
/** There are pictures of the new layout. */
export type CameraReply = { readonly kind: 'seen' };

/** Pictures a second of each camera, where the machine is fast enough. Chosen: what cameras of robots give. */
const CAMERA_HZ = 30;
const PERIOD_MS = 1000 / CAMERA_HZ;

prioritise(CAMERA_PRIORITY);
const { geoms, sceneBox, cameras: mounted, sizePx, quality } = workerData as CameraData;
const scenes = openBox(sceneBox);
const view = createSceneView({ geoms });
const cameras = createCameras(view);
const boxes = mounted.map(({ name, box }) => ({ name, box: openFrameBox(box) }));
let request: CameraRequest | undefined;
let isNew = false;
parentPort!.on('message', (asked: CameraRequest) => {
  request = asked;
  isNew = true;
});

async function draw(stampMs: number): Promise<void> {
  for (const { name, box } of boxes) {
    const rgb = Uint8Array.from(cameras.draw(name, sizePx).rgb);
    const { positionM, rotation } = cameras.poseOf(name);
    const raw = { encoding: 'rgb8', widthPx: sizePx, heightPx: sizePx, stampMs, camera: name } as const;
    const bytes = quality === undefined ? rgb : (await encodeJpeg({ ...raw, data: rgb }, quality)).data;
    box.write({ stampMs, positionM: Array.from(positionM), rotation: Array.from(rotation), bytes });
  }
}

for (let dueMs = monotonicNowMs(); ; ) {
  await sleep(Math.max(0, dueMs - monotonicNowMs()));
  const asked = request;
  if (asked && isNew) {
    const layout = layoutFor(asked.seed, asked.goal);
    cameras.reset(layout, asked.disturbance);
  }
  const scene = scenes.read();
  if (asked && scene && scene.values[0]! >= asked.sinceMs) {
    view.show(scene.values);
    await draw(scene.values[0]!);
    if (isNew && request === asked) {
      isNew = false;
      parentPort!.postMessage({ kind: 'seen' } satisfies CameraReply);
    }
  }
  // Absolute deadlines: one that has passed is left out, not made up for.
  dueMs += PERIOD_MS * Math.max(1, Math.ceil((monotonicNowMs() - dueMs) / PERIOD_MS));
}
