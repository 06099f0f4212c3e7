/** What set-points become: twists, poses and commands of a hand. */
import fc from 'fast-check';
import type { Command, ToolPose } from 'pumice/robots';
import { describe, expect, it } from 'vitest';
import { createChain } from '../../envs/ros/chain.ts';
import { type CommandMaker, createCommandMaker, type TopicMessage } from '../../envs/ros/commands.ts';
import { faultOfMessage } from '../../envs/ros/messages.ts';
import { defineRosRobot, type RosProfile } from '../../envs/ros/profile.ts';
import { pandaLike } from '../../envs/ros/profiles/panda-like.ts';
import { servoArm } from '../../envs/ros/profiles/servo-arm.ts';
import { widowxLike } from '../../envs/ros/profiles/widowx-like.ts';

type Xyz = { readonly x: number; readonly y: number; readonly z: number };
const at = (xM: number, gripperOpen = 1): ToolPose => ({ pM: [xM, 0, 0.2], qXyzw: [1, 0, 0, 0], gripperOpen });
const give = (xM: number, stampMs: number, mode: Command['mode'] = 'set-point'): Command => ({
  mode,
  stampMs,
  pose: at(xM),
});
const ROBOT_MS = 1_700_000_000_000;

function made(maker: CommandMaker, command: Command, measured: ToolPose, before?: Command): readonly TopicMessage[] {
  const messages = maker.make({ command, before, body: { measured, qRad: [] }, robotMs: ROBOT_MS });
  if (typeof messages === 'string') throw new Error(messages);
  return messages;
}

/** Linear velocity of each, m/s along x, as the robot takes it. */
function speeds(commands: readonly (readonly [Command, number])[], profile: RosProfile = servoArm): readonly number[] {
  const maker = createCommandMaker(profile);
  return commands.map(([command, measuredM], index) => {
    const { message } = made(maker, command, at(measuredM), commands[index - 1]?.[0])[0]!;
    return 0.4 * (message.twist as { linear: Xyz }).linear.x;
  });
}

describe('a twist', () => {
  it('leads from set-point to set-point, and makes up for a share of what is missing', () => {
    const [first, second] = speeds([
      [give(0.4, 1000), 0.4],
      [give(0.402, 1020), 0.401],
    ]);
    expect(first).toBe(0);
    // 2 mm in 20 ms, and 8 1/s of the millimetre that is missing.
    expect(second).toBeCloseTo(0.1 + 0.008, 6);
  });

  it('is exactly zero where the tool is there and stays, and in a halt wherever it is', () => {
    expect(
      speeds([
        [give(0.4, 1000, 'hold'), 0.4005],
        [give(0.4, 1020, 'hold'), 0.4005],
      ]),
    ).toEqual([0, 0]);
    expect(
      speeds([
        [give(0.4, 1000, 'halt'), 0.37],
        [give(0.4, 1020, 'halt'), 0.37],
      ]),
    ).toEqual([0, 0]);
    expect(speeds([[give(0.4, 1000, 'hold'), 0.37]])[0]).toBeGreaterThan(0.1);
  });

  it('says nothing of a speed over a gap, nor backwards in time', () => {
    expect(
      speeds([
        [give(0.4, 1000), 0.4],
        [give(0.45, 1500), 0.45],
      ])[1],
    ).toBe(0);
    expect(
      speeds([
        [give(0.4, 1000), 0.4],
        [give(0.45, 990), 0.45],
      ])[1],
    ).toBe(0);
  });

  it('is told by the axes of the robot where the profile says that they are others', () => {
    const { robot, ...rest } = servoArm;
    const command = rest.command as Extract<RosProfile['command'], { kind: 'twist' }>;
    const axes = { linear: ['-y', '+x', '+z'], angular: ['+x', '+y', '-z'] } satisfies typeof command.axes;
    const profile = defineRosRobot({ ...rest, robot, command: { ...command, axes } });
    const maker = createCommandMaker(profile);
    const yaw = (rad: number): ToolPose => ({ ...at(0.4), qXyzw: [0, 0, Math.sin(rad / 2), Math.cos(rad / 2)] });
    const before: Command = { mode: 'set-point', stampMs: 0, pose: yaw(0) };
    made(maker, before, yaw(0));
    const moved = { ...yaw(0.01), pM: [0.402, 0, 0.201] } as const;
    const next: Command = { mode: 'set-point', stampMs: 20, pose: moved };
    const { twist } = made(maker, next, moved, before)[0]!.message as {
      twist: { linear: Xyz; angular: Xyz };
    };
    // 0.1 m/s along x is told as -y, 0.05 m/s along z as it is; 0.5 rad/s about z the other way round.
    expect(twist.linear.x).toBeCloseTo(0);
    expect(twist.linear.y).toBeCloseTo(-0.1 / 0.4);
    expect(twist.linear.z).toBeCloseTo(0.05 / 0.4);
    expect(twist.angular.z).toBeCloseTo(-0.5 / 0.8);
    const twice = { ...command, axes: { linear: ['+x', '-x', '+z'], angular: ['+x', '+y', '+z'] } };
    expect(() => defineRosRobot({ ...rest, robot, command: twice as never })).toThrow(
      /command.axes.linear: x, y and z, each once/,
    );
  });

  it('is never faster than the limits, whatever comes, and is always a message that may be sent', () => {
    const place = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(place, place, fc.nat(100)), { minLength: 1, maxLength: 10 }), (steps) => {
        const maker = createCommandMaker(servoArm);
        let stampMs = 1000;
        let before: Command | undefined;
        for (const [goalM, measuredM, sinceMs] of steps) {
          stampMs += sinceMs;
          const command = give(goalM, stampMs);
          const messages = made(maker, command, at(measuredM), before);
          before = command;
          for (const { type, message } of messages) {
            expect(faultOfMessage(type, message)).toBeUndefined();
            if (type !== 'geometry_msgs/TwistStamped') continue;
            const { x, y, z } = (message.twist as { linear: Xyz }).linear;
            expect(0.4 * Math.hypot(x, y, z)).toBeLessThanOrEqual(servoArm.robot.limits.maxSpeedMPerS + 1e-9);
          }
        }
      }),
    );
  });
});

it('a hand is told again with each set-point, in its own numbers; a pose is told as it is', () => {
  const { robot, ...rest } = servoArm;
  const hand = { ...servoArm.gripper, closed: 0.8, open: 0 } as RosProfile['gripper'];
  const command = { kind: 'pose', topic: '/goal', frameId: 'base' } as const;
  const profile = defineRosRobot({ ...rest, robot, gripper: hand, command });
  const maker = createCommandMaker(profile);
  const messages = made(maker, { mode: 'set-point', stampMs: 0, pose: at(0.4, 0.25) }, at(0.4));
  expect(messages.map(({ topic }) => topic)).toEqual(maker.topics.map(({ topic }) => topic));
  expect(messages[0]!.message).toMatchObject({
    header: { stamp: { sec: 1_700_000_000, nanosec: 0 }, frame_id: 'base' },
    pose: { position: { x: 0.4, y: 0, z: 0.2 }, orientation: { x: 1, y: 0, z: 0, w: 0 } },
  });
  expect(messages[1]!.message.data).toBeCloseTo(0.6);
});

it('a hand stays as it was led to be: a hold, which may say what is measured, and a halt tell it nothing else', () => {
  const maker = createCommandMaker(servoArm);
  const toldBy = (mode: Command['mode'], open: number) =>
    made(maker, { mode, stampMs: 0, pose: at(0.4, open) }, at(0.4, open))[1]?.message?.data;
  expect(toldBy('hold', 0.7)).toBeUndefined();
  expect(toldBy('set-point', 0)).toBe(0);
  expect(toldBy('hold', 0.3)).toBe(0);
  expect(toldBy('halt', 0.3)).toBe(0);
  expect(toldBy('set-point', 1)).toBe(1);
});

describe('poses and joints', () => {
  const maker = () => createCommandMaker(pandaLike);
  const whereM = (messages: readonly TopicMessage[]) => (messages[0]!.message.pose as { position: Xyz }).position.x;

  it('are the set-points themselves where these keep to the limits', () => {
    const own = maker();
    const first = give(0.4, 1000);
    expect(whereM(made(own, first, at(0.4)))).toBeCloseTo(0.4, 9);
    expect(whereM(made(own, give(0.405, 1020), at(0.4), first))).toBeCloseTo(0.405, 9);
  });

  it('begin after a gap where the robot stands, and come no faster than the limits', () => {
    const own = maker();
    const before = give(0.4, 1000);
    made(own, before, at(0.4));
    // 300 ms later the set-point is 7 cm ahead of a robot that has stopped by itself: 20 ms at 0.25 m/s, and a fifth more to catch up.
    expect(whereM(made(own, give(0.47, 1300), at(0.41), before))).toBeCloseTo(0.41 + 0.006, 9);
  });

  it('stay where the robot stands in a halt that comes after a gap, for as long as it lasts', () => {
    const own = maker();
    const halts = [1300, 1320, 1340].map((stampMs) => give(0.47, stampMs, 'halt'));
    expect(whereM(made(own, halts[0]!, at(0.41), give(0.4, 1000)))).toBeCloseTo(0.41, 9);
    expect(whereM(made(own, halts[1]!, at(0.412), halts[0]))).toBeCloseTo(0.41, 9);
    expect(whereM(made(own, halts[2]!, at(0.412), halts[1]))).toBeCloseTo(0.41, 9);
    // In a halt without a gap the driver slows down, and is followed.
    const slowing = maker();
    made(slowing, give(0.4, 1000), at(0.4));
    expect(whereM(made(slowing, give(0.402, 1020, 'halt'), at(0.4), give(0.4, 1000)))).toBeCloseTo(0.402, 9);
  });

  it('what was made and not sent is no way that was gone', () => {
    const own = maker();
    made(own, give(0.4, 1000), at(0.4));
    for (let stampMs = 1020; stampMs < 1200; stampMs += 20) made(own, give(0.46, stampMs), at(0.4), give(0.4, 1000));
    expect(whereM(made(own, give(0.46, 1200), at(0.4), give(0.4, 1000)))).toBeCloseTo(0.406, 9);
  });

  it('joints lead the tool to the set-point, by names; a pose that they cannot follow is told of, and nothing is sent', () => {
    const { tcp } = widowxLike;
    const chain = createChain(tcp.kind === 'chain' ? tcp.joints : []);
    const qRad = [0.1, 0.3, 1.6, 0, 1.2, 0.1];
    const measured = { ...chain.poseOf(qRad), gripperOpen: 1 };
    const [x, y, z] = measured.pM;
    const goal: ToolPose = { ...measured, pM: [x, y + 0.004, z - 0.002] };
    const body = { measured, qRad };
    const own = createCommandMaker(widowxLike);
    const messages = own.make({ command: { mode: 'set-point', stampMs: 0, pose: goal }, body, robotMs: ROBOT_MS });
    if (typeof messages === 'string') throw new Error(messages);
    expect(messages.map(({ type, message }) => faultOfMessage(type, message))).toEqual([undefined, undefined]);
    const { joint_names, points } = messages[0]!.message as {
      joint_names: string[];
      points: { positions: number[] }[];
    };
    expect(joint_names).toEqual(widowxLike.robot.jointNames);
    const reached = chain.poseOf(points[0]!.positions);
    expect(Math.hypot(...reached.pM.map((value, axis) => value - goal.pM[axis]!))).toBeLessThan(1e-4);

    const command = {
      kind: 'joint-array',
      topic: '/arm/commands',
      acceptUnstamped: 'goes to the newest of 50 a second',
    } as const;
    const { robot, ...others } = widowxLike;
    const plain = createCommandMaker(defineRosRobot({ ...others, robot, command }));
    const array = plain.make({ command: { mode: 'set-point', stampMs: 0, pose: goal }, body, robotMs: ROBOT_MS });
    expect((array[0] as TopicMessage).message.data).toEqual(points[0]!.positions);
    expect(faultOfMessage('std_msgs/Float64MultiArray', (array[0] as TopicMessage).message)).toBeUndefined();

    const astray = { measured: { ...measured, pM: [x + 0.5, y, z] as const }, qRad };
    const refused = own.make({
      command: { mode: 'set-point', stampMs: 500, pose: goal },
      body: astray,
      robotMs: ROBOT_MS,
    });
    expect(refused).toMatch(/its joints cannot follow: \d+ mm/);
  });
});

describe('a profile', () => {
  const { robot, ...rest } = servoArm;
  it('whose chain has other joints than the robot is refused by their names', () => {
    const { robot: own, tcp, ...others } = widowxLike;
    if (tcp.kind !== 'chain') throw new Error('no chain');
    const [first, ...joints] = tcp.joints;
    const renamed = { kind: 'chain', joints: [{ ...first!, name: 'hip' }, ...joints] } as const;
    const refused = () => defineRosRobot({ ...others, robot: own, tcp: { ...renamed, joints: [...renamed.joints] } });
    expect(refused).toThrow(/tcp.joints: 'hip' is no joint of the robot; .*'waist' of the robot is not in its chain/);
    const bent = {
      kind: 'chain' as const,
      joints: [{ ...first!, axis: [0, 0, 2] as [number, number, number], min: 1, max: 0 }, ...joints],
    };
    expect(() => defineRosRobot({ ...others, robot: own, tcp: bent })).toThrow(
      /min of 'waist' is above its max.*axis of 'waist' has not/,
    );
  });

  it('says what is wrong with it, field by field', () => {
    expect(() => defineRosRobot({ ...rest, robot, watchdogMs: 30 })).toThrow(/watchdogMs: 30 ms would trip between/);
    const camera = rest.cameras[0]!;
    expect(() => defineRosRobot({ ...rest, robot, cameras: [camera, camera] })).toThrow(/a name is there twice/);
    expect(() => defineRosRobot({ ...rest, robot, joints: { ...rest.joints, topic: 'joint_states' } })).toThrow(
      /joints.topic: a topic or service is absolute/,
    );
  });

  it('with a hand that is an action server says why goals without a stamp are taken, and needs ROS 2', () => {
    const hand = { kind: 'action', action: '/gripper', closed: 0, open: 1, maxEffort: 10 } as const;
    expect(() => defineRosRobot({ ...rest, robot, gripper: hand as never })).toThrow(/gripper.acceptUnstamped/);
    const gripper = { ...hand, acceptUnstamped: 'the newest goal takes the place of an old one' };
    expect(defineRosRobot({ ...rest, robot, gripper }).gripper).toEqual(gripper);
    expect(() => defineRosRobot({ ...rest, ros: 1, robot, gripper })).toThrow(/ROS 1 takes no goals of actions/);
  });

  it('without a stamp in its commands has to say in words that this is wanted, and with joints needs a chain', () => {
    const command = { kind: 'joint-array', topic: '/arm/commands' } as const;
    expect(() => defineRosRobot({ ...rest, robot, command: command as never })).toThrow(/command.acceptUnstamped/);
    const said = { ...command, acceptUnstamped: 'its controller stops by itself after 100 ms' };
    expect(() => defineRosRobot({ ...rest, robot, command: said })).toThrow(/joint commands need the chain of the arm/);
    const { acceptUnstamped: _, ...hand } = servoArm.gripper as Extract<RosProfile['gripper'], { kind: 'topic' }>;
    expect(() => defineRosRobot({ ...rest, robot, gripper: hand })).toThrow(/gripper.acceptUnstamped/);
  });
});
