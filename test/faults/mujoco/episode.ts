/**
 * One episode of the simulated arm at its table, in real physics and virtual time, with one or two things that go wrong; all of it by its
 * seed. Rules and critic are those of the runtime, the critic is the one that looks (`cinder`) or there is none.
 */
import type { Action, Answer, Critic, Observation, Opinion, Policy, RunEvent, Sensed, Thought } from 'pumice';
import { type SimOracle, STEP_BUDGET, TASKS, taskOf } from 'pumice/envs/sim';
import { expert } from 'pumice/policies/expert';
import { from, type Observable, of, type SchedulerLike } from 'rxjs';
import { delay, mergeMap } from 'rxjs/operators';
import { assemble } from '../../../src/assemble.ts';
import { randomFrom } from '../../random.ts';
import { deltas, foresight } from '../../realtime/policies.ts';
import { type AllowedWay, type Ledger, placesOf } from '../ledger.ts';
import { DEADLINES, disk, disturb, HARMLESS, LEASE, type Phase, STOP_IN, stopsIn } from '../robot/episode.ts';
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
} from '../robot/faults.ts';
import { drivenArm } from './driven-arm.ts';
import { lockstepArm, type Rest } from './lockstep-arm.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';
import { black, MAX_OBSERVATION_AGE_MS, MOTION, type Stage, shotMsOf } from './witness.ts';

/** There is no hand at this table: what the critic has to see are blocks. */
export const MUJOCO_FAULTS = FAULTS.filter((name) => name !== 'policy: goes at the hand');

export interface Cast {
  readonly stage: Stage;
  /** Sees the picture alone; the other policy is the expert. */
  readonly ember: Policy;
  /** The same, that answers with chunks. */
  readonly emberAhead: Policy;
  readonly cinder: Critic;
}
/** What is to be seen when a safeguard is missing. */
export interface Missing {
  /** A critic that looks at nothing and allows everything, and so plans longer than one that looks can judge. */
  readonly sight?: boolean;
  /** A lease that lasts for ever. */
  readonly expiry?: boolean;
  /** A critic that allows whatever it is shown. */
  readonly honesty?: boolean;
}
export interface Told {
  readonly seed: number;
  readonly faults: readonly FaultName[];
  /** At a rate, with its driver; otherwise in lockstep. */
  readonly isPaced: boolean;
  readonly policy: string;
  readonly critic: string;
  readonly outcome: string;
  readonly reason: string;
  /** The task is done, by the world's own judge. */
  readonly isDone: boolean;
  readonly driven: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly harm: Readonly<Record<string, number>>;
  readonly rest: Rest | undefined;
}

/** Those that the sentence of a task may ask for: what the network never learned, neither of the two that look can do. */
const KINDS = TASKS.filter((kind) => kind !== 'push');
/** Longest time from its beginning until something goes wrong, ms: about half of an undisturbed episode. */
const LATEST_ONSET_MS = 5000;
/** Beyond what a task takes: for what is held, thought again and waited for. */
const SPARE_STEPS = 40;
const TIMEOUT_MS = 90_000;
const PACED = { pace: { rateHz: 1000 / MOTION.stepMs }, think: 'ahead', check: 'lease' } as const;
/** Actions of a chunk: as many as the critic looks ahead, or more where nobody does. */
const [SHORT, LONG] = [4, 16];

export async function playEpisode(
  { stage, ember, emberAhead, cinder }: Cast,
  seed: number,
  missing: Missing = {},
  only?: readonly FaultName[],
): Promise<Told> {
  const random = randomFrom(seed);
  const between = (low: number, high: number) => low + random() * (high - low);
  const isPaced = random() < 0.5;
  const kind = KINDS[Math.floor(random() * KINDS.length)]!;
  const task = taskOf(kind, 900_000 + seed);
  const isExpert = random() < 0.7;
  const names = only ?? drawn(random);
  const hasCritic =
    random() < 0.6 || names.some((name) => name.startsWith('critic')) || Object.keys(missing).length > 0;
  const time = createVirtualTime();
  const { scheduler } = time;
  const faults = faultsOf(
    names.map((name) => spanOf(name, between)),
    () => scheduler.now(),
  );
  const clockMs = () =>
    scheduler.now() + (faults.is('clock steps forward') ? 5000 : 0) - (faults.is('clock steps back') ? 5000 : 0);
  const clock: SchedulerLike = {
    now: clockMs,
    schedule: scheduler.schedule.bind(scheduler),
  };
  const ledger: Ledger | undefined = hasCritic ? { allowed: [] } : undefined;
  let stop = () => {};
  let isStopped = false;
  let stoppedMs = Number.POSITIVE_INFINITY;
  /** Something has begun, and is not over for a while. */
  const enter = (phase: Phase) => {
    if (isStopped || !faults.is(`${STOP_IN}${phase}`)) return;
    isStopped = true;
    stoppedMs = scheduler.now();
    scheduler.schedule(stop, 0);
  };
  const onsetMs = () =>
    Math.min(...faults.all.map(({ name, fromMs }) => (name.startsWith(STOP_IN) ? stoppedMs : fromMs)));

  const options = {
    ...{ stage, task, scheduler, clockMs, ledger, onsetMs },
    mostEvidenceMs: isPaced
      ? LEASE.leaseMs + LEASE.graceMs + 2 * MOTION.stepMs
      : MAX_OBSERVATION_AGE_MS + MOTION.stepMs,
    sense: (now: Sensed, past: readonly Sensed[]) => sense(now, past, faults, scheduler.now()),
    isBlocked: () => faults.is('body: blocked'),
  };
  const driven = isPaced ? drivenArm(options) : undefined;
  const arm = driven ?? lockstepArm(options);
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
  const length = hasCritic && !missing.sight ? SHORT : LONG;
  const policy = spoilt(
    isPaced
      ? isExpert
        ? deltas(foresight(arm.oracle, length), length)
        : emberAhead
      : isExpert
        ? taught(arm.oracle)
        : ember,
    { faults, random, time, thinkMs: between(0, 200) },
    () => enter('a thought'),
  );
  const critic =
    ledger && watched(missing.sight ? BLIND : cinder, { ledger, faults, time, missing }, () => enter('a verdict'));

  let end: Extract<RunEvent, { kind: 'episode-end' }>['end'] | undefined;
  const assembled = assemble(
    {
      ...{ env, policy, instruction: task.instruction, seed: task.seed, oracle: arm.oracle, deadlinesMs: DEADLINES },
      ...(critic && { critics: [critic] }),
      ...(isPaced && PACED),
      realTime: { ...LEASE, ...(missing.expiry && { leaseMs: 1e9 }) },
      budget: { maxSteps: STEP_BUDGET[kind] + SPARE_STEPS, timeoutMs: TIMEOUT_MS },
      ...{ sinks: [disk(faults)], stops: stopsIn(faults, clock), scheduler: clock },
    },
    (event) => {
      if (event.kind === 'episode-end') end = event.end;
    },
  );
  stop = () => assembled.controls.stop('button');
  const { controls } = assembled;
  disturb({ controls, at: (atMs, work) => void scheduler.schedule(work, atMs) }, faults);
  assembled.episode.subscribe({
    error: (cause) => {
      throw cause;
    },
  });
  await time.play(() => end !== undefined);
  driven?.settle();
  return {
    ...{
      seed,
      faults: names,
      isPaced,
      policy: isExpert ? 'expert' : 'ember',
      critic: hasCritic ? 'cinder' : 'rules alone',
    },
    ...{ outcome: end!.outcome, reason: end!.reason, isDone: arm.oracle.score().first },
    ...{ driven: arm.driven(), counts: arm.counts(), harm: arm.harm(), rest: arm.rest() },
  };
}

function taught(oracle: SimOracle): Policy {
  const policy = expert();
  policy.useOracle(oracle);
  return policy;
}

function drawn(random: () => number): readonly FaultName[] {
  const draw = () => MUJOCO_FAULTS[Math.floor(random() * MUJOCO_FAULTS.length)]!;
  const luck = random();
  return luck < 0.1 ? [] : luck < 0.7 ? [draw()] : [draw(), draw()];
}

/** Most pass; what dies stays dead in half of the cases. */
function spanOf(name: FaultName, between: (low: number, high: number) => number): Fault {
  const fromMs = between(0, LATEST_ONSET_MS);
  const isForGood = between(0, 1) < 0.4 || name.startsWith('clock') || name === 'disk full';
  return { name, fromMs, untilMs: isForGood ? Number.POSITIVE_INFINITY : fromMs + between(200, 4000) };
}

function sense(now: Sensed, past: readonly Sensed[], faults: Faults, trueMs: number): Observable<Sensed> {
  if (!faults.is('camera: goes black')) return spoilSensed(now, past, faults, trueMs);
  const blackened = { ...now, frames: now.frames.map(black) };
  return spoilSensed(
    blackened,
    past,
    { ...faults, is: (name) => name !== 'camera: goes black' && faults.is(name) },
    trueMs,
  );
}

interface PolicyParts {
  readonly faults: Faults;
  readonly random: () => number;
  readonly time: VirtualTime;
  readonly thinkMs: number;
}

/** A policy, with all that can go wrong with it. */
function spoilt(inner: Policy, { faults, random, time, thinkMs }: PolicyParts, onAsked: () => void): Policy {
  let before: Thought | undefined;
  const wild = (good: Thought): Thought => ({ ...good, actions: [wildly(random)] });
  return {
    name: inner.name,
    actionKinds: inner.actionKinds,
    reset: inner.reset,
    act: (observation, context) => {
      onAsked();
      return answerOf<Thought>(time, inner.act(observation, context)).pipe(
        mergeMap((good) => {
          const said = faults.is('policy: goes at walls') ? wild(good) : good;
          const whole = spoilThought(said, before, faults) as Observable<Thought>;
          before = good;
          return whole;
        }),
        delay(faults.is('policy: late') ? 1200 : thinkMs, time.scheduler),
      );
    },
  };
}

/** One motion at something, as fast as it can or a little faster; turns and grips at random. */
function wildly(random: () => number): Action {
  const boldness = random() < 0.3 ? 0.2 + random() : 1.2 + random() * 0.4;
  const aim = wildAim(random, []);
  const gap = aim.map((value, axis) => value - MIDDLE_M[axis]!);
  const wayM = Math.hypot(...gap);
  return {
    ...{ kind: 'eef-delta', frameId: MOTION.frameId },
    dPosM: gap.map((part) => (part / wayM) * MOTION.maxStepM * boldness) as [number, number, number],
    dRpyRad: [0, 0, boldness * MOTION.maxStepRad * (random() < 0.5 ? -1 : 1)],
    gripperOpen: Math.round(random()),
  };
}
/** From where it seems to come, m: it goes on for long enough to meet a wall from anywhere. */
const MIDDLE_M = [0.44, 0, 0.18] as const;

interface CriticParts {
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly time: VirtualTime;
  readonly missing: Missing;
}
const JUDGE_MS = 30;
const AGES_MS = 30_000;

const yes = async () => ({ kind: 'allow', reasons: [] }) as const;
const BLIND: Critic = { name: 'blind', judge: yes, judgeChunk: yes };

/** A critic, with all that can go wrong with it. What it really says is written down when it says it. */
function watched(inner: Critic, { ledger, faults, time, missing }: CriticParts, onAsked: () => void): Critic {
  const isWhole = () =>
    !faults.all.some(({ name }) => name.startsWith('critic') && faults.is(name) && !HARMLESS.has(name));
  const note = ({ kind }: Opinion, { frames }: Observation, placesM: AllowedWay['placesM']) => {
    if (!isWhole()) return;
    if (kind === 'deny') ledger.allowed.length = 0;
    else ledger.allowed.push({ placesM, shotMs: shotMsOf(frames) });
  };
  const answer = (observation: Observation, shown: readonly Action[], asked: () => Answer<Opinion>) => {
    onAsked();
    const { tcpPose, commandedTcpPose } = observation.proprio ?? {};
    const placesM = placesOf(tcpPose?.pM ?? [0, 0, 0], commandedTcpPose?.pM, shown);
    return answerOf(time, asked()).pipe(
      delay(JUDGE_MS, time.scheduler),
      mergeMap((opinion) => {
        note(opinion, observation, placesM);
        if (missing.honesty) return of<Opinion>({ kind: 'allow', reasons: [] });
        if (faults.is('critic: takes 30 s')) return of(opinion).pipe(delay(AGES_MS, time.scheduler));
        return spoilOpinion(opinion, shown, faults) as Observable<Opinion>;
      }),
    );
  };
  return {
    name: inner.name,
    judge: (observation, action, context) =>
      answer(observation, [action], () => inner.judge(observation, action, context)),
    judgeChunk: (observation, chunk, context) =>
      answer(observation, chunk.actions, () => inner.judgeChunk!(observation, chunk, context)),
  };
}

/** However long it really takes: no time passes meanwhile. */
const answerOf = <T>(time: VirtualTime, answer: Answer<T>): Observable<T> =>
  from(time.now(new Promise<T>((resolve, reject) => from(answer).subscribe({ next: resolve, error: reject }))));
