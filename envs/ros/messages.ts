/**
 * The messages that are sent to robots. Bridges fill in zeros for what is missing, take NaN, and say nothing of what is wrong, so every
 * message is checked here before it is sent: every field there, every number finite, nothing else in it.
 * Field lists: common_interfaces and moveit_msgs of ROS 2 Jazzy; ROS 1 differs in stamps and `header.seq` alone.
 */
import { z } from 'zod';
import { type RosVersion, timeOf } from './names.ts';

const text = z.string();
const number = z.number();
const whole = z.int();
const xyz = z.strictObject({ x: number, y: number, z: number });
const unitQuaternion = z
  .strictObject({ x: number, y: number, z: number, w: number })
  .refine(({ x, y, z: k, w }) => Math.abs(Math.hypot(x, y, k, w) - 1) < 1e-3, 'a quaternion has length 1');
const time = z.union([
  z.strictObject({ sec: whole.min(0), nanosec: whole.min(0).max(999_999_999) }),
  z.strictObject({ secs: whole.min(0), nsecs: whole.min(0).max(999_999_999) }),
]);
const header = z.strictObject({ seq: whole.min(0).optional(), stamp: time, frame_id: text });
const pose = z.strictObject({ position: xyz, orientation: unitQuaternion });

const point = z
  .strictObject({
    positions: z.array(number).min(1),
    velocities: z.array(number),
    accelerations: z.array(number),
    effort: z.array(number),
    time_from_start: time,
  })
  .refine(
    ({ positions, velocities, accelerations, effort }) =>
      [velocities, accelerations, effort].every(({ length }) => length === 0 || length === positions.length),
    'velocities, accelerations and effort have as many numbers as positions, or none',
  );
const trajectory = z
  .strictObject({ header, joint_names: z.array(text.min(1)).min(1), points: z.array(point).min(1) })
  .refine(
    ({ joint_names, points }) => points.every(({ positions }) => positions.length === joint_names.length),
    'each point has a position for every joint',
  );
const jointState = z
  .strictObject({
    header,
    name: z.array(text.min(1)).min(1),
    position: z.array(number),
    velocity: z.array(number),
    effort: z.array(number),
  })
  .refine(
    ({ name, position, velocity }) => name.length === position.length && name.length === velocity.length,
    'a position and a velocity for each name',
  );
const transform = z.strictObject({
  header,
  child_frame_id: text.min(1),
  transform: z.strictObject({ translation: xyz, rotation: unitQuaternion }),
});
const dimension = z.strictObject({ label: text, size: whole.min(0), stride: whole.min(0) });

/** By type: what may be sent. A type that is not here is never sent. */
export const OUTGOING = {
  'geometry_msgs/TwistStamped': z.strictObject({ header, twist: z.strictObject({ linear: xyz, angular: xyz }) }),
  'geometry_msgs/PoseStamped': z.strictObject({ header, pose }),
  /** Without its header, which the bridge then fills in with the robot's time: `beacon.ts`. */
  'geometry_msgs/PointStamped': z.strictObject({ point: xyz }),
  'trajectory_msgs/JointTrajectory': trajectory,
  'std_msgs/Float64MultiArray': z.strictObject({
    layout: z.strictObject({ dim: z.array(dimension), data_offset: whole.min(0) }),
    data: z.array(number).min(1),
  }),
  'std_msgs/Float64': z.strictObject({ data: number }),
  'std_msgs/Bool': z.strictObject({ data: z.boolean() }),
  // What a robot says of itself: only one that stands in for a robot sends these (`agents/ros-sim`).
  'sensor_msgs/JointState': jointState,
  'sensor_msgs/CompressedImage': z.strictObject({ header, format: text.min(1), data: z.base64().min(4) }),
  'tf2_msgs/TFMessage': z.strictObject({ transforms: z.array(transform).min(1) }),
} as const satisfies Record<string, z.ZodType>;

/** Types that are only listened to: `incoming.ts` reads them. */
export const HEARD = [
  'std_msgs/String',
  'sensor_msgs/Image',
  'diagnostic_msgs/DiagnosticArray',
  'moveit_msgs/ServoStatus',
  'sensor_msgs/Joy',
] as const;

/** By type of service: what may be asked. */
export const REQUESTS = {
  'std_srvs/SetBool': z.strictObject({ data: z.boolean() }),
  'std_srvs/Trigger': z.strictObject({}),
  /** 0 joints, 1 twist, 2 pose. */
  'moveit_msgs/ServoCommandType': z.strictObject({ command_type: whole.min(0).max(2) }),
} as const satisfies Record<string, z.ZodType>;

/** By type of action: what may be pursued. */
export const GOALS = {
  'control_msgs/GripperCommand': z.strictObject({
    command: z.strictObject({ position: number, max_effort: number.positive() }),
  }),
} as const satisfies Record<string, z.ZodType>;

export type OutgoingType = keyof typeof OUTGOING;
export type MessageType = OutgoingType | (typeof HEARD)[number];
export type ServiceType = keyof typeof REQUESTS;
export type GoalType = keyof typeof GOALS;
export type Outgoing = Readonly<Record<string, unknown>>;

/** What is wrong with a message, or nothing. */
export function faultOfMessage(type: MessageType, message: Outgoing): string | undefined {
  const schema = (OUTGOING as Partial<Record<MessageType, z.ZodType>>)[type];
  if (!schema) return `${type} is no type that is sent`;
  return problemsOf(schema, message);
}

/** The same of what a service is asked. */
export const faultOfRequest = (type: ServiceType, args: Outgoing): string | undefined =>
  problemsOf(REQUESTS[type], args);

/** The same of a goal. */
export const faultOfGoal = (type: GoalType, goal: Outgoing): string | undefined => problemsOf(GOALS[type], goal);

const problemsOf = (schema: z.ZodType, value: unknown): string | undefined =>
  schema
    .safeParse(value)
    .error?.issues.map(({ path, message }) => `${path.join('.') || 'message'}: ${message}`)
    .join('; ');

/** A header in the form of this version. */
export const headerOf = (ros: RosVersion, stampMs: number, frameId: string) => ({
  ...(ros === 1 && { seq: 0 }),
  stamp: timeOf(ros, stampMs),
  frame_id: frameId,
});
