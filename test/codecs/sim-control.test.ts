/** What a motion is to the robots of simulators, and back. */

import fc from 'fast-check';
import { OPEN_LATCH, SIM_CONTROLS, type SimMotion, simMotion, simNumbers, simplerPost } from 'pumice/codecs';
import { describe, expect, it } from 'vitest';

const { sawyer, widowx_bridge: widowx, google_robot: google } = SIM_CONTROLS;
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

  it('closes the google robot by a change, and holds it for ten steps', () => {
    let latch = OPEN_LATCH;
    const said = [1, ...Array<number>(12).fill(0)].map((gripperOpen) => {
      const step = simNumbers(google, { ...still, gripperOpen }, latch);
      latch = step.latch;
      return step.numbers[6];
    });
    expect(said).toEqual([0, ...Array<number>(10).fill(1), 0, 0]);
  });

  it('comes back from them, in the order and the unit of the robot', () => {
    fc.assert(
      fc.property(motions, (motion) => {
        const swapped = { ...sawyer, order: ['z', 'x', 'y'] } as const;
        for (const control of [sawyer, swapped, widowx]) {
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
