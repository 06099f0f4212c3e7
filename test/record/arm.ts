/** A made-up episode of an arm that carries a block: two cameras, marks, traces, and a step of each kind that goes otherwise. */
import { PROFILE } from '../../envs/sim/profile.ts';
import type { EpisodeFacts } from '../../src/ports.ts';
import type { Episode } from '../../src/record/index.ts';
import type { Action, ActResult, Frame, Mark, StepRecord, Trace, Verdict } from '../../src/types.ts';
import { encodeJpeg } from '../../src/vision/index.ts';

const SIDE = 224;

export const armFacts: EpisodeFacts = {
  episodeId: 'ep-arm',
  startedWallMs: Date.UTC(2026, 9, 1, 12, 0, 0),
  instruction: 'put the red block on the blue plate',
  seed: 1004,
  env: 'sim',
  policy: 'ember',
  critics: [],
  limits: {
    motion: { ...PROFILE.limits, maxStepM: 0.03, maxStepRad: 0.2 },
    maxObservationAgeMs: 1000,
    maxPlanAgeMs: 1000,
  },
  facts: { pumice: '0.1.0' },
};

type Rgb = readonly [number, number, number];
type Point = readonly [number, number];

/** A table in a soft gradient with discs on it; raw pixels. */
function paint(camera: string, stampMs: number, discs: readonly (readonly [at: Point, radius: number, Rgb])[]): Frame {
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      const disc = discs.findLast(([[cx, cy], radius]) => Math.hypot(x + 0.5 - cx, y + 0.5 - cy) < radius);
      data.set(disc?.[2] ?? [196 - y / 4, 188 - y / 4 + x / 16, 176 - x / 8], (y * SIDE + x) * 3);
    }
  return { data, encoding: 'rgb8', widthPx: SIDE, heightPx: SIDE, stampMs, camera, frameId: camera };
}

/** Where a place on the table is on the third camera. */
const project = ([x, y]: readonly number[]): [number, number] => [112 + 400 * y!, 40 + 500 * (x! - 0.1)];

const boxAround = ([x, y]: Point, reach: number): Mark['boxPx'] => [x - reach, y - reach, x + reach, y + reach];

/** An episode of `count` steps at 5 Hz: over the block, down, up, over the plate. Its pictures are JPEG, as in a recording. */
export async function armEpisode(count: number): Promise<Episode> {
  const steps: StepRecord[] = [];
  let tcp = [0.2, -0.15, 0.25, 0];
  const [block, plate] = [
    [0.3, -0.1],
    [0.32, 0.16],
  ];
  for (let index = 0; index < count; index++) {
    const share = index / count;
    const stampMs = 5000 + index * 200;
    const isHeld = share > 0.45;
    const aim =
      share < 0.3
        ? [...block!, 0.12]
        : share < 0.45
          ? [...block!, 0.03]
          : share < 0.6
            ? [...block!, 0.2]
            : [...plate!, 0.2];
    const gripperOpen = isHeld ? 0 : 1;
    const pull = (axis: number) => 0.35 * (aim[axis]! - tcp[axis]!);
    const delta = (scale: number): Action => ({
      kind: 'eef-delta',
      frameId: 'base',
      dPosM: [scale * pull(0), scale * pull(1), scale * pull(2)],
      dRpyRad: [0, 0, scale * 0.04 * Math.sin(index / 5)],
      gripperOpen,
    });
    const held = isHeld ? [tcp[0]!, tcp[1]!] : block!;
    const [blockPx, platePx] = [project(held), project(plate!)];
    const frames = [
      paint('third', stampMs, [
        [platePx, 22, [40, 90, 200]],
        [blockPx, 9, [205, 40, 40]],
        [project(tcp), 5, [60, 60, 66]],
      ]),
      paint('wrist', stampMs, [[[112, 150], isHeld ? 60 : 20 + 30 * share, [205, 40, 40]]]),
    ];
    const proposed = delta(index % 12 === 5 ? 2.5 : 1);
    const verdict = ((): Verdict => {
      if (index % 12 === 5)
        return {
          kind: 'modify',
          action: delta(1),
          reasons: ['step: longer than 30.0 mm, made smaller'],
          by: 'step',
          opinions: [],
        };
      if (index === 14)
        return { kind: 'deny', action: proposed, reasons: ['workspace: 4 mm outside'], by: 'workspace' };
      return { kind: 'allow', action: proposed, reasons: [], by: 'gate', opinions: [] };
    })();
    const act = ((): ActResult | undefined => {
      if (verdict.kind === 'deny') return undefined;
      if (index === 22) return { status: 'refused', reason: 'no way there for the joints' };
      if (index === count - 1) return { status: 'stopped', reason: 'Ctrl-C' };
      return { status: 'done', executed: verdict.action };
    })();
    const half = tcp[3]! / 2;
    steps.push({
      index,
      stampMs,
      observation: {
        seq: index,
        epoch: 0,
        stampMs,
        instruction: armFacts.instruction,
        history: [],
        frames: await Promise.all(frames.map((frame) => encodeJpeg(frame))),
        marks: [
          { id: 1, boxPx: boxAround(blockPx, 12), pointPx: blockPx, name: 'red block', source: 'ember' },
          { id: 2, boxPx: boxAround(platePx, 24), pointPx: platePx, name: 'blue plate', source: 'ember' },
        ],
        proprio: {
          stampMs,
          jointNames: ['j0'],
          qRad: [0],
          qdRadPerS: [0],
          // The tool points down: half a turn about x, then yaw.
          tcpPose: { frameId: 'base', pM: [tcp[0]!, tcp[1]!, tcp[2]!], qXyzw: [Math.cos(half), Math.sin(half), 0, 0] },
          gripperOpen: isHeld ? 0.3 : 1,
        },
      },
      chunkId: `c${index >> 2}`,
      thought: isHeld ? 'carry it to the plate' : 'go to the block',
      traces: [traceBetween(1, blockPx, platePx)],
      proposed,
      verdict,
      judgedStampMs: stampMs,
      judgedAgeMs: 16,
      ...(act && { act }),
      timings: { observeMs: 9, thinkMs: 6, checkMs: 1, actMs: 170, totalMs: 186 },
      dropped: 0,
    });
    if (act?.status === 'done') {
      // The servos lag a little behind.
      const yaw = 0.04 * Math.sin(index / 5);
      tcp = [tcp[0]! + 0.9 * pull(0), tcp[1]! + 0.9 * pull(1), tcp[2]! + 0.9 * pull(2), tcp[3]! + yaw];
    }
  }
  const end = { outcome: 'stopped', reason: 'Ctrl-C' } as const;
  return { facts: armFacts, steps, end, isComplete: true, wallAtZeroMs: 0 };
}

/** A bow from one place to another. */
const traceBetween = (markId: number, [x0, y0]: Point, [x1, y1]: Point): Trace => ({
  markId,
  stepMs: 200,
  pointsPx: Array.from({ length: 8 }, (_, at) => {
    const share = at / 7;
    return [x0 + share * (x1 - x0), y0 + share * (y1 - y0) - 60 * Math.sin(Math.PI * share)];
  }),
});
