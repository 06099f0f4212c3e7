/** Rotations as row-major 3x3 matrices, for kinematics. Roll-pitch-yaw is extrinsic x-y-z; quaternions are `[x, y, z, w]`. */
import { rotationVectorOfRpy, rpyOfRotationVector, type Vec3 } from '../../src/gate/rotation.ts';

export type { Vec3 } from '../../src/gate/rotation.ts';
export type Rotation = readonly number[];

export const IDENTITY: Rotation = [1, 0, 0, 0, 1, 0, 0, 0, 1];

export function multiply(a: Rotation, b: Rotation): number[] {
  const product = new Array<number>(9);
  for (let row = 0; row < 3; row++)
    for (let column = 0; column < 3; column++)
      product[3 * row + column] =
        a[3 * row]! * b[column]! + a[3 * row + 1]! * b[3 + column]! + a[3 * row + 2]! * b[6 + column]!;
  return product;
}

export const transpose = (r: Rotation): number[] => [r[0]!, r[3]!, r[6]!, r[1]!, r[4]!, r[7]!, r[2]!, r[5]!, r[8]!];

export const apply = (r: Rotation, [x, y, z]: readonly number[]): [number, number, number] => [
  r[0]! * x! + r[1]! * y! + r[2]! * z!,
  r[3]! * x! + r[4]! * y! + r[5]! * z!,
  r[6]! * x! + r[7]! * y! + r[8]! * z!,
];

/** Rotation about an axis by the length of the vector, rad. */
export function ofVector([x, y, z]: Vec3): number[] {
  const angle = Math.sqrt(x * x + y * y + z * z);
  if (angle < 1e-9) return [...IDENTITY];
  const [a, b, c] = [x / angle, y / angle, z / angle];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const rest = 1 - cos;
  return [
    rest * a * a + cos,
    rest * a * b - sin * c,
    rest * a * c + sin * b,
    rest * a * b + sin * c,
    rest * b * b + cos,
    rest * b * c - sin * a,
    rest * a * c - sin * b,
    rest * b * c + sin * a,
    rest * c * c + cos,
  ];
}

/** Axis times angle, rad; the angle is in 0..pi. */
export function toVector(r: Rotation): [number, number, number] {
  const cos = Math.max(-1, Math.min(1, (r[0]! + r[4]! + r[8]! - 1) / 2));
  const angle = Math.acos(cos);
  const gain = angle < 1e-6 ? 0.5 : angle / (2 * Math.sin(angle));
  return [(r[7]! - r[5]!) * gain, (r[2]! - r[6]!) * gain, (r[3]! - r[1]!) * gain];
}

export const ofRpy = (rpy: Vec3): number[] => ofVector(rotationVectorOfRpy(rpy));
export const toRpy = (r: Rotation): [number, number, number] => rpyOfRotationVector(toVector(r));

export function ofQuaternion([x, y, z, w]: readonly number[]): number[] {
  const [i, j, k, s] = [x!, y!, z!, w!];
  return [
    1 - 2 * (j * j + k * k),
    2 * (i * j - s * k),
    2 * (i * k + s * j),
    2 * (i * j + s * k),
    1 - 2 * (i * i + k * k),
    2 * (j * k - s * i),
    2 * (i * k - s * j),
    2 * (j * k + s * i),
    1 - 2 * (i * i + j * j),
  ];
}

/** The quaternion with `w >= 0`. */
export function toQuaternion(r: Rotation): [number, number, number, number] {
  const [m00, m01, m02, m10, m11, m12, m20, m21, m22] = r as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  // The largest of the four is found first, so that nothing is divided by almost zero.
  const squares = [1 + m00 - m11 - m22, 1 - m00 + m11 - m22, 1 - m00 - m11 + m22, 1 + m00 + m11 + m22];
  const largest = squares.indexOf(Math.max(...squares));
  const double = Math.sqrt(squares[largest]!);
  const half = 0.5 / double;
  const [x, y, z, w] = [
    [double / 2, (m01 + m10) * half, (m02 + m20) * half, (m21 - m12) * half],
    [(m01 + m10) * half, double / 2, (m12 + m21) * half, (m02 - m20) * half],
    [(m02 + m20) * half, (m12 + m21) * half, double / 2, (m10 - m01) * half],
    [(m21 - m12) * half, (m02 - m20) * half, (m10 - m01) * half, double / 2],
  ][largest] as [number, number, number, number];
  return w < 0 ? [-x, -y, -z, -w] : [x, y, z, w];
}

/** The nearest proper rotation, by Gram-Schmidt: keeps rounding from growing over many products. */
export function orthonormal(r: Rotation): number[] {
  const unit = (v: readonly number[]) => {
    const length = Math.sqrt(v[0]! * v[0]! + v[1]! * v[1]! + v[2]! * v[2]!);
    return v.map((value) => value / length);
  };
  const x = unit([r[0]!, r[3]!, r[6]!]);
  const y0 = [r[1]!, r[4]!, r[7]!];
  const along = x[0]! * y0[0]! + x[1]! * y0[1]! + x[2]! * y0[2]!;
  const y = unit(y0.map((value, at) => value - along * x[at]!));
  const z = [x[1]! * y[2]! - x[2]! * y[1]!, x[2]! * y[0]! - x[0]! * y[2]!, x[0]! * y[1]! - x[1]! * y[0]!];
  return [x[0]!, y[0]!, z[0]!, x[1]!, y[1]!, z[1]!, x[2]!, y[2]!, z[2]!];
}

/** Fingers straight down, turned about the vertical. */
export const downwards = (yawRad: number): number[] =>
  multiply(ofVector([0, 0, yawRad]), [1, 0, 0, 0, -1, 0, 0, 0, -1]);
export const yawOf = (r: Rotation): number => Math.atan2(r[3]!, r[0]!);
