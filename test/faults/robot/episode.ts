/**
 * One episode of an arm that is to reach a place, in virtual time, with one or two things that go wrong; all of it by its seed. Rules,
 * critic and lease are those of the runtime; what is told of the body comes from the meter at the body.
 */
import type { Action, Critic, MotionLimits, Observation, Opinion, Policy, RunOptions, Sink, Thought } from 'pumice';
import { deadMan } from 'pumice/stops';
import {
  concat,
  defer,
  interval,
  NEVER,
  type Observable,
  of,
  type SchedulerLike,
  takeWhile,
  throwError,
  timer,
} from 'rxjs';
import { delay, map, mergeMap } from 'rxjs/operators';
import type { TestScheduler } from 'rxjs/testing';
import { inVirtualTime, type Story, story } from '../../loop-story.ts';
import { randomFrom } from '../../random.ts';
import { clearance, type Ledger, placesOf } from '../ledger.ts';

import { type Counts, FRAME, faultyArm, HAND_M, type Point, type Rest, shotMsOf, viewOf } from './body.ts';
import {
  FAULTS,
  type Fault,
  type FaultName,
  type Faults,
  faultsOf,
  spoilOpinion,
  spoilSensed,
  spoilThought,
  wildAim,
} from './faults.ts';

/** What is to be seen when a safeguard is missing. */
export interface Missing {
  /** A lease that lasts for ever. */
  readonly expiry?: boolean;
  /** A critic that allows whatever it is shown. */
  readonly honesty?: boolean;
  /** That what is judged is what is done: the critic is asked about the way to the other side. */
  readonly mixUp?: boolean;
}

export interface Told {
  readonly seed: number;
  readonly faults: readonly FaultName[];
  readonly isPaced: boolean;
  readonly outcome: string;
  readonly reason: string;
  readonly isThere: boolean;
  readonly driven: number;
  readonly halts: readonly string[];
  readonly counts: Counts;
  /** Absent where it was over before anything went wrong. */
  readonly rest: Rest | undefined;
}

const BOX: Pick<MotionLimits, 'workspace' | 'keepOut'> = {
  workspace: { minM: [0.2, -0.3, 0.02], maxM: [0.6, 0.3, 0.4] },
  keepOut: [
    { name: 'post', minM: [0.3, 0.1, -0.1], maxM: [0.36, 0.16, 0.5] },
    { name: 'bin', minM: [0.45, -0.25, -0.1], maxM: [0.55, -0.1, 0.15] },
  ],
};
export const STOP_IN = 'person: stops in ';
/** Parts of a step. */
export type Phase = 'a look' | 'a thought' | 'a verdict' | 'an act';
const STEP_MS = 125;
/** Two bodies: of one the length of a step binds, of the other the speed. */
const BODIES: readonly MotionLimits[] = [
  {
    maxStepM: 0.05,
    maxStepRad: 0.2,
    maxSpeedMPerS: 0.6,
    maxTurnRadPerS: 2.4,
    maxAccelerationMPerS2: 1,
    maxGripperPerS: 2,
  },
  {
    maxStepM: 0.09,
    maxStepRad: 0.4,
    maxSpeedMPerS: 0.3,
    maxTurnRadPerS: 1.2,
    maxAccelerationMPerS2: 2,
    maxGripperPerS: 4,
  },
].map((own) => ({
  ...{ frameId: FRAME, stepMs: STEP_MS, ...BOX, decelerationMPerS2: 2, maxTurnAccelerationRadPerS2: 8 },
  ...{ maxFollowingErrorM: 0.02, ...own },
}));
/** Half of what may be gained in a step by the slower body. */
const PATIENT_M = 0.012;
/** What a critic keeps a way from a hand: its size, what braking takes, and what the rules may bend a step by. */
const BERTH_M = HAND_M + 0.06;
export const DEADLINES = { think: 1500, critic: 1500, observe: 1000, act: 1000, write: 1000, reset: 1000 } as const;
export const LEASE = { leaseMs: 900, graceMs: 300, starveMs: 2000 } as const;
const BUDGET = { maxSteps: 150, timeoutMs: 20_000 } as const;
const PACED = { pace: { rateHz: 1000 / STEP_MS }, think: 'ahead', check: 'lease' } as const;
const MOST_OBSERVATION_AGE_MS = 400;
/** Actions of a chunk that is played ahead: it lasts longer than lease and grace do. */
const LONG = 24;

export const playEpisode = (seed: number, missing: Missing = {}, only?: readonly FaultName[]): Told =>
  inVirtualTime((scheduler, helpers) => {
    const random = randomFrom(seed);
    const between = (low: number, high: number) => low + random() * (high - low);
    const isPaced = random() < 0.5;
    const hasCritic = random() < 0.7;
    const limits = BODIES[random() < 0.5 ? 0 : 1]!;
    const names = only ?? drawn(random);
    const faults = faultsOf(
      names.map((name) => spanOf(name, between)),
      () => scheduler.now(),
    );
    const clockMs = () =>
      scheduler.now() + (faults.is('clock steps forward') ? 5000 : 0) - (faults.is('clock steps back') ? 5000 : 0);
    const clock: SchedulerLike = Object.create(scheduler, { now: { value: clockMs } });

    const startM: Point = [between(0.38, 0.42), between(-0.05, 0.05), between(0.2, 0.25)];
    const goalM: Point = [between(0.25, 0.4), between(-0.25, -0.1), between(0.1, 0.3)];
    const hand = { atM: handFor(startM, goalM, between), sinceMs: between(0, 3000) };
    const ledger: Ledger | undefined = hasCritic ? { allowed: [] } : undefined;
    let stop = () => {};
    let stoppedMs = Number.POSITIVE_INFINITY;
    /** Something has begun, and is not over for a while. */
    const enter = (phase: Phase) => {
      if (!faults.is(`${STOP_IN}${phase}`) || Number.isFinite(stoppedMs)) return;
      stoppedMs = scheduler.now() + (phase === 'an act' && !isPaced ? STEP_MS : 0);
      scheduler.schedule(stop, stoppedMs - scheduler.now());
    };
    const onsetMs = () =>
      Math.min(...faults.all.map(({ name, fromMs }) => (name.startsWith(STOP_IN) ? stoppedMs : fromMs)));
    const arm = faultyArm({
      ...{ scheduler, clockMs, limits, startM, goalM, hand, isPaced, ledger },
      sense: (now, past) => spoilSensed(now, past, faults, scheduler.now()),
      isBlocked: () => faults.is('body: blocked'),
      onsetMs,
      mostEvidenceMs: isPaced ? LEASE.leaseMs + LEASE.graceMs + 2 * STEP_MS : MOST_OBSERVATION_AGE_MS + STEP_MS,
    });
    const env: typeof arm = {
      ...arm,
      observe: (context) => {
        enter('a look');
        return arm.observe(context);
      },
      act: (action, context) => {
        if (action.kind !== 'hold') enter('an act');
        return arm.act(action, context);
      },
    };
    const reach = reaching({ goalM, hand: hand.atM, limits, isPaced, random, faults, scheduler });
    const policy: Policy = {
      ...reach,
      act: (observation, context) => {
        enter('a thought');
        return reach.act(observation, context);
      },
    };
    const options: Omit<RunOptions, 'instruction'> = {
      ...{ env, policy, budget: BUDGET, deadlinesMs: DEADLINES, oracle: env.oracle },
      ...(ledger && { critics: [watching(ledger, faults, scheduler, missing, () => enter('a verdict'))] }),
      ...(isPaced && PACED),
      realTime: { ...LEASE, ...(missing.expiry && { leaseMs: 1e9 }) },
      sinks: [disk(faults)],
      stops: stopsIn(faults, scheduler),
    };
    const tale = story(Object.assign(clock, {}) as TestScheduler, helpers, options);
    stop = () => tale.controls.stop('button');
    disturb(tale, faults);
    const { outcome, reason } = tale.tellAll();
    env.settle();
    return {
      ...{ seed, faults: names, isPaced, outcome, reason, isThere: outcome === 'success', driven: env.driven() },
      ...{ halts: env.halts, counts: fair(env.counts(), names), rest: env.rest() },
    };
  });

/** What is in the way makes jumps that no rule can see: of those episodes what the arm is told is counted, and not how it went. */
const fair = (counts: Counts, names: readonly FaultName[]): Counts => {
  if (!names.includes('body: blocked')) return counts;
  const {
    speed: _,
    acceleration: _1,
    step: _2,
    'turn-speed': _3,
    'turn-acceleration': _4,
    'turn-step': _5,
    ...rest
  } = counts;
  return rest;
};

function drawn(random: () => number): readonly FaultName[] {
  const draw = () => FAULTS[Math.floor(random() * FAULTS.length)]!;
  const luck = random();
  return luck < 0.1 ? [] : luck < 0.7 ? [draw()] : [draw(), draw()];
}

/** Most pass; what dies stays dead in half of the cases. */
function spanOf(name: FaultName, between: (low: number, high: number) => number): Fault {
  const fromMs = between(0, 2500);
  const isForGood = between(0, 1) < 0.4 || name.startsWith('clock') || name === 'disk full';
  return { name, fromMs, untilMs: isForGood ? Number.POSITIVE_INFINITY : fromMs + between(100, 3000) };
}

/** Off the straight way, so that who goes straight need not meet it. */
function handFor(startM: Point, goalM: Point, between: (low: number, high: number) => number): Point {
  for (;;) {
    const atM: Point = [between(0.22, 0.58), between(-0.28, 0.28), between(0.05, 0.38)];
    if (clearance([startM, goalM], atM) > BERTH_M + 0.03) return atM;
  }
}

interface PolicyParts {
  readonly goalM: Point;
  readonly hand: Point;
  readonly limits: MotionLimits;
  readonly isPaced: boolean;
  readonly random: () => number;
  readonly faults: Faults;
  readonly scheduler: SchedulerLike;
}

/** Goes straight to the goal by what its picture shows; or at walls and at the hand, as fast as it can, where that is what goes wrong. */
function reaching({ goalM, hand, limits, isPaced, random, faults, scheduler }: PolicyParts): Policy {
  const thinkMs = isPaced ? 40 + random() * 160 : random() < 0.5 ? 0 : random() * 200;
  const length = isPaced ? LONG : 1 + Math.floor(random() * 4);
  const isOfPoses = random() < 0.5;
  let before: Thought | undefined;
  let aim: Point = goalM;
  let boldness = 1;
  const longest = Math.min(limits.maxStepM, (limits.maxSpeedMPerS * STEP_MS) / 1000);

  const thought = ({ frames, proprio, seq }: Observation): Thought => {
    const toolM = viewOf(frames)?.toolM ?? ([0, 0, 0] as Point);
    const isWild = faults.is('policy: goes at walls') || faults.is('policy: goes at the hand');
    if (isWild && (aim === goalM || random() < 0.3)) {
      aim = faults.is('policy: goes at the hand') ? hand : wildAim(random, limits.keepOut);
      boldness = random() < 0.3 ? 0.2 + random() : 1.2 + random() * 0.4;
    } else if (!isWild) aim = goalM;
    let at: Point = toolM;
    const turnRad = isWild ? boldness * limits.maxStepRad * (random() < 0.5 ? -1 : 1) : 0;
    let gripperOpen = proprio?.gripperOpen ?? 1;
    let size = isWild ? longest * boldness * (random() < 0.5 ? 0.2 : 1) : PATIENT_M;
    const actions = Array.from({ length }, (_, step): Action => {
      if (isWild && random() < 0.3) gripperOpen = Math.round(random());
      if (isWild) size = Math.min(longest * boldness, size + 0.01);
      const gap = aim.map((value, axis) => value - at[axis]!);
      const wayM = Math.hypot(...gap) + 1e-9;
      const by = gap.map((part) => (part / wayM) * Math.min(size, isWild ? size : wayM)) as [number, number, number];
      at = at.map((value, axis) => value + by[axis]!) as unknown as Point;
      const half = (turnRad * (step + 1)) / 2;
      return isOfPoses
        ? { kind: 'eef-pose', frameId: FRAME, pM: [...at], qXyzw: [0, 0, Math.sin(half), Math.cos(half)], gripperOpen }
        : { kind: 'eef-delta', frameId: FRAME, dPosM: by, dRpyRad: [0, 0, turnRad], gripperOpen };
    });
    return { actions, answersSeq: seq, ...(isPaced && { dtMs: STEP_MS }) };
  };
  return {
    name: 'reaching',
    actionKinds: ['eef-delta', 'eef-pose'],
    reset: () => {},
    act: (observation) => {
      const good = thought(observation);
      const spoilt = spoilThought(good, before, faults) as Observable<Thought>;
      before = good;
      return spoilt.pipe(delay(faults.is('policy: late') ? 1200 : thinkMs, scheduler));
    },
  };
}

/** Sees a hand where there is one, and lets no way lead near it. It cannot judge what it cannot see. */
function watching(
  ledger: Ledger,
  faults: Faults,
  scheduler: SchedulerLike,
  { honesty, mixUp }: Missing,
  onAsked: () => void,
): Critic {
  const judgeMs = 30;
  const opinionOf = ({ frames, proprio }: Observation, actions: readonly Action[]): Opinion => {
    const view = viewOf(frames);
    if (!view) return { kind: 'deny', reasons: ['nothing is to be seen'] };
    const placesM = placesOf(view.toolM, proprio?.commandedTcpPose?.pM, actions);
    const isNear = view.handM !== undefined && !(clearance(placesM, view.handM) > BERTH_M);
    return isNear && !honesty ? { kind: 'deny', reasons: ['a hand is in the way'] } : { kind: 'allow', reasons: [] };
  };
  /** What it really says is written down when it says it; what does not reach the run as an opinion is none. */
  const answer = (observation: Observation, actions: readonly Action[]): Observable<Opinion> => {
    // Of what it was asked, before anybody can change it.
    const toolM = viewOf(observation.frames)?.toolM ?? [0, 0, 0];
    const placesM = placesOf(toolM, observation.proprio?.commandedTcpPose?.pM, actions);
    if (mixUp) for (const placeM of placesM.splice(1)) placesM.push([placeM[0]!, -placeM[1]!, placeM[2]!]);
    return timer(judgeMs, scheduler).pipe(
      map(() => opinionOf(observation, actions)),
      mergeMap((opinion) => {
        const isWhole = !faults.all.some(
          ({ name }) => name.startsWith('critic') && faults.is(name) && !HARMLESS.has(name),
        );
        const note = () => {
          if (!isWhole) return;
          if (opinion.kind === 'deny') ledger.allowed.length = 0;
          else ledger.allowed.push({ placesM, shotMs: shotMsOf(observation.frames) });
        };
        return concat(
          defer(() => of(note())),
          spoilOpinion(opinion, actions, faults) as Observable<Opinion>,
        );
      }),
      mergeMap((said) => (said === undefined ? [] : [said as Opinion])),
    );
  };
  return {
    name: 'watching',
    judge: (observation, action) => {
      onAsked();
      return answer(observation, [action]);
    },
    judgeChunk: (observation, { actions }) => {
      onAsked();
      return answer(observation, actions);
    },
  };
}
export const HARMLESS: ReadonlySet<FaultName> = new Set(['critic: answers twice', 'critic: changes what it is shown']);

export const disk = (faults: Faults): Sink => ({
  name: 'disk',
  required: true,
  write: () => (faults.is('disk full') ? throwError(() => new Error('ENOSPC: no space left on device')) : of(null)),
  close: () => of(null),
});

export function stopsIn(faults: Faults, scheduler: SchedulerLike) {
  const fault = (name: FaultName) => faults.all.find((one) => one.name === name);
  const released = fault('person: dead-man released');
  const dying = fault('person: stop source dies');
  const held$ = interval(50, scheduler).pipe(
    takeWhile(() => true),
    mergeMap((beat) => (released && faults.is(released.name) ? NEVER : of(beat))),
  );
  return [
    ...(released ? [deadMan({ renewals$: held$, withinMs: 150, scheduler })] : []),
    ...(dying
      ? [
          {
            name: 'button',
            stop$: timer(dying.fromMs, scheduler).pipe(mergeMap(() => throwError(() => new Error('unplugged')))),
          },
        ]
      : []),
  ];
}

export function disturb({ at, controls }: Pick<Story, 'at' | 'controls'>, { all }: Faults): void {
  for (const { name, fromMs, untilMs } of all) {
    if (name === 'person: stops') at(fromMs, () => controls.stop('button'));
    if (name === 'person: other words') at(fromMs, () => controls.instruction$.next('go there'));
    if (name !== 'person: pauses') continue;
    at(fromMs, () => controls.pause());
    if (Number.isFinite(untilMs)) at(untilMs, () => controls.resume());
  }
}
