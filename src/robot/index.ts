/** Robot profiles, and what moves a body in real time: its driver, and the boxes and messages that its threads share. */
export { createBox, createStopWord, openBox, openStopWord } from './boxes.ts';
export {
  type BodyDriver,
  createDriver,
  type DriverOptions,
  type DriverStatus,
  JOG_RENEWAL_MS,
  type Jog,
  type JogEntry,
} from './driver.ts';
export { type DriverBuffers, openPost, type Posted, REFUSALS, type Refusal } from './driver-post.ts';
export {
  type BodyState,
  COMMAND_NUMBERS,
  type Command,
  commandNumbers,
  commandOf,
  MODES,
  type Mode,
  stateNumbers,
  stateOf,
  stateValues,
  type ToolPose,
} from './messages.ts';
export { type DriverProfile, defineRobot, type RobotProfile } from './profile.ts';
