/**
 * The simulated arm with a controller of its own, as robots behind a bridge have them: told a speed of the tool, a pose or joints, it goes
 * there no faster than its joints go, brakes by itself when it is told nothing, and stands while its e-stop is pressed.
 * Advances one physics step a call; knows no topic and no clock.
 */
import type { ToolPose as MatrixPose } from '../../envs/sim/arm.ts';
import { createJointLeader } from '../../envs/sim/realtime/joint-leader.ts';
import { multiply, ofVector, type Vec3 } from '../../envs/sim/rotation.ts';
import { FINGER_STROKE_M } from '../../envs/sim/scene.ts';
import type { World } from '../../envs/sim/world.ts';

export interface SimBody {
  /** Speed of the tool in the base frame, m/s and rad/s. */
  readonly move: (linear: Vec3, angular: Vec3, nowMs: number) => void;
  readonly reach: (pose: MatrixPose, nowMs: number) => void;
  /** Joint positions, `[6]`, rad, to be reached in this time; without one, by when the next command is due. */
  readonly bend: (qRad: readonly number[], nowMs: number, inMs?: number) => void;
  /** 0 closed .. 1 open. */
  readonly grip: (open: number) => void;
  /** While it is pressed nothing is followed, and when it is released nothing moves until the next command. */
  readonly pressEStop: (isPressed: boolean) => void;
  readonly isStopped: () => boolean;
  readonly watchdogTrips: () => number;
  readonly step: (nowMs: number) => void;
  /** The world was laid out anew. */
  readonly restart: () => void;
}

/** How fast a wanted speed of the tool is taken up, m/s2 and rad/s2. Chosen: a light arm. */
const MOST_ACCELERATION = { mPerS2: 5, radPerS2: 25 } as const;

/** Steps between two looks for joints while the tool is led by its speed: a single step is less than the inverse is exact to. Chosen. */
const SPEED_STEPS = 5;
/** Joints that are led no faster than this stand still, rad/s. Chosen. */
const REST_RAD_PER_S = 0.02;

type Goal =
  | { readonly kind: 'none' }
  | { readonly kind: 'speed'; readonly linear: Vec3; readonly angular: Vec3 }
  | { readonly kind: 'pose'; readonly pose: MatrixPose }
  | { readonly kind: 'joints'; readonly qRad: readonly number[]; readonly steps: number };

/** @param options - how often commands come, and after which silence the arm stops by itself. */
export function createSimBody(
  world: World,
  { commandRateHz, watchdogMs }: { readonly commandRateHz: number; readonly watchdogMs: number },
): SimBody {
  const { arm, physics } = world;
  const dtS = physics.timestepS;
  const joints = createJointLeader(world);
  // One step more than a period: who waits for a command that is a little late does not stop for it.
  const periodSteps = 1 + Math.max(1, Math.round(1 / commandRateHz / dtS));
  let goal: Goal = { kind: 'none' };
  /** A goal that was not led to yet. */
  let isNew = false;
  let toldMs = 0;
  let open = 1;
  let speed: { linear: Vec3; angular: Vec3 } = { linear: [0, 0, 0], angular: [0, 0, 0] };
  /** Where a wanted speed has led to, between two looks for joints. */
  let path: MatrixPose | undefined;
  let speedSteps = 0;
  let isPressed = false;
  let jointRadPerS = 0;
  let trips = 0;

  const tell = (asked: Goal, nowMs: number) => {
    if (isPressed) return;
    // A speed is taken up from rest, whatever the arm did before.
    if (goal.kind !== 'speed') [speed, path] = [{ linear: [0, 0, 0], angular: [0, 0, 0] }, undefined];
    [goal, isNew, toldMs] = [asked, true, nowMs];
  };
  const fingers = () => FINGER_STROKE_M * open;

  const follow = () => {
    if (goal.kind === 'speed') {
      speed = {
        linear: towards(speed.linear, goal.linear, MOST_ACCELERATION.mPerS2 * dtS),
        angular: towards(speed.angular, goal.angular, MOST_ACCELERATION.radPerS2 * dtS),
      };
      const { pM, rotation } = path ?? arm.commanded();
      const turn = speed.angular.map((rate) => rate * dtS) as unknown as Vec3;
      const pose: MatrixPose = {
        pM: pM.map((value, axis) => value + speed.linear[axis]! * dtS) as unknown as Vec3,
        rotation: multiply(ofVector(turn), rotation),
      };
      speedSteps += 1;
      const isLook = speedSteps % SPEED_STEPS === 0;
      if (isLook) joints.aim(arm.aim(pose, open), SPEED_STEPS);
      path = isLook ? undefined : pose;
    } else if (isNew && goal.kind === 'pose') joints.aim(arm.aim(goal.pose, open), periodSteps);
    else if (isNew && goal.kind === 'joints')
      joints.aim(new Float64Array([...goal.qRad, fingers(), fingers()]), goal.steps);
    isNew = false;
  };

  return {
    move: (linear, angular, nowMs) => tell({ kind: 'speed', linear, angular }, nowMs),
    reach: (pose, nowMs) => tell({ kind: 'pose', pose }, nowMs),
    bend: (qRad, nowMs, inMs) => {
      const steps = inMs === undefined ? periodSteps : Math.max(1, Math.round(inMs / 1000 / dtS));
      tell({ kind: 'joints', qRad, steps }, nowMs);
    },
    grip: (wanted) => {
      if (isPressed) return;
      open = Math.min(1, Math.max(0, wanted));
      isNew = true;
    },
    pressEStop: (pressed) => {
      isPressed = pressed;
      if (pressed) goal = { kind: 'none' };
    },
    isStopped: () => isPressed,
    watchdogTrips: () => trips,
    step: (nowMs) => {
      if (goal.kind !== 'none' && nowMs - toldMs > watchdogMs) {
        // At rest silence is the end of a drive, and no fault.
        const isMoving =
          goal.kind === 'speed' ? Math.hypot(...speed.linear, ...speed.angular) > 0 : jointRadPerS > REST_RAD_PER_S;
        if (isMoving) trips += 1;
        goal = { kind: 'none' };
      }
      follow();
      jointRadPerS = joints.step(goal.kind !== 'none');
    },
    restart: () => {
      [goal, isNew, open, jointRadPerS] = [{ kind: 'none' }, false, 1, 0];
      joints.restart();
    },
  };
}

/** From one speed towards another, by no more than this. */
function towards(from: Vec3, to: Vec3, most: number): Vec3 {
  const gap = to.map((value, axis) => value - from[axis]!);
  const share = most / Math.max(most, Math.hypot(...gap));
  return from.map((value, axis) => value + gap[axis]! * share) as unknown as Vec3;
}
