/**
 * A fake mass: one point with inertia that is moved by end-effector deltas or poses, with a watchdog and a meter of its own.
 * For tests of pumice's own logic. Its physics runs by the scheduler's time, whether or not anybody looks.
 * The meter shares no code with `src/gate`: it says what really happened at the body.
 */
import type { Action, ActResult, Env, MotionLimits, Sensed } from 'pumice';
import { map, type Observable, of, type SchedulerLike, timer } from 'rxjs';

export interface FakeMassOptions {
  readonly scheduler: SchedulerLike;
  readonly observeMs?: number;
  /** Time that one action is given, ms; 0: it is taken over at once, as by a body that is paced. */
  readonly tickMs?: number;
  /** Without a command for this long, the mass brakes by itself, ms. */
  readonly watchdogMs?: number;
}

/** What happened at the body. */
export interface Meter {
  /** Commands that were given a motion. */
  commands: number;
  largestStepM: number;
  largestStepRad: number;
  notFinite: number;
  /** Commands that came after a halt and before the next reset. */
  afterHalt: number;
  watchdogTrips: number;
}

export interface FakeMass extends Env {
  readonly begun: readonly Action[];
  readonly completed: readonly Action[];
  readonly halts: readonly string[];
  readonly meter: Readonly<Meter>;
  readonly positionM: () => readonly number[];
  readonly speedMPerS: () => number;
}

const FRAME = 'base';
/** Limits that fit the drive below. Chosen: nothing near keeps a test from moving, and what is far off is refused. */
const LIMITS: MotionLimits = {
  frameId: FRAME,
  stepMs: 125,
  maxStepM: 0.05,
  maxStepRad: 0.2,
  maxSpeedMPerS: 0.4,
  maxTurnRadPerS: 1.6,
  maxAccelerationMPerS2: 4,
  maxTurnAccelerationRadPerS2: 16,
  decelerationMPerS2: 2,
  workspace: { minM: [-1, -1, -1], maxM: [1, 1, 1] },
  keepOut: [],
  maxGripperPerS: 8,
  maxFollowingErrorM: 0.1,
};
/** Acceleration that the drive can give, m/s2. Chosen: a light arm. */
const MAX_ACCELERATION = 2;
/** Integration step, ms. */
const STEP_MS = 1;

export function fakeMass({ scheduler, observeMs = 1, tickMs = 1, watchdogMs = 500 }: FakeMassOptions): FakeMass {
  const begun: Action[] = [];
  const completed: Action[] = [];
  const halts: string[] = [];
  const meter: Meter = {
    commands: 0,
    largestStepM: 0,
    largestStepRad: 0,
    notFinite: 0,
    afterHalt: 0,
    watchdogTrips: 0,
  };
  const position = [0, 0, 0];
  const velocity = [0, 0, 0];
  const target = [0, 0, 0];
  let gripperOpen = 1;
  let isHalted = false;
  let isBraking = false;
  let timeMs = scheduler.now();
  let commandedMs = timeMs;

  /** Brings the physics up to now: drives towards the target, or brakes. */
  const advance = () => {
    const untilMs = scheduler.now();
    for (; timeMs < untilMs; timeMs += STEP_MS) {
      if (!isBraking && Math.hypot(...velocity) > 1e-6 && timeMs - commandedMs > watchdogMs) {
        isBraking = true;
        meter.watchdogTrips += 1;
      }
      const dtS = STEP_MS / 1000;
      for (let axis = 0; axis < 3; axis++) {
        const gap = target[axis]! - position[axis]!;
        const wanted = isBraking ? 0 : Math.sign(gap) * Math.sqrt(2 * MAX_ACCELERATION * Math.abs(gap)) * 0.9;
        const change = Math.max(-1, Math.min(1, (wanted - velocity[axis]!) / (MAX_ACCELERATION * dtS)));
        velocity[axis]! += change * MAX_ACCELERATION * dtS;
        position[axis]! += velocity[axis]! * dtS;
      }
    }
  };
  const sensed = (): Sensed => {
    advance();
    const poseAt = (point: readonly number[]) => ({
      frameId: FRAME,
      pM: [...point] as [number, number, number],
      qXyzw: [0, 0, 0, 1] as [number, number, number, number],
    });
    const poses = { tcpPose: poseAt(position), commandedTcpPose: poseAt(isBraking ? position : target) };
    return {
      stampMs: scheduler.now(),
      frames: [],
      proprio: { stampMs: scheduler.now(), jointNames: [], qRad: [], qdRadPerS: [], ...poses, gripperOpen },
    };
  };
  const begin = (action: Action) => {
    advance();
    begun.push(action);
    if (isHalted) meter.afterHalt += 1;
    if (action.kind !== 'eef-delta' && action.kind !== 'eef-pose') return;
    const isDelta = action.kind === 'eef-delta';
    const way = isDelta ? action.dPosM : action.pM.map((value, axis) => value - position[axis]!);
    const turn = isDelta ? Math.hypot(...action.dRpyRad) : 2 * Math.acos(Math.min(1, Math.abs(action.qXyzw[3])));
    const numbers = [...way, turn, action.gripperOpen];
    if (numbers.some((value) => !Number.isFinite(value))) {
      meter.notFinite += 1;
      return;
    }
    meter.commands += 1;
    meter.largestStepM = Math.max(meter.largestStepM, Math.hypot(...way));
    meter.largestStepRad = Math.max(meter.largestStepRad, turn);
    commandedMs = scheduler.now();
    isBraking = false;
    for (let axis = 0; axis < 3; axis++) target[axis] = position[axis]! + way[axis]!;
    gripperOpen = action.gripperOpen;
  };
  const end = (action: Action): ActResult => {
    advance();
    completed.push(action);
    return { status: 'done', executed: action };
  };
  const act = (action: Action): Observable<ActResult> => {
    if (action.kind === 'hold') {
      advance();
      isBraking = true;
      return of({ status: 'done', executed: action });
    }
    begin(action);
    if (isHalted) return of({ status: 'stopped', reason: 'halted' });
    return tickMs === 0 ? of(end(action)) : timer(tickMs, scheduler).pipe(map(() => end(action)));
  };

  return {
    name: 'fake-mass',
    actionKinds: ['eef-delta', 'eef-pose'],
    delta: { axes: 'base', rotateAbout: 'tcp', reference: 'measured' },
    limits: {
      motion: LIMITS,
      maxObservationAgeMs: 1000,
      maxPlanAgeMs: 1000,
    },
    begun,
    completed,
    halts,
    meter,
    positionM: () => {
      advance();
      return [...position];
    },
    speedMPerS: () => {
      advance();
      return Math.hypot(...velocity);
    },
    reset: () => {
      advance();
      isHalted = false;
      isBraking = true;
      commandedMs = scheduler.now();
      return of(null);
    },
    observe: () => timer(observeMs, scheduler).pipe(map(sensed)),
    act,
    halt: (category, reason) => {
      advance();
      isHalted = true;
      isBraking = true;
      halts.push(`${category} ${reason}`);
    },
    close: async () => {},
  };
}
