/** What robots are sent: gripper latches, averages, frames. The originals' numbers are in `pumice golden`'s test. */
import fc from 'fast-check';
import { PumiceError } from 'pumice';
import {
  actionEnsemble,
  anyresGrid,
  axisAngleOfRpy,
  liberoGripper,
  magmaLabelTextPx,
  magmaServerNumbers,
  poseTarget,
  rt1Action,
  simplerPost,
  widowxGripper,
} from 'pumice/codecs';
import { describe, expect, it } from 'vitest';

const still = (open: number) => [0, 0, 0, 0, 0, 0, open];
const angle = fc.double({ min: -1.5, max: 1.5, noNaN: true });
const codeOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return PumiceError.is(error) ? error.code : String(error);
  }
  return 'none';
};

describe('the latch of the google robot', () => {
  it('holds a large change for its steps, and whatever comes meanwhile is lost', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 19 }),
        (steps, during) => {
          const post = simplerPost('google_robot', { latchSteps: steps });
          post.step(still(1));
          expect(post.step(still(0)).gripper).toBe(1);
          const held = during.slice(0, steps - 1);
          for (const open of held) expect(post.step(still(open)).gripper).toBe(1);
          expect(post.latch().isOn).toBe(held.length < steps - 1);
        },
      ),
    );
  });

  it('an episode begins with nothing held, which the original wrapper forgets', () => {
    const [reset, leaking] = [simplerPost('google_robot'), simplerPost('google_robot')];
    for (const post of [reset, leaking]) for (const open of [1, 0]) post.step(still(open));
    reset.reset();
    expect(reset.step(still(1)).gripper).toBe(0);
    expect(leaking.step(still(1)).gripper).toBe(1);
  });

  it('each is its own', () => {
    const [one, other] = [simplerPost('google_robot'), simplerPost('google_robot')];
    for (const open of [1, 0]) one.step(still(open));
    expect(other.step(still(1)).gripper).toBe(0);
  });
});

describe('grippers without a memory', () => {
  it('widowx opens above half, LIBERO the other way about, and neither for exactly half', () => {
    expect([0, 0.5, 0.51, 1].map(widowxGripper)).toEqual([-1, -1, 1, 1]);
    expect([0, 0.4, 0.6, 1].map(liberoGripper)).toEqual([1, 1, -1, -1]);
    expect(Math.abs(liberoGripper(0.5))).toBe(0);
  });

  it("RT-1's small openings are none for the google robot", () => {
    const output = (gripperClosedness: number) => ({
      worldVector: [0, 0, 0] as const,
      rotationDelta: [0, 0, 0] as const,
      gripperClosedness,
    });
    expect([-0.5, -0.009, 0.01].map((value) => rt1Action('google_robot', output(value)).gripper)).toEqual([
      -0.5, 0, 0.01,
    ]);
    expect([-0.5, 0, 0.01].map((value) => rt1Action('widowx_bridge', output(value)).gripper)).toEqual([1, -1, -1]);
  });
});

describe('turns', () => {
  it('about one axis alone are that axis times the angle', () => {
    for (const by of [-1, 0.3, 2]) expect(axisAngleOfRpy(0, by, 0)).toEqual([0, expect.closeTo(by, 12), 0]);
    expect(axisAngleOfRpy(0, 0, 0)).toEqual([0, 0, 0]);
    expect(axisAngleOfRpy(Number.NaN, 0, 0)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  it('are those of the frame rules: roll first, then pitch, then yaw, about axes that stay', () => {
    fc.assert(
      fc.property(angle, angle, angle, (roll, pitch, yaw) => {
        const none = { posM: [0, 0, 0], quat: [0, 0, 0, 1] } as const;
        const turn = (pose: typeof none, x: number, y: number, z: number) =>
          poseTarget('ee_align', pose, none, [0, 0, 0, x, y, z]) as typeof none;
        const oneByOne = turn(turn(turn(none, roll, 0, 0), 0, pitch, 0), 0, 0, yaw);
        const atOnce = turn(none, ...axisAngleOfRpy(roll, pitch, yaw));
        const dot = oneByOne.quat.reduce<number>((sum, part, at) => sum + part * atOnce.quat[at]!, 0);
        expect(Math.abs(dot)).toBeCloseTo(1, 9);
      }),
    );
  });

  it('without a turn, three of the four rules are one: only the tool has axes of its own', () => {
    const from = { posM: [0.3, 0.1, 0.2], quat: [0, 0, Math.SQRT1_2, Math.SQRT1_2] } as const;
    const ends = (['base', 'ee_align', 'ee_align2', 'ee'] as const).map(
      (rule) => poseTarget(rule, from, from, [0.1, 0, 0, 0, 0, 0]).posM,
    );
    for (const end of ends.slice(0, 3)) expect(end.map((part) => Number(part.toFixed(12)))).toEqual([0.4, 0.1, 0.2]);
    expect(ends[3]!.map((part) => Number(part.toFixed(12)))).toEqual([0.3, 0.2, 0.2]);
  });
});

describe('averages', () => {
  it('of predictions that agree are the prediction, whatever the temperature', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        angle,
        (horizon, temperature, value) => {
          const average = actionEnsemble({ horizon, temperature });
          for (let step = 0; step < 8; step++)
            expect(average.next(Array.from({ length: horizon }, () => [value]))[0]).toBeCloseTo(value, 12);
        },
      ),
    );
  });

  it('twin: of those that do not, the older count more above 0, the newer below', () => {
    const ends = [-1, 0, 1].map((temperature) => {
      const average = actionEnsemble({ horizon: 2, temperature });
      average.next([[0], [1]]);
      return average.next([[0], [0]])[0]!;
    });
    expect(ends[1]).toBe(0.5);
    expect(ends[0]).toBeLessThan(0.5);
    expect(ends[2]).toBeGreaterThan(0.5);
  });

  it('forget at a reset, and refuse chunks that are too short', () => {
    const average = actionEnsemble({ horizon: 2 });
    average.next([[1], [1]]);
    average.reset();
    expect(average.next([[0], [0]])).toEqual([0]);
    expect(codeOf(() => actionEnsemble({ horizon: 3 }).next([]))).toBe('decode/schema');
    const short = actionEnsemble({ horizon: 3 });
    short.next([[1]]);
    expect(codeOf(() => short.next([[1]]))).toBe('decode/schema');
    expect(codeOf(() => actionEnsemble({ horizon: 0 }))).toBe('config/invalid');
  });
});

it("Magma's server makes seven numbers of words, and refuses only what is shorter than they", () => {
  expect(magmaServerNumbers([791, 6661, 389, 279, 12585, 374, 366, 128_009]).normalized).toEqual(
    Array(7).fill(0.996078431372549),
  );
  expect(codeOf(() => magmaServerNumbers([1, 2]))).toBe('decode/token-count');
});

it('squares of a picture: never more than are allowed, and one at least', () => {
  const size = fc.integer({ min: 1, max: 10_000 });
  fc.assert(
    fc.property(size, size, fc.integer({ min: 1, max: 9 }), (width, height, maxCrops) => {
      const grid = anyresGrid(width, height, { basePx: 512, maxCrops });
      expect(grid.rows * grid.columns).toBeLessThanOrEqual(maxCrops);
      expect([grid.widthPx, grid.heightPx]).toEqual([grid.columns * 512, grid.rows * 512]);
    }),
  );
  expect(anyresGrid(1, 100_000)).toMatchObject({ rows: 1, columns: 1 });
  expect([magmaLabelTextPx(400, 300), magmaLabelTextPx(1920, 1080)]).toEqual([12, 30]);
});
