/**
 * Poses as plots need them: a position and roll-pitch-yaw (extrinsic x-y-z) that do not jump where the rotation does not.
 * Pure; knows nothing of steps.
 */
import { rotationVectorOfRpy, rpyOfRotationVector, type Vec3 } from '../../gate/rotation.ts';

/** `[x, y, z, w]`. */
export type Quaternion = readonly [number, number, number, number];

/** A place and a rotation, in one frame of coordinates. */
export interface Pose {
  readonly pM: Vec3;
  readonly qXyzw: Quaternion;
}

/** Distance of pitch from +-90 degrees below which roll and yaw turn about one axis, rad. Chosen: 0.06 degrees, less than is drawn. */
const LOCK_RAD = 1e-3;

function rotationVectorOf([x, y, z, w]: Quaternion): Vec3 {
  const norm = Math.hypot(x, y, z);
  // The shorter way round; where the vector part is lost in rounding there is no rotation.
  const gain = norm < 1e-12 ? 0 : (2 * Math.atan2(norm, Math.abs(w)) * (w < 0 ? -1 : 1)) / norm;
  return [x * gain, y * gain, z * gain];
}

function quaternionOf(rpyRad: Vec3): Quaternion {
  const vector = rotationVectorOfRpy(rpyRad);
  const angle = Math.hypot(...vector);
  const gain = angle < 1e-12 ? 0.5 : Math.sin(angle / 2) / angle;
  return [vector[0] * gain, vector[1] * gain, vector[2] * gain, Math.cos(angle / 2)];
}

/** The rotation `b` followed by `a`, both about the axes of the one frame. */
function product([ax, ay, az, aw]: Quaternion, [bx, by, bz, bw]: Quaternion): Quaternion {
  return [
    aw * bx + ax * bw + ay * bz - az * by,
    aw * by - ax * bz + ay * bw + az * bx,
    aw * bz + ax * by - ay * bx + az * bw,
    aw * bw - ax * bx - ay * by - az * bz,
  ];
}

/** The pose after a delta along and about the axes of its frame. */
export const moved = ({ pM, qXyzw }: Pose, dPosM: Vec3, dRpyRad: Vec3): Pose => ({
  pM: [pM[0] + dPosM[0], pM[1] + dPosM[1], pM[2] + dPosM[2]],
  qXyzw: product(quaternionOf(dRpyRad), qXyzw),
});

/**
 * Roll-pitch-yaw of a rotation, rad: of all triples that say the same, one close to `reference`, so that plots do not jump.
 * Without one, roll and yaw in -pi..pi, pitch in -pi/2..pi/2.
 */
export function rpyNear(qXyzw: Quaternion, reference: Vec3 | undefined): Vec3 {
  const [roll, pitch, yaw] = rpyOfRotationVector(rotationVectorOf(qXyzw));
  if (!reference) return [roll, pitch, yaw];
  if (Math.PI / 2 - Math.abs(pitch) < LOCK_RAD) {
    // Only the sum or the difference of roll and yaw means something here: roll stays, yaw takes the turn.
    const sign = Math.sign(pitch);
    return [reference[0], pitch, near(yaw + sign * (reference[0] - roll), reference[2])];
  }
  const triples: readonly Vec3[] = [
    [roll, pitch, yaw],
    [roll + Math.PI, Math.PI - pitch, yaw + Math.PI],
  ];
  const [one, other] = triples.map((rpy) => rpy.map((angle, axis) => near(angle, reference[axis]!)) as unknown as Vec3);
  return far(one!, reference) <= far(other!, reference) ? one! : other!;
}

/** The same angle, less than half a turn from `reference`. */
const near = (angle: number, reference: number): number =>
  angle + 2 * Math.PI * Math.round((reference - angle) / (2 * Math.PI));
const far = (rpy: Vec3, reference: Vec3): number =>
  rpy.reduce((sum, angle, axis) => sum + Math.abs(angle - reference[axis]!), 0);
