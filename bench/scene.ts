/** A page of 300 marks and steps on it, always the same, as benches of the runtime need them. */
import { createHash } from 'node:crypto';
import type { EpisodeFacts } from '../src/ports.ts';
import type { Action, Frame, Mark, Observation, StepRecord } from '../src/types.ts';

export const MARKS = 300;
/** Bytes of a JPEG of a page of 1280 x 800 at quality 80: measured 60 to 130 thousand. */
const JPEG_BYTES = 90_000;
const SHOP = 'http://127.0.0.1:4173';

/** Bytes that do not compress or repeat, always the same. */
export function noise(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 32) {
    const digest = createHash('sha256').update(`${seed} ${at}`).digest();
    bytes.set(digest.subarray(0, Math.min(32, length - at)), at);
  }
  return bytes;
}

const marks: readonly Mark[] = Array.from({ length: MARKS }, (_, id) => ({
  id,
  role: 'button',
  name: `Add item ${id} to the basket`,
  boxPx: [10.5, 20.25 + id, 110.5, 44.25 + id],
  pointPx: [60.5, 32.25 + id],
  state: { focused: false },
  source: 'dom',
  document: 'main',
  origin: SHOP,
}));

export const page = (seed: number): Frame => ({
  data: noise(JPEG_BYTES, seed),
  encoding: 'jpeg',
  widthPx: 1280,
  heightPx: 800,
  stampMs: 0,
  camera: 'page',
});

export const camera = (seed: number): Frame => ({
  data: new Uint8Array(640 * 480 * 3).map((_, at) => (at * 7 + seed * 13 + ((at >> 9) & 31)) & 255),
  encoding: 'rgb8',
  widthPx: 640,
  heightPx: 480,
  stampMs: 0,
  camera: 'third',
});

const HOME: NonNullable<Observation['proprio']>['tcpPose'] = { frameId: 'base', pM: [0, 0, 0], qXyzw: [0, 0, 0, 1] };

export const observation = (index: number, frame: Frame): Observation => ({
  stampMs: index,
  frames: [{ ...frame, stampMs: index }],
  marks,
  ui: {
    url: `${SHOP}/items`,
    title: 'Items',
    tabs: [{ index: 0, url: `${SHOP}/items`, title: 'Items', active: true }],
    scroll: { xPx: 0, yPx: 0, maxXPx: 0, maxYPx: 9000 },
    notices: [],
  },
  seq: index,
  epoch: 0,
  instruction: 'put everything into the basket',
  history: [],
  proprio: {
    stampMs: index,
    jointNames: [],
    qRad: [],
    qdRadPerS: [],
    tcpPose: HOME,
    commandedTcpPose: HOME,
    gripperOpen: 1,
  },
});

export const click = (markId: number): Action => ({ kind: 'ui-click', target: { markId }, button: 'left', count: 1 });

export function step(index: number, frame: Frame): StepRecord {
  const action = click(index % MARKS);
  return {
    index,
    stampMs: index,
    observation: observation(index, frame),
    thought: 'The next item is on the list, so I add it to the basket.',
    proposed: action,
    verdict: { kind: 'allow', action, reasons: [], by: 'gate' },
    act: { status: 'done', executed: action },
    timings: { observeMs: 60, thinkMs: 400, checkMs: 3, actMs: 30, totalMs: 493 },
    dropped: 0,
  };
}

export const facts: EpisodeFacts = {
  episodeId: 'bench',
  startedWallMs: 0,
  instruction: 'put everything into the basket',
  env: 'none',
  policy: 'none',
  critics: [],
  limits: {
    ui: {
      origins: [SHOP],
      secrets: { password: { origin: SHOP } },
      maxTextChars: 2000,
      maxScrollPx: 5000,
      maxWaitMs: 10_000,
    },
    motion: {
      frameId: 'base',
      stepMs: 200,
      maxStepM: 0.05,
      maxStepRad: 0.2,
      maxSpeedMPerS: 0.3,
      maxTurnRadPerS: 1.2,
      maxAccelerationMPerS2: 2,
      maxTurnAccelerationRadPerS2: 8,
      decelerationMPerS2: 2,
      workspace: { minM: [-1, -1, -1], maxM: [1, 1, 1] },
      keepOut: [{ name: 'post', minM: [0.2, 0.2, -1], maxM: [0.3, 0.3, 1] }],
      maxGripperPerS: 5,
      maxFollowingErrorM: 0.02,
    },
    maxObservationAgeMs: 1000,
    maxPlanAgeMs: 1000,
  },
  facts: {},
};
