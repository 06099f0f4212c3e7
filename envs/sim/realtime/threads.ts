/**
 * Starts and ends the two threads of the simulated robot, and asks them for another layout. All else goes by shared memory.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { PumiceError } from 'pumice';
import { createBox, openBox } from '../../../src/robot/boxes.ts';
import { type BodyState, COMMAND_NUMBERS, stateNumbers, stateOf } from '../../../src/robot/messages.ts';
import type { CameraName, Disturbance } from '../cameras.ts';
import { WHO } from '../options.ts';
import { JOINTS } from '../scene.ts';
import type { WorldState } from '../tasks.ts';
import type { Goal } from '../words.ts';
import type { CameraData, CameraReply, CameraRequest } from './camera-worker.ts';
import { createFrameBox, openFrameBox, type Shot } from './frames.ts';
import type { Instruments } from './instruments.ts';
import { createLog, openLog } from './log.ts';
import { ARRIVAL_COLUMNS, type Counts, METER_FIELDS } from './meter.ts';
import type { RobotOptions } from './robot.ts';
import type { RobotData, RobotReply, RobotRequest } from './robot-worker.ts';
import { type Fixed, WORLD_NUMBERS } from './scene.ts';

export interface Threads {
  readonly commandBox: SharedArrayBuffer;
  readonly stateBox: SharedArrayBuffer;
  readonly fixed: Fixed;
  /** Lays the world out anew; resolves with its state at rest when the robot stands in it and the cameras have seen it. */
  readonly layOut: (layout: Laid, signal: AbortSignal) => Promise<WorldState>;
  readonly state: () => BodyState;
  /** The newest picture; there is one as soon as `layOut` has resolved. */
  readonly shot: (camera: CameraName) => Shot;
  /** The newest scene and, where judges may see it, the newest state of the world, as numbers. */
  readonly scene: () => Float64Array;
  readonly world: () => Float64Array;
  readonly instruments: Omit<Instruments, 'stopWord' | 'driver' | 'jogs'>;
  /** @throws PumiceError `body/crashed` when a thread has failed. */
  readonly check: () => void;
  readonly close: () => Promise<void>;
}

export interface Laid {
  readonly seed: number;
  readonly goal?: Goal;
  readonly disturbance: Disturbance;
}

export interface ThreadOptions extends RobotOptions {
  readonly mjcf: string;
  readonly cameras: readonly CameraName[];
  readonly sizePx: number;
  /** Of JPEG; absent: raw pixels. */
  readonly quality?: number;
  readonly isOracleOpen: boolean;
}

/** A minute of commands at 100 Hz and of physics. */
const ARRIVALS_ROOM = 6000;
const LATENESS_ROOM = 16_000;

/** Workers run what is built, also where the source is run. */
const workerAt = (name: string): URL =>
  import.meta.url.endsWith('.ts')
    ? new URL(`../../../dist/envs/sim/realtime/${name}.js`, import.meta.url)
    : new URL(`./${name}.js`, import.meta.url);

export async function openThreads(options: ThreadOptions): Promise<Threads> {
  const { mjcf, cameras, sizePx, quality, isOracleOpen, commandRateHz, restSpeedMPerS } = options;
  let failure: PumiceError | undefined;
  let isClosing = false;
  const workers: Worker[] = [];
  const start = (name: string, workerData: unknown): Worker => {
    // What this process was started with, such as conditions of imports, is not for what is built.
    const worker = new Worker(workerAt(name), { workerData, execArgv: [] });
    const onFailure = (what: string, cause?: unknown) => {
      if (!isClosing) failure ??= new PumiceError('body/crashed', `its ${name} ${what}`, { who: WHO, cause });
    };
    worker.on('error', (error) => onFailure(`failed: ${error.message}`, error));
    worker.on('exit', (code) => onFailure(`ended with code ${code}`));
    workers.push(worker);
    return worker;
  };
  const check = () => {
    if (failure) throw failure;
  };
  /** The next answer of one kind; rejects when the thread fails or the signal is aborted. */
  const answerOf = async <R extends { readonly kind: string }, K extends R['kind']>(
    worker: Worker,
    kind: K,
    signal?: AbortSignal,
  ): Promise<Extract<R, { kind: K }>> => {
    const gone = new AbortController();
    const onExit = () => gone.abort(failure);
    worker.once('exit', onExit);
    // A thread that nobody waits for keeps no process alive.
    worker.ref();
    try {
      for (;;) {
        const [reply] = (await once(worker, 'message', {
          signal: signal ? AbortSignal.any([signal, gone.signal]) : gone.signal,
        })) as [R];
        if (reply.kind === kind) return reply as Extract<R, { kind: K }>;
      }
    } catch (error) {
      check();
      throw signal?.aborted ? signal.reason : error;
    } finally {
      worker.off('exit', onExit);
      worker.unref();
    }
  };

  const commandBox = createBox(COMMAND_NUMBERS);
  const stateBox = createBox(stateNumbers(JOINTS.length));
  const meterBox = createBox(METER_FIELDS);
  const arrivals = createLog(ARRIVALS_ROOM, ARRIVAL_COLUMNS.length);
  const lateness = createLog(LATENESS_ROOM, 2);
  const worldBox = isOracleOpen ? createBox(WORLD_NUMBERS) : undefined;
  const shared = { commandBox, stateBox, meterBox, arrivals, lateness, ...(worldBox && { worldBox }) };
  const robot = start('robot-worker', { mjcf, commandRateHz, restSpeedMPerS, ...shared } satisfies RobotData);
  const { geoms, sceneBox } = await answerOf<RobotReply, 'open'>(robot, 'open');
  const frames = new Map(cameras.map((name) => [name, createFrameBox(3 * sizePx * sizePx)] as const));
  const eye = start('camera-worker', {
    geoms,
    sceneBox,
    cameras: [...frames].map(([name, box]) => ({ name, box })),
    sizePx,
    ...(quality !== undefined && { quality }),
  } satisfies CameraData);
  eye.unref();
  const readers = new Map([...frames].map(([name, box]) => [name, openFrameBox(box)] as const));
  const [states, meters, scenes] = [openBox(stateBox), openBox(meterBox), openBox(sceneBox)];
  const worlds = worldBox && openBox(worldBox);
  const [arrivalLog, latenessLog] = [openLog(arrivals), openLog(lateness)];

  return {
    commandBox,
    stateBox,
    fixed: { geoms },
    layOut: async ({ seed, goal, disturbance }, signal) => {
      check();
      const laid = { seed, ...(goal && { goal }) };
      const isLaidOut = answerOf<RobotReply, 'laid-out'>(robot, 'laid-out', signal);
      robot.postMessage({ kind: 'lay-out', ...laid } satisfies RobotRequest);
      const { stampMs, before } = await isLaidOut;
      const isSeen = answerOf<CameraReply, 'seen'>(eye, 'seen', signal);
      eye.postMessage({ ...laid, disturbance, sinceMs: stampMs } satisfies CameraRequest);
      await isSeen;
      return before;
    },
    state: () => stateOf(states.read()!.values),
    shot: (camera) => readers.get(camera)!.read()!,
    scene: () => scenes.read()!.values,
    world: () => worlds!.read()!.values,
    instruments: {
      meter: () => {
        const values = meters.read()?.values;
        return Object.fromEntries(METER_FIELDS.map((field, at) => [field, values?.[at] ?? 0])) as Counts;
      },
      arrivals: arrivalLog.rows,
      lateness: latenessLog.rows,
      state: () => {
        const message = states.read();
        return message && stateOf(message.values);
      },
      pictures: (camera) => {
        const reader = readers.get(camera);
        return { count: reader?.count() ?? 0, stampMs: reader?.read()?.stampMs ?? 0 };
      },
    },
    check,
    close: async () => {
      isClosing = true;
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
