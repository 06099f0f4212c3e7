/**
 * The simulated arm as a body in lockstep, in virtual time: what is commanded to its controller is counted by `test/motion/meter.ts`, the
 * rest by the witness.
 */
import type { Action, ActResult, Env, Sensed } from 'pumice';
import type { SimTask } from 'pumice/envs/sim';
import { concatMap, defer, type Observable, of, tap, timer } from 'rxjs';
import { map } from 'rxjs/operators';
import type { Delta7, ToolPose } from '../../../envs/sim/arm.ts';
import { layoutOf } from '../../../envs/sim/layout.ts';
import { actionOf, createOracle, type SimOracle } from '../../../envs/sim/oracle.ts';
import { PROFILE } from '../../../envs/sim/profile.ts';
import { toQuaternion } from '../../../envs/sim/rotation.ts';
import { refusalOf } from '../../../envs/sim/senses.ts';
import { createMeter, type Tick } from '../../motion/meter.ts';
import { distance } from '../ledger.ts';
import { ARM_LIMITS, createWitness, MOTION, PICTURE_PX, summed, type WitnessParts } from './witness.ts';

/** Every so many steps of the physics the tool is looked at. */
const WATCH_EVERY = 5;
const OBSERVE_MS = 1;

export interface ArmOptions extends WitnessParts {
  readonly task: SimTask;
  /** What becomes of what is sensed on its way to whoever looks; `past` are all earlier ones as they were. */
  readonly sense: (now: Sensed, past: readonly Sensed[]) => Observable<Sensed>;
  /** Something holds the arm where it is, whatever its servos want. */
  readonly isBlocked: () => boolean;
  /** When the first thing goes wrong, ms; Infinity as long as nothing has. */
  readonly onsetMs: () => number;
}

/** What the tool did from the moment on in which a thing went wrong until it first stood still for the time of a step. */
export interface Rest {
  readonly restMs: number;
  readonly movedM: number;
}
export interface WatchedArm extends Env {
  readonly oracle: SimOracle;
  readonly counts: () => Readonly<Record<string, number>>;
  /** What came of commands that were within every limit: no rule knows of things, nor how long fingers are when a hand is turned. */
  readonly harm: () => Readonly<Record<string, number>>;
  /** Commands that it was driven by. */
  readonly driven: () => number;
  /** Undefined where it never stood still, or where that means nothing. */
  readonly rest: () => Rest | undefined;
}

export function lockstepArm(options: ArmOptions): WatchedArm {
  const { stage, task, scheduler, sense, isBlocked } = options;
  const { world, cameras } = stage;
  const { arm, physics } = world;
  const channel = createOracle({ world, cameras, sizePx: PICTURE_PX });
  const meter = createMeter(MOTION);
  const witness = createWitness(options);
  const past: Sensed[] = [];
  let isHalted = true;
  let driven = 0;

  /** One step of the arm, and what was commanded in it. */
  const step = (drive: () => Delta7 | undefined): Delta7 | undefined => {
    const before = arm.commanded();
    const measured = arm.measured().pM;
    const held = isBlocked() ? physics.save() : undefined;
    const executed = drive();
    held?.();
    physics.forward();
    const after = arm.commanded();
    meter.tell({
      ...{ samples: samplesBetween(before, after), isDriven: executed !== undefined },
      gripperOpen: arm.commandedGripper(),
      errorsM: [distance(measured, before.pM), distance(measured, after.pM)],
    });
    channel.stepped();
    return executed;
  };
  const watch = (at: number) => {
    if (at % WATCH_EVERY === 0) witness.look();
  };
  const act = (action: Action): ActResult => {
    if (action.kind !== 'hold') witness.received(action, isHalted);
    if (isHalted) return { status: 'stopped', reason: 'the arm is halted' };
    const refusal = refusalOf(action);
    if (refusal !== undefined) return { status: 'refused', reason: refusal };
    const executed = step(() => {
      if (action.kind === 'eef-delta')
        return world.act([...action.dPosM, ...action.dRpyRad, action.gripperOpen] as unknown as Delta7, watch);
      world.hold();
      return undefined;
    });
    driven += executed ? 1 : 0;
    return { status: 'done', executed: executed ? actionOf(executed) : { kind: 'hold' } };
  };

  return {
    name: 'simulated arm in lockstep, in virtual time',
    actionKinds: ['eef-delta'],
    isLockstep: true,
    delta: PROFILE.delta,
    limits: ARM_LIMITS,
    oracle: channel.oracle,
    counts: () => summed(meter.counts, witness.counts),
    harm: () => witness.harm,
    driven: () => driven,
    // It stands still between any two steps.
    rest: () => undefined,
    reset: () =>
      defer(() => {
        const layout = layoutOf(task.seed);
        world.reset(layout);
        cameras.reset(layout);
        channel.began(task.goal);
        isHalted = false;
        return of(null);
      }),
    observe: () =>
      timer(OBSERVE_MS, scheduler).pipe(
        map(witness.sensed),
        tap((now) => past.push(now)),
        concatMap((now) => sense(now, past)),
        tap(witness.shown),
      ),
    // The step is done at once and takes its time afterwards: nobody sees the arm on its way.
    act: (action) =>
      defer(() => {
        const result = act(action);
        return result.status === 'done' ? timer(MOTION.stepMs, scheduler).pipe(map(() => result)) : of(result);
      }),
    halt: () => {
      isHalted = true;
    },
    close: async () => {},
  };
}

/** The way between two commanded poses, as a drive goes it. */
function samplesBetween(from: ToolPose, to: ToolPose): Tick['samples'] {
  const [a, b] = [toQuaternion(from.rotation), toQuaternion(to.rotation)];
  const sign = a.reduce((sum, part, at) => sum + part * b[at]!, 0) < 0 ? -1 : 1;
  const between = (share: number) => {
    const sum = a.map((part, at) => part * (1 - share) + sign * b[at]! * share);
    const length = Math.hypot(...sum);
    return {
      pM: from.pM.map((value, axis) => value + (to.pM[axis]! - value) * share),
      qXyzw: sum.map((part) => part / length),
    };
  };
  return [0, 0.5, 1].map(between);
}
