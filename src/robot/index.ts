/** Robot profiles. */
export { defineRobot, type RobotProfile } from './profile.ts';
