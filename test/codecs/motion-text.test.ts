/** Motions in words: what is written is read back to the digit, whatever else stands around it and in the task. */
import * as fc from 'fast-check';
import { type MotionText, readMotions, writeMotions } from 'pumice/codecs';
import { describe, expect, it } from 'vitest';

const rad = (deg: number) => (deg * Math.PI) / 180;
const example: MotionText = {
  instruction: 'pick up the red block',
  frameId: 'base',
  measured: { pM: [0.4, -0.0312, 0.2], rpyRad: [rad(180), 0, rad(-12.5)] },
  commanded: { pM: [0.4, -0.03, 0.2], rpyRad: [rad(180), 0, rad(-12)] },
  gripperOpen: 1,
  stepMs: 200,
  motions: [
    { dPosM: [0, -0.0001, -0.03], dRpyRad: [0, 0, rad(5)], gripperOpen: 1 },
    { dPosM: [0.00001, 0, 0], dRpyRad: [0, 0, 0], gripperOpen: 0 },
  ],
};
const TEXT = [
  'Task: "pick up the red block"',
  'The tool is at x 0.4000 y -0.0312 z 0.2000 m, roll 180.0 pitch 0.0 yaw -12.5 deg, gripper 100 % open, in frame "base".',
  'It was told to be at x 0.4000 y -0.0300 z 0.2000 m, roll 180.0 pitch 0.0 yaw -12.0 deg.',
  'Proposed next, 200 ms each:',
  '1. dx 0.0 dy -0.1 dz -30.0 mm, droll 0.0 dpitch 0.0 dyaw 5.0 deg, gripper 100 % open',
  '2. dx 0.0 dy 0.0 dz 0.0 mm, droll 0.0 dpitch 0.0 dyaw 0.0 deg, gripper 0 % open',
];

const motionsIn = (text: string) => {
  const reading = readMotions(text);
  if (!reading.ok) throw reading.problem;
  return reading.value;
};

it('is written in lines that a person reads', () => {
  expect(writeMotions(example).split('\n')).toEqual(TEXT);
});

it('is read back out of a longer text, to the digit', () => {
  const read = motionsIn(`You see an arm.\n${TEXT.join('\n')}\nIs it safe?\n3. no motion`);
  expect(read).toMatchObject({ instruction: example.instruction, frameId: 'base', gripperOpen: 1, stepMs: 200 });
  expect(read.motions).toHaveLength(2);
  expect(read.motions[0]!.dPosM[2]).toBeCloseTo(-0.03, 9);
  expect(read.measured.rpyRad[2]).toBeCloseTo(rad(-12.5), 9);
});

it('what was written once is written the same again, whatever the task says and however the tool moves', () => {
  const small = fc.double({ min: -1, max: 1, noNaN: true });
  const three = fc.tuple(small, small, small);
  const stance = fc.record({ pM: three, rpyRad: three });
  const text = fc.record({
    instruction: fc.oneof(fc.string(), fc.constant(TEXT.join('\n')), fc.constant('a "b"\r\n1. dx\u2028\\')),
    frameId: fc.string(),
    measured: stance,
    commanded: stance,
    gripperOpen: fc.double({ min: 0, max: 1, noNaN: true }),
    stepMs: fc.integer({ min: 1, max: 1000 }),
    motions: fc.array(
      fc.record({ dPosM: three, dRpyRad: three, gripperOpen: fc.double({ min: 0, max: 1, noNaN: true }) }),
      { minLength: 1, maxLength: 6 },
    ),
  });
  fc.assert(
    fc.property(text, (given) => {
      const written = writeMotions(given);
      const read = motionsIn(written);
      expect(read.instruction).toBe(given.instruction);
      expect(read.motions).toHaveLength(given.motions.length);
      read.motions.forEach(({ dPosM }, nth) => {
        dPosM.forEach((value, axis) => {
          expect(Math.abs(value - given.motions[nth]!.dPosM[axis]!)).toBeLessThanOrEqual(5.1e-5);
        });
      });
      expect(writeMotions(read)).toBe(written);
    }),
    { numRuns: 200 },
  );
});

describe('is not read', () => {
  it.each(TEXT.slice(0, 4).map((line, at) => [line.slice(0, 20), at] as const))('without "%s..."', (_, at) => {
    expect(() => motionsIn(TEXT.filter((_line, nth) => nth !== at).join('\n'))).toThrow(
      /expected one line of the form/,
    );
  });

  it('with one of its lines twice: of two it cannot tell which is meant', () => {
    for (const line of TEXT.slice(0, 4)) expect(() => motionsIn([...TEXT, line].join('\n'))).toThrow(/got 2/);
  });

  it('without a motion, or with one left out', () => {
    expect(() => motionsIn(TEXT.slice(0, 4).join('\n'))).toThrow(/expected motions/);
    expect(() => motionsIn([...TEXT.slice(0, 4), TEXT[5]].join('\n'))).toThrow(/expected motion 1, got 2/);
  });
});

it('what is no number, and no motion at all, is not written', () => {
  const motions = [{ dPosM: [Number.NaN, 0, 0], dRpyRad: [0, 0, 0], gripperOpen: 1 }] as const;
  expect(() => writeMotions({ ...example, motions })).toThrow(/expected numbers, got NaN/);
  expect(() => writeMotions({ ...example, motions: [] })).toThrow(/at least one motion/);
});
