/** A driver and a body in threads of their own, and what the body was given. */
import { Worker } from 'node:worker_threads';
import { defineRobot, type RobotProfile } from 'pumice/robots';
import { vi } from 'vitest';
import { monotonicNowMs } from '../../src/clock.ts';
import { createBox } from '../../src/robot/boxes.ts';
import { type BodyDriver, createDriver, type DriverOptions, type JogEntry } from '../../src/robot/driver.ts';
import { COMMAND_NUMBERS, MODES, type Mode, stateNumbers, type ToolPose } from '../../src/robot/messages.ts';

export const HOME: ToolPose = { pM: [0.4, 0, 0.2], qXyzw: [0, 0, 0, 1], gripperOpen: 0.5 };
export const PROFILE: RobotProfile = defineRobot({
  name: 'slide',
  hardware: true,
  frameId: 'base',
  jointNames: ['x'],
  control: { rateHz: 10 },
  delta: { axes: 'base', rotateAbout: 'tcp', reference: 'commanded' },
  gripper: { kind: 'parallel', maxOpeningM: 0.08 },
  driver: { commandRateHz: 100, expiryMs: 300, stopDecelerationMPerS2: 2, restSpeedMPerS: 0.002 },
  limits: {
    frameId: 'base',
    stepMs: 100,
    maxStepM: 0.05,
    maxStepRad: 0.2,
    maxSpeedMPerS: 0.4,
    maxTurnRadPerS: 1.5,
    maxAccelerationMPerS2: 4,
    maxTurnAccelerationRadPerS2: 8,
    decelerationMPerS2: 2,
    workspace: { minM: [-9, -9, -9], maxM: [9, 9, 9] },
    keepOut: [],
    maxGripperPerS: 10,
    maxFollowingErrorM: 0.05,
  },
});

export interface Given {
  readonly receivedMs: number;
  readonly mode: Mode;
  readonly stampMs: number;
  readonly xM: number;
  readonly gripperOpen: number;
}

export const FROZEN = 1;
export const RUNS_AWAY = 2;
export const STUCK = 4;

export interface Rig extends AsyncDisposable {
  readonly driver: BodyDriver;
  readonly boxes: Pick<DriverOptions, 'commandBox' | 'stateBox'>;
  /** All commands that the body was given so far. */
  readonly given: () => readonly Given[];
  readonly breakBody: (faults: number) => void;
  /** What the driver wrote down of jogs. */
  readonly jogs: readonly JogEntry[];
  /** Posts a motion by x from home. */
  readonly post: (byM: number, more?: Partial<Parameters<BodyDriver['post']>[0]>) => ReturnType<BodyDriver['post']>;
}

const WIDTH = 5;
const IS_OVER = 0;
const FAULTS = 1;
const LOGGED = 2;

export async function rig(options: Partial<DriverOptions> = {}): Promise<Rig> {
  const boxes = { commandBox: createBox(COMMAND_NUMBERS), stateBox: createBox(stateNumbers(1)) };
  const log = new SharedArrayBuffer(8 * WIDTH * 20_000);
  const life = new SharedArrayBuffer(12);
  const flags = new Int32Array(life);
  const robot = new Worker(new URL('./threads/robot.mjs', import.meta.url), {
    workerData: { ...boxes, log, life, home: HOME, lagMs: 10 },
  });
  const jogs: JogEntry[] = [];
  const driver = createDriver({ profile: PROFILE, onJog: (entry) => void jogs.push(entry), ...boxes, ...options });
  await until(() => driver.status().isAtRest && Atomics.load(flags, LOGGED) > 1);
  const rows = new Float64Array(log);
  let verdictId = 0;
  return {
    driver,
    boxes,
    jogs,
    given: () =>
      Array.from({ length: Atomics.load(flags, LOGGED) }, (_, row) => {
        const [receivedMs, mode, stampMs, xM, gripperOpen] = rows.subarray(row * WIDTH, (row + 1) * WIDTH);
        return { receivedMs: receivedMs!, mode: MODES[mode!]!, stampMs: stampMs!, xM: xM!, gripperOpen: gripperOpen! };
      }),
    breakBody: (faults) => void Atomics.store(flags, FAULTS, faults),
    post: (byM, more) =>
      driver.post({
        verdictId: ++verdictId,
        epoch: driver.epoch(),
        validUntilMs: monotonicNowMs() + 300,
        durationMs: 200,
        target: { ...HOME, pM: [HOME.pM[0] + byM, HOME.pM[1], HOME.pM[2]] },
        ...more,
      }),
    [Symbol.asyncDispose]: async () => {
      await driver.close();
      Atomics.store(flags, IS_OVER, 1);
      await robot.terminate();
    },
  };
}

export const until = (isSo: () => boolean): Promise<unknown> => vi.waitUntil(isSo, { timeout: 10_000, interval: 2 });

/** Blocks this thread, as a program that hangs would. */
export function hang(durationMs: number): void {
  const untilMs = monotonicNowMs() + durationMs;
  while (monotonicNowMs() < untilMs);
}
