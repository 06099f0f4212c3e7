/**
 * A policy that leads an arm home: straight, slowly, the hand as it is until it is there. Every step of it goes through the gate as any
 * other; where the gate says no, it gives up. Knows no robot.
 */
import { rotated } from '../../chunk/poses.ts';
import { rpyOfRotationVector, turnBetween, type Vec3 } from '../../gate/rotation.ts';
import type { DeltaMeaning, MotionLimits, Policy } from '../../ports.ts';
import { JOG_SPEED_M_PER_S } from '../../robot/set-point.ts';
import type { Action, Observation } from '../../types.ts';

export interface HomePose {
  readonly pM: Vec3;
  readonly qXyzw: readonly [number, number, number, number];
  readonly gripperOpen: number;
}

/** Turn at most, rad/s. Chosen: the speed above, at the end of a tool of 0.25 m. */
const TURN_RAD_PER_S = 0.2;
/** How fast the hand opens or closes at home, shares of its opening a second. Chosen. */
const HAND_PER_S = 1;
/** Closer than this is there, m, rad and shares. Chosen: what a servo keeps of an error. */
const THERE = { m: 0.005, rad: 0.035, open: 0.05 } as const;
/** Share of a limit that is used. */
const SHARE = 0.9;

/** @param delta - what a delta means to the body. */
export const goingHome = (home: HomePose, limits: MotionLimits, delta: DeltaMeaning): Policy => ({
  name: 'home',
  actionKinds: ['eef-delta'],
  reset: () => {},
  act: async (observation) => ({ actions: [nextStep(home, limits, delta, observation)] }),
});

function nextStep(
  home: HomePose,
  limits: MotionLimits,
  delta: DeltaMeaning,
  { proprio, history }: Observation,
): Action {
  const last = history.at(-1);
  if (last && last.verdict.kind !== 'allow' && last.verdict.kind !== 'modify')
    return { kind: 'done', outcome: 'failure', answer: last.verdict.reasons.join('; ') };
  const from = delta.reference === 'commanded' ? proprio?.commandedTcpPose : proprio?.tcpPose;
  if (!proprio || !from) return { kind: 'done', outcome: 'failure', answer: 'the body does not say where it is' };
  const stepS = limits.stepMs / 1000;
  const way: Vec3 = [home.pM[0] - from.pM[0], home.pM[1] - from.pM[1], home.pM[2] - from.pM[2]];
  const turn = turnBetween(from.qXyzw, home.qXyzw);
  const opening = home.gripperOpen - proprio.gripperOpen;
  const isThere = Math.hypot(...way) <= THERE.m && Math.hypot(...turn) <= THERE.rad;
  if (isThere && Math.abs(opening) <= THERE.open) return { kind: 'done', outcome: 'success' };
  const mostM = SHARE * stepS * Math.min(JOG_SPEED_M_PER_S, limits.maxSpeedMPerS);
  const mostRad = SHARE * stepS * Math.min(TURN_RAD_PER_S, limits.maxTurnRadPerS);
  const mostOpen = SHARE * stepS * Math.min(HAND_PER_S, limits.maxGripperPerS);
  // One share for both, so that it comes there with the way and the turn at once.
  const share = Math.min(1, mostM / Math.hypot(...way), mostRad / Math.hypot(...turn));
  const [x, y, z, w] = from.qXyzw;
  const asMeant = (vector: Vec3): Vec3 => (delta.axes === 'tool' ? rotated(vector, [-x, -y, -z, w]) : vector);
  const part = (vector: Vec3): Vec3 => asMeant([vector[0] * share, vector[1] * share, vector[2] * share]);
  return {
    kind: 'eef-delta',
    frameId: limits.frameId,
    ...(isThere
      ? { dPosM: [0, 0, 0], dRpyRad: [0, 0, 0] }
      : { dPosM: part(way), dRpyRad: rpyOfRotationVector(part(turn)) }),
    gripperOpen: proprio.gripperOpen + (isThere ? Math.max(-mostOpen, Math.min(mostOpen, opening)) : 0),
  };
}
