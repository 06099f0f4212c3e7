/** What a motion is to the robots of simulators, and back. */

import fc from 'fast-check';
import {
  liberoGripper,
  OPEN_LATCH,
  SIM_CONTROLS,
  type SimMotion,
  simMotion,
  simNumbers,
  simplerPost,
} from 'pumice/codecs';
import { describe, expect, it } from 'vitest';

const { fetch, sawyer, widowx_bridge: widowx, google_robot: google, libero_panda: panda } = SIM_CONTROLS;
const still: SimMotion = { dPosM: [0, 0, 0], dRpyRad: [0, 0, 0], gripperOpen: 1 };
const small = fc.double({ min: -0.05, max: 0.05, noNaN: true });
const motions = fc.record({
  dPosM: fc.tuple(small, small, small),
  dRpyRad: fc.tuple(small, small, small),
  gripperOpen: fc.constantFrom(0, 1),
});

describe('a motion as numbers of a simulated robot', () => {
  it('to a hand that cannot turn is hundredths of a metre and an effort, closed above 0', () => {
    const { numbers } = simNumbers(sawyer, { ...still, dPosM: [0.01, -0.005, 0], gripperOpen: 0 });
    expect(numbers).toEqual([1, -0.5, 0, 1]);
    expect(simNumbers(sawyer, still).numbers[3]).toBe(-1);
    expect(simNumbers(sawyer, { ...still, gripperOpen: 0.5 }).numbers[3]).toBe(0);
  });

  it("to LIBERO's hand is shares of 5 cm and of half a radian, and a gripper that goes its way as Magma's program tells it", () => {
    const { numbers } = simNumbers(panda, { dPosM: [0.05, -0.025, 0.01], dRpyRad: [0.25, 0, 0], gripperOpen: 0 });
    for (const [at, one] of [1, -0.5, 0.2, 0.5, 0, 0, 1].entries()) expect(numbers[at]).toBeCloseTo(one, 12);
    for (const gripperOpen of [0, 0.3, 0.5, 0.7, 1]) {
      const told = simNumbers(panda, { ...still, gripperOpen }).numbers[6]!;
      expect(Math.sign(told)).toBe(Math.sign(liberoGripper(gripperOpen)) + 0);
    }
    expect(simMotion(panda, [1, 0, 0, 0, 0, -1, -1])).toEqual({
      dPosM: [0.05, 0, 0],
      turnRad: [0, 0, -0.5],
      gripperOpen: 1,
    });
  });

  it('to Fetch is shares of 5 cm, and a gripper that opens above 0, closes below, and stays where it is at 0', () => {
    expect(simNumbers(fetch, { ...still, dPosM: [0.05, -0.025, 0] }).numbers).toEqual([1, -0.5, 0, 1]);
    expect(simNumbers(fetch, { ...still, gripperOpen: 0 }).numbers[3]).toBe(-1);
    expect(simNumbers(fetch, { ...still, gripperOpen: 0.5 }).numbers[3]).toBe(0);
  });

  it('is to both robots of SimplerEnv what its wrappers send for the same motion', () => {
    fc.assert(
      fc.property(fc.array(motions, { minLength: 1, maxLength: 30 }), (steps) => {
        for (const control of [widowx, google]) {
          const wrapper = simplerPost(control.robot);
          let latch = OPEN_LATCH;
          for (const step of steps) {
            const sent = wrapper.step([...step.dPosM, ...step.dRpyRad, step.gripperOpen]);
            const said = simNumbers(control, step, latch);
            latch = said.latch;
            expect(said.numbers).toEqual([...sent.worldVector, ...sent.rotAxisAngle, sent.gripper]);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    [widowx, 'commanded'],
    [google, 'measured'],
  ] as const)(
    'goes from where the hand of $robot was told to be if its mode has a target, else from where it is',
    (control, from) => {
      expect(control.controlMode.split('_gripper_')[0]!.includes('_target_')).toBe(from === 'commanded');
      expect(control.delta.reference).toBe(from);
    },
  );

  it('closes the google robot by a change, and holds it for ten steps', () => {
    let latch = OPEN_LATCH;
    const said = [1, ...Array<number>(12).fill(0)].map((gripperOpen) => {
      const step = simNumbers(google, { ...still, gripperOpen }, latch);
      latch = step.latch;
      return step.numbers[6];
    });
    expect(said).toEqual([0, ...Array<number>(10).fill(1), 0, 0]);
  });

  it('closes one by a change below 0 where its profile says that closed is below open', () => {
    const other = { ...google, gripper: { ...google.gripper, open: 1, closed: -1 } } as const;
    const { latch } = simNumbers(other, { ...still, gripperOpen: 1 });
    expect(simNumbers(other, { ...still, gripperOpen: 0 }, latch).numbers[6]).toBe(-1);
  });

  it('comes back from them, in the order and the unit of the robot', () => {
    fc.assert(
      fc.property(motions, (motion) => {
        const swapped = { ...sawyer, order: ['z', 'x', 'y'] } as const;
        for (const control of [sawyer, swapped, widowx, panda, fetch]) {
          const { dPosM, gripperOpen } = simMotion(control, simNumbers(control, motion).numbers);
          for (const axis of [0, 1, 2] as const) expect(dPosM[axis]).toBeCloseTo(motion.dPosM[axis], 12);
          expect(gripperOpen).toBe(motion.gripperOpen);
        }
      }),
    );
    expect(simMotion(widowx, [0, 0, 0, 0.1, 0.2, 0.3, -1])).toEqual({
      dPosM: [0, 0, 0],
      turnRad: [0.1, 0.2, 0.3],
      gripperOpen: 0,
    });
  });

  it('is refused with another count of numbers than the robot takes', () => {
    expect(() => simMotion(sawyer, [0, 0, 0, 0, 0, 0, 1])).toThrow(/expected 4 numbers of sawyer, got 7/);
    expect(() => simMotion(widowx, [0, 0, 0, 1])).toThrow(/expected 7 numbers of widowx_bridge, got 4/);
  });
});
