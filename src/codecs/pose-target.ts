/**
 * Where a delta leads, by the four conventions of SimplerEnv's arms (simpler-env/ManiSkill2_real2sim `ef7a4d4`, `pd_ee_pose.py`):
 * none of the two that are in use is the frame of the tool. Pure geometry; quaternions are `[x, y, z, w]`.
 */

export interface ToolPose {
  readonly posM: readonly [number, number, number];
  readonly quat: readonly [number, number, number, number];
}

/**
 * `base`: the delta moves everything about the origin of the base. `ee`: it is in the axes of the tool. `ee_align` (google robot):
 * base axes, about the tool. `ee_align2` (widowx): base axes, about the place where the tool is measured to be.
 */
export type PoseRule = 'base' | 'ee' | 'ee_align' | 'ee_align2';

/**
 * @param previous - the pose that the delta is applied to.
 * @param current - the measured pose; `ee_align2` alone looks at it.
 * @param delta - `[6]`: translation, m, and rotation vector, rad.
 */
export function poseTarget(rule: PoseRule, previous: ToolPose, current: ToolPose, delta: readonly number[]): ToolPose {
  const [dx, dy, dz, rx, ry, rz] = delta as [number, number, number, number, number, number];
  const by: ToolPose = { posM: [dx, dy, dz], quat: quaternionOf([rx, ry, rz]) };
  switch (rule) {
    case 'base':
      return after(by, previous);
    case 'ee':
      return after(previous, by);
    case 'ee_align':
      return { posM: plus(previous.posM, by.posM), quat: product(by.quat, previous.quat) };
    case 'ee_align2': {
      const about = current.posM;
      const from = previous.posM.map((part, at) => part - about[at]!) as unknown as Three;
      return {
        posM: plus(plus(about, by.posM), rotated(by.quat, from)),
        quat: product(by.quat, previous.quat),
      };
    }
  }
}

type Three = readonly [number, number, number];
type Four = readonly [number, number, number, number];

/** The pose `b`, given in the axes of `a`. */
const after = (a: ToolPose, b: ToolPose): ToolPose => ({
  posM: plus(a.posM, rotated(a.quat, b.posM)),
  quat: product(a.quat, b.quat),
});

const plus = (a: Three, b: Three): Three => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];

function quaternionOf(vector: Three): Four {
  const angle = Math.hypot(...vector);
  // As scipy: below this the quotient loses digits, and its series does not.
  const gain = angle <= 1e-3 ? 0.5 - angle ** 2 / 48 + angle ** 4 / 3840 : Math.sin(angle / 2) / angle;
  return [vector[0] * gain, vector[1] * gain, vector[2] * gain, Math.cos(angle / 2)];
}

function rotated([x, y, z, w]: Four, vector: Three): Three {
  const [vx, vy, vz] = vector;
  const [tx, ty, tz] = [2 * (y * vz - z * vy), 2 * (z * vx - x * vz), 2 * (x * vy - y * vx)];
  return [vx + w * tx + y * tz - z * ty, vy + w * ty + z * tx - x * tz, vz + w * tz + x * ty - y * tx];
}

const product = ([ax, ay, az, aw]: Four, [bx, by, bz, bw]: Four): Four => [
  aw * bx + ax * bw + ay * bz - az * by,
  aw * by - ax * bz + ay * bw + az * bx,
  aw * bz + ax * by - ay * bx + az * bw,
  aw * bw - ax * bx - ay * by - az * bz,
];
