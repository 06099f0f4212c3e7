/**
 * The robot itself, as its makers would have programmed it: follows set-points with its joints, no faster than they go, stops by itself
 * when commands end, and says how it is. Advances one physics step a call; knows no thread and no clock.
 */

import { type BodyState, type Command, commandOf, type ToolPose } from '../../../src/robot/messages.ts';
import type { ToolPose as MatrixPose } from '../arm.ts';
import { multiply, ofQuaternion, toQuaternion, toVector, transpose } from '../rotation.ts';
import type { World } from '../world.ts';
import { createJointLeader } from './joint-leader.ts';
import type { Meter } from './meter.ts';

export interface Robot {
  /** A command has come. What it asks for begins with the next step. */
  readonly receive: (values: ArrayLike<number>, seq: number, nowMs: number) => void;
  /** One physics step, to the state of this time. */
  readonly step: (nowMs: number) => void;
  readonly state: (stampMs: number) => BodyState;
  /** The world was laid out anew: stands still, and follows nothing that does not begin where it is. */
  readonly restart: () => void;
}

export interface RobotOptions {
  /** How often commands come: each is reached by the time of the next. */
  readonly commandRateHz: number;
  readonly restSpeedMPerS: number;
}

/** Without a command for this long it stops by itself, ms. */
export const WATCHDOG_MS = 250;
/** How far from where it stands the first command after a reset may be, m and rad: sag of the servos, and no motion. */
const IN_STEP = { m: 0.01, rad: 0.05 } as const;
/** Below this it stands still, rad/s. */
const REST_RAD_PER_S = 0.05;

export function createRobot(world: World, meter: Meter, { commandRateHz, restSpeedMPerS }: RobotOptions): Robot {
  const { arm, physics } = world;
  const dtS = physics.timestepS;
  // One step more than a period: who waits for a command that is a little late does not stop for it.
  const periodSteps = 1 + Math.max(1, Math.round(1 / commandRateHz / dtS));
  const joints = createJointLeader(world);
  let asked: Command | undefined;
  let askedMs = 0;
  let isFollowing = false;
  /** The last command led it somewhere: then silence is a fault, and not the end of a hold. */
  let isLed = false;
  let isInStep = false;
  let speeds = { speedMPerS: 0, turnRadPerS: 0 };

  const commanded = (): ToolPose => shown(arm.commanded(), arm.commandedGripper());

  const take = ({ mode, pose }: Command) => {
    if (mode === 'idle') {
      isFollowing = false;
      return;
    }
    isInStep ||= isNear(pose, commanded());
    if (!isInStep) {
      meter.outOfStep();
      return;
    }
    isFollowing = true;
    isLed = mode === 'set-point';
    const open = Math.min(1, Math.max(0, pose.gripperOpen));
    joints.aim(arm.aim({ pM: pose.pM, rotation: ofQuaternion(pose.qXyzw) }, open), periodSteps);
  };

  return {
    receive: (values, seq, nowMs) => {
      meter.received(values, seq, nowMs);
      const command = commandOf(values);
      const { pM, qXyzw, gripperOpen } = command.pose;
      // What is no pose is no command either: it does not keep the watchdog quiet.
      if (command.mode !== 'idle' && ![...pM, ...qXyzw, gripperOpen].every(Number.isFinite)) return;
      asked = command;
      askedMs = nowMs;
    },
    step: (nowMs) => {
      if (asked) take(asked);
      asked = undefined;
      if (isFollowing && nowMs - askedMs > WATCHDOG_MS) {
        isFollowing = false;
        if (isLed) meter.watchdogTripped();
      }
      const before = arm.measured();
      joints.step(isFollowing);
      speeds = speedsBetween(before, arm.measured(), dtS);
      const isStill = speeds.speedMPerS <= restSpeedMPerS && speeds.turnRadPerS <= REST_RAD_PER_S;
      if (isStill) meter.rested(nowMs);
    },
    state: (stampMs) => ({
      stampMs,
      measured: shown(arm.measured(), arm.gripperOpen()),
      commanded: commanded(),
      ...speeds,
      qRad: arm.jointPositions(),
      qdRadPerS: arm.jointVelocities(),
    }),
    restart: () => {
      joints.restart();
      [asked, isFollowing, isInStep] = [undefined, false, false];
      speeds = { speedMPerS: 0, turnRadPerS: 0 };
      meter.began();
    },
  };
}

const shown = ({ pM, rotation }: MatrixPose, gripperOpen: number): ToolPose => ({
  pM: [pM[0], pM[1], pM[2]],
  qXyzw: toQuaternion(rotation),
  gripperOpen,
});

const turnOf = (from: readonly number[], to: readonly number[]) =>
  Math.hypot(...toVector(multiply(to, transpose(from))));

const isNear = (a: ToolPose, b: ToolPose): boolean =>
  Math.hypot(...a.pM.map((value, at) => value - b.pM[at]!)) <= IN_STEP.m &&
  turnOf(ofQuaternion(a.qXyzw), ofQuaternion(b.qXyzw)) <= IN_STEP.rad;

const speedsBetween = (from: MatrixPose, to: MatrixPose, dtS: number) => ({
  speedMPerS: Math.hypot(...to.pM.map((value, at) => value - from.pM[at]!)) / dtS,
  turnRadPerS: turnOf(from.rotation, to.rotation) / dtS,
});
