/**
 * What the profiles have in common whose robot is the simulated arm behind another robot's interface: its limits, and its links as a chain.
 * A real robot of that make has links and limits of its own: take them from its URDF and its data sheet, not from here.
 */
import type { RobotProfile } from 'pumice/robots';
import type { JointProfile, RosProfile } from '../profile.ts';

/** Chosen: what the simulated arm takes at its 5 actions a second, within the default scales of MoveIt Servo (0.4 m/s, 0.8 rad/s). */
export const simulated = (name: string, jointNames: readonly string[]): RobotProfile => ({
  name,
  hardware: true,
  frameId: 'base',
  jointNames,
  control: { rateHz: 5 },
  delta: { axes: 'base', rotateAbout: 'tcp', reference: 'commanded' },
  gripper: { kind: 'parallel', maxOpeningM: 0.08 },
  driver: { commandRateHz: 50, expiryMs: 300, stopDecelerationMPerS2: 2, restSpeedMPerS: 0.005 },
  limits: {
    frameId: 'base',
    stepMs: 200,
    maxStepM: 0.05,
    maxStepRad: 0.35,
    maxSpeedMPerS: 0.25,
    maxTurnRadPerS: 0.8,
    maxAccelerationMPerS2: 2.5,
    maxTurnAccelerationRadPerS2: 12,
    decelerationMPerS2: 2,
    workspace: { minM: [0.2, -0.36, 0.012], maxM: [0.68, 0.36, 0.36] },
    keepOut: [],
    maxGripperPerS: 5,
    maxFollowingErrorM: 0.03,
  },
});

/** The hand points down, over the middle of the place of work. */
export const SIMULATED_HOME: NonNullable<RosProfile['home']> = {
  pM: [0.45, 0, 0.2],
  qXyzw: [1, 0, 0, 0],
  gripperOpen: 1,
};

type Link = Pick<JointProfile, 'axis' | 'min' | 'max'> & { readonly upM: number };

/** From the table up: distance from the joint before along z, axis, range (`envs/sim/scene.ts`). */
const LINKS: readonly Link[] = [
  { upM: 0.12, axis: [0, 0, 1], min: -2.9, max: 2.9 },
  { upM: 0.2, axis: [0, 1, 0], min: -1.9, max: 1.9 },
  { upM: 0.34, axis: [0, 1, 0], min: -0.3, max: 2.9 },
  { upM: 0.3, axis: [0, 0, 1], min: -2.9, max: 2.9 },
  { upM: 0.04, axis: [0, 1, 0], min: -0.6, max: 3.4 },
  { upM: 0.08, axis: [0, 0, 1], min: -2.9, max: 2.9 },
];
/** From the last joint to the tool centre point, m. */
const HAND_M = 0.085;
/** The simulated joints go at 3 rad/s at most. */
const MAX_RAD_PER_S = 2.5;

const up = (upM: number): JointProfile['originM'] => [0, 0, upM];

/** The links with a robot's own names of its joints. */
export const simulatedChain = (names: readonly string[]): JointProfile[] => [
  ...LINKS.map(
    ({ upM, ...link }, at): JointProfile => ({
      ...{ name: names[at]!, kind: 'revolute', originM: up(upM), originRpyRad: [0, 0, 0], maxPerS: MAX_RAD_PER_S },
      ...link,
    }),
  ),
  {
    ...{ name: 'tcp', kind: 'fixed', originM: up(HAND_M), originRpyRad: [0, 0, Math.PI], axis: [0, 0, 1] },
    ...{ min: 0, max: 0, maxPerS: 1 },
  },
];
