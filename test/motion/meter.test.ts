/**
 * What reaches the body is counted at the body, from where it really was. A policy that does its worst finds nothing that all rules let
 * through; and whichever rule is switched off, the meter finds what it kept away.
 */
import { describe, expect, it } from 'vitest';
import { review } from '../../src/gate/review.ts';
import type { Rule } from '../../src/gate/rule.ts';
import { defaultRules } from '../../src/gate/rules/index.ts';
import type { MotionLimits } from '../../src/ports.ts';
import type { Action, Proprio, StepFeedback } from '../../src/types.ts';
import { motionLimits } from '../gate/given.ts';
import { randomFrom } from '../random.ts';
import { createMeter, type Meter } from './meter.ts';
import { createStiffArm } from './stiff-arm.ts';

type Point = [number, number, number];

const BOX: Pick<MotionLimits, 'workspace' | 'keepOut'> = {
  workspace: { minM: [0.2, -0.3, 0.02], maxM: [0.6, 0.3, 0.4] },
  keepOut: [
    { name: 'post', minM: [0.3, 0.1, -0.1], maxM: [0.36, 0.16, 0.5] },
    { name: 'bin', minM: [0.45, -0.25, -0.1], maxM: [0.55, -0.1, 0.15] },
  ],
};
/** Two bodies: one that takes far apart steps, of which the length binds, and one that takes close ones, of which the speed binds. */
const BODIES: readonly MotionLimits[] = [
  motionLimits({ ...BOX, maxAccelerationMPerS2: 1, maxTurnAccelerationRadPerS2: 4, maxGripperPerS: 2 }),
  motionLimits({
    ...BOX,
    ...{
      stepMs: 20,
      maxSpeedMPerS: 0.25,
      maxTurnRadPerS: 1,
      maxAccelerationMPerS2: 3,
      maxTurnAccelerationRadPerS2: 20,
    },
    ...{ decelerationMPerS2: 1.5, maxGripperPerS: 4 },
  }),
];

interface Attempt {
  readonly counts: Meter['counts'];
  /** Steps in which it moved. */
  readonly driven: number;
}

interface Trouble {
  /** Share of steps in which something is in the way. */
  readonly blocked: number;
  /** Share of steps in which its readings are old, or not there. */
  readonly blind: number;
  /** Share of the time in which the policy is meek. */
  readonly meekness?: number;
}

function attempt(
  limits: MotionLimits,
  rules: readonly Rule[],
  seed: number,
  { blocked, blind, meekness = 0.4 }: Trouble,
): Attempt {
  const random = randomFrom(seed);
  const between = (low: number, high: number) => low + random() * (high - low);
  const arm = createStiffArm(limits, [0.4, 0, 0.2], seed % 2 ? 'commanded' : 'measured');
  const meter = createMeter(limits);
  const policy = hostile(limits, random, meekness);
  const history: StepFeedback[] = [];
  const past: Proprio[] = [];
  let modifiedInARow = 0;
  let driven = 0;
  for (let index = 0; index < STEPS; index++) {
    const now = arm.sense();
    past.push(now);
    const luck = random();
    const seen = luck < blind / 2 ? past[Math.max(0, index - 20)] : luck < blind ? undefined : now;
    const observation = {
      ...{ seq: index, stampMs: now.stampMs, epoch: 0, instruction: '', frames: [], history: history.slice(-20) },
      ...(seen && { proprio: seen }),
    };
    const proposed = policy(now);
    const verdict = review(rules, proposed, {
      ...{ observation, nowMs: now.stampMs, plannedStampMs: now.stampMs, isRunning: true, modifiedInARow },
      limits: { motion: limits, maxObservationAgeMs: limits.stepMs, maxPlanAgeMs: limits.stepMs },
    });
    const passes = verdict.kind === 'allow' || verdict.kind === 'modify';
    modifiedInARow = verdict.kind === 'modify' ? (modifiedInARow + 1) % 3 : 0;
    meter.tell(arm.step(passes ? verdict.action : undefined, random() < between(0, 2 * blocked)));
    if (passes) driven += 1;
    history.push({
      ...{ index, proposed, verdict: { kind: verdict.kind, reasons: verdict.reasons } },
      ...(passes && { executed: verdict.action }),
      ...(now.tcpPose && { tcpPose: now.tcpPose }),
    });
  }
  return { counts: meter.counts, driven };
}
const STEPS = 600;

/** Goes at walls and posts, as far and as fast as it may and further, and turns around at once; now and then it is meek, or speeds up slowly. */
function hostile(limits: MotionLimits, random: () => number, meekness: number): (now: Proprio) => Action {
  const between = (low: number, high: number) => low + random() * (high - low);
  const stepS = limits.stepMs / 1000;
  const point = (size: number): Point => [between(-size, size), between(-size, size), between(-size, size)];
  const longest = Math.min(limits.maxStepM, limits.maxSpeedMPerS * stepS);
  const largest = Math.min(limits.maxStepRad, limits.maxTurnRadPerS * stepS);
  let aimM: Point = [0.4, 0, 0.2];
  let aimRad: Point = [0, 0, 0];
  let boldness = 1;
  let isMeek = false;
  let isPatient = false;
  let since = 0;
  let open = 1;
  return ({ tcpPose }) => {
    since += 1;
    if (random() < 0.07) {
      since = 0;
      isPatient = random() < 0.2 + meekness;
      aimM = [between(0, 0.8), between(-0.5, 0.5), between(-0.2, 0.6)];
      if (random() < 0.5) {
        const { minM, maxM } = limits.keepOut[random() < 0.5 ? 0 : 1]!;
        aimM = minM.map((low, axis) => (low + maxM[axis]!) / 2) as Point;
      }
      aimRad = point(1);
      boldness = between(0.2, 1.6);
      isMeek = random() < meekness;
      if (isMeek) aimM = [between(0.22, 0.28), between(-0.25, 0.25), between(0.1, 0.35)];
    }
    if (random() < 0.15) open = random() < 0.5 ? between(0, 1) : Math.round(random());
    const here = tcpPose!.pM;
    const gap = aimM.map((value, axis) => value - here[axis]!) as Point;
    const length = Math.hypot(...gap) + 1e-9;
    const haste = (isMeek ? Math.min(0.5, boldness) : boldness) * (isPatient ? Math.min(1, (since + 1) / 6) : 1);
    const size = isMeek ? Math.min(haste * longest, length / 6) : haste * longest;
    const byM = gap.map((part) => (part / length) * size) as Point;
    const turn = Math.hypot(...aimRad) + 1e-9;
    const byRad = aimRad.map((part) => (part / turn) * largest * haste) as Point;
    const rest = { frameId: limits.frameId, gripperOpen: open };
    if (random() < 0.5) return { kind: 'eef-delta', dPosM: byM, dRpyRad: byRad, ...rest };
    const half = Math.hypot(...byRad) / 2;
    const [ax, ay, az] = byRad.map((part) => (half > 0 ? (part / (2 * half)) * Math.sin(half) : 0)) as Point;
    const [bx, by, bz, bw] = tcpPose!.qXyzw;
    const aw = Math.cos(half);
    return {
      kind: 'eef-pose',
      pM: here.map((value, axis) => value + byM[axis]!) as Point,
      qXyzw: [
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
      ],
      ...rest,
    };
  };
}

const without = (name: string): readonly Rule[] => defaultRules.filter((rule) => rule.name !== name);
const SEEDS = [1, 2, 3];

/**
 * What is found over both bodies, until all that is looked for is. What is in the way makes jumps that no rule sees, so that of those
 * attempts following alone is counted.
 */
function found(rules: readonly Rule[], seeds: readonly number[], lookedFor?: readonly string[]): readonly string[] {
  const all = new Set<string>();
  for (const seed of seeds)
    for (const limits of BODIES) {
      for (const name of Object.keys(attempt(limits, rules, seed, { blocked: 0, blind: 0.1 }).counts)) all.add(name);
      const { following } = attempt(limits, rules, seed, { blocked: 0.3, blind: 0 }).counts;
      if (following) all.add('following');
      if (lookedFor?.every((name) => all.has(name))) return [...all];
    }
  return [...all];
}

describe('at the body', () => {
  it('nothing is beyond a limit when all rules are on', () => {
    expect(found(defaultRules, [...SEEDS, 4, 5, 6])).toEqual([]);
  });

  it('it moves all the same, and mostly when it is meek, so that the last sentence is not empty', () => {
    for (const limits of BODIES)
      for (const seed of SEEDS) {
        const share = (trouble: Trouble) => attempt(limits, defaultRules, seed, trouble).driven / STEPS;
        expect(share({ blocked: 0, blind: 0.1 })).toBeGreaterThan(0.1);
        expect(share({ blocked: 0, blind: 0, meekness: 1 })).toBeGreaterThan(0.7);
      }
  });

  it.each([
    ['step', ['step', 'turn-step']],
    ['velocity', ['speed', 'turn-speed']],
    ['acceleration', ['acceleration', 'turn-acceleration']],
    ['workspace', ['workspace']],
    ['keep-out', ['keep-out']],
    ['gripper', ['gripper']],
    ['following', ['following']],
    ['pose', ['workspace', 'keep-out']],
    ['age', ['workspace', 'keep-out']],
  ])('without %s something is', (name, violations) => {
    expect(defaultRules.map((rule) => rule.name)).toContain(name);
    expect(found(without(name), SEEDS, violations)).toEqual(expect.arrayContaining(violations));
  });

  it('everything is, without any', () => {
    expect(found([], [1]).length).toBeGreaterThan(8);
  });
});
