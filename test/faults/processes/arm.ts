/**
 * The simulated arm in real time, at work, and what is measured at it when something happens to a thread or a process around it: from that
 * moment until the tool stood still, and how far it came. By what the robot itself says, whoever else lives.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Worker } from 'node:worker_threads';
import { type Critic, monotonicNowMs, type Policy, sleep } from 'pumice';
import type { SimEnv } from 'pumice/envs/sim';
import { distance } from '../ledger.ts';

export interface Measured {
  readonly restMs: number;
  readonly movedMm: number;
}

/** It stands still when it has done so for this long, ms. */
const STILL_MS = 500;
const MOST_MS = 8000;
const SAMPLE_MS = 2;
/** Slower than this is standing still, m/s: as its profile says. */
const STILL_M_PER_S = 0.005;
const ARRIVED = 0;
const STEP_M = 3;

/** Looks at the arm from now on. @returns what waits until it stands still, and tells what it did since a moment. */
export function watchArm({ instruments }: SimEnv): (sinceMs: number) => Promise<Measured> {
  const samples: { readonly stampMs: number; readonly pM: readonly number[]; readonly isMoving: boolean }[] = [];
  const look = () => {
    const state = instruments!.state();
    if (!state || state.stampMs === samples.at(-1)?.stampMs) return;
    const { stampMs, speedMPerS, measured } = state;
    samples.push({ stampMs, pM: measured.pM, isMoving: speedMPerS > STILL_M_PER_S });
  };
  look();
  const looking = setInterval(look, SAMPLE_MS);
  return async (sinceMs) => {
    /** The last moment of motion: as it was seen, or, where nobody could look, as it was commanded. */
    const lastMs = () =>
      Math.max(
        sinceMs,
        samples.findLast(({ isMoving }) => isMoving)?.stampMs ?? 0,
        instruments!.arrivals().findLast((row) => row[STEP_M]! > 1e-6)?.[ARRIVED] ?? 0,
      );
    const untilMs = monotonicNowMs() + MOST_MS;
    while (monotonicNowMs() - lastMs() < STILL_MS && monotonicNowMs() < untilMs) await sleep(20);
    look();
    clearInterval(looking);
    if (monotonicNowMs() - lastMs() < STILL_MS) throw new Error(`the arm moved for longer than ${MOST_MS} ms`);
    const from = Math.max(
      0,
      samples.findLastIndex(({ stampMs }) => stampMs <= sinceMs),
    );
    const wayM = samples.slice(from + 1).reduce((sum, { pM }, at) => sum + distance(pM, samples[from + at]!.pM), 0);
    return { restMs: lastMs() - sinceMs, movedMm: 1000 * wayM };
  };
}

/** Faster than this it is at work, m/s. */
const AT_WORK_M_PER_S = 0.08;
export async function untilAtWork({ instruments }: SimEnv): Promise<void> {
  while ((instruments!.state()?.speedMPerS ?? 0) < AT_WORK_M_PER_S) await sleep(SAMPLE_MS);
}

const STEP_TO_SIDE_M = 0.04;
const FARTHEST_M = 0.16;
const ACTIONS = 8;
/** Leads the arm to and fro sideways, at half its speed, without end. */
export function wavering(thinkMs = 40, onAsked = () => {}): Policy {
  let side = 1;
  return {
    name: 'wavering',
    actionKinds: ['eef-pose'],
    reset: () => {},
    act: async ({ proprio }, { signal }) => {
      onAsked();
      await sleep(thinkMs, signal);
      const { pM, qXyzw } = proprio!.commandedTcpPose!;
      let y = pM[1];
      const actions = Array.from({ length: ACTIONS }, () => {
        if (Math.abs(y + side * STEP_TO_SIDE_M) > FARTHEST_M) side = -side;
        y += side * STEP_TO_SIDE_M;
        return { kind: 'eef-pose' as const, frameId: 'base', pM: [pM[0], y, pM[2]] as const, qXyzw, gripperOpen: 1 };
      });
      return { actions, dtMs: 200 };
    },
  };
}

/** Allows everything, after a while. */
export function patient(judgeMs = 40, onAsked = () => {}): Critic {
  const judge: NonNullable<Critic['judgeChunk']> = async (_, _1, { signal }) => {
    onAsked();
    await sleep(judgeMs, signal);
    return { kind: 'allow', reasons: [] };
  };
  return { name: 'patient', judge: judge as unknown as Critic['judge'], judgeChunk: judge };
}

/** Threads of this process, by the names of their files, as they are started from now on. */
export function watchThreads() {
  const builtin = createRequire(import.meta.url)('node:worker_threads') as { Worker: typeof Worker };
  const Plain = builtin.Worker;
  const seen: { readonly name: string; readonly worker: Worker }[] = [];
  builtin.Worker = class extends Plain {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given);
      seen.push({ name: String(given[0]), worker: this });
    }
  };
  syncBuiltinESMExports();
  return {
    kill: async (name: string) => {
      const found = seen.findLast((thread) => thread.name.includes(name));
      if (!found) throw new Error(`no thread of ${name}, but ${seen.map((thread) => thread.name).join(', ')}`);
      await found.worker.terminate();
    },
    [Symbol.dispose]: () => {
      builtin.Worker = Plain;
      syncBuiltinESMExports();
    },
  };
}
