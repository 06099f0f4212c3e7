/** `examineRobot`: what a robot is, measured against its profile, with nothing that moves. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBeacon } from '../../../envs/ros/beacon.ts';
import { examineRobot, type RobotFinding } from '../../../envs/ros/examine.ts';
import { servoArm } from '../../../envs/ros/profiles/servo-arm.ts';
import { type ArmDouble, armDouble } from '../../ros/double/arm.ts';
import type { BridgeDouble } from '../../ros/double/bridge.ts';
import { bridge, link } from '../../ros/given.ts';

async function examined(
  before: (given: { double: BridgeDouble; arm: ArmDouble }) => unknown = () => {},
  openMs = 5000,
  profile = servoArm,
) {
  const double = await bridge({ clockAheadMs: 5000 });
  const arm = await armDouble(double, profile);
  onTestFinished(arm.close);
  await before({ double, arm });
  const found: RobotFinding[] = [];
  for await (const finding of examineRobot({ url: double.url, profile, listenMs: 300, openMs })) found.push(finding);
  const failures = found.filter(({ how }) => how === 'fail').map(({ what, says }) => `${what}: ${says}`);
  return { found, failures, double, arm };
}

describe('examining a robot', () => {
  it('finds all that its profile names, how fast it comes, and how its clock goes, and moves nothing', async () => {
    const { found, failures, double, arm } = await examined();
    expect(failures).toEqual([]);
    const oks = found.filter(({ how }) => how === 'ok').map(({ what }) => what);
    const topics = ['/joint_states', '/tool_pose', '/e_stop', '/cameras/third/compressed'];
    expect(oks).toEqual(['bridge', 'graph', 'clock', 'driver', ...topics]);
    const [, aheadMs] = /^([\d.]+) ms ahead of this machine's/.exec(found.find(({ what }) => what === 'clock')!.says)!;
    expect(Math.abs(Number(aheadMs) - 5000)).toBeLessThan(100);
    expect(arm.meter.executed).toBe(0);
    const spokenTo = double.operations().flatMap(({ op, topic }) => (op === 'publish' ? [topic] : []));
    expect(new Set(spokenTo)).toEqual(new Set(['/pumice/beacon']));
  });

  it('says what does not fit: frame, joints, camera; an e-stop that is pressed; a topic that is silent; another one that drives', async () => {
    const lying = await examined(({ arm, double }) => {
      createBeacon(link(double.url), { drives: true, periodMs: 10 });
      arm.pressEStop(true);
      return arm.lie({ frameId: 'world', jointNames: ['a', 'b'], pixels: 100 });
    });
    expect(lying.failures.join('\n')).toMatch(/\/e_stop: .* Hz; the e-stop of the robot is pressed/);
    expect(lying.failures.join('\n')).toMatch(/driver: 1 other pumice drives this robot/);
    expect(lying.failures.join('\n')).toMatch(/\/joint_states: .* joints shoulder-yaw, .* are not there/);
    expect(lying.failures.join('\n')).toMatch(/\/tool_pose: .* is of frame 'world', expected 'base'/);
    expect(lying.failures.join('\n')).toMatch(/camera third .*: expected 224 x 224 pixels, got 100 x 100/);
    const silent = await examined(({ arm }) => arm.lie({ isSilent: true, isBlind: true }));
    expect(silent.failures.join('\n')).toMatch(/\/joint_states: no sensor_msgs\/JointState came; is it published/);
    expect(silent.failures.join('\n')).toMatch(/camera third .*: no picture came yet/);
  });

  it('says where transforms put the tool, or which frame none leads to', async () => {
    const tcp = { kind: 'tf', frameId: 'base', childFrameId: 'tool' } as const;
    const tool = async (before?: Parameters<typeof examined>[0]) => {
      const { found } = await examined(before, undefined, { ...servoArm, tcp });
      return found.find(({ what }) => what === 'base -> tool');
    };
    expect(await tool()).toMatchObject({ how: 'ok', says: 'at 0.450, 0.000, 0.200 m' });
    const lost = await tool(({ arm }) => arm.lie({ toolFrame: 'flange' }));
    expect(lost).toMatchObject({ how: 'fail', says: "no transform tells where 'tool' is" });
  });

  it('ends where there is no bridge, and tells a bridge that passes nothing on', async () => {
    const found: RobotFinding[] = [];
    for await (const finding of examineRobot({ url: 'ws://127.0.0.1:1', profile: servoArm, openMs: 100 }))
      found.push(finding);
    expect(found).toEqual([{ how: 'fail', what: 'bridge', says: expect.stringMatching(/ECONNREFUSED/) }]);
    const { failures } = await examined(({ double, arm }) => {
      arm.close();
      double.deafen();
    }, 400);
    expect(failures[0]).toMatch(/^graph: nothing that is published comes back within 400 ms/);
  });
});
