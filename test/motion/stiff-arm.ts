/**
 * An arm that does exactly what it is told, as fast as it is told, however wild: straight from where it is to where it is to be, within
 * the time of a step. What is not driven brakes by its own deceleration. Something may be in its way, and its camera and readings may
 * hang: what it senses is then old, or nothing. Shares no code with `src/gate`.
 */
import type { MotionLimits } from '../../src/ports.ts';
import type { Action, Proprio } from '../../src/types.ts';
import type { Sample, Tick } from './meter.ts';

type Point = [number, number, number];
type Turn = [number, number, number, number];

/** Places at which it is looked at in each step. */
const SAMPLES = 8;

export interface StiffArm {
  readonly sense: () => Proprio;
  /** Carries out one action within the time of a step; without one it brakes. `isBlocked`: it stays where it is. */
  readonly step: (action: Action | undefined, isBlocked: boolean) => Tick;
}

export function createStiffArm(limits: MotionLimits, start: Point, reference: 'commanded' | 'measured'): StiffArm {
  const stepS = limits.stepMs / 1000;
  let stampMs = 0;
  let pM: Point = start;
  let qXyzw: Turn = [0, 0, 0, 1];
  let commandedM: Point = start;
  let velocity: Point = [0, 0, 0];
  let turning: Point = [0, 0, 0];
  let gripperOpen = 1;

  const drive = (action: Action, isBlocked: boolean): readonly Sample[] => {
    if (action.kind !== 'eef-delta' && action.kind !== 'eef-pose') throw new Error(`cannot ${action.kind}`);
    const base = reference === 'commanded' ? commandedM : pM;
    const target = action.kind === 'eef-pose' ? action.pM : base.map((value, axis) => value + action.dPosM[axis]!);
    const end = action.kind === 'eef-pose' ? action.qXyzw : times(ofRpy(action.dRpyRad), qXyzw);
    const [from, fromTurn] = [pM, qXyzw];
    commandedM = [...target] as Point;
    gripperOpen = action.gripperOpen;
    const to = isBlocked ? from : commandedM;
    velocity = to.map((value, axis) => (value - from[axis]!) / stepS) as Point;
    turning = vectorOf(times([...end] as Turn, inverse(fromTurn))).map((part) => part / stepS) as Point;
    return samples((share) => ({
      pM: from.map((value, axis) => value + (to[axis]! - value) * share),
      qXyzw: between(fromTurn, [...end] as Turn, share),
    }));
  };
  const brake = (): readonly Sample[] => {
    const [from, fromTurn, before, turningBefore] = [pM, qXyzw, velocity, turning];
    const { decelerationMPerS2: along, maxTurnAccelerationRadPerS2: about } = limits;
    velocity = slowed(before, along * stepS);
    turning = slowed(turningBefore, about * stepS);
    const taken = samples((share) => {
      const way = wayOf(before, along, share * stepS);
      return {
        pM: from.map((value, axis) => value + way[axis]!),
        qXyzw: times(ofVector(wayOf(turningBefore, about, share * stepS)), fromTurn),
      };
    });
    commandedM = [...taken.at(-1)!.pM] as Point;
    return taken;
  };
  return {
    sense: () => ({
      ...{ stampMs, jointNames: [], qRad: [], qdRadPerS: [], gripperOpen },
      tcpPose: { frameId: limits.frameId, pM, qXyzw },
      commandedTcpPose: { frameId: limits.frameId, pM: commandedM, qXyzw },
    }),
    step: (action, isBlocked) => {
      const errorM = Math.hypot(...commandedM.map((value, axis) => value - pM[axis]!));
      const at = pM;
      const taken = action ? drive(action, isBlocked) : brake();
      stampMs += limits.stepMs;
      pM = taken.at(-1)!.pM.slice() as Point;
      qXyzw = taken.at(-1)!.qXyzw.slice() as Turn;
      const toldM = Math.hypot(...commandedM.map((value, axis) => value - at[axis]!));
      return { samples: taken, isDriven: action !== undefined, gripperOpen, errorsM: [errorM, toldM] };
    },
  };
}

const samples = (at: (share: number) => Sample): readonly Sample[] =>
  Array.from({ length: SAMPLES + 1 }, (_, i) => at(i / SAMPLES));

const times = ([ax, ay, az, aw]: Turn, [bx, by, bz, bw]: Turn): Turn => [
  aw * bx + ax * bw + ay * bz - az * by,
  aw * by - ax * bz + ay * bw + az * bx,
  aw * bz + ax * by - ay * bx + az * bw,
  aw * bw - ax * bx - ay * by - az * bz,
];

/** Roll, then pitch, then yaw, each about its axis of the base. */
function ofRpy([roll, pitch, yaw]: readonly [number, number, number]): Turn {
  const about = (axis: number, angle: number) =>
    [0, 1, 2].map((i) => (i === axis ? Math.sin(angle / 2) : 0)).concat(Math.cos(angle / 2)) as Turn;
  return times(about(2, yaw), times(about(1, pitch), about(0, roll)));
}

const inverse = ([x, y, z, w]: Turn): Turn => [-x, -y, -z, w];

function ofVector(vector: Point): Turn {
  const length = Math.hypot(...vector);
  if (length === 0) return [0, 0, 0, 1];
  return [...vector.map((part) => (part / length) * Math.sin(length / 2)), Math.cos(length / 2)] as Turn;
}

function vectorOf(q: Turn): Point {
  const [x, y, z, w] = q.map((part) => part * (q[3] < 0 ? -1 : 1)) as Turn;
  const sine = Math.hypot(x, y, z);
  const gain = sine === 0 ? 0 : (2 * Math.atan2(sine, w)) / sine;
  return [x * gain, y * gain, z * gain];
}

/** What is left of a velocity when it has become slower by `less`. */
function slowed(velocity: Point, less: number): Point {
  const speed = Math.hypot(...velocity);
  return velocity.map((part) => (speed > less ? part * (1 - less / speed) : 0)) as Point;
}

/** The way within a time at a velocity that becomes slower by `deceleration`. */
function wayOf(velocity: Point, deceleration: number, timeS: number): Point {
  const speed = Math.hypot(...velocity);
  const untilS = Math.min(timeS, speed / deceleration);
  const way = speed * untilS - (deceleration * untilS ** 2) / 2;
  return velocity.map((part) => (speed > 0 ? (part / speed) * way : 0)) as Point;
}

/** On the great circle, the short way. */
function between(from: Turn, to: Turn, share: number): Turn {
  const dot = from.reduce((sum, value, i) => sum + value * to[i]!, 0);
  const half = Math.acos(Math.min(1, Math.abs(dot)));
  const [a, b] =
    half < 1e-6
      ? [1 - share, share]
      : [Math.sin((1 - share) * half), Math.sin(share * half)].map((part) => part / Math.sin(half));
  const mixed = from.map((value, i) => value * a! + to[i]! * b! * (dot < 0 ? -1 : 1));
  const length = Math.hypot(...mixed);
  return mixed.map((part) => part / length) as Turn;
}
