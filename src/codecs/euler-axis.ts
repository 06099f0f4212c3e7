/**
 * Roll, pitch, yaw to axis times angle as transforms3d 0.4.2 does it (`euler2axangle`, axes `sxyz`), which the robots of SimplerEnv
 * take. In the same order of operations, so that small angles lose the same digits.
 */

/** Below this much of an axis, squared, there is no rotation. */
const IDENTITY = (2.220446049250313e-16 * 3) ** 2;

/** `[x, y, z]`, rad: the axis times an angle of 0 to 2 pi. */
export function axisAngleOfRpy(roll: number, pitch: number, yaw: number): [number, number, number] {
  const [ci, si] = [Math.cos(roll / 2), Math.sin(roll / 2)];
  const [cj, sj] = [Math.cos(pitch / 2), Math.sin(pitch / 2)];
  const [ck, sk] = [Math.cos(yaw / 2), Math.sin(yaw / 2)];
  const [cc, cs, sc, ss] = [ci * ck, ci * sk, si * ck, si * sk];
  const quaternion = [cj * cc + sj * ss, cj * sc - sj * cs, cj * ss + sj * cc, cj * cs - sj * sc];
  const square = quaternion.reduce((sum, part) => sum + part * part, 0);
  const length = square === 1 ? 1 : Math.sqrt(square);
  const [w, x, y, z] = quaternion.map((part) => part / length) as [number, number, number, number];
  const axis = x * x + y * y + z * z;
  if (axis < IDENTITY) return [0, 0, 0];
  const angle = 2 * Math.acos(Math.max(Math.min(w, 1), -1));
  const size = Math.sqrt(axis);
  return [(x / size) * angle, (y / size) * angle, (z / size) * angle];
}
