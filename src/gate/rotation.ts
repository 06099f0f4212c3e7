/**
 * Rotations: roll-pitch-yaw (extrinsic x-y-z, REP-103) to and from a rotation vector (axis times angle, rad). Pure.
 * A rotation is limited by its angle, which no single one of its three roll-pitch-yaw numbers shows.
 */
export type Vec3 = readonly [number, number, number];

/** Axis times angle of a roll-pitch-yaw rotation; the angle is in 0..pi. */
export function rotationVectorOfRpy([roll, pitch, yaw]: Vec3): Vec3 {
  const [cr, sr] = [Math.cos(roll / 2), Math.sin(roll / 2)];
  const [cp, sp] = [Math.cos(pitch / 2), Math.sin(pitch / 2)];
  const [cy, sy] = [Math.cos(yaw / 2), Math.sin(yaw / 2)];
  const w = cr * cp * cy + sr * sp * sy;
  const sign = w < 0 ? -1 : 1;
  const v: Vec3 = [
    sign * (sr * cp * cy - cr * sp * sy),
    sign * (cr * sp * cy + sr * cp * sy),
    sign * (cr * cp * sy - sr * sp * cy),
  ];
  const norm = Math.hypot(...v);
  // Below this the quotient is lost in rounding, and sin(a/2) = a/2 to double precision.
  const gain = norm < 1e-9 ? 2 : (2 * Math.atan2(norm, sign * w)) / norm;
  return [v[0] * gain, v[1] * gain, v[2] * gain];
}

/** Roll-pitch-yaw of a rotation vector. At pitch = +-pi/2 roll and yaw are one number; yaw is then 0. */
export function rpyOfRotationVector(vector: Vec3): [number, number, number] {
  const angle = Math.hypot(...vector);
  const gain = angle < 1e-9 ? 0.5 : Math.sin(angle / 2) / angle;
  const w = Math.cos(angle / 2);
  const [x, y, z] = [vector[0] * gain, vector[1] * gain, vector[2] * gain];
  const sinPitch = Math.max(-1, Math.min(1, 2 * (w * y - z * x)));
  if (Math.abs(sinPitch) > 1 - 1e-12) return [2 * Math.atan2(x, w), (Math.sign(sinPitch) * Math.PI) / 2, 0];
  return [
    Math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y)),
    Math.asin(sinPitch),
    Math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)),
  ];
}

/** The angle of a roll-pitch-yaw rotation, rad, 0..pi. */
export const angleOfRpy = (rpy: Vec3): number => Math.hypot(...rotationVectorOfRpy(rpy));
