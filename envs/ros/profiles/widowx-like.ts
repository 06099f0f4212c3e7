/**
 * The interface of a WidowX 250 S behind ros2_control (ROS 2): joint trajectories of one point for arm and hand, joint states, and no pose
 * of its tool, which comes by the chain. Names of joints: interbotix_xsarm_descriptions, `wx250s.urdf.xacro`. The links are those of the
 * simulated arm (`simulated.ts`): for a real WidowX they have to be those of its URDF.
 */
import { defineRosRobot } from '../profile.ts';
import { SIMULATED_HOME, simulated, simulatedChain } from './simulated.ts';

const JOINTS = ['waist', 'shoulder', 'elbow', 'forearm_roll', 'wrist_angle', 'wrist_rotate'] as const;

export const widowxLike = defineRosRobot({
  ros: 2,
  robot: simulated('widowx-like', [...JOINTS]),
  watchdogMs: 250,
  // A joint trajectory controller refuses what has ended by its stamp.
  maxCommandAgeMs: 100,
  command: { kind: 'joint-trajectory', topic: '/arm_controller/joint_trajectory', aheadMs: 60 },
  gripper: {
    ...{ kind: 'topic', topic: '/gripper_controller/joint_trajectory', type: 'trajectory_msgs/JointTrajectory' },
    // Of one finger, m.
    ...{ joint: 'left_finger', closed: 0.015, open: 0.037 },
  },
  joints: {
    ...{ topic: '/joint_states', maxSilenceMs: 300 },
    ...{ gripperJoint: 'left_finger', gripperClosed: 0.015, gripperOpen: 0.037 },
  },
  tcp: { kind: 'chain', joints: simulatedChain(JOINTS) },
  cameras: [
    {
      ...{ name: 'third', topic: '/camera/color/image_raw/compressed', kind: 'compressed', minHz: 5 },
      ...{ widthPx: 224, heightPx: 224 },
    },
  ],
  eStop: { topic: '/e_stop', stopsWhen: true, maxSilenceMs: 1000 },
  home: SIMULATED_HOME,
  start: [],
});
