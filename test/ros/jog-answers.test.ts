/** What follows for a profile from what a person saw and the robot said. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCommandMaker } from '../../envs/ros/commands.ts';
import { type AxisTrial, conclude, type HandTrial, type JogKind, REACH, wayOf } from '../../envs/ros/jog-answers.ts';
import { defineRosRobot, type RosProfile, SIGNED_AXES, type SignedAxis } from '../../envs/ros/profile.ts';
import { servoArm } from '../../envs/ros/profiles/servo-arm.ts';

type Vec3 = readonly [number, number, number];
const vector = (kind: JogKind, axis: SignedAxis, share = 1): Vec3 => {
  const by = [0, 0, 0] as [number, number, number];
  by['xyz'.indexOf(axis[1]!)] = (axis[0] === '+' ? 1 : -1) * share * REACH[kind];
  return by;
};
const trial = (kind: JogKind, commanded: SignedAxis, seen: SignedAxis, over: Partial<AxisTrial> = {}): AxisTrial => ({
  ...{ kind, commanded, seen, measured: vector(kind, seen), measuredBack: vector(kind, seen, -1) },
  ...over,
});
const all = (linear: readonly SignedAxis[], angular: readonly SignedAxis[] = ['+x', '+y', '+z']) => [
  ...linear.map((seen, at) => trial('linear', SIGNED_AXES[2 * at]!, seen)),
  ...angular.map((seen, at) => trial('angular', SIGNED_AXES[2 * at]!, seen)),
];
const hand = (commanded: HandTrial['commanded'], seen: HandTrial['seen'], measuredOpen: number): HandTrial => ({
  ...{ commanded, seen, measuredOpen },
});
const axesIn = ({ command }: RosProfile) => (command.kind === 'twist' ? command.axes : undefined);

describe('a jog', () => {
  it('that went as commanded changes nothing, and says what it confirmed', () => {
    const { profile, problems, decides } = conclude(servoArm, all(['+x', '+y', '+z']), [
      hand('closed', 'closed', 0.02),
      hand('open', 'open', 0.99),
    ]);
    expect(problems).toEqual([]);
    expect(profile).toEqual(servoArm);
    expect(decides).toHaveLength(8);
    expect(decides.every((line) => line.endsWith('as before'))).toBe(true);
  });

  it('finds a sign, a swap and a hand that is inverted, each by itself', () => {
    const { profile, problems, decides } = conclude(servoArm, all(['-x', '+z', '+y'], ['+x', '+y', '-z']), [
      hand('closed', 'open', 1),
      hand('open', 'closed', 0),
    ]);
    expect(problems).toEqual([]);
    expect(axesIn(profile)).toEqual({ linear: ['-x', '+z', '+y'], angular: ['+x', '+y', '-z'] });
    expect(profile.gripper).toMatchObject({ closed: 1, open: 0 });
    expect(profile.joints).toEqual(servoArm.joints);
    expect(decides.filter((line) => line.includes('it was'))).toHaveLength(5);
    expect(decides[0]).toBe("command.axes.linear: to go 'away from the base' (+x) command -x; it was +x");
  });

  it('finds a joint of the hand that tells the opposite of what is seen', () => {
    const { profile, problems } = conclude(servoArm, [], [hand('closed', 'closed', 1), hand('open', 'open', 0)]);
    expect(problems).toEqual([]);
    expect(profile.joints).toMatchObject({ gripperClosed: 0.04, gripperOpen: 0 });
    expect(profile.gripper).toEqual(servoArm.gripper);
  });

  it('decides nothing where nothing moved, where robot and person disagree, and where the way back is another', () => {
    const saying = (trials: readonly AxisTrial[]) => conclude(servoArm, trials, []);
    const still = { seen: undefined, measured: [0, 0, 0], measuredBack: [0, 0, 0] } as const;
    const cases = [
      [trial('linear', '+x', '+x', still), /linear \+x .*no such way was seen/],
      [trial('linear', '+x', '+x', { measured: [0, 0.001, 0] }), /which is no way along one axis/],
      [trial('linear', '+x', '+x', { measured: vector('linear', '-x') }), /you saw 'away .* robot says 'towards/],
      [trial('angular', '+z', '+z', { measuredBack: vector('angular', '+z') }), /the way back was/],
    ] as const;
    for (const [bad, words] of cases) {
      const { problems, profile } = saying([bad]);
      expect(problems.join('\n')).toMatch(words);
      expect(profile).toEqual(servoArm);
    }
    expect(saying(all(['+x', '+x', '+z'])).problems.join()).toMatch(/two commands led along the same axis/);
  });

  it('decides nothing of a hand that is neither as told nor the other way round', () => {
    for (const hands of [
      [hand('closed', 'closed', 0), hand('open', 'closed', 0)],
      [hand('closed', undefined, 0), hand('open', undefined, 0)],
      [hand('closed', 'open', 1), hand('open', undefined, 1)],
    ]) {
      const { problems, profile } = conclude(servoArm, [], hands);
      expect(problems.join()).toMatch(/neither as told nor the other way round/);
      expect(profile.gripper).toEqual(servoArm.gripper);
    }
    const mute = conclude(servoArm, [], [hand('closed', 'closed', 0), hand('open', 'open', 0)]);
    expect(mute.problems.join()).toMatch(/its joint does not tell open from closed/);
  });

  it('corrects no pose by a sign', () => {
    const { robot, ...rest } = servoArm;
    const poses = defineRosRobot({ ...rest, robot, command: { kind: 'pose', topic: '/goal', frameId: 'base' } });
    expect(conclude(poses, all(['-x', '+y', '+z']), []).problems.join()).toMatch(/a 'pose' cannot be corrected/);
    expect(conclude(poses, all(['+x', '+y', '+z']), []).problems).toEqual([]);
  });
});

it('a profile that a jog corrected commands the robot so that it goes as meant, whatever its axes are', () => {
  const axes = fc
    .tuple(fc.shuffledSubarray(['x', 'y', 'z'], { minLength: 3 }), fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()))
    .map(([names, signs]) => names.map((name, at) => `${signs[at] ? '+' : '-'}${name}` as SignedAxis));
  /** Where a robot goes that is told so: its own axes lie along those of the base. */
  const robotGoes = (told: readonly number[], own: readonly SignedAxis[]) => {
    const by = [0, 0, 0];
    for (const [at, axis] of own.entries()) by['xyz'.indexOf(axis[1]!)]! += (axis[0] === '+' ? 1 : -1) * told[at]!;
    return by;
  };
  const told = (profile: RosProfile, pM: Vec3) => {
    const maker = createCommandMaker(profile);
    const pose = { pM: [0, 0, 0], qXyzw: [0, 0, 0, 1], gripperOpen: 1 } as const;
    const before = { mode: 'set-point', stampMs: 0, pose } as const;
    maker.make({ command: before, body: { measured: pose, qRad: [] }, robotMs: 0 });
    const measured = { ...pose, pM };
    const command = { mode: 'set-point', stampMs: 20, pose: measured } as const;
    const [{ message }] = maker.make({ command, before, body: { measured, qRad: [] }, robotMs: 0 }) as unknown as [
      { message: { twist: { linear: { x: number; y: number; z: number } } } },
    ];
    const { x, y, z } = message.twist.linear;
    return [x, y, z].map((share) => share * 0.4 * 0.02);
  };
  fc.assert(
    fc.property(axes, axes, (own, before) => {
      const command = servoArm.command as Extract<RosProfile['command'], { kind: 'twist' }>;
      const started = { ...command, axes: { linear: before as never, angular: ['+x', '+y', '+z'] as never } };
      const wrong: RosProfile = { ...servoArm, command: started };
      const trials = (['+x', '+y', '+z'] as const).map((axis) => {
        const went = robotGoes(told(wrong, vector('linear', axis, 0.1)), own).map((value) => 10 * value);
        return trial('linear', axis, wayOf('linear', went as unknown as Vec3)!);
      });
      const { profile, problems } = conclude(wrong, trials, []);
      expect(problems).toEqual([]);
      const went = robotGoes(told(profile, [0.001, 0.002, -0.0015]), own);
      for (const [at, value] of [0.001, 0.002, -0.0015].entries()) expect(went[at]).toBeCloseTo(value, 9);
    }),
  );
});
