/**
 * The scene in MJCF, of primitives alone: a table, a 6-DoF arm with a spherical wrist and a parallel gripper, blocks and plates.
 * No weld, mocap body or applied force: whatever is lifted is lifted by the friction of the fingers.
 * Base frame `base`: at the foot of the arm on the table top, x forward, y left, z up.
 */

export const COLOURS = ['red', 'green', 'blue', 'yellow'] as const;
export type Colour = (typeof COLOURS)[number];
/** How the colours look, before the jitter of a layout. */
export const RGB: Readonly<Record<Colour, readonly [number, number, number]>> = {
  red: [0.82, 0.12, 0.1],
  green: [0.12, 0.6, 0.16],
  blue: [0.12, 0.25, 0.85],
  yellow: [0.92, 0.78, 0.1],
};

export const BLOCKS = 3;
export const PLATES = 2;
/** Half the edge of a block, m. */
export const BLOCK_HALF_M = 0.02;
export const PLATE_RADIUS_M = 0.055;
export const PLATE_HALF_HEIGHT_M = 0.003;

/** Step of the physics, s. Chosen: the stiff finger pads need it short, 50 steps make one control period. */
const TIMESTEP_S = 0.004;
/** Rate of control, Hz: that of BridgeData. */
export const CONTROL_HZ = 5;
export const STEPS_PER_ACTION = Math.round(1 / CONTROL_HZ / TIMESTEP_S);

export const JOINTS = ['shoulder-yaw', 'shoulder', 'elbow', 'forearm', 'wrist', 'hand'] as const;
export const FINGERS = ['left-finger', 'right-finger'] as const;
/** How far one finger opens, m. */
export const FINGER_STROKE_M = 0.04;

export const blockName = (index: number): string => `block-${index}`;
export const plateName = (index: number): string => `plate-${index}`;

const numbers = (length: number) => Array.from({ length }, (_, at) => at);

const block = (index: number) => `
    <body name="${blockName(index)}" pos="0.4 ${index / 10} ${BLOCK_HALF_M}">
      <freejoint name="${blockName(index)}"/>
      <geom name="${blockName(index)}" type="box" size="${BLOCK_HALF_M} ${BLOCK_HALF_M} ${BLOCK_HALF_M}" mass="0.05" friction="1 0.02 0.001"/>
    </body>`;

const plate = (index: number) => `
    <body name="${plateName(index)}" pos="0.5 ${index / 10} ${PLATE_HALF_HEIGHT_M}">
      <geom name="${plateName(index)}" type="cylinder" size="${PLATE_RADIUS_M} ${PLATE_HALF_HEIGHT_M}"/>
    </body>`;

const finger = (name: string, side: 1 | -1) => `
              <body name="${name}" gravcomp="1" pos="0 0 0.014">
                <joint name="${name}" type="slide" axis="0 ${side} 0" range="0 ${FINGER_STROKE_M}" damping="5" armature="0.02"/>
                <geom name="${name}" class="pad" type="box" size="0.014 0.005 0.043" pos="0 ${0.005 * side} 0.043"/>
              </body>`;

const servo = (joint: string, gains = '') => `
    <position joint="${joint}" ${gains}/>`;

/**
 * The model. The tool frame is turned by half a turn about its axis, so that "fingers down, yaw 0" lies in the middle of the range of
 * the last joint: without it, half of all yaws cannot be reached.
 */
export const SCENE_MJCF = `
<mujoco model="table-top">
  <compiler angle="radian" autolimits="true"/>
  <option timestep="${TIMESTEP_S}" integrator="implicitfast" cone="elliptic" impratio="10" noslip_iterations="2"/>
  <default>
    <joint damping="2" armature="0.05"/>
    <geom condim="4" friction="1 0.01 0.001"/>
    <position kp="1500" kv="80"/>
    <default class="link"><geom contype="0" conaffinity="0" rgba="0.75 0.75 0.78 1"/></default>
    <default class="pad"><geom friction="2 0.05 0.001" solref="0.01 1" rgba="0.2 0.2 0.22 1" mass="0.04"/></default>
  </default>
  <worldbody>
    <geom name="table" type="box" size="0.5 0.5 0.02" pos="0.35 0 -0.02" rgba="0.55 0.42 0.3 1"/>
    <geom class="link" type="cylinder" size="0.075 0.06" pos="0 0 0.06" rgba="0.25 0.25 0.28 1"/>
    <body name="shoulder-yaw" gravcomp="1" pos="0 0 0.12">
      <joint name="shoulder-yaw" axis="0 0 1" range="-2.9 2.9"/>
      <geom class="link" type="capsule" size="0.05" fromto="0 0 0 0 0 0.16" mass="2"/>
      <body name="upper-arm" gravcomp="1" pos="0 0 0.2">
        <joint name="shoulder" axis="0 1 0" range="-1.9 1.9"/>
        <geom class="link" type="capsule" size="0.042" fromto="0 0 0 0 0 0.34" mass="1.5" rgba="0.85 0.55 0.2 1"/>
        <body name="forearm" gravcomp="1" pos="0 0 0.34">
          <joint name="elbow" axis="0 1 0" range="-0.3 2.9"/>
          <geom class="link" type="capsule" size="0.036" fromto="0 0 0 0 0 0.26" mass="1"/>
          <body name="wrist-roll" gravcomp="1" pos="0 0 0.3">
            <joint name="forearm" axis="0 0 1" range="-2.9 2.9"/>
            <geom class="link" type="capsule" size="0.03" fromto="0 0 0 0 0 0.03" mass="0.4" rgba="0.85 0.55 0.2 1"/>
            <body name="wrist" gravcomp="1" pos="0 0 0.04">
              <joint name="wrist" axis="0 1 0" range="-0.6 3.4"/>
              <geom class="link" type="capsule" size="0.026" fromto="0 0 0 0 0 0.05" mass="0.4"/>
              <body name="hand" gravcomp="1" pos="0 0 0.08">
                <joint name="hand" axis="0 0 1" range="-2.9 2.9"/>
                <geom name="hand" type="box" size="0.02 0.052 0.014" mass="0.3" rgba="0.2 0.2 0.22 1"/>
                <site name="tcp" pos="0 0 0.085" euler="0 0 3.14159265359"/>${finger('left-finger', 1)}${finger('right-finger', -1)}
              </body>
            </body>
          </body>
        </body>
      </body>
    </body>${numbers(BLOCKS).map(block).join('')}${numbers(PLATES).map(plate).join('')}
  </worldbody>
  <equality><joint joint1="left-finger" joint2="right-finger" solref="0.008 1"/></equality>
  <actuator>${JOINTS.slice(0, 3)
    .map((joint) => servo(joint))
    .join('')}${JOINTS.slice(3)
    .map((joint) => servo(joint, 'kp="300" kv="15"'))
    .join('')}${FINGERS.map((joint) => servo(joint, 'kp="800" kv="20" forcerange="-15 15"')).join('')}
  </actuator>
</mujoco>`;
