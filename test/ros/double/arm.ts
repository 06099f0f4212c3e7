/**
 * A fake arm in the graph of the double: a tool with inertia that is moved and turned by stamped twists, with a watchdog, an age check and an e-stop
 * of its own, as MoveIt Servo has them. Its meter counts what was executed, and shares no code with pumice.
 */
import { encodeJpeg } from 'pumice/vision';
import type { RosProfile } from '../../../envs/ros/profile.ts';
import type { BridgeDouble } from './bridge.ts';
import type { Value } from './types.ts';

export interface ArmMeter {
  /** Commands that were followed. */
  executed: number;
  /** Dropped for their age, for a stamp of the future, for a number that is none. */
  old: number;
  future: number;
  notFinite: number;
  afterEStop: number;
  watchdogTrips: number;
  fastestMPerS: number;
}

export interface ArmDouble {
  readonly meter: Readonly<ArmMeter>;
  readonly positionM: () => readonly [number, number, number];
  /** Turn about x, y, z of the base since it began, as long as it is small. */
  readonly turnRad: () => readonly [number, number, number];
  readonly speedMPerS: () => number;
  readonly gripperOpen: () => number;
  readonly pressEStop: (isPressed: boolean) => void;
  /** What it says of itself from now on, in place of the truth. */
  readonly lie: (what: Partial<ArmLies>) => Promise<void>;
  readonly close: () => void;
}

/** How it is built, where it is not as its profile says: where each commanded axis leads, and a hand that is the other way round. */
export interface ArmBuild {
  readonly linear?: readonly [string, string, string];
  readonly angular?: readonly [string, string, string];
  readonly isHandInverted?: boolean;
}

export interface ArmLies {
  readonly frameId: string;
  /** Where transforms lead to, if not to the tool of the profile. */
  readonly toolFrame?: string;
  readonly jointNames: readonly string[];
  readonly isBlind: boolean;
  readonly isSilent: boolean;
  readonly pixels: number;
  readonly isNan: boolean;
  /** Of its stamps, beyond the clock of the bridge. */
  readonly aheadMs: number;
  readonly pictureHz: number;
  /** Joint states in place of one. */
  readonly flood: number;
}

const TICK_MS = 5;
/** Chosen: a light arm. */
const MAX_ACCELERATION = 4;
/** The same of its wrist, rad/s2. */
const MAX_TURN_ACCELERATION = 20;

type Triple = [number, number, number];
const led = (by: readonly number[], axes: readonly string[] = ['+x', '+y', '+z']): Triple => {
  const to: Triple = [0, 0, 0];
  for (const [at, [sign, axis]] of axes.entries()) to['xyz'.indexOf(axis!)]! += sign === '-' ? -by[at]! : by[at]!;
  return to;
};
/** A small turn before the orientation that there is. */
function turnedBy([x, y, z]: Triple, [a, b, c, w]: readonly number[]): [number, number, number, number] {
  const [i, j, k] = [x / 2, y / 2, z / 2];
  const next = [
    a! + i * w! + j * c! - k * b!,
    b! + j * w! + k * a! - i * c!,
    c! + k * w! + i * b! - j * a!,
    w! - i * a! - j * b! - k * c!,
  ] as const;
  const length = Math.hypot(...next);
  return [next[0] / length, next[1] / length, next[2] / length, next[3] / length];
}

const picture = async (pixels: number) => {
  const data = new Uint8Array(3 * pixels * pixels).fill(128);
  const frame = { data, encoding: 'rgb8', widthPx: pixels, heightPx: pixels, stampMs: 0, camera: 'third' } as const;
  return (await encodeJpeg(frame)).data;
};

/** A vector, turned by a quaternion. */
function turnedVector([x, y, z]: Triple, [a, b, c, w]: readonly [number, number, number, number]): Triple {
  const [tx, ty, tz] = [2 * (b * z - c * y), 2 * (c * x - a * z), 2 * (a * y - b * x)];
  return [x + w * tx + b * tz - c * ty, y + w * ty + c * tx - a * tz, z + w * tz + a * ty - b * tx];
}

export async function armDouble(bridge: BridgeDouble, profile: RosProfile, build: ArmBuild = {}): Promise<ArmDouble> {
  const { command, joints, tcp, eStop, cameras, gripper, robot, watchdogMs, maxCommandAgeMs } = profile;
  if (command.kind !== 'twist' || tcp.kind === 'chain' || gripper.kind !== 'topic') throw new Error('a Servo arm');
  const meter: ArmMeter = {
    ...{ executed: 0, old: 0, future: 0, notFinite: 0, afterEStop: 0, watchdogTrips: 0, fastestMPerS: 0 },
  };
  const position: Triple = [0.45, 0, 0.2];
  const velocity: Triple = [0, 0, 0];
  const turn: Triple = [0, 0, 0];
  const spin: Triple = [0, 0, 0];
  let orientation: readonly [number, number, number, number] = [1, 0, 0, 0];
  let wanted: Triple = [0, 0, 0];
  let wantedSpin: Triple = [0, 0, 0];
  let open = 1;
  let toldMs = Number.NEGATIVE_INFINITY;
  let isPressed = false;
  let lies: ArmLies = {
    ...{ frameId: 'base', jointNames: robot.jointNames, isBlind: false, isSilent: false, pixels: 224 },
    ...{ isNan: false, aheadMs: 0, pictureHz: 16, flood: 1 },
  };
  let jpeg = await picture(lies.pixels);
  let ticks = 0;
  let lastMs = performance.now();
  let picturedMs = 0;

  bridge.onMessage(command.topic, (message) => {
    const { header, twist } = message as unknown as {
      header: { stamp: { sec?: number; nanosec?: number; secs?: number; nsecs?: number } };
      twist: { linear: { x: number; y: number; z: number }; angular: { x: number; y: number; z: number } };
    };
    const { sec = 0, nanosec = 0, secs = sec, nsecs = nanosec } = header.stamp;
    const ageMs = bridge.nowMs() - (secs * 1000 + nsecs / 1e6);
    const { x, y, z } = twist.linear;
    const { x: roll, y: pitch, z: yaw } = twist.angular;
    if (![x, y, z, roll, pitch, yaw].every(Number.isFinite)) meter.notFinite += 1;
    else if (ageMs > maxCommandAgeMs) meter.old += 1;
    else if (ageMs < -0.01) meter.future += 1;
    else if (isPressed) meter.afterEStop += 1;
    else {
      meter.executed += 1;
      wanted = led(
        [x, y, z].map((share) => share * command.linearScaleMPerS),
        build.linear,
      );
      wantedSpin = led(
        [roll, pitch, yaw].map((share) => share * command.rotationalScaleRadPerS),
        build.angular,
      );
      toldMs = performance.now();
    }
  });
  bridge.onMessage(gripper.topic, (message) => {
    const { data } = message as unknown as { data: number };
    open = build.isHandInverted ? 1 - data : data;
  });

  const header = () => ({ frame_id: lies.frameId, ...(lies.aheadMs !== 0 && { stamp: bridge.stamp(lies.aheadMs) }) });
  /** The tool hangs 0.1 m before a wrist, which is what moves; a real robot tells what does not move once, and its bridge keeps it. */
  const sayTransforms = (base: string, tool: string) => {
    const [i, j, k, w] = orientation;
    const [dx, dy, dz] = turnedVector([0, 0, 0.1], orientation);
    const at = { x: position[0] - dx, y: position[1] - dy, z: position[2] - dz };
    const none = { x: 0, y: 0, z: 0, w: 1 };
    const transforms = (frame_id: string, child_frame_id: string, translation: object, rotation: object) => ({
      transforms: [{ header: { frame_id }, child_frame_id, transform: { translation, rotation } }],
    });
    const type = 'tf2_msgs/TFMessage';
    bridge.publish('/tf', type, transforms(base, 'wrist', at, { x: i, y: j, z: k, w }));
    // Of another node, in a message of its own: it must not take the place of the one before.
    bridge.publish('/tf', type, transforms('map', base, { x: 5, y: 5, z: 0 }, none));
    bridge.publish('/tf_static', type, transforms('wrist', tool, { x: 0, y: 0, z: 0.1 }, none));
  };
  const say = () => {
    if (lies.isSilent) return;
    const names = [...lies.jointNames, joints.gripperJoint!];
    const finger = joints.gripperClosed + open * (joints.gripperOpen - joints.gripperClosed);
    for (let told = 0; told < lies.flood; told++)
      bridge.publish(joints.topic, 'sensor_msgs/JointState', {
        ...{ header: header(), name: names, effort: [] },
        position: names.map((name) => (name === joints.gripperJoint ? finger : 0.1)),
        velocity: names.map(() => 0),
      });
    const [x, y, z] = [lies.isNan ? Number.NaN : position[0], position[1], position[2]];
    const [i, j, k, w] = orientation;
    const pose = { position: { x, y, z }, orientation: { x: i, y: j, z: k, w } };
    if (tcp.kind === 'pose-topic') bridge.publish(tcp.topic, 'geometry_msgs/PoseStamped', { header: header(), pose });
    else sayTransforms(tcp.frameId, lies.toolFrame ?? tcp.childFrameId);
    bridge.publish(eStop!.topic, 'std_msgs/Bool', { data: isPressed });
  };
  const move = (dtS: number) => {
    const isCut = performance.now() - toldMs > watchdogMs || isPressed;
    if (isCut && [...wanted, ...wantedSpin].some((value) => value !== 0)) {
      if (!isPressed) meter.watchdogTrips += 1;
      wanted = [0, 0, 0];
      wantedSpin = [0, 0, 0];
    }
    const follow = (rate: Triple, goal: Triple, way: Triple, acceleration: number) => {
      const most = acceleration * dtS;
      for (let axis = 0; axis < 3; axis++) {
        rate[axis]! += Math.max(-most, Math.min(most, goal[axis]! - rate[axis]!));
        way[axis]! += rate[axis]! * dtS;
      }
    };
    follow(velocity, wanted, position, MAX_ACCELERATION);
    follow(spin, wantedSpin, turn, MAX_TURN_ACCELERATION);
    orientation = turnedBy([spin[0] * dtS, spin[1] * dtS, spin[2] * dtS], orientation);
    meter.fastestMPerS = Math.max(meter.fastestMPerS, Math.hypot(...velocity));
  };
  const timer = setInterval(() => {
    const nowMs = performance.now();
    for (; lastMs + TICK_MS <= nowMs; lastMs += TICK_MS) move(TICK_MS / 1000);
    if (ticks % 3 === 0) say();
    const isDue = lies.pictureHz > 0 && nowMs - picturedMs >= 1000 / lies.pictureHz;
    if (isDue && !lies.isBlind) {
      picturedMs = nowMs;
      for (const { topic } of cameras)
        bridge.publish(topic, 'sensor_msgs/CompressedImage', { header: header(), format: 'jpeg', data: jpeg as Value });
    }
    ticks += 1;
  }, TICK_MS);

  return {
    meter,
    positionM: () => [...position],
    turnRad: () => [...turn],
    speedMPerS: () => Math.hypot(...velocity),
    gripperOpen: () => open,
    pressEStop: (pressed) => {
      isPressed = pressed;
    },
    lie: async (what) => {
      lies = { ...lies, ...what };
      jpeg = await picture(lies.pixels);
    },
    close: () => clearInterval(timer),
  };
}
