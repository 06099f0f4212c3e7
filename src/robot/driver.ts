/**
 * The driver of a body: the one thing that commands it, in a thread of its own. It goes from one checked motion to the next with a
 * set-point a period, comes to rest when the newest one has expired, and stops when the stop word says so: with nobody's help, whether
 * or not this thread lives. It refuses and never changes a motion. Knows no robot; what it commands reads the command box.
 */
import { Worker } from 'node:worker_threads';
import { monotonicNowMs, sleep } from '../clock.ts';
import { PumiceError } from '../errors.ts';
import type { StopCategory } from '../ports.ts';
import { openBox, openStopWord } from './boxes.ts';
import {
  createBuffers,
  type DriverBuffers,
  IS_GONE,
  IS_TO_END,
  LIVES,
  openPost,
  type Posted,
  type Refusal,
} from './driver-post.ts';
import { CAUSES, type Cause, type TickParts } from './driver-tick.ts';
import { MODES, type Mode, poseAt, type ToolPose } from './messages.ts';
import type { RobotProfile } from './profile.ts';

export interface DriverOptions {
  readonly profile: RobotProfile;
  /** The driver writes it, and nothing else may: `[COMMAND_NUMBERS]`. */
  readonly commandBox: SharedArrayBuffer;
  /** The body writes it: `[stateNumbers(joints)]`. */
  readonly stateBox: SharedArrayBuffer;
  /** Shared with stop sources that are to need nobody. */
  readonly stopWord?: SharedArrayBuffer;
  /** Share of the speeds that the profile allows, above 0 and at most 1. */
  readonly speedScale?: number;
  /** Writes down each motion of a jog. Without it nobody jogs. */
  readonly onJog?: (entry: JogEntry) => void;
}

/** One motion that a person asked for while they jogged. */
export interface JogEntry {
  readonly stampMs: number;
  /** Of the stop that was in force. */
  readonly reason?: string;
  readonly target: ToolPose;
  readonly durationMs: number;
  readonly refusal?: Refusal;
}

export interface DriverStatus {
  readonly stampMs: number;
  readonly mode: Mode;
  readonly epoch: number;
  /** Whether the set-points are at rest and the body is seen to stand still. */
  readonly isAtRest: boolean;
  readonly cause: Cause;
  /** What was said of the stop that is in force. */
  readonly reason?: string;
  readonly category?: StopCategory;
  /** The verdict of the motion that leads the body. */
  readonly verdictId?: number;
  /** The newest set-point. */
  readonly setPoint?: ToolPose;
}

export interface BodyDriver {
  /** For stop sources and threads that post. */
  readonly buffers: DriverBuffers;
  /** Hands a motion over at once, in place of the one before; answers why not, if not. */
  readonly post: (posted: Posted) => Refusal | undefined;
  /** Takes back the motion that was handed over last: the body comes to rest and is held. No stop; needs nobody's leave. */
  readonly rest: () => void;
  /** How many motions were refused, here and by the driver itself. */
  readonly refused: () => Readonly<Record<Refusal, number>>;
  /** Begins a stop: synchronous, idempotent, needs nobody. */
  readonly halt: (category: StopCategory, reason: string) => void;
  /**
   * For a person alone: ends a stop of a body that stands still. The driver goes on from where the body is.
   *
   * @returns the epoch in which motions are taken from now on.
   * @throws PumiceError `body/driver` when the body moves, or the driver is gone.
   */
  readonly clear: () => number;
  /**
   * For a person alone: moves a body that is stopped, at a crawl, to lead it out of where it may not be. It lasts as long as each of its
   * motions is followed by another within `JOG_RENEWAL_MS`, as by a dead-man that is held, and ends with the next stop. The stop itself
   * stays in force. `onJog` writes down each motion.
   *
   * @throws PumiceError `body/driver` where nobody writes it down.
   */
  readonly jog: () => Jog;
  readonly epoch: () => number;
  readonly status: () => DriverStatus;
  /** Resolves when the driver has ended; with the reason when it was not told to. */
  readonly ended: Promise<string | undefined>;
  /** Brings the body to rest, then lets go of it. */
  readonly close: () => Promise<void>;
}

export interface Jog {
  /** Answers why not, if not. */
  readonly move: (target: ToolPose, durationMs: number) => Refusal | undefined;
}

/** The longest silence of a person who jogs, ms. Chosen: below it a key that is held repeats, and at 50 mm/s it is 10 mm. */
export const JOG_RENEWAL_MS = 200;

/** Age of a status above which the driver counts as gone, ms. Chosen: ten periods at 50 Hz, and above a pause of the machine. */
const SILENT_MS = 200;
/** How long a driver may take to bring its body to rest and end, ms. */
const ENDING_MS = 6000;

const WORKER = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/src/robot/driver-worker.js', import.meta.url)
  : new URL('./driver-worker.js', import.meta.url);

/** @throws PumiceError `config/misfit` for a profile without a driver; `body/driver` when another one commands this body. */
export function createDriver(options: DriverOptions): BodyDriver {
  const { profile, commandBox, stateBox, stopWord, speedScale = 1, onJog } = options;
  const who = `driver of ${profile.name}`;
  const { driver } = profile;
  if (!driver)
    throw new PumiceError('config/misfit', 'its profile says nothing of a driver', {
      who,
      hint: 'Give the profile driver: { commandRateHz, expiryMs, stopDecelerationMPerS2, restSpeedMPerS }',
    });
  if (!(speedScale > 0 && speedScale <= 1))
    throw new PumiceError('config/invalid', `speedScale is ${speedScale}, expected above 0 and at most 1`, { who });
  if (openBox(commandBox).isTaken())
    throw new PumiceError('body/driver', 'another one commands this body already', { who, hint: 'Close it first' });

  const buffers = createBuffers(stopWord);
  const word = openStopWord(buffers.stopWord);
  const statuses = openBox(buffers.status);
  const life = new Int32Array(buffers.life);
  const poster = openPost(buffers);
  let reason: string | undefined;

  const workerData: TickParts = { profile, driver, speedScale, buffers, commandBox, stateBox };
  // How the process was started, with what flags, is not for this thread.
  const worker = new Worker(WORKER, { workerData, execArgv: [] });
  worker.unref();
  let fault: string | undefined;
  const ended = new Promise<string | undefined>((resolve) => {
    worker.on('error', (error) => {
      fault = error.message;
    });
    worker.on('exit', () => {
      const wasTold = Atomics.exchange(life, 0, IS_GONE) !== LIVES;
      fault ??= wasTold ? undefined : 'its thread ended';
      reason ??= fault;
      resolve(fault);
    });
  });

  const status = (): DriverStatus => {
    const { values } = statuses.read() ?? {};
    const category = word.read();
    const said = {
      ...(reason !== undefined && { reason }),
      ...(category !== undefined && { category }),
    };
    if (!values) return { stampMs: 0, mode: 'idle', epoch: word.epoch(), isAtRest: false, cause: 'no state', ...said };
    return {
      stampMs: values[0]!,
      mode: MODES[values[1]!]!,
      epoch: values[2]!,
      isAtRest: values[3] === 1,
      cause: CAUSES[values[4]!]!,
      ...said,
      ...(Number.isFinite(values[5]) && { verdictId: values[5]! }),
      ...(Number.isFinite(values[6]) && { setPoint: poseAt(values, 6) }),
    };
  };
  const clear = (): number => {
    const { isAtRest, stampMs } = status();
    const refuse = (message: string, hint: string) => new PumiceError('body/driver', message, { who, hint });
    if (Atomics.load(life, 0) !== LIVES) throw refuse(`is gone: ${fault ?? 'closed'}`, 'Make another one');
    if (monotonicNowMs() - stampMs > SILENT_MS)
      throw refuse('says nothing, so that nobody knows whether the body stands still', 'Look after the machine');
    if (!isAtRest) throw refuse('a stop is cleared when the body stands still, and it moves', 'Wait until it rests');
    word.clear();
    reason = undefined;
    return word.epoch();
  };

  const jog = (): Jog => {
    if (!onJog)
      throw new PumiceError('body/driver', 'nobody writes down how it is jogged', { who, hint: 'Give it onJog' });
    const of = { verdictId: 0, epoch: word.epoch(), jogAfterStops: word.stops() };
    return {
      move: (target, durationMs) => {
        const stampMs = monotonicNowMs();
        const refusal = poster.post({ ...of, durationMs, target, validUntilMs: stampMs + JOG_RENEWAL_MS });
        onJog({ stampMs, ...(reason && { reason }), target, durationMs, ...(refusal && { refusal }) });
        return refusal;
      },
    };
  };

  return {
    buffers,
    jog,
    post: poster.post,
    rest: poster.rest,
    refused: poster.refused,
    halt: (category, why) => {
      word.stop(category);
      reason ??= why;
    },
    clear,
    epoch: word.epoch,
    status,
    ended,
    close: async () => {
      Atomics.compareExchange(life, 0, LIVES, IS_TO_END);
      word.wake();
      // Waited for: a timer would keep a process alive that has nothing else to do.
      worker.ref();
      const inTime = new AbortController();
      sleep(ENDING_MS, inTime.signal).then(
        () => worker.terminate(),
        () => {},
      );
      await ended;
      inTime.abort();
    },
  };
}
