/**
 * What goes wrong around an arm, each as a thing that is done to a policy's answer, a critic's, what is sensed, the body, a person or the
 * disk, from one moment of true time to another. `test/faults/robot/episode.ts` puts them into an episode.
 */
import type { Action, Opinion, Sensed, Thought } from 'pumice';
import { concat, defer, delay, EMPTY, NEVER, type Observable, of, range, throwError } from 'rxjs';
import { map } from 'rxjs/operators';
import { black, type Point } from './body.ts';

export const FAULTS = [
  ...['policy: NaN', 'policy: Infinity', 'policy: wrong frame', 'policy: 100 times too far', 'policy: wrong kind'],
  ...['policy: goes at walls', 'policy: goes at the hand', 'policy: hangs', 'policy: dies', 'policy: floods'],
  ...['policy: late', 'policy: answers twice', 'policy: answers of before', 'policy: undecodable'],
  ...['critic: dies', 'critic: wrong format', 'critic: takes 30 s', 'critic: silent', 'critic: answers twice'],
  ...['critic: changes what it is shown'],
  ...['camera: freezes', 'camera: goes black', 'camera: jumps back in time', 'camera: clock of its own'],
  ...['readings: freeze', 'readings: missing', 'body: blocked', 'body: fails to look', 'body: hangs'],
  ...['clock steps forward', 'clock steps back'],
  ...[
    'person: stops',
    'person: stops in a look',
    'person: stops in a thought',
    'person: stops in a verdict',
    'person: stops in an act',
    'person: dead-man released',
    'person: stop source dies',
    'person: other words',
    'person: pauses',
  ],
  ...['disk full'],
] as const;
export type FaultName = (typeof FAULTS)[number];

export interface Fault {
  readonly name: FaultName;
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface Faults {
  /** Whether it goes wrong at this moment. */
  readonly is: (name: FaultName) => boolean;
  readonly all: readonly Fault[];
}

export const faultsOf = (all: readonly Fault[], trueMs: () => number): Faults => ({
  all,
  is: (name) => all.some((fault) => fault.name === name && fault.fromMs <= trueMs() && trueMs() < fault.untilMs),
});

const isMotion = (action: Action) => action.kind === 'eef-delta' || action.kind === 'eef-pose';

/** Does to each motion of a thought the same. */
const each = (thought: Thought, change: (action: Action) => object): unknown => ({
  ...thought,
  actions: thought.actions.map((action) => (isMotion(action) ? { ...action, ...change(action) } : action)),
});

/** Something else in place of where a motion leads. */
const leads = (action: Action, change: (value: number, axis: number) => number): object => {
  if (action.kind === 'eef-delta') return { dPosM: action.dPosM.map(change) };
  return action.kind === 'eef-pose' ? { pM: action.pM.map(change) } : {};
};

const FLOOD = 200;

/** What a policy answers, as it goes wrong. `before`: its answer of the call before. */
export function spoilThought(thought: Thought, before: Thought | undefined, { is }: Faults): Observable<unknown> {
  if (is('policy: hangs')) return NEVER;
  if (is('policy: dies')) return throwError(() => new Error('connection reset'));
  if (is('policy: NaN'))
    return of(each(thought, (action) => leads(action, (value, axis) => (axis === 1 ? NaN : value))));
  if (is('policy: Infinity')) return of(each(thought, (action) => leads(action, () => Infinity)));
  if (is('policy: wrong frame')) return of(each(thought, () => ({ frameId: 'tool' })));
  if (is('policy: 100 times too far')) return of(each(thought, (action) => leads(action, (value) => value * 100)));
  if (is('policy: wrong kind'))
    return of({ ...thought, actions: [{ kind: 'joint-position', jointNames: ['j1'], qRad: [1] }] });
  if (is('policy: floods')) {
    const long = {
      ...thought,
      actions: Array.from({ length: FLOOD }, (_, at) => thought.actions[at % thought.actions.length]),
    };
    return range(0, FLOOD).pipe(map(() => long));
  }
  if (is('policy: answers twice')) return of(thought, thought);
  if (is('policy: answers of before')) return of(before ?? thought);
  if (is('policy: undecodable')) return of({ text: 'move left a little' });
  return of(thought);
}

/** What a critic answers, as it goes wrong. */
export function spoilOpinion(opinion: Opinion, shown: readonly Action[], { is }: Faults): Observable<unknown> {
  if (is('critic: dies')) return throwError(() => new Error('connection refused'));
  if (is('critic: silent')) return EMPTY;
  if (is('critic: takes 30 s')) return of(opinion).pipe(delay(30_000));
  if (is('critic: wrong format')) return of({ verdict: 'safe', kind: opinion.kind === 'allow' ? 'Allow' : 'ok' });
  if (is('critic: answers twice')) return concat(of(opinion), of({ kind: 'allow', reasons: [] }));
  if (is('critic: changes what it is shown'))
    return defer(() => {
      for (const action of shown)
        Object.assign(
          action,
          leads(action, (value) => value + 0.2),
        );
      return of(opinion);
    });
  return of(opinion);
}

/** What is sensed, as it goes wrong on the way. `past`: what was sensed before, the newest last. */
export function spoilSensed(
  now: Sensed,
  past: readonly Sensed[],
  { is, all }: Faults,
  trueMs: number,
): Observable<Sensed> {
  if (is('body: hangs')) return NEVER;
  if (is('body: fails to look')) return throwError(() => new Error('the camera is gone'));
  const before = past.at(Math.max(-8, -past.length))!;
  const frozenAt = (name: FaultName) => {
    const { fromMs } = all.find((fault) => fault.name === name)!;
    return past.findLast(({ stampMs }) => stampMs <= fromMs) ?? past[0]!;
  };
  let { frames } = now;
  const { proprio: _, ...rest } = now;
  if (is('camera: freezes')) frames = frozenAt('camera: freezes').frames;
  if (is('camera: goes black')) frames = frames.map((frame) => ({ ...frame, data: black(trueMs) }));
  if (is('camera: jumps back in time')) frames = before.frames;
  if (is('camera: clock of its own'))
    frames = frames.map((frame) => ({ ...frame, stampMs: frame.stampMs + (past.length % 2 ? 10_000 : -10_000) }));
  if (is('readings: missing')) return of({ ...rest, frames });
  return of({ ...now, frames, ...(is('readings: freeze') && { proprio: frozenAt('readings: freeze').proprio! }) });
}

/** How a policy leads that goes at what it must not touch. */
export const wildAim = (random: () => number, keepOuts: readonly { minM: Point; maxM: Point }[]): Point => {
  const between = (low: number, high: number) => low + random() * (high - low);
  const box = random() < 0.5 ? keepOuts[Math.floor(random() * keepOuts.length)] : undefined;
  if (box) return box.minM.map((low, axis) => (low + box.maxM[axis]!) / 2) as unknown as Point;
  return [between(0, 0.8), between(-0.5, 0.5), between(-0.2, 0.6)];
};
