/**
 * Rotations: roll-pitch-yaw (extrinsic x-y-z, REP-103) to and from a rotation vector (axis times angle, rad). Pure.
 * A rotation is limited by its angle, which no single one of its three roll-pitch-yaw numbers shows.
 */
export type Vec3 = readonly [number, number, number];

/** `[x, y, z, w]`, of length 1. */
export type Quaternion = readonly [number, number, number, number];

/** Axis times angle of a roll-pitch-yaw rotation; the angle is in 0..pi. */
export function rotationVectorOfRpy([roll, pitch, yaw]: Vec3): Vec3 {
  const [cr, sr] = [Math.cos(roll / 2), Math.sin(roll / 2)];
  const [cp, sp] = [Math.cos(pitch / 2), Math.sin(pitch / 2)];
  const [cy, sy] = [Math.cos(yaw / 2), Math.sin(yaw / 2)];
  return rotationVectorOf([
    sr * cp * cy - cr * sp * sy,
    cr * sp * cy + sr * cp * sy,
    cr * cp * sy - sr * sp * cy,
    cr * cp * cy + sr * sp * sy,
  ]);
}

/** Axis times angle of a quaternion; the angle is in 0..pi. */
function rotationVectorOf([x, y, z, w]: Quaternion): Vec3 {
  const sign = w < 0 ? -1 : 1;
  const norm = Math.hypot(x, y, z);
  // Below this the quotient is lost in rounding, and sin(a/2) = a/2 to double precision.
  const gain = sign * (norm < 1e-9 ? 2 : (2 * Math.atan2(norm, sign * w)) / norm);
  return [x * gain, y * gain, z * gain];
}

/** The shortest turn that leads from one orientation to another, about the axes of the frame that both are given in. */
export const turnBetween = ([x, y, z, w]: Quaternion, to: Quaternion): Vec3 =>
  rotationVectorOf(product(to, [-x, -y, -z, w]));

/** An orientation, turned about the axes of the frame that it is given in. */
export function turned(orientation: Quaternion, turn: Vec3): [number, number, number, number] {
  const angle = Math.hypot(...turn);
  const gain = angle < 1e-9 ? 0.5 : Math.sin(angle / 2) / angle;
  return product([turn[0] * gain, turn[1] * gain, turn[2] * gain, Math.cos(angle / 2)], orientation);
}

const product = ([ax, ay, az, aw]: Quaternion, [bx, by, bz, bw]: Quaternion): [number, number, number, number] => [
  aw * bx + ax * bw + ay * bz - az * by,
  aw * by - ax * bz + ay * bw + az * bx,
  aw * bz + ax * by - ay * bx + az * bw,
  aw * bw - ax * bx - ay * by - az * bz,
];

/**
 * Roll-pitch-yaw of a rotation vector: roll and yaw in -pi..pi, pitch in -pi/2..pi/2.
 * Yaw is read after roll is taken out again, so that the three make up the same rotation also near pitch = +-pi/2,
 * where roll alone is lost in rounding.
 */
export function rpyOfRotationVector(vector: Vec3): [number, number, number] {
  const angle = Math.hypot(...vector);
  const gain = angle < 1e-9 ? 0.5 : Math.sin(angle / 2) / angle;
  const w = Math.cos(angle / 2);
  const [x, y, z] = [vector[0] * gain, vector[1] * gain, vector[2] * gain];
  // Entries of the rotation matrix, row and column counted from 0.
  const [m00, m01, m02] = [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)];
  const [m10, m11, m12] = [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)];
  const [m20, m21, m22] = [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)];
  const roll = Math.atan2(m21, m22);
  const [c, s] = [Math.cos(roll), Math.sin(roll)];
  return [roll, Math.atan2(-m20, Math.hypot(m00, m10)), Math.atan2(s * m02 - c * m01, c * m11 - s * m12)];
}

/** The angle of a roll-pitch-yaw rotation, rad, 0..pi. */
export const angleOfRpy = (rpy: Vec3): number => Math.hypot(...rotationVectorOfRpy(rpy));
