/**
 * A stiff arm as a body in virtual time, and the meter at it. It takes the newest command at the beginning of each of its own steps, does
 * exactly what it is told, and brakes when it is told nothing. Its camera shows where the tool is and where a person's hand is. What it
 * did is judged by `test/motion/meter.ts` and by what is true here: when a picture was really taken, what the critic really said.
 */
import type { Action, ActResult, Env, Frame, MotionLimits, Oracle, Sensed } from 'pumice';
import { concatMap, first, map, type Observable, of, type SchedulerLike, tap, timer } from 'rxjs';
import { createMeter, type Tick, type Violation } from '../../motion/meter.ts';
import { createStiffArm } from '../../motion/stiff-arm.ts';
import { distance, type Ledger, placeOf, waysBy } from '../ledger.ts';

export type Point = readonly [number, number, number];

/** What a picture shows, as far as anybody here looks at it. */
export interface View {
  readonly toolM: Point;
  /** Absent where there is none. */
  readonly handM?: Point;
}

/** A person's hand: no rule knows of it, a critic that sees does. */
export interface Hand {
  readonly atM: Point;
  readonly sinceMs: number;
}

export const BODY_VIOLATIONS = [
  'wrong frame',
  'after halt',
  /** The newest picture or the newest readings were taken too long ago. */
  'stale',
  /** Leads off every way that the critic has allowed since it last said no. */
  'unchecked',
  /** What the critic had allowed it on was taken too long ago. */
  'outdated',
  /** Led into a hand that the critic, where there is one, had had the time to see. */
  'hand',
] as const;
export type BodyViolation = Violation | (typeof BODY_VIOLATIONS)[number];
export type Counts = Partial<Record<BodyViolation, number>>;

export interface ArmOptions {
  /** True time. */
  readonly scheduler: SchedulerLike;
  /** The clock that stamps are taken by. */
  readonly clockMs: () => number;
  readonly limits: MotionLimits;
  readonly startM: Point;
  readonly goalM: Point;
  readonly hand: Hand;
  readonly isPaced: boolean;
  /** What becomes of what is sensed on its way to whoever looks; `past` are all earlier ones as they were. */
  readonly sense: (now: Sensed, past: readonly Sensed[]) => Observable<Sensed>;
  readonly isBlocked: () => boolean;
  /** Of the critic, where there is one. */
  readonly ledger: Ledger | undefined;
  /** When the first thing goes wrong, ms; Infinity as long as nothing has. */
  readonly onsetMs: () => number;
  /** The oldest that the evidence of an opinion may be when a motion begins, ms. */
  readonly mostEvidenceMs: number;
}

/** What the tool did from the moment on in which a thing went wrong until it first stood still for a whole step. */
export interface Rest {
  /** Absent where it never stood still. */
  readonly restMs?: number;
  readonly movedM: number;
}

export interface FaultyArm extends Env {
  /** Lets the arm go on, told nothing, until it has surely come to rest. */
  readonly settle: () => void;
  /** Undefined where nobody asked anything of it any more when something went wrong. */
  readonly rest: () => Rest | undefined;
  readonly counts: () => Counts;
  /** Steps in which it was driven. */
  readonly driven: () => number;
  readonly halts: readonly string[];
  readonly oracle: Oracle;
}

export const FRAME = 'base';
/** Radius of a hand, m. */
export const HAND_M = 0.05;
/** How near the goal counts as there, m. */
const THERE_M = 0.012;
const MAX_OBSERVATION_AGE_MS = 400;
/** Its steps begin so long after the ticks of a paced run that a command of a tick is taken in that tick, ms. */
const PHASE_MS = 3;
const OBSERVE_MS = 1;
/** In so many steps it comes to rest from any speed that it may have. */
const SETTLE_STEPS = 16;
/** Less than this from one sample to the next is standing still, m. */
const STILL_M = 1e-9;

const isStill = ({ samples: [first, ...rest] }: Tick): boolean =>
  rest.every(({ pM, qXyzw }) => distance(pM, first!.pM) <= STILL_M && distance(qXyzw, first!.qXyzw) <= STILL_M);

const PIXELS = 16;
/** When a picture, by its bytes, or readings were really taken. */
const takenMs = new WeakMap<object, number>();

export function pictureOf({ toolM, handM = [0, 0, 0] }: View, shotMs: number): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(new Float64Array([...toolM, ...handM]).buffer);
  takenMs.set(data, shotMs);
  return data;
}

export function black(shotMs: number): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(3 * PIXELS);
  takenMs.set(data, shotMs);
  return data;
}

export const shotMsOf = (frames: readonly Pick<Frame, 'data'>[]): number =>
  Math.max(...frames.map(({ data }) => takenMs.get(data) ?? Number.NEGATIVE_INFINITY));

/** Undefined of a black picture. */
export function viewOf(frames: readonly Pick<Frame, 'data'>[]): View | undefined {
  const data = frames[0]?.data;
  if (!data?.some((byte) => byte !== 0)) return undefined;
  const [x, y, z, hx, hy, hz] = new Float64Array(data.slice().buffer) as unknown as number[];
  const toolM: Point = [x!, y!, z!];
  return hx === 0 && hy === 0 && hz === 0 ? { toolM } : { toolM, handM: [hx!, hy!, hz!] };
}

export function faultyArm(options: ArmOptions): FaultyArm {
  const { scheduler, clockMs, limits, startM, goalM, hand, isPaced, sense, isBlocked, ledger } = options;
  const { mostEvidenceMs, onsetMs } = options;
  const { stepMs } = limits;
  const arm = createStiffArm(limits, [...startM], 'commanded');
  const meter = createMeter(limits, PHASE_MS);
  const own: Counts = {};
  const halts: string[] = [];
  const past: Sensed[] = [];
  const trueMs = () => scheduler.now();
  let tick: Tick = arm.step(undefined, false);
  let tickMs = 0;
  let pending: Action | undefined;
  let isHalted = false;
  let driven = 0;
  let movedM = 0;
  let movedMs: number | undefined;
  let isAtRest = false;
  let wasInUse = false;
  let shownMs = Number.NEGATIVE_INFINITY;
  let readMs = Number.NEGATIVE_INFINITY;
  const count = (violation: BodyViolation, isBeyond: boolean) => {
    if (isBeyond) own[violation] = (own[violation] ?? 0) + 1;
  };

  /** Follows the tool from the onset until it stands still for the first time. */
  const follow = ({ samples }: Tick) => {
    const fromMs = onsetMs();
    if (isAtRest || tickMs + stepMs <= fromMs) return;
    const subMs = stepMs / (samples.length - 1);
    let isStill = tickMs >= fromMs;
    for (const [i, { pM }] of samples.entries()) {
      const atMs = tickMs + i * subMs;
      const wayM = i > 0 ? distance(samples[i - 1]!.pM, pM) : 0;
      if (wayM <= STILL_M || atMs <= fromMs) continue;
      isStill = false;
      movedM += wayM;
      movedMs = atMs;
    }
    isAtRest = isStill;
  };
  /** Goes through all steps of its own that have begun by then. */
  const advance = (untilMs = trueMs()) => {
    while (tickMs + stepMs <= untilMs) {
      tickMs += stepMs;
      const action = pending;
      pending = undefined;
      tick = arm.step(action, action !== undefined && isBlocked());
      // That it does not follow can be known as soon as it has been read.
      const isRead = tickMs - readMs <= stepMs;
      meter.tell(isRead ? tick : { ...tick, errorsM: [0, 0] });
      follow(tick);
      if (!action) continue;
      driven += 1;
      if (!ledger) continue;
      const isNear = tick.samples.some(({ pM }) => distance(pM, hand.atM) < HAND_M);
      count('hand', isNear && tickMs > hand.sinceMs + mostEvidenceMs);
    }
  };
  const placeNow = () => {
    const share = Math.min(1, (trueMs() - tickMs) / stepMs) * (tick.samples.length - 1);
    const [before, after] = [tick.samples[Math.floor(share)]!, tick.samples[Math.ceil(share)]!];
    const at = share - Math.floor(share);
    const pM = before.pM.map((value, axis) => value + (after.pM[axis]! - value) * at) as [number, number, number];
    return { frameId: FRAME, pM, qXyzw: [...after.qXyzw] as [number, number, number, number] };
  };
  const commanded = () => {
    const { commandedTcpPose } = arm.sense();
    if (pending?.kind !== 'eef-pose') return commandedTcpPose!;
    return { frameId: FRAME, pM: [...pending.pM] as Point, qXyzw: [...pending.qXyzw] as typeof pending.qXyzw };
  };
  const sensed = (): Sensed => {
    advance();
    const stampMs = clockMs();
    const tcpPose = placeNow();
    const view = { toolM: tcpPose.pM, ...(trueMs() >= hand.sinceMs && { handM: hand.atM }) };
    const now: Sensed = {
      stampMs,
      frames: [
        {
          ...{ data: pictureOf(view, trueMs()), encoding: 'rgb8', widthPx: PIXELS, heightPx: 1 },
          ...{ stampMs, camera: 'third' },
        },
      ],
      proprio: {
        ...{ stampMs, jointNames: [], qRad: [], qdRadPerS: [], gripperOpen: arm.sense().gripperOpen },
        ...{ tcpPose, commandedTcpPose: commanded() },
      },
    };
    takenMs.set(now.proprio!, trueMs());
    past.push(now);
    return now;
  };
  /** What may be said of a command before it is carried out. @returns whether it can be at all. */
  const received = (action: Action): boolean => {
    count('after halt', isHalted);
    count('stale', trueMs() - Math.min(shownMs, readMs) > MAX_OBSERVATION_AGE_MS + stepMs);
    if (action.kind !== 'eef-delta' && action.kind !== 'eef-pose') return false;
    if (ledger) {
      const ways = waysBy(ledger, placeOf(action, commanded().pM)!);
      count('unchecked', ways.length === 0);
      count('outdated', ways.length > 0 && !ways.some(({ shotMs }) => trueMs() - shotMs <= mostEvidenceMs));
    }
    count('wrong frame', action.frameId !== FRAME);
    const way = action.kind === 'eef-delta' ? [...action.dPosM, ...action.dRpyRad] : [...action.pM, ...action.qXyzw];
    const isSound = [...way, action.gripperOpen].every(Number.isFinite);
    count('not finite', !isSound);
    return isSound;
  };
  /** On demand an act is over when nothing moves any more. */
  const whenAtRest = () =>
    timer(tickMs + 2 * stepMs - trueMs() - PHASE_MS, stepMs, scheduler).pipe(
      tap(() => advance()),
      first(() => pending === undefined && isStill(tick)),
    );
  const act = (action: Action): Observable<ActResult> => {
    advance();
    const done: ActResult = { status: 'done', executed: action };
    if (action.kind === 'hold') {
      pending = undefined;
      return isPaced ? of(done) : timer(stepMs, scheduler).pipe(map(() => done));
    }
    if (received(action)) pending = action;
    if (isHalted) return of({ status: 'stopped', reason: 'halted' });
    return isPaced ? of(done) : whenAtRest().pipe(map(() => done));
  };

  return {
    name: 'faulty arm',
    actionKinds: ['eef-delta', 'eef-pose'],
    delta: { axes: 'base', rotateAbout: 'tcp', reference: 'commanded' },
    limits: { motion: limits, maxObservationAgeMs: MAX_OBSERVATION_AGE_MS, maxPlanAgeMs: 3000 },
    counts: () => {
      advance();
      return { ...meter.counts, ...own, ...sumOf('not finite', meter.counts, own) };
    },
    driven: () => driven,
    settle: () => {
      // It is brought up to date whenever it is asked something.
      wasInUse = tickMs + stepMs > onsetMs();
      advance(trueMs() + SETTLE_STEPS * stepMs);
    },
    rest: () => (wasInUse ? { movedM, ...(isAtRest && { restMs: (movedMs ?? onsetMs()) - onsetMs() }) } : undefined),
    halts,
    oracle: {
      judge: () => {
        advance();
        const isThere = distance(placeNow().pM, goalM) < THERE_M;
        return of(isThere ? { outcome: 'success' as const, reason: 'it is there' } : undefined);
      },
    },
    reset: () => {
      tickMs = trueMs() + PHASE_MS - stepMs;
      isHalted = false;
      return of(null);
    },
    observe: () =>
      timer(OBSERVE_MS, scheduler).pipe(
        map(sensed),
        concatMap((now) => sense(now, past)),
        tap(({ frames, proprio }) => {
          shownMs = Math.max(shownMs, shotMsOf(frames));
          if (proprio) readMs = Math.max(readMs, takenMs.get(proprio)!);
        }),
      ),
    act,
    halt: (category, reason) => {
      advance();
      isHalted = true;
      pending = undefined;
      halts.push(`${category} ${reason}`);
    },
    close: async () => {},
  };
}

const sumOf = (name: BodyViolation, a: Counts, b: Counts): Counts => {
  const sum = (a[name] ?? 0) + (b[name] ?? 0);
  return sum > 0 ? { [name]: sum } : {};
};
