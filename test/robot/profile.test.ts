import { defineRobot, type RobotProfile } from 'pumice/robots';
import { describe, expect, it, test } from 'vitest';
import { PumiceError } from '../../src/errors.ts';
import { requireFit } from '../../src/fit.ts';
import type { Env, Limits, MotionLimits, Policy } from '../../src/ports.ts';
import { motionLimits } from '../gate/given.ts';

const LIMITS = motionLimits({
  workspace: { minM: [0.2, -0.3, 0], maxM: [0.6, 0.3, 0.4] },
  keepOut: [{ name: 'post', minM: [0.3, 0.1, 0], maxM: [0.36, 0.16, 0.5] }],
});
const PROFILE: RobotProfile = {
  name: 'arm',
  hardware: false,
  frameId: 'base',
  jointNames: ['j1', 'j2'],
  control: { rateHz: 5 },
  delta: { axes: 'base', rotateAbout: 'tcp', reference: 'commanded' },
  gripper: { kind: 'parallel', maxOpeningM: 0.08 },
  limits: LIMITS,
};

/** A copy with one field at a path set, or taken away. */
function changed<T extends object>(whole: T, path: string, value: unknown): T {
  const copy = structuredClone(whole) as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop()!;
  const parent = keys.reduce((part, key) => part[key] as Record<string, unknown>, copy);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy as T;
}
const problemOf = (profile: unknown): PumiceError => {
  try {
    defineRobot(profile as RobotProfile);
  } catch (error) {
    if (PumiceError.is(error, 'config/invalid')) return error;
    throw error;
  }
  throw new Error('it was taken');
};

const DRIVER = { commandRateHz: 50, expiryMs: 250, stopDecelerationMPerS2: 2, restSpeedMPerS: 0.002 };
const NUMBERS = Object.keys(LIMITS).filter((key) => typeof LIMITS[key as keyof MotionLimits] === 'number');

describe('a robot profile', () => {
  it('is given back as it was, and cannot be changed any more', () => {
    const robot = defineRobot(PROFILE);
    expect(robot).toEqual(PROFILE);
    expect(robot).not.toBe(PROFILE);
    for (const part of [robot, robot.limits, robot.limits.workspace.minM, robot.limits.keepOut, robot.jointNames])
      expect(Object.isFrozen(part)).toBe(true);
    expect(Object.isFrozen(PROFILE.limits)).toBe(false);
  });

  it('without limits is refused: no profile, no motion', () => {
    const error = problemOf(changed(PROFILE, 'limits', undefined));
    expect(error.message).toMatch(/^robot arm: limits: /);
    expect(error.hint).toMatch(/every field of limits/);
    expect(problemOf(undefined).message).toMatch(/^robot without a name: profile: /);
    expect(problemOf(changed(PROFILE, 'limits', 'unlimited')).message).toMatch(/^robot arm: limits: /);
  });

  it.each(NUMBERS)('is refused when limits.%s is not there, not finite, or not above 0, and says so', (name) => {
    for (const bad of [undefined, NaN, Infinity, -Infinity, 0, -1, '1', null])
      expect(problemOf(changed(PROFILE, `limits.${name}`, bad)).message).toContain(`limits.${name}: `);
  });

  it('is refused when the workspace is empty, on the axis that it names', () => {
    for (const [axis, letter] of [...'xyz'].entries()) {
      const flat = changed(PROFILE, `limits.workspace.minM.${axis}`, LIMITS.workspace.maxM[axis]);
      expect(problemOf(flat).message).toBe(
        `robot arm: limits.workspace: is empty: minM is not below maxM in ${letter}`,
      );
    }
    expect(problemOf(changed(PROFILE, 'limits.workspace.minM.0', NaN)).message).toContain('limits.workspace.minM.0');
    expect(problemOf(changed(PROFILE, 'limits.workspace', undefined)).message).toContain('limits.workspace: ');
  });

  it('is refused when a keep-out is empty, has no name or covers the whole workspace', () => {
    const { minM, maxM } = LIMITS.workspace;
    const within = (box: object) => problemOf(changed(PROFILE, 'limits.keepOut', [LIMITS.keepOut[0], box])).message;
    expect(within({ name: 'all', minM, maxM })).toBe(
      "robot arm: limits.keepOut.1: 'all' covers the whole workspace: nothing could move",
    );
    expect(within({ name: 'flat', minM: [0, 0, 1], maxM: [1, 1, 1] })).toContain(
      'limits.keepOut.1: is empty: minM is not below maxM in z',
    );
    expect(within({ name: '', minM, maxM: [0.4, 0, 0.2] })).toContain('limits.keepOut.1.name');
    expect(problemOf(changed(PROFILE, 'limits.keepOut', undefined)).message).toContain('limits.keepOut: ');
  });

  it('may have keep-outs that cover all but a little, and none where that is written', () => {
    const { minM, maxM } = LIMITS.workspace;
    for (const axis of [0, 1, 2]) {
      const most = { name: 'most', minM, maxM: maxM.with(axis, maxM[axis]! - 0.01) };
      const rest = { name: 'rest', minM: minM.with(axis, minM[axis]! + 0.01), maxM };
      for (const box of [most, rest])
        expect(() => defineRobot(changed(PROFILE, 'limits.keepOut', [box]))).not.toThrow();
    }
    expect(defineRobot(changed(PROFILE, 'limits.keepOut', [])).limits.keepOut).toEqual([]);
  });

  it('is refused when it says one thing in two ways', () => {
    expect(problemOf(changed(PROFILE, 'limits.frameId', 'world')).message).toBe(
      "robot arm: limits.frameId: 'world' is not frameId 'base'",
    );
    expect(problemOf(changed(PROFILE, 'limits.stepMs', 100)).message).toBe(
      'robot arm: limits.stepMs: 100 ms is not the period of control.rateHz, 200 ms',
    );
    expect(problemOf(changed(PROFILE, 'limits.stepMs', 300)).message).toContain('limits.stepMs');
    expect(problemOf(changed(PROFILE, 'jointNames', ['a', 'a'])).message).toContain(
      'jointNames: a name is there twice',
    );
    const thirty = changed(changed(PROFILE, 'control.rateHz', 30), 'limits.stepMs', 33.333333333);
    expect(defineRobot(thirty).limits.stepMs).toBeCloseTo(33.3333, 3);
  });

  test.each([
    ['name', ''],
    ['frameId', ''],
    ['jointNames', []],
    ['hardware', undefined],
    ['control.rateHz', 0],
    ['delta', undefined],
    ['delta.rotateAbout', 'base'],
    ['delta.axes', 'world'],
    ['delta.reference', 'hoped for'],
    ['gripper', undefined],
    ['gripper.maxOpeningM', -0.01],
  ])('is refused when %s is %j', (path, bad) => {
    expect(problemOf(changed(PROFILE, path, bad)).message).toContain(path);
  });

  it('of a machine is refused without a driver', () => {
    const machine = changed(PROFILE, 'hardware', true);
    expect(problemOf(machine).message).toContain('robot arm: driver: a machine needs one');
    expect(defineRobot(changed(machine, 'driver', DRIVER)).driver).toEqual(DRIVER);
  });

  it.each(Object.keys(DRIVER))('is refused when driver.%s is not there, not finite, or not above 0', (name) => {
    const driven = changed(PROFILE, 'driver', DRIVER);
    for (const bad of [undefined, NaN, Infinity, 0, -1])
      expect(problemOf(changed(driven, `driver.${name}`, bad)).message).toContain(`driver.${name}: `);
  });

  it('is refused when its driver would let go of an action before it is over, or look too seldom', () => {
    const driven = changed(PROFILE, 'driver', DRIVER);
    expect(problemOf(changed(driven, 'driver.expiryMs', 199)).message).toContain('less than limits.stepMs, 200 ms');
    expect(problemOf(changed(driven, 'driver.commandRateHz', 3)).message).toContain('at 3 Hz');
  });

  it('is refused with a key that nobody knows: a limit that is misspelt limits nothing', () => {
    expect(problemOf(changed(PROFILE, 'limits.maxSpeed', 1)).message).toMatch(/limits: .*maxSpeed/);
  });
});

describe('a body that moves', () => {
  const env = (motion: Limits['motion']): Env => ({
    ...{ name: 'arm', actionKinds: ['eef-delta'], reset: async () => {}, halt: () => {}, close: async () => {} },
    observe: async () => ({ stampMs: 0, frames: [] }),
    act: async () => ({ status: 'done' }),
    limits: { maxObservationAgeMs: 100, maxPlanAgeMs: 100, ...(motion && { motion }) },
  });
  const policy: Policy = { name: 'p', actionKinds: ['eef-delta'], reset: () => {}, act: async () => ({ actions: [] }) };

  it('starts with limits that make sense, or where it is written out that there are none', () => {
    expect(() => requireFit(env(LIMITS), policy)).not.toThrow();
    expect(() => requireFit(env('unlimited'), policy)).not.toThrow();
  });

  it('does not start with a policy that says nothing of what it answers with, as one in a file without types may', () => {
    const { actionKinds: _none, ...rest } = policy;
    expect(() => requireFit(env(LIMITS), rest as Policy)).toThrow('policy p names no kinds of action');
  });

  it('does not start without', () => {
    expect(() => requireFit(env(undefined), policy)).toThrow('env arm declares no motion limits');
  });

  it.each(NUMBERS)('does not start with a limits.motion.%s that is no number above 0, whatever types say', (name) => {
    for (const bad of [undefined, NaN, Infinity, 0, -1]) {
      const limits = changed(LIMITS, name, bad);
      expect(() => requireFit(env(limits), policy)).toThrow(`env arm: limits.motion.${name}: `);
    }
  });

  it('does not start with a workspace or keep-out that leaves nothing', () => {
    const flat = changed(LIMITS, 'workspace.maxM.2', 0);
    expect(() => requireFit(env(flat), policy)).toThrow('limits.motion.workspace: is empty');
    const all = changed(LIMITS, 'keepOut', [{ name: 'all', ...LIMITS.workspace }]);
    expect(() => requireFit(env(all), policy)).toThrow("limits.motion.keepOut.0: 'all' covers the whole workspace");
  });
});
