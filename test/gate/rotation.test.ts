import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { angleOfRpy, rotationVectorOfRpy, rpyOfRotationVector, type Vec3 } from '../../src/gate/rotation.ts';

/** Rotation matrix of roll, pitch, yaw about the fixed axes x, y, z, as the product of three: shares no code with the source. */
function matrixOfRpy([roll, pitch, yaw]: Vec3): number[][] {
  const [cr, sr] = [Math.cos(roll), Math.sin(roll)];
  const [cp, sp] = [Math.cos(pitch), Math.sin(pitch)];
  const [cy, sy] = [Math.cos(yaw), Math.sin(yaw)];
  const x = [
    [1, 0, 0],
    [0, cr, -sr],
    [0, sr, cr],
  ];
  const y = [
    [cp, 0, sp],
    [0, 1, 0],
    [-sp, 0, cp],
  ];
  const z = [
    [cy, -sy, 0],
    [sy, cy, 0],
    [0, 0, 1],
  ];
  return times(z, times(y, x));
}

/** Rotation matrix of an axis times angle by Rodrigues' formula. */
function matrixOfVector(vector: Vec3): number[][] {
  const angle = Math.hypot(...vector);
  if (angle === 0)
    return [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ];
  const [x, y, z] = vector.map((part) => part / angle) as [number, number, number];
  const k = [
    [0, -z, y],
    [z, 0, -x],
    [-y, x, 0],
  ];
  const kk = times(k, k);
  const [s, c] = [Math.sin(angle), 2 * Math.sin(angle / 2) ** 2];
  return k.map((row, i) => row.map((part, j) => (i === j ? 1 : 0) + s * part + c * kk[i]![j]!));
}

const times = (a: number[][], b: number[][]): number[][] =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, part, k) => sum + part * b[k]![j]!, 0)));
const distance = (a: number[][], b: number[][]): number =>
  Math.max(...a.flatMap((row, i) => row.map((part, j) => Math.abs(part - b[i]![j]!))));

const part = (max: number) =>
  fc.oneof(
    fc.double({ min: -max, max, noNaN: true }),
    fc.constantFrom(0, -0, max, -max, max / 2, -max / 2, 1e-9, 1e-12, 1e-300, max - 1e-9, max / 2 - 1e-7),
  );
const anyRpy = fc.tuple(part(Math.PI), part(Math.PI / 2), part(Math.PI));
/** Pitch so close to a right angle that roll and yaw run together. */
const gimbalRpy = fc.tuple(
  part(Math.PI),
  fc
    .tuple(fc.constantFrom(-1, 1), fc.constantFrom(0, 1e-16, 1e-12, 1e-9, 1e-7, 1e-6, 1e-4))
    .map(([sign, gap]) => sign * (Math.PI / 2 - gap)),
  part(Math.PI),
);
const anyVector = fc
  .tuple(part(1), part(1), part(1), part(Math.PI))
  .filter(([x, y, z]) => Math.hypot(x, y, z) > 1e-3)
  .map(([x, y, z, angle]): Vec3 => {
    const gain = Math.abs(angle) / Math.hypot(x, y, z);
    return [x * gain, y * gain, z * gain];
  });

describe('a rotation', () => {
  test.each<[string, Vec3, Vec3]>([
    ['no turn', [0, 0, 0], [0, 0, 0]],
    ['roll', [0.3, 0, 0], [0.3, 0, 0]],
    ['pitch', [0, -0.3, 0], [0, -0.3, 0]],
    ['yaw', [0, 0, 0.3], [0, 0, 0.3]],
    [
      'roll first, then yaw about the fixed axis',
      [Math.PI / 2, 0, Math.PI / 2],
      [1, 1, 1].map((one) => (one * 2 * Math.PI) / 3 / Math.sqrt(3)) as never,
    ],
    ['half a turn', [Math.PI, 0, 0], [Math.PI, 0, 0]],
  ])('of %s is known', (_name, rpy, vector) => {
    for (const [i, expected] of vector.entries()) {
      expect(rotationVectorOfRpy(rpy)[i]).toBeCloseTo(expected, 14);
      expect(rpyOfRotationVector(vector)[i]).toBeCloseTo(rpy[i]!, 14);
    }
  });

  it('stays the same from roll, pitch, yaw to a vector', () => {
    fc.assert(
      fc.property(fc.oneof(anyRpy, gimbalRpy), (rpy) => {
        expect(distance(matrixOfVector(rotationVectorOfRpy(rpy)), matrixOfRpy(rpy))).toBeLessThan(1e-14);
      }),
      { numRuns: 1000 },
    );
  });

  it('stays the same from a vector to roll, pitch, yaw', () => {
    fc.assert(
      fc.property(anyVector, (vector) => {
        expect(distance(matrixOfRpy(rpyOfRotationVector(vector)), matrixOfVector(vector))).toBeLessThan(1e-14);
      }),
      { numRuns: 1000 },
    );
  });

  it('stays the same around, also where roll and yaw run together', () => {
    fc.assert(
      fc.property(fc.oneof(anyRpy, gimbalRpy), (rpy) => {
        const around = rpyOfRotationVector(rotationVectorOfRpy(rpy));
        expect(distance(matrixOfRpy(around), matrixOfRpy(rpy))).toBeLessThan(1e-14);
        expect(Math.abs(around[1])).toBeLessThanOrEqual(Math.PI / 2);
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps its three numbers around, away from there', () => {
    fc.assert(
      fc.property(anyRpy, (rpy) => {
        fc.pre(Math.abs(rpy[1]) < 1.5 && Math.abs(rpy[0]) < 3.1 && Math.abs(rpy[2]) < 3.1);
        const around = rpyOfRotationVector(rotationVectorOfRpy(rpy));
        for (const i of [0, 1, 2] as const) expect(around[i]).toBeCloseTo(rpy[i], 12);
      }),
    );
  });

  it('keeps a small angle to the last few digits, however small', () => {
    for (const angle of [0.1, 1e-3, 1e-8, 1e-9, 0.99e-9, 1e-10, 1e-100, 1e-300]) {
      expect(angleOfRpy([0, 0, angle]) / angle).toBeCloseTo(1, 12);
      expect(angleOfRpy([angle, angle, angle]) / angle / Math.sqrt(3)).toBeCloseTo(1, 1);
      const [roll, pitch, yaw] = rpyOfRotationVector([angle * 0.6, 0, angle * 0.8]);
      expect(roll / angle).toBeCloseTo(0.6, 1);
      expect(Math.abs(pitch / angle)).toBeLessThan(0.1);
      expect(yaw / angle).toBeCloseTo(0.8, 1);
      expect(angleOfRpy([roll, pitch, yaw]) / angle).toBeCloseTo(1, 12);
    }
  });

  it('has an angle between nothing and half a turn, the same backwards', () => {
    fc.assert(
      fc.property(fc.tuple(part(10), part(10), part(10)), (rpy) => {
        const angle = angleOfRpy(rpy);
        expect(angle).toBeGreaterThanOrEqual(0);
        expect(angle).toBeLessThanOrEqual(Math.PI * (1 + 1e-15));
        const vector = rotationVectorOfRpy(rpy);
        const back = rpyOfRotationVector([-vector[0], -vector[1], -vector[2]]);
        expect(angleOfRpy(back)).toBeCloseTo(angle, 12);
      }),
    );
  });

  it('is as large as its smaller way around: one and a half turns are half a turn', () => {
    expect(angleOfRpy([0, 0, 1.5 * Math.PI])).toBeCloseTo(Math.PI / 2, 14);
    expect(rotationVectorOfRpy([0, 0, 1.5 * Math.PI])[2]).toBeCloseTo(-Math.PI / 2, 14);
    expect(angleOfRpy([2 * Math.PI, 0, 0])).toBeCloseTo(0, 14);
  });

  it('of what is no number is no number', () => {
    expect(angleOfRpy([Number.NaN, 0, 0])).toBeNaN();
    expect(angleOfRpy([0, Number.POSITIVE_INFINITY, 0])).toBeNaN();
  });
});
