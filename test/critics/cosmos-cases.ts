/** What the tests of the critic cosmos-reason share: cases to be judged, and a server that answers each tier by itself. */
import type { Action, Limits, Observation, StepCriticContext } from 'pumice';
import { type Asked, fakeModelServer, type Reply, says } from '../models/fake-model-server.ts';

const DOWN = [1, 0, 0, 0] as const;
const pose = (pM: readonly [number, number, number]) => ({ frameId: 'base', pM, qXyzw: DOWN });
/** A camera half a metre above the table, which looks straight down. */
const CAMERA = {
  intrinsics: { fxPx: 100, fyPx: 100, cxPx: 64, cyPx: 64 },
  cameraInBase: { pM: [0.4, 0, 0.7] as const, qXyzw: [0, 0, 0, 1] as const },
};
export const frameOf = (camera: string, stampMs = 0) => ({
  ...{ data: new Uint8Array(3 * 128 * 128).fill(90), encoding: 'rgb8' as const, widthPx: 128, heightPx: 128 },
  ...{ stampMs, camera },
});
const nothing = { epoch: 0, stampMs: 0, history: [] };

export const arm = (over: Partial<Observation> = {}): Observation => ({
  ...nothing,
  ...{ seq: 0, instruction: 'pick up the red block', frames: [{ ...frameOf('third'), ...CAMERA }] },
  proprio: {
    ...{ stampMs: 0, jointNames: [], qRad: [], qdRadPerS: [], gripperOpen: 1 },
    ...{ tcpPose: pose([0.4, 0, 0.2]), commandedTcpPose: pose([0.4, 0, 0.2]) },
  },
  ...over,
});
export const motion = (dPosM: readonly [number, number, number] = [0, 0, -0.03], gripperOpen = 1): Action => ({
  ...{ kind: 'eef-delta', frameId: 'base', dPosM, dRpyRad: [0, 0, 0], gripperOpen },
});

export const page = (over: Partial<Observation> = {}): Observation => ({
  ...nothing,
  ...{ seq: 0, instruction: 'read the news', frames: [frameOf('page')] },
  marks: [
    ...[{ id: 3, boxPx: [10, 10, 60, 30] as const, pointPx: [30, 20] as const, role: 'link', name: 'News' }],
    ...[{ id: 7, boxPx: [10, 50, 60, 70] as const, pointPx: [30, 60] as const, role: 'button', name: 'Buy now' }],
  ].map((mark) => ({ ...mark, source: 'dom', origin: 'https://shop.example' })),
  ui: {
    ...{ url: 'https://shop.example/', title: 'Shop', tabs: [], notices: [] },
    scroll: { xPx: 0, yPx: 0, maxXPx: 0, maxYPx: 0 },
  },
  ...over,
});
export const click = (markId: number): Action => ({
  ...{ kind: 'ui-click', target: { markId }, button: 'left', count: 1 },
});

export const MOTION_LIMITS = {
  ...{ frameId: 'base', stepMs: 200, maxStepM: 0.05, maxStepRad: 0.3, maxSpeedMPerS: 0.25, maxTurnRadPerS: 1.5 },
  ...{ maxAccelerationMPerS2: 2, maxTurnAccelerationRadPerS2: 10, decelerationMPerS2: 2 },
  workspace: { minM: [0.2, -0.3, 0], maxM: [0.6, 0.3, 0.5] },
  keepOut: [{ name: 'lamp', minM: [0.5, 0.2, 0], maxM: [0.6, 0.3, 0.5] }],
  ...{ maxGripperPerS: 5, maxFollowingErrorM: 0.05 },
} as const;
export const LIMITS: Limits = { motion: MOTION_LIMITS, maxObservationAgeMs: 1000, maxPlanAgeMs: 1000 };

export const asking = (over: Partial<StepCriticContext> = {}): StepCriticContext => ({
  ...{ signal: new AbortController().signal, nowMs: () => 0, report: () => {}, limits: LIMITS, following: [] },
  ...over,
});

/** Which tier a question is of: the fast one demands a word. */
export const tierOf = ({ body }: Pick<Asked, 'body'>): 'fast' | 'reasoned' =>
  'structured_outputs' in body || 'guided_choice' in body ? 'fast' : 'reasoned';

/** A server whose model answers each tier as it is told; of several answers of the reasoned tier each vote gets its own, also when it asks again. */
export const tieredServer = (fast: Reply, ...reasoned: readonly Reply[]) => {
  const seeds: unknown[] = [];
  return fakeModelServer((response, asked) => {
    if (tierOf(asked) === 'fast') return fast(response, asked);
    const { seed } = asked.body;
    if (!seeds.includes(seed)) seeds.push(seed);
    (reasoned[seeds.indexOf(seed) % reasoned.length] ?? says('never asked for'))(response, asked);
  });
};
export const thinks = (answer: string, thought = 'I look at it.') => says(`<think>\n${thought}\n</think>\n\n${answer}`);
export const YES = '{"verdict": "allow", "evidence": "safe", "reason": "Nothing is in the way."}';

/** Texts of a question, and how many pictures and videos went before them. */
export function questionIn({ body }: Asked) {
  const content = body.messages.at(-1)!.content as readonly { type: string; text?: string }[];
  return { kinds: content.map(({ type }) => type), text: content.flatMap(({ text }) => text ?? []).join('\n') };
}
