/**
 * Turns set-points of the driver into the messages that a robot is told. Pure: the same set-points give the same messages.
 * Twist: what leads from one set-point to the next, and a share of what is missing to the set-point; at rest exact zeros are kept up.
 */
import { PumiceError } from 'pumice';
import type { Command, ToolPose } from 'pumice/robots';
import { turnBetween } from '../../src/gate/rotation.ts';
import { headerOf, type MessageType, type Outgoing } from './messages.ts';
import { timeOf } from './names.ts';
import type { RosProfile, SignedAxes } from './profile.ts';

export interface TopicMessage {
  readonly topic: string;
  readonly type: MessageType;
  readonly message: Outgoing;
}

export interface CommandMaker {
  /** Where commands go: to be announced before the first one. */
  readonly topics: readonly Pick<TopicMessage, 'topic' | 'type'>[];
  /** The messages for a set-point. `robotMs`: what the robot's clock shows. The `measured` pose is where the tool is seen to be. */
  readonly make: (command: Command, measured: ToolPose, robotMs: number) => readonly TopicMessage[];
}

type Triple = readonly [number, number, number];

/** Periods after which the set-point before says nothing of the speed any more. */
const MOST_PERIODS = 3;
/** Turn below which a tool at rest is let be, rad. Chosen: 1 mm at the end of a tool of 0.2 m. */
const REST_TURN_RAD = 0.005;
/** Way below which a tool at rest is let be, m. Chosen. */
const REST_WAY_M = 0.001;

const xyz = ([x, y, z]: Triple) => ({ x, y, z });
const lengthOf = (vector: Triple) => Math.hypot(...vector);
const scaled = ([x, y, z]: Triple, by: number): Triple => [x * by, y * by, z * by];
const sum = (a: Triple, b: Triple): Triple => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const between = (from: ToolPose, to: ToolPose): { readonly way: Triple; readonly turn: Triple } => ({
  way: [to.pM[0] - from.pM[0], to.pM[1] - from.pM[1], to.pM[2] - from.pM[2]],
  turn: turnBetween(from.qXyzw, to.qXyzw),
});
/** No longer than this, in the same direction. */
const atMost = (vector: Triple, most: number): Triple => scaled(vector, Math.min(1, most / lengthOf(vector) || 0));

/** What is commanded for a way along x, y, z of the base. */
const commanded = (way: Triple, axes: SignedAxes = ['+x', '+y', '+z']): Triple => {
  const told: [number, number, number] = [0, 0, 0];
  for (const [at, [sign, axis]] of axes.entries()) told['xyz'.indexOf(axis!)]! += sign === '-' ? -way[at]! : way[at]!;
  return told;
};

/** @throws PumiceError `config/misfit` for a kind of command that this robot cannot be given. */
export function createCommandMaker(profile: RosProfile): CommandMaker {
  const arm = armMaker(profile);
  const hand = handMaker(profile);
  const makers = hand ? [arm, hand] : [arm];
  return {
    topics: makers.map(({ topic, type }) => ({ topic, type })),
    make: (command, measured, robotMs) =>
      makers.flatMap(({ topic, type, make }) => {
        const message = make(command, measured, robotMs);
        return message ? [{ topic, type, message }] : [];
      }),
  };
}

interface Maker {
  readonly topic: string;
  readonly type: MessageType;
  readonly make: (command: Command, measured: ToolPose, robotMs: number) => Outgoing | undefined;
}

function armMaker(profile: RosProfile): Maker {
  const { command, ros } = profile;
  if (command.kind === 'twist') return { topic: command.topic, ...twistMaker(profile) };
  if (command.kind === 'pose')
    return {
      topic: command.topic,
      type: 'geometry_msgs/PoseStamped',
      make: ({ pose: { pM, qXyzw } }, _measured, robotMs) => {
        const [x, y, z, w] = qXyzw;
        const pose = { position: xyz(pM), orientation: { x, y, z, w } };
        return { header: headerOf(ros, robotMs, command.frameId), pose };
      },
    };
  throw new PumiceError(
    'config/misfit',
    `command.kind '${command.kind}' is not spoken yet, expected 'twist' or 'pose'`,
    {
      who: `robot ${profile.robot.name}`,
      hint: 'Use a controller of the robot that takes one of them',
    },
  );
}

function twistMaker({ command, ros, robot }: RosProfile): Omit<Maker, 'topic'> {
  if (command.kind !== 'twist') throw new Error('no twist');
  const { gainPerS, frameId, units, linearScaleMPerS, rotationalScaleRadPerS, axes } = command;
  const { limits, driver } = robot;
  const periodMs = 1000 / driver!.commandRateHz;
  let before: Command | undefined;
  return {
    type: 'geometry_msgs/TwistStamped',
    make: (next, measured, robotMs) => {
      const sinceMs = before ? next.stampMs - before.stampMs : Number.POSITIVE_INFINITY;
      const led =
        before && sinceMs > 0 && sinceMs <= MOST_PERIODS * periodMs ? between(before.pose, next.pose) : undefined;
      before = next;
      const missing = between(measured, next.pose);
      const speed = led ? scaled(led.way, 1000 / sinceMs) : ([0, 0, 0] as const);
      const rate = led ? scaled(led.turn, 1000 / sinceMs) : ([0, 0, 0] as const);
      const isResting = lengthOf(speed) === 0 && lengthOf(rate) === 0;
      const isThere = isResting && lengthOf(missing.way) <= REST_WAY_M && lengthOf(missing.turn) <= REST_TURN_RAD;
      // In a halt it stays where it stands: it may be far from where it was told to be, as after a link that was lost.
      const gain = isThere || next.mode === 'halt' ? 0 : gainPerS;
      const linear = atMost(sum(speed, scaled(missing.way, gain)), limits.maxSpeedMPerS);
      const angular = atMost(sum(rate, scaled(missing.turn, gain)), limits.maxTurnRadPerS);
      const shareOf = (vector: Triple, scale: number) =>
        units === 'speed' ? vector : atMost(scaled(vector, 1 / scale), 1);
      return {
        header: headerOf(ros, robotMs, frameId),
        twist: {
          linear: xyz(commanded(shareOf(linear, linearScaleMPerS), axes?.linear)),
          angular: xyz(commanded(shareOf(angular, rotationalScaleRadPerS), axes?.angular)),
        },
      };
    },
  };
}

/** A hand on a topic of its own: told again with each set-point, so that one message that is lost is none that is missing. */
function handMaker({ gripper, ros, robot }: RosProfile): Maker | undefined {
  if (gripper.kind !== 'topic') return undefined;
  const { topic, type, joint, closed, open } = gripper;
  const periodS = 1 / robot.driver!.commandRateHz;
  const at = ({ pose }: Command) => closed + (open - closed) * pose.gripperOpen;
  if (type === 'std_msgs/Float64') return { topic, type, make: (command) => ({ data: at(command) }) };
  if (type === 'std_msgs/Float64MultiArray')
    return { topic, type, make: (command) => ({ layout: { dim: [], data_offset: 0 }, data: [at(command)] }) };
  return {
    topic,
    type,
    make: (command, _measured, robotMs) => ({
      header: headerOf(ros, robotMs, ''),
      joint_names: [joint],
      points: [
        {
          ...{ positions: [at(command)], velocities: [], accelerations: [], effort: [] },
          time_from_start: timeOf(ros, 1000 * periodS),
        },
      ],
    }),
  };
}
