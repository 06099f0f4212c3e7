/**
 * The interface of a Franka Panda with seven joints under a Cartesian impedance controller (ROS 2): told poses, says its pose, and its hand
 * takes positions of its fingers. Names: franka_description, franka_robot_state_broadcaster, serl_franka_controllers. The limits are those
 * of the simulated arm, which has six joints: the third of the seven stays at zero.
 */
import { defineRosRobot } from '../profile.ts';
import { SIMULATED_HOME, simulated } from './simulated.ts';

export const pandaLike = defineRosRobot({
  ros: 2,
  robot: simulated(
    'panda-like',
    [1, 2, 3, 4, 5, 6, 7].map((number) => `panda_joint${number}`),
  ),
  watchdogMs: 250,
  maxCommandAgeMs: 100,
  command: { kind: 'pose', topic: '/cartesian_impedance_controller/equilibrium_pose', frameId: 'panda_link0' },
  gripper: {
    ...{ kind: 'topic', topic: '/gripper_controller/commands', type: 'std_msgs/Float64MultiArray' },
    ...{ joint: 'panda_finger_joint1', closed: 0, open: 0.04 },
    acceptUnstamped: 'told again every 20 ms, and it goes to the newest: an old one is overtaken at once',
  },
  joints: {
    ...{ topic: '/joint_states', maxSilenceMs: 300 },
    ...{ gripperJoint: 'panda_finger_joint1', gripperClosed: 0, gripperOpen: 0.04 },
  },
  tcp: { kind: 'pose-topic', topic: '/franka_robot_state_broadcaster/current_pose', frameId: 'panda_link0' },
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
