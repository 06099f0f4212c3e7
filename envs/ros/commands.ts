/**
 * Turns set-points of the driver into the messages that a robot is told. Pure: the same set-points give the same messages.
 * Twist: what leads from one set-point to the next, and a share of what is missing to the set-point; at rest exact zeros are kept up.
 * Pose and joints: the set-point itself, no further from what was sent last than the limits allow in the time since then; after a gap that
 * begins where the robot stands, and in a halt after a gap it stays there: a link that comes back makes no leap.
 */
import type { BodyState, Command, ToolPose } from 'pumice/robots';
import { turnBetween, turned } from '../../src/gate/rotation.ts';
import { createChain } from './chain.ts';
import { headerOf, type MessageType, type Outgoing } from './messages.ts';
import { type RosVersion, timeOf } from './names.ts';
import type { RosProfile, SignedAxes } from './profile.ts';

export interface TopicMessage {
  readonly topic: string;
  readonly type: MessageType;
  readonly message: Outgoing;
}

export interface CommandMaker {
  /** Where commands go: to be announced before the first one. */
  readonly topics: readonly Pick<TopicMessage, 'topic' | 'type'>[];
  /** The messages for a set-point, or why there are none. */
  readonly make: (given: Given) => readonly TopicMessage[] | string;
}

export interface Given {
  readonly command: Command;
  /** The command that was sent last: what was made and not sent led nowhere. */
  readonly before?: Command | undefined;
  /** Where the robot is seen to be. */
  readonly body: Pick<BodyState, 'measured' | 'qRad'>;
  /** What the robot's clock shows. */
  readonly robotMs: number;
}

type Placement = Pick<ToolPose, 'pM' | 'qXyzw'>;
type Triple = readonly [number, number, number];

/** Periods after which the set-point before says nothing of the speed any more. */
const MOST_PERIODS = 3;
/** Turn below which a tool at rest is let be, rad. Chosen: 1 mm at the end of a tool of 0.2 m. */
const REST_TURN_RAD = 0.005;
/** Way below which a tool at rest is let be, m. Chosen. */
const REST_WAY_M = 0.001;

/** Share of its limits that a robot may be led at to make up for what it is behind. Chosen: rounding, and commands that are not quite on time. */
const CATCHING_UP = 1.2;
/** What may be missing to a pose that the joints are led to, m and rad. Chosen: what the driver lets a body be behind. */
const MOST_GAP = { m: 0.03, rad: 0.2 } as const;
/** Periods ahead of which a hand is told where to be. Chosen: a trajectory that has ended when it comes is dropped. */
const HAND_PERIODS = 4;

const xyz = ([x, y, z]: Triple) => ({ x, y, z });
const lengthOf = (vector: Triple) => Math.hypot(...vector);
const scaled = ([x, y, z]: Triple, by: number): Triple => [x * by, y * by, z * by];
const sum = (a: Triple, b: Triple): Triple => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const between = (from: Placement, to: Placement): { readonly way: Triple; readonly turn: Triple } => ({
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

/** Milliseconds from the command that was sent last, where that still says where the robot is on its way. */
const sinceOf = ({ command, before }: Given, periodMs: number): number | undefined => {
  const sinceMs = before ? command.stampMs - before.stampMs : 0;
  return sinceMs > 0 && sinceMs <= MOST_PERIODS * periodMs ? sinceMs : undefined;
};

export function createCommandMaker(profile: RosProfile): CommandMaker {
  const arm = armMaker(profile);
  const hand = handMaker(profile);
  const makers = hand ? [arm, hand] : [arm];
  return {
    topics: makers.map(({ topic, type }) => ({ topic, type })),
    make: (given) => {
      const messages: TopicMessage[] = [];
      for (const { topic, type, make } of makers) {
        const message = make(given);
        if (typeof message === 'string') return message;
        if (message) messages.push({ topic, type, message });
      }
      return messages;
    },
  };
}

interface Maker {
  readonly topic: string;
  readonly type: MessageType;
  /** None: there is nothing to be told. A text: why nothing may be told. */
  readonly make: (given: Given) => Outgoing | string | undefined;
}

function armMaker(profile: RosProfile): Maker {
  const { command, ros } = profile;
  if (command.kind === 'twist') return { topic: command.topic, ...twistMaker(profile) };
  if (command.kind !== 'pose') return { topic: command.topic, ...jointMaker(profile) };
  const follow = createFollower(profile);
  return {
    topic: command.topic,
    type: 'geometry_msgs/PoseStamped',
    make: (given) => {
      const { pM, qXyzw } = follow(given);
      const [x, y, z, w] = qXyzw;
      const pose = { position: xyz(pM), orientation: { x, y, z, w } };
      return { header: headerOf(ros, given.robotMs, command.frameId), pose };
    },
  };
}

/** Where the tool is sent: to the set-point, no faster than the limits from where it was sent before or, after a gap, from where it stands. */
function createFollower({ robot: { limits, driver } }: RosProfile): (given: Given) => Placement {
  const periodMs = 1000 / driver!.commandRateHz;
  let last: Placement | undefined;
  let isStaying = false;
  return (given) => {
    const { command, body } = given;
    const sinceMs = sinceOf(given, periodMs);
    const from = sinceMs !== undefined && last ? last : body.measured;
    isStaying = command.mode === 'halt' && (isStaying || sinceMs === undefined);
    const { way, turn } = between(from, isStaying ? from : command.pose);
    const shareS = (CATCHING_UP * (sinceMs ?? periodMs)) / 1000;
    last = {
      pM: sum(from.pM, atMost(way, limits.maxSpeedMPerS * shareS)),
      qXyzw: turned(from.qXyzw, atMost(turn, limits.maxTurnRadPerS * shareS)),
    };
    return last;
  };
}

/** Joint targets for the same, by the chain; none where the joints cannot follow. */
function jointMaker(profile: RosProfile): Omit<Maker, 'topic'> {
  const { command, ros, tcp, robot } = profile;
  if (tcp.kind !== 'chain') throw new Error('no chain');
  const chain = createChain(tcp.joints);
  const follow = createFollower(profile);
  const periodMs = 1000 / robot.driver!.commandRateHz;
  const places = chain.names.map((name) => robot.jointNames.indexOf(name));
  let last: readonly number[] | undefined;
  const reach = (given: Given): readonly number[] | string => {
    const sinceMs = sinceOf(given, periodMs);
    const from = sinceMs !== undefined && last ? last : places.map((place) => given.body.qRad[place]!);
    const { qRad, gapM, gapRad } = chain.towards(follow(given), from, sinceMs ?? periodMs);
    if (gapM > MOST_GAP.m || gapRad > MOST_GAP.rad)
      return `its joints cannot follow: ${(1000 * gapM).toFixed(0)} mm and ${gapRad.toFixed(2)} rad are missing`;
    last = qRad;
    return robot.jointNames.map((name) => qRad[chain.names.indexOf(name)]!);
  };
  if (command.kind !== 'joint-trajectory')
    return {
      type: 'std_msgs/Float64MultiArray',
      make: (given) => {
        const data = reach(given);
        return typeof data === 'string' ? data : { layout: { dim: [], data_offset: 0 }, data };
      },
    };
  return {
    type: 'trajectory_msgs/JointTrajectory',
    make: (given) => {
      const positions = reach(given);
      if (typeof positions === 'string') return positions;
      return {
        header: headerOf(ros, given.robotMs, ''),
        joint_names: robot.jointNames,
        points: [pointOf(ros, positions, command.aheadMs)],
      };
    },
  };
}

const pointOf = (ros: RosVersion, positions: readonly number[], aheadMs: number) => ({
  ...{ positions, velocities: [], accelerations: [], effort: [] },
  time_from_start: timeOf(ros, aheadMs),
});

function twistMaker({ command, ros, robot }: RosProfile): Omit<Maker, 'topic'> {
  if (command.kind !== 'twist') throw new Error('no twist');
  const { gainPerS, frameId, units, linearScaleMPerS, rotationalScaleRadPerS, axes } = command;
  const { limits, driver } = robot;
  const periodMs = 1000 / driver!.commandRateHz;
  return {
    type: 'geometry_msgs/TwistStamped',
    make: (given) => {
      const { command: next, before, body, robotMs } = given;
      const sinceMs = sinceOf(given, periodMs);
      const led = sinceMs === undefined ? undefined : between(before!.pose, next.pose);
      const missing = between(body.measured, next.pose);
      const speed = led ? scaled(led.way, 1000 / sinceMs!) : ([0, 0, 0] as const);
      const rate = led ? scaled(led.turn, 1000 / sinceMs!) : ([0, 0, 0] as const);
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

/**
 * A hand on a topic of its own: told again with each command, so that one message that is lost is none that is missing. Where to be comes
 * from set-points alone: what a hold says of the hand after a stop is measured, and a hand that holds a thing is never as closed as it was
 * told; told that, it would let go.
 */
function handMaker({ gripper, ros, robot }: RosProfile): Maker | undefined {
  if (gripper.kind !== 'topic') return undefined;
  const { topic, type, joint, closed, open } = gripper;
  const periodMs = 1000 / robot.driver!.commandRateHz;
  let told: number | undefined;
  const messageOf = (at: number, robotMs: number): Outgoing => {
    if (type === 'std_msgs/Float64') return { data: at };
    if (type === 'std_msgs/Float64MultiArray') return { layout: { dim: [], data_offset: 0 }, data: [at] };
    const points = [pointOf(ros, [at], HAND_PERIODS * periodMs)];
    return { header: headerOf(ros, robotMs, ''), joint_names: [joint], points };
  };
  return {
    topic,
    type,
    make: ({ command: { mode, pose }, robotMs }) => {
      if (mode === 'set-point') told = closed + (open - closed) * pose.gripperOpen;
      return told === undefined ? undefined : messageOf(told, robotMs);
    },
  };
}
