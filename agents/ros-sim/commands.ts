/**
 * Reads the commands that a profile's robot takes, as the robot would: drops what does not fit, what is too old by its stamp and what comes
 * while it is stopped, and counts each. The counts are its own, whatever the sender believes that it sent.
 */
import { monotonicNowMs } from 'pumice';
import {
  boolSchema,
  float64ArraySchema,
  float64Schema,
  jointTrajectorySchema,
  poseStampedSchema,
  twistStampedSchema,
} from '../../envs/ros/incoming.ts';
import type { Link } from '../../envs/ros/link.ts';
import type { RosProfile } from '../../envs/ros/profile.ts';
import { ofQuaternion, type Vec3 } from '../../envs/sim/rotation.ts';
import { JOINTS } from '../../envs/sim/scene.ts';
import type { SimBody } from './body.ts';

/** In the order in which they are published. */
export const COUNT_FIELDS = ['executed', 'old', 'unfit', 'afterStop', 'watchdogTrips', 'isDone'] as const;
export type SimCounts = Record<(typeof COUNT_FIELDS)[number], number>;

export interface CommandReader {
  readonly counts: () => Omit<SimCounts, 'watchdogTrips' | 'isDone'>;
}

/** Whoever publishes `true` there presses the e-stop of the simulated robot, and releases it by `false`. */
export const PRESS_TOPIC = '/pumice/sim/press_e_stop';
const STRAIGHT: readonly string[] = ['+x', '+y', '+z'];
/** Place of the joint that only arms of seven joints have. */
const UPPER_ARM_ROLL = 2;
/** Commands may wait at the bridge while the robot is busy with a picture: all of them are to be counted. */
const QUEUE = 100;

const triple = ({ x, y, z }: { readonly x: number; readonly y: number; readonly z: number }): Vec3 => [x, y, z];

/** @param robotNowMs - what the robot's clock shows; none while it is not known: then nothing is followed. */
export function readCommands(
  link: Link,
  profile: RosProfile,
  body: SimBody,
  robotNowMs: () => number | undefined,
): CommandReader {
  const { command, gripper, maxCommandAgeMs } = profile;
  const tally = { executed: 0, old: 0, unfit: 0, afterStop: 0 };
  const subscriptions: { readonly unfit: () => { readonly count: number } }[] = [];
  /** Answers with whether a command with this stamp, of this frame or these joints, is to be followed. */
  const isTaken = (isFit: boolean, stampMs?: number): boolean => {
    const nowMs = robotNowMs();
    const isOld = stampMs !== undefined && (nowMs === undefined || nowMs - stampMs > maxCommandAgeMs);
    const fate = !isFit ? 'unfit' : isOld ? 'old' : body.isStopped() ? 'afterStop' : 'executed';
    tally[fate] += 1;
    return fate === 'executed';
  };
  const common = { topic: command.topic, queueLength: QUEUE } as const;

  if (command.kind === 'twist') {
    const { frameId, units, linearScaleMPerS, rotationalScaleRadPerS } = command;
    const [linearScale, angularScale] = units === 'speed' ? [1, 1] : [linearScaleMPerS, rotationalScaleRadPerS];
    const { linear: linearAxes = STRAIGHT, angular: angularAxes = STRAIGHT } = command.axes ?? {};
    /** What along x, y, z of the base a command is for: a profile may say that the robot's own axes are others. */
    const meant = (told: Vec3, axes: readonly string[], by: number) =>
      axes.map(([sign, axis]) => (sign === '-' ? -by : by) * told['xyz'.indexOf(axis!)]!) as unknown as Vec3;
    subscriptions.push(
      link.subscribe(
        { ...common, type: 'geometry_msgs/TwistStamped', schema: twistStampedSchema },
        ({ message: { header, twist } }) => {
          const [linear, angular] = [triple(twist.linear), triple(twist.angular)];
          const isShare = units === 'speed' || (Math.hypot(...linear) <= 1.001 && Math.hypot(...angular) <= 1.001);
          if (isTaken(isShare && header.frame_id === frameId, header.stamp))
            body.move(
              meant(linear, linearAxes, linearScale),
              meant(angular, angularAxes, angularScale),
              monotonicNowMs(),
            );
        },
      ),
    );
  } else if (command.kind === 'pose') {
    subscriptions.push(
      link.subscribe(
        { ...common, type: 'geometry_msgs/PoseStamped', schema: poseStampedSchema },
        ({ message: { header, pose } }) => {
          const { x, y, z, w } = pose.orientation;
          if (isTaken(header.frame_id === command.frameId, header.stamp))
            body.reach({ pM: triple(pose.position), rotation: ofQuaternion([x, y, z, w]) }, monotonicNowMs());
        },
      ),
    );
  } else {
    const bend = (names: readonly string[], positions: readonly number[], stampMs?: number, inMs?: number) => {
      const qRad = movingJoints(profile).map((name) => positions[names.indexOf(name)]);
      const isFit = positions.length === profile.robot.jointNames.length && qRad.every((value) => value !== undefined);
      if (isTaken(isFit, stampMs)) body.bend(qRad as number[], monotonicNowMs(), inMs);
    };
    subscriptions.push(
      command.kind === 'joint-trajectory'
        ? link.subscribe(
            { ...common, type: 'trajectory_msgs/JointTrajectory', schema: jointTrajectorySchema },
            ({ message: { header, joint_names, points } }) => {
              const { positions, time_from_start } = points.at(-1)!;
              bend(joint_names, positions, header.stamp, time_from_start);
            },
          )
        : link.subscribe(
            { ...common, type: 'std_msgs/Float64MultiArray', schema: float64ArraySchema },
            ({ message: { data } }) => bend(profile.robot.jointNames, data),
          ),
    );
  }

  if (gripper.kind === 'topic') {
    const { topic, type, closed, open } = gripper;
    const grip = (position: number | undefined, stampMs?: number) => {
      const nowMs = robotNowMs();
      // Told again with each command of the arm, which are counted.
      if (position === undefined || (stampMs !== undefined && !(nowMs! - stampMs <= maxCommandAgeMs))) return;
      body.grip((position - closed) / (open - closed));
    };
    if (type === 'std_msgs/Float64')
      link.subscribe({ topic, type, schema: float64Schema }, ({ message: { data } }) => grip(data));
    else if (type === 'std_msgs/Float64MultiArray')
      link.subscribe({ topic, type, schema: float64ArraySchema }, ({ message: { data } }) => grip(data[0]));
    else
      link.subscribe({ topic, type, schema: jointTrajectorySchema }, ({ message: { header, joint_names, points } }) =>
        grip(points.at(-1)!.positions[joint_names.indexOf(gripper.joint)], header.stamp),
      );
  }
  link.subscribe({ topic: PRESS_TOPIC, type: 'std_msgs/Bool', schema: boolSchema }, ({ message: { data } }) =>
    body.pressEStop(data),
  );

  return {
    counts: () => ({ ...tally, unfit: subscriptions.reduce((sum, { unfit }) => sum + unfit().count, tally.unfit) }),
  };
}

/**
 * Names by which the robot calls the joints of the simulated arm, in its order. A robot of seven joints has one more, the third, which
 * turns the upper arm; the simulated arm has none, and shows it at rest.
 */
export const movingJoints = ({ robot: { jointNames } }: RosProfile): readonly string[] =>
  jointNames.filter((_, at) => jointNames.length === JOINTS.length || at !== UPPER_ARM_ROLL);
