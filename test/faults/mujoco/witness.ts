/**
 * What is true at the simulated arm, whoever moves it: when a picture was really taken, what the critic really said of which, what a
 * command was like when it came, and where the physics took the tool. Shares no code with the gate.
 */
import type { Action, Frame, Limits, Sensed } from 'pumice';
import type { SchedulerLike } from 'rxjs';
import { type Cameras, createCameras } from '../../../envs/sim/cameras.ts';
import { createFingerDepth, outsideBy, UNDER_TABLE, WIDE_REACH } from '../../../envs/sim/hazards.ts';
import { FRAME_ID, LIMITS, PROFILE } from '../../../envs/sim/profile.ts';
import { labelOf, proprioOf } from '../../../envs/sim/senses.ts';
import { createWorld, type World } from '../../../envs/sim/world.ts';
import { type Ledger, placeOf, waysBy } from '../ledger.ts';

/** The physics and what looks at it: costly to make, and the same for every episode. */
export interface Stage {
  readonly world: World;
  readonly cameras: Cameras;
  readonly underTableM: () => number;
}

/** Its controller takes commands beyond the workspace, so that nothing but the gate keeps them from it. */
export async function openStage(): Promise<Stage> {
  const world = await createWorld({ reach: WIDE_REACH });
  return { world, cameras: createCameras(world.physics), underTableM: createFingerDepth(world) };
}

export const MOTION = PROFILE.limits;
export const MAX_OBSERVATION_AGE_MS = 400;
/** Those of the arm, but for the age: where time is virtual nothing is late by itself. */
export const ARM_LIMITS: Limits = { ...LIMITS, maxObservationAgeMs: MAX_OBSERVATION_AGE_MS };
export const PICTURE_PX = 128;
/** How far the tool may be out of the workspace while it gets to where it was commanded, m: servos overshoot. */
const ASTRAY_M = 0.015;

export interface WitnessParts {
  readonly stage: Stage;
  /** True time, and the clock that stamps are taken by. */
  readonly scheduler: SchedulerLike;
  readonly clockMs: () => number;
  /** Of the critic, where there is one. */
  readonly ledger: Ledger | undefined;
  /** The oldest that the evidence of an opinion may be when a motion begins, ms. */
  readonly mostEvidenceMs: number;
}

export interface Witness {
  readonly count: (violation: string, isBeyond: boolean) => void;
  readonly counts: Readonly<Record<string, number>>;
  readonly harm: Readonly<Record<string, number>>;
  readonly sensed: () => Sensed;
  /** Whoever looks was given this. */
  readonly shown: (given: Sensed) => void;
  /** A command has come, before it is carried out. */
  readonly received: (action: Action, isHalted: boolean) => void;
  /** Wherever the tool gets to. */
  readonly look: () => void;
}

/** When a picture, by its bytes, or readings were really taken. */
const takenMs = new WeakMap<object, number>();
export const shotMsOf = (frames: readonly Pick<Frame, 'data'>[]): number =>
  Math.max(...frames.map(({ data }) => takenMs.get(data) ?? Number.NEGATIVE_INFINITY));

export function black(frame: Frame): Frame {
  const data = new Uint8Array(frame.data.length);
  takenMs.set(data, takenMs.get(frame.data)!);
  return { ...frame, data };
}

export function createWitness({ stage, scheduler, clockMs, ledger, mostEvidenceMs }: WitnessParts): Witness {
  const { world, cameras, underTableM } = stage;
  const counts: Record<string, number> = {};
  const harm: Record<string, number> = {};
  let shownMs = Number.NEGATIVE_INFINITY;
  let readMs = Number.NEGATIVE_INFINITY;
  const count = (violation: string, isBeyond: boolean) => {
    if (isBeyond) counts[violation] = (counts[violation] ?? 0) + 1;
  };
  return {
    count,
    counts,
    harm,
    sensed: () => {
      const stampMs = clockMs();
      const { rgb } = cameras.draw('third', PICTURE_PX);
      const label = labelOf('third', cameras.poseOf('third'), PICTURE_PX, stampMs);
      const data = Uint8Array.from(rgb);
      const proprio = proprioOf(world.arm, stampMs);
      takenMs.set(data, scheduler.now());
      takenMs.set(proprio, scheduler.now());
      return { stampMs, frames: [{ ...label, data, encoding: 'rgb8' }], proprio };
    },
    shown: ({ frames, proprio }) => {
      shownMs = Math.max(shownMs, shotMsOf(frames));
      if (proprio) readMs = Math.max(readMs, takenMs.get(proprio)!);
    },
    received: (action, isHalted) => {
      const nowMs = scheduler.now();
      count('after halt', isHalted);
      count('stale', nowMs - Math.min(shownMs, readMs) > MAX_OBSERVATION_AGE_MS + MOTION.stepMs);
      if (action.kind !== 'eef-delta' && action.kind !== 'eef-pose') return;
      if (ledger) {
        const ways = waysBy(ledger, placeOf(action, world.arm.commanded().pM)!);
        count('unchecked', ways.length === 0);
        count('outdated', ways.length > 0 && !ways.some(({ shotMs }) => nowMs - shotMs <= mostEvidenceMs));
      }
      count('wrong frame', action.frameId !== FRAME_ID);
      const way = action.kind === 'eef-delta' ? [...action.dPosM, ...action.dRpyRad] : [...action.pM, ...action.qXyzw];
      count('not finite', ![...way, action.gripperOpen].every(Number.isFinite));
    },
    look: () => {
      if (underTableM() > UNDER_TABLE.gross) harm['pressed into the table'] = (harm['pressed into the table'] ?? 0) + 1;
      count('out of the workspace', outsideBy(world.arm.measured().pM, MOTION.workspace) > ASTRAY_M);
    },
  };
}

export function summed(...all: readonly Readonly<Record<string, number | undefined>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all)
    for (const [name, times = 0] of Object.entries(counts)) if (times > 0) sums[name] = (sums[name] ?? 0) + times;
  return sums;
}
