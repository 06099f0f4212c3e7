/** The robot that `ros-sim` is, on the graph of the double: what it takes, what it drops and counts, and what it says of itself. */
import { PumiceError } from 'pumice';
import { manipulator } from 'pumice/agents/manipulator';
import { scripted } from 'pumice/policies/scripted';
import { expect, it, onTestFinished } from 'vitest';
import { COUNT_FIELDS, COUNTS_TOPIC, PRESS_TOPIC, rosSim, type SimCounts } from '../../../agents/ros-sim/index.ts';
import { compressedImageSchema, jointStateSchema, poseStampedSchema } from '../../../envs/ros/incoming.ts';
import { jpegSizeOf } from '../../../envs/ros/jpeg-size.ts';
import { headerOf } from '../../../envs/ros/messages.ts';
import { servoArm } from '../../../envs/ros/profiles/servo-arm.ts';
import { until } from '../../ros/double/bridge.ts';
import { bridge } from '../../ros/given.ts';

const TASK = { instruction: 'pick up the red block', seed: 3 };

it('shows what a robot of its profile shows, follows what is fit and fresh, and counts what it drops by its reason', async () => {
  const double = await bridge({ clockAheadMs: 30_000 });
  const end = new AbortController();
  const news: string[] = [];
  const over = rosSim({ url: double.url, profile: servoArm, ...TASK }, end.signal, ({ kind }) => news.push(kind));
  onTestFinished(async () => {
    end.abort();
    await over;
  });
  const newest = (topic: string): unknown => double.received(topic).at(-1)?.message;
  const counts = () => {
    const { data } = newest(COUNTS_TOPIC) as { data: number[] };
    return Object.fromEntries(COUNT_FIELDS.map((field, at) => [field, data[at]!])) as SimCounts;
  };
  const camera = servoArm.cameras[0]!;
  await until(() => newest(COUNTS_TOPIC) !== undefined && newest(camera.topic) !== undefined, 'the robot');

  const joints = jointStateSchema.parse(newest('/joint_states'));
  expect(joints.name).toEqual([...servoArm.robot.jointNames, 'finger']);
  // By the clock of the graph, which is not that of this machine.
  expect(Math.abs(joints.header.stamp - double.nowMs())).toBeLessThan(5000);
  expect(poseStampedSchema.parse(newest('/tool_pose')).header.frame_id).toBe('base');
  expect(jpegSizeOf(compressedImageSchema.parse(newest(camera.topic)).data)).toEqual([224, 224]);
  await until(() => newest('/e_stop') !== undefined, 'its e-stop');
  expect(newest('/e_stop')).toEqual({ data: false });

  const twist = (xShare: number, { ageMs = 0, frameId = 'base' } = {}) =>
    double.publish('/servo_node/delta_twist_cmds', 'geometry_msgs/TwistStamped', {
      header: headerOf(2, double.nowMs() - ageMs, frameId),
      twist: { linear: { x: xShare, y: 0, z: 0 }, angular: { x: 0, y: 0, z: 0 } },
    });
  const told = (expected: Partial<SimCounts>, what: string) =>
    until(() => Object.entries(expected).every(([field, count]) => counts()[field as keyof SimCounts] === count), what);
  twist(0.1, { ageMs: 1000 });
  await told({ old: 1, executed: 0 }, 'an old command that is dropped');
  twist(0.1, { frameId: 'tool0' });
  twist(1.5);
  twist(Number.NaN);
  await told({ unfit: 3, executed: 0 }, 'commands of another frame, beyond the scale and with no number');
  // One that comes late on a busy machine is old: it is told again.
  await until(() => {
    if (counts().executed === 0) twist(0.1);
    return counts().executed > 0;
  }, 'a command that is followed');
  await until(() => counts().watchdogTrips === 1, 'its watchdog');

  double.publish(PRESS_TOPIC, 'std_msgs/Bool', { data: true });
  await until(() => (newest('/e_stop') as { data: boolean }).data, 'an e-stop that is pressed');
  await until(() => {
    if (counts().afterStop === 0) twist(0.1);
    return counts().afterStop > 0;
  }, 'a command that is dropped in a stop');
  expect(counts().isDone).toBe(0);
  expect(news).toEqual(expect.arrayContaining(['link', 'watchdog', 'e-stop']));
});

it('refuses a profile that the simulated arm cannot stand in for, and a task that it does not know', async () => {
  const refused = (change: object, words: RegExp) =>
    expect(
      rosSim({ url: 'ws://127.0.0.1:1', profile: servoArm, ...TASK, ...change }, AbortSignal.abort()),
    ).rejects.toSatisfy((error) => PumiceError.is(error) && words.test(error.message));
  const [camera] = servoArm.cameras;
  const { robot } = servoArm;
  await refused(
    { profile: { ...servoArm, cameras: [{ ...camera!, name: 'head' }] } },
    /camera head, compressed, 224 x 224: /,
  );
  await refused(
    { profile: { ...servoArm, robot: { ...robot, jointNames: ['one', 'two'] } } },
    /2 joints: the simulated arm shows 6/,
  );
  await refused({ instruction: 'make tea' }, /'make tea' is no task of the simulated table/);
});

it('the agent for arms opens a robot only with an address and a profile, and takes nothing with it that is for the simulated arm', async () => {
  const policy = scripted({ actions: [] });
  const url = 'ws://127.0.0.1:1';
  const refused = (options: object, words: RegExp) =>
    expect(manipulator({ policy, ...options })).rejects.toThrow(words);
  await refused({ env: 'ros' }, /needs the address of the bridge and a profile/);
  await refused({ env: 'ros', url, robot: 'servo-arm', realTime: true }, /realTime is for the simulated arm/);
  await refused({ env: 'ros', url, robot: 'toaster' }, /no profile of this name/);
  await refused({ url }, /the arm is the simulated one/);
});
