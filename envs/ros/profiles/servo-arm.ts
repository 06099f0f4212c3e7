/**
 * An arm behind MoveIt Servo (ROS 2): told the velocity of its tool by stamped twists, dropped by it when they are older than 0.1 s.
 * Names and frames are those of the simulated arm, which `pumice ros-sim` shows in the place of one.
 */
import { defineRosRobot } from '../profile.ts';
import { simulated } from './simulated.ts';

export const servoArm = defineRosRobot({
  ros: 2,
  robot: simulated('servo-arm', ['shoulder-yaw', 'shoulder', 'elbow', 'forearm', 'wrist', 'hand']),
  watchdogMs: 250,
  // `incoming_command_timeout` of MoveIt Servo.
  maxCommandAgeMs: 100,
  command: {
    kind: 'twist',
    topic: '/servo_node/delta_twist_cmds',
    frameId: 'base',
    // The defaults of MoveIt Servo: shares of 0.4 m/s and 0.8 rad/s.
    ...{ units: 'unitless', linearScaleMPerS: 0.4, rotationalScaleRadPerS: 0.8 },
    gainPerS: 8,
  },
  gripper: {
    ...{ kind: 'topic', topic: '/gripper/command', type: 'std_msgs/Float64', joint: 'finger', closed: 0, open: 1 },
    acceptUnstamped: 'told again every 20 ms, and it goes to the newest: an old one is overtaken at once',
  },
  joints: { topic: '/joint_states', maxSilenceMs: 300, gripperJoint: 'finger', gripperClosed: 0, gripperOpen: 0.04 },
  tcp: { kind: 'pose-topic', topic: '/tool_pose' },
  cameras: [
    { name: 'third', topic: '/cameras/third/compressed', kind: 'compressed', widthPx: 224, heightPx: 224, minHz: 5 },
  ],
  eStop: { topic: '/e_stop', stopsWhen: true, maxSilenceMs: 1000 },
  diagnosticsTopic: '/diagnostics',
  // The hand points down, over the middle of the place of work.
  home: { pM: [0.45, 0, 0.2], qXyzw: [1, 0, 0, 0], gripperOpen: 1 },
  start: [],
});
