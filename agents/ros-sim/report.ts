/**
 * Says of the simulated robot what a robot with this profile says of itself, on its topics: joints, pose of the tool, pictures, e-stop.
 * Stamps are of the graph's clock; while that is not known, nothing is said.
 */
import { encodeJpeg } from 'pumice/vision';
import type { Link } from '../../envs/ros/link.ts';
import { headerOf } from '../../envs/ros/messages.ts';
import type { CameraProfile, RosProfile } from '../../envs/ros/profile.ts';
import type { CameraName, Cameras } from '../../envs/sim/cameras.ts';
import { toQuaternion } from '../../envs/sim/rotation.ts';
import type { World } from '../../envs/sim/world.ts';
import type { SimBody } from './body.ts';
import { COUNT_FIELDS, movingJoints, type SimCounts } from './commands.ts';

export const COUNTS_TOPIC = '/pumice/sim/counts';

export interface Reporter {
  readonly joints: () => void;
  readonly eStop: () => void;
  readonly counts: (counts: SimCounts) => void;
  /** Draws each camera once; one that is still being encoded is left out. */
  readonly pictures: () => void;
}

export interface ReportParts {
  readonly link: Link;
  readonly profile: RosProfile;
  readonly world: World;
  readonly cameras: Cameras;
  readonly body: SimBody;
  readonly robotNowMs: () => number | undefined;
}

export function createReporter({ link, profile, world, cameras, body, robotNowMs }: ReportParts): Reporter {
  const { ros, robot, joints, tcp } = profile;
  const moving = movingJoints(profile);
  const state = link.advertise(joints.topic, 'sensor_msgs/JointState');
  const pose = tcp.kind === 'pose-topic' ? link.advertise(tcp.topic, 'geometry_msgs/PoseStamped') : undefined;
  const tf = tcp.kind === 'tf' ? link.advertise('/tf', 'tf2_msgs/TFMessage') : undefined;
  const stop = profile.eStop && link.advertise(profile.eStop.topic, 'std_msgs/Bool');
  const counts = link.advertise(COUNTS_TOPIC, 'std_msgs/Float64MultiArray');
  const eyes = profile.cameras.map((camera) => ({
    camera,
    publisher: link.advertise(camera.topic, 'sensor_msgs/CompressedImage'),
    isBusy: false,
  }));

  const jpegOf = async ({ name, widthPx }: CameraProfile) => {
    const { rgb } = cameras.draw(name as CameraName, widthPx);
    const size = { widthPx, heightPx: widthPx, stampMs: 0, camera: name } as const;
    const { data } = await encodeJpeg({ ...size, data: Uint8Array.from(rgb), encoding: 'rgb8' });
    return Buffer.from(data).toString('base64');
  };

  return {
    joints: () => {
      const nowMs = robotNowMs();
      if (nowMs === undefined) return;
      const [q, qd] = [world.arm.jointPositions(), world.arm.jointVelocities()];
      const of = (values: readonly number[]) => robot.jointNames.map((name) => values[moving.indexOf(name)] ?? 0);
      const finger = joints.gripperClosed + world.arm.gripperOpen() * (joints.gripperOpen - joints.gripperClosed);
      const [names, at, speed] =
        joints.gripperJoint === undefined ? [[], [], []] : [[joints.gripperJoint], [finger], [0]];
      state.send({
        header: headerOf(ros, nowMs, ''),
        name: [...robot.jointNames, ...names],
        position: [...of(q), ...at],
        velocity: [...of(qd), ...speed],
        effort: [],
      });
      if (!pose && !tf) return;
      const { pM, rotation } = world.arm.measured();
      const position = { x: pM[0], y: pM[1], z: pM[2] };
      const [x, y, z, w] = toQuaternion(rotation);
      const turn = { x, y, z, w };
      const frameId = (tcp.kind === 'pose-topic' && tcp.frameId) || robot.frameId;
      pose?.send({ header: headerOf(ros, nowMs, frameId), pose: { position, orientation: turn } });
      if (tcp.kind === 'tf')
        tf?.send({
          transforms: [
            {
              header: headerOf(ros, nowMs, tcp.frameId),
              child_frame_id: tcp.childFrameId,
              transform: { translation: position, rotation: turn },
            },
          ],
        });
    },
    eStop: () => void stop?.send({ data: body.isStopped() === profile.eStop!.stopsWhen }),
    counts: (values) => {
      const data = COUNT_FIELDS.map((field) => values[field]);
      const dim = [{ label: COUNT_FIELDS.join(','), size: data.length, stride: data.length }];
      counts.send({ layout: { dim, data_offset: 0 }, data });
    },
    pictures: () => {
      for (const eye of eyes) {
        const stampMs = robotNowMs();
        if (eye.isBusy || stampMs === undefined) continue;
        eye.isBusy = true;
        jpegOf(eye.camera)
          .then((data) => eye.publisher.send({ header: headerOf(ros, stampMs, eye.camera.name), format: 'jpeg', data }))
          .finally(() => {
            eye.isBusy = false;
          });
      }
    },
  };
}
