/**
 * What has to be known of a robot behind a bridge: its limits (`RobotProfile`), what it is told and how, where it says where it is, what
 * stops it, and what sees it. Pure data, checked whole by `defineRosRobot`. The robots themselves are in `profiles/`.
 */
import { PumiceError } from 'pumice';
import { defineRobot, type RobotProfile } from 'pumice/robots';
import { z } from 'zod';

const topic = z.string().regex(/^\/[A-Za-z][\w/]*$/, "a topic or service is absolute, such as '/joint_states'");
const positive = z.number().positive();
const vec3 = z.tuple([z.number(), z.number(), z.number()]);
const quaternion = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const frame = z.string().min(1);

/** A joint of a chain from base to tool: where it sits on the one before, and its axis, as a URDF says it. */
const jointSchema = z.strictObject({
  name: z.string().min(1),
  kind: z.enum(['revolute', 'prismatic', 'fixed']),
  originM: vec3,
  originRpyRad: vec3,
  axis: vec3,
  /** rad or m; a command never leads out of them. The same twice: a joint that is locked. */
  min: z.number(),
  max: z.number(),
  /** rad/s or m/s; a command never asks for more. */
  maxPerS: positive,
});
export type JointProfile = z.infer<typeof jointSchema>;

/** One of x, y, z, along it or against it. */
export const SIGNED_AXES = ['+x', '-x', '+y', '-y', '+z', '-z'] as const;
const signedAxis = z.enum(SIGNED_AXES);
export type SignedAxis = z.infer<typeof signedAxis>;
/** For each of x, y, z of the base: what has to be commanded to go that way. */
const signedAxes = z
  .tuple([signedAxis, signedAxis, signedAxis])
  .refine((axes) => new Set(axes.map((axis) => axis[1])).size === 3, 'x, y and z, each once');
export type SignedAxes = z.infer<typeof signedAxes>;

/** What the robot is told, each at `robot.driver.commandRateHz`. */
const commandSchema = z.discriminatedUnion('kind', [
  /** Velocity of the tool, as MoveIt Servo takes it. `unitless`: shares of the scales, -1..1. */
  z.strictObject({
    kind: z.literal('twist'),
    topic,
    frameId: frame,
    units: z.enum(['speed', 'unitless']),
    linearScaleMPerS: positive,
    rotationalScaleRadPerS: positive,
    /** How much of the distance to the set-point is made up for, 1/s. */
    gainPerS: positive,
    /** Where the axes of the robot's commands are not those of its base, as `doctor ros --jog` finds out; else they are the same. */
    axes: z.strictObject({ linear: signedAxes, angular: signedAxes }).optional(),
  }),
  /** Where the tool is to be, as a Cartesian impedance controller takes it. */
  z.strictObject({ kind: z.literal('pose'), topic, frameId: frame }),
  /** Joint targets, one point ahead, by the chain of `tcp`. */
  z.strictObject({ kind: z.literal('joint-trajectory'), topic, aheadMs: positive }),
  /** The same without a stamp: the robot cannot see how old it is. `acceptUnstamped` says that somebody knows and wants it. */
  z.strictObject({ kind: z.literal('joint-array'), topic, acceptUnstamped: z.string().min(20) }),
]);

const gripperSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  /** An action server of `control_msgs/GripperCommand`; positions of one finger, or of the opening, as the robot counts. */
  z.strictObject({
    kind: z.literal('action'),
    action: topic,
    closed: z.number(),
    open: z.number(),
    maxEffort: positive,
    /** A goal has no stamp: the robot cannot see how old it is. */
    acceptUnstamped: z.string().min(20),
  }),
  /** A trajectory or array topic of its own. */
  z.strictObject({
    kind: z.literal('topic'),
    topic,
    type: z.enum(['trajectory_msgs/JointTrajectory', 'std_msgs/Float64MultiArray', 'std_msgs/Float64']),
    joint: z.string(),
    closed: z.number(),
    open: z.number(),
    /** Needed where its type has no stamp, as for the arm. */
    acceptUnstamped: z.string().min(20).optional(),
  }),
]);

const cameraSchema = z.strictObject({
  name: z.string().min(1),
  topic,
  /** `raw` only where there is no other: it costs the bridge 50 ms of its processor a picture. */
  kind: z.enum(['compressed', 'raw']),
  widthPx: z.int().positive(),
  heightPx: z.int().positive(),
  /** A camera that is slower than this does not start, or stops the run. */
  minHz: positive,
  intrinsics: z.strictObject({ fxPx: positive, fyPx: positive, cxPx: z.number(), cyPx: z.number() }).optional(),
  cameraInBase: z.strictObject({ pM: vec3, qXyzw: quaternion }).optional(),
});
export type CameraProfile = z.infer<typeof cameraSchema>;

const serviceSchema = z.strictObject({
  service: topic,
  type: z.enum(['std_srvs/SetBool', 'std_srvs/Trigger', 'moveit_msgs/ServoCommandType']),
  args: z.record(z.string(), z.union([z.boolean(), z.int()])),
});
export type ServiceProfile = z.infer<typeof serviceSchema>;

const schema = z.strictObject({
  ros: z.union([z.literal(1), z.literal(2)]),
  /** The robot stops by itself when it was told nothing for so long, ms. Without such a watchdog nothing stops it when the link is cut. */
  watchdogMs: positive,
  /** The robot drops a command that is older than this by its own clock, ms. */
  maxCommandAgeMs: positive,
  command: commandSchema,
  gripper: gripperSchema,
  joints: z.strictObject({
    topic,
    maxSilenceMs: positive,
    gripperJoint: z.string().optional(),
    gripperClosed: z.number(),
    gripperOpen: z.number(),
  }),
  tcp: z.discriminatedUnion('kind', [
    /** `frameId`: what the robot calls the frame of its limits, if by another name. */
    z.strictObject({ kind: z.literal('pose-topic'), topic, frameId: frame.optional() }),
    z.strictObject({ kind: z.literal('tf'), frameId: frame, childFrameId: frame }),
    z.strictObject({ kind: z.literal('chain'), joints: z.array(jointSchema).min(1) }),
  ]),
  cameras: z.array(cameraSchema),
  /** `std_msgs/Bool`, latched or repeated; `stopsWhen`: the value that means pressed. Its silence means pressed too. */
  eStop: z.strictObject({ topic, stopsWhen: z.boolean(), maxSilenceMs: positive }).optional(),
  diagnosticsTopic: topic.optional(),
  /** Where it waits between episodes, out of the way of a person: in the frame of the base, reached straight from anywhere at work. */
  home: z.strictObject({ pM: vec3, qXyzw: quaternion, gripperOpen: z.number().min(0).max(1) }).optional(),
  /** Called in this order before the first command, and again when a stop has ended: they may find the robot as they leave it. */
  start: z.array(serviceSchema),
  /** Called when the body stands in a halt. */
  pause: serviceSchema.optional(),
  /** Called at once by a stop of category 0, until it is granted. */
  protectiveStop: serviceSchema.optional(),
});

export interface RosProfile extends z.infer<typeof schema> {
  readonly robot: RobotProfile;
}

/** @throws PumiceError `config/invalid` naming each field that is missing or makes no sense. */
export function defineRosRobot({ robot, ...rest }: RosProfile): RosProfile {
  const checked = defineRobot(robot);
  const problems: string[] = [];
  const { data, error } = schema.safeParse(rest);
  for (const { path, message } of error?.issues ?? []) problems.push(`${path.join('.') || 'profile'}: ${message}`);
  if (!checked.driver) problems.push('robot.driver: a robot behind a bridge moves in real time and needs one');
  if (data && checked.driver) {
    const periodMs = 1000 / checked.driver.commandRateHz;
    if (data.watchdogMs < 2 * periodMs)
      problems.push(`watchdogMs: ${data.watchdogMs} ms would trip between two commands, ${periodMs} ms apart`);
    const isJoint = data.command.kind === 'joint-trajectory' || data.command.kind === 'joint-array';
    if (isJoint && data.tcp.kind !== 'chain') problems.push('tcp: joint commands need the chain of the arm');
    if (data.tcp.kind === 'chain') problems.push(...problemsOfChain(data.tcp.joints, checked.jointNames));
    const { gripper } = data;
    if (gripper.kind === 'action' && data.ros === 1)
      problems.push("gripper.kind: a bridge of ROS 1 takes no goals of actions, expected 'topic' or 'none'");
    const isUnstamped = gripper.kind === 'topic' && gripper.type !== 'trajectory_msgs/JointTrajectory';
    if (isUnstamped && gripper.acceptUnstamped === undefined)
      problems.push(
        `gripper.acceptUnstamped: the robot cannot see how old a ${gripper.type} is; say why that is accepted`,
      );
    const { home } = data;
    const { minM, maxM } = checked.limits.workspace;
    if (home?.pM.some((value, axis) => value < minM[axis]! || value > maxM[axis]!))
      problems.push('home.pM: is outside of robot.limits.workspace');
    if (home && Math.abs(Math.hypot(...home.qXyzw) - 1) > 1e-3) problems.push('home.qXyzw: a quaternion has length 1');
    const names = data.cameras.map(({ name }) => name);
    if (new Set(names).size !== names.length) problems.push('cameras: a name is there twice');
  }
  if (problems.length > 0 || !data)
    throw new PumiceError('config/invalid', problems.join('; '), {
      who: `robot ${checked.name}`,
      hint: 'Correct the fields named above; envs/ros/profile.ts says what each means',
    });
  return { ...data, robot: checked };
}

/** The chain and the robot have the same joints. */
function problemsOfChain(joints: readonly JointProfile[], jointNames: readonly string[]): readonly string[] {
  const names = joints.filter(({ kind }) => kind !== 'fixed').map(({ name }) => name);
  const list = (of: readonly string[]) => of.map((name) => `'${name}'`).join(', ');
  const strange = names.filter((name) => !jointNames.includes(name));
  const missing = jointNames.filter((name) => !names.includes(name));
  return [
    ...(strange.length > 0 ? [`tcp.joints: ${list(strange)} is no joint of the robot`] : []),
    ...(missing.length > 0 ? [`tcp.joints: the joint ${list(missing)} of the robot is not in its chain`] : []),
    ...(new Set(names).size === names.length ? [] : ['tcp.joints: a name is there twice']),
    ...joints.filter(({ min, max }) => min > max).map(({ name }) => `tcp.joints: min of '${name}' is above its max`),
    ...joints
      .filter(({ kind, axis }) => kind !== 'fixed' && Math.abs(Math.hypot(...axis) - 1) > 1e-3)
      .map(({ name }) => `tcp.joints: the axis of '${name}' has not length 1`),
  ];
}
