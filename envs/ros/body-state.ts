/**
 * What the driver has to know of a robot, from what it tells: joints, tool pose, speeds, in the time of this machine. A reading whose time
 * is not known, is not whole, or is of another frame is none: the driver stops a body that it does not hear of.
 * Knows no socket.
 */
import type { BodyState, ToolPose } from 'pumice/robots';
import { turnBetween } from '../../src/gate/rotation.ts';
import { createChain } from './chain.ts';
import type { JointState, PoseStamped } from './incoming.ts';
import type { RosProfile } from './profile.ts';

export interface BodyReader {
  /** `hereMs`: when that was by the clock of this machine. Answers what is wrong with it, if anything. */
  readonly joints: (said: JointState, hereMs: number) => string | undefined;
  readonly pose: (said: PoseStamped, hereMs: number) => string | undefined;
  /** The same from transforms: in the frame of the profile already. */
  readonly placed: (pose: Pick<ToolPose, 'pM' | 'qXyzw'>, hereMs: number) => void;
  /** The set-point that was sent last. */
  readonly commanded: (pose: ToolPose) => void;
  /** None until joints and pose were heard of. */
  readonly state: () => BodyState | undefined;
  /** A fresh socket: nothing heard before counts. */
  readonly forget: () => void;
}

/** Time between two poses that a speed is taken over, at least, ms. Chosen: short of it the noise of a pose is most of a speed. */
const SPEED_MS = 40;

interface Seen {
  readonly atMs: number;
  readonly pose: Pick<ToolPose, 'pM' | 'qXyzw'>;
}

export function createBodyReader({
  robot,
  tcp,
  joints: { gripperJoint, gripperClosed, gripperOpen },
}: RosProfile): BodyReader {
  let arm:
    | { readonly atMs: number; readonly qRad: number[]; readonly qdRadPerS: number[]; readonly open: number }
    | undefined;
  let seen: Seen | undefined;
  const chain = tcp.kind === 'chain' ? createChain(tcp.joints) : undefined;
  const frameId = (tcp.kind === 'pose-topic' && tcp.frameId) || robot.frameId;
  /** The pose that the speed is counted from. */
  let base: Seen | undefined;
  let speed = { speedMPerS: 0, turnRadPerS: 0 };
  let told: ToolPose | undefined;

  const openOf = (said: JointState): number | string => {
    if (gripperJoint === undefined) return 1;
    const at = said.name.indexOf(gripperJoint);
    if (at < 0) return `joint '${gripperJoint}' is not there (there are: ${said.name.join(', ')})`;
    const open = (said.position[at]! - gripperClosed) / (gripperOpen - gripperClosed);
    return Math.min(1, Math.max(0, open));
  };

  const placed = (pose: Seen['pose'], atMs: number) => {
    const now: Seen = { atMs, pose };
    base ??= now;
    const sinceMs = atMs - base.atMs;
    if (sinceMs >= SPEED_MS) {
      const way = pose.pM.map((value, axis) => value - base!.pose.pM[axis]!);
      const turn = turnBetween(base.pose.qXyzw, pose.qXyzw);
      speed = {
        speedMPerS: (1000 * Math.hypot(...way)) / sinceMs,
        turnRadPerS: (1000 * Math.hypot(...turn)) / sinceMs,
      };
      base = now;
    }
    seen = now;
  };

  return {
    joints: (said, hereMs) => {
      const places = robot.jointNames.map((name) => said.name.indexOf(name));
      const missing = robot.jointNames.filter((_, at) => places[at]! < 0);
      if (missing.length > 0) return `joints ${missing.join(', ')} are not there (there are: ${said.name.join(', ')})`;
      const open = openOf(said);
      if (typeof open === 'string') return open;
      if (said.velocity.length === 0) return 'it tells no velocities';
      arm = {
        ...{ atMs: hereMs, open },
        qRad: places.map((at) => said.position[at]!),
        qdRadPerS: places.map((at) => said.velocity[at]!),
      };
      if (chain) placed(chain.poseOf(chain.names.map((name) => said.position[said.name.indexOf(name)]!)), hereMs);
      return undefined;
    },
    pose: ({ header, pose: { position, orientation } }, hereMs) => {
      if (header.frame_id !== frameId) return `is of frame '${header.frame_id}', expected '${frameId}'`;
      const { x, y, z, w } = orientation;
      placed({ pM: [position.x, position.y, position.z], qXyzw: [x, y, z, w] }, hereMs);
      return undefined;
    },
    placed,
    commanded: (pose) => {
      told = pose;
    },
    state: () => {
      if (!arm || !seen) return undefined;
      const measured = { ...seen.pose, gripperOpen: arm.open };
      return {
        // The older of the two: a state is as old as the oldest of it.
        stampMs: Math.min(arm.atMs, seen.atMs),
        ...{ measured, commanded: told ?? measured, ...speed, qRad: arm.qRad, qdRadPerS: arm.qdRadPerS },
      };
    },
    forget: () => {
      [arm, seen, base] = [undefined, undefined, undefined];
    },
  };
}
