/**
 * Looks whether a robot behind a bridge is the one that a profile describes: bridge, clock, topics, types, rates, ages, cameras, who
 * drives. It listens, and says hello to the graph (`beacon.ts`): nothing that it sends moves anything.
 */
import { monotonicNowMs, PumiceError, sleep } from 'pumice';
import type { z } from 'zod';
import { wallMs } from '../../src/clock.ts';
import { type Beacon, createBeacon } from './beacon.ts';
import { createBodyReader } from './body-state.ts';
import { openCameras } from './cameras.ts';
import { openLink } from './connection.ts';
import {
  boolSchema,
  diagnosticsSchema,
  jointStateSchema,
  poseStampedSchema,
  type Transforms,
  transformsSchema,
} from './incoming.ts';
import type { Link } from './link.ts';
import type { MessageType } from './messages.ts';
import type { RosProfile } from './profile.ts';
import { createFrameTree } from './tf.ts';

export interface RobotFinding {
  readonly how: 'ok' | 'warn' | 'fail';
  readonly what: string;
  readonly says: string;
}

export interface ExamineOptions {
  readonly url: string;
  readonly profile: RosProfile;
  /** How long topics are listened to, ms. */
  readonly listenMs?: number;
  /** How long the bridge may take, ms. */
  readonly openMs?: number;
}

/** Chosen: a camera at 1 Hz shows three pictures. */
const LISTEN_MS = 3000;
const OPEN_MS = 5000;
const GLANCE_MS = 20;

export async function* examineRobot(options: ExamineOptions): AsyncGenerator<RobotFinding> {
  const { url, profile, listenMs = LISTEN_MS, openMs = OPEN_MS } = options;
  const link = openLink({ url, ros: profile.ros });
  try {
    const bridge = await findBridge(link, url, openMs);
    yield bridge;
    if (bridge.how === 'fail') return;
    const beacon = createBeacon(link, { drives: false });
    const topics = listen(link, profile, beacon);
    yield* findGraph(beacon, openMs);
    await sleep(listenMs);
    yield* topics();
    yield {
      how: 'warn',
      what: 'watchdog',
      says: `stops by itself after ${profile.watchdogMs} ms by its profile; not tried`,
    };
    yield { how: 'warn', what: 'commands', says: `${profile.command.topic} (${profile.command.kind}): not tried` };
    beacon.close();
  } finally {
    await link.close();
  }
}

async function findBridge(link: Link, url: string, openMs: number): Promise<RobotFinding> {
  const beganMs = monotonicNowMs();
  try {
    await link.ready(openMs);
    const tookMs = Math.round(monotonicNowMs() - beganMs);
    const { roundTripMs = Number.NaN } = link.status();
    return {
      how: 'ok',
      what: 'bridge',
      says: `${url}: open after ${tookMs} ms, answers a ping in ${roundTripMs.toFixed(1)} ms`,
    };
  } catch (error) {
    if (!PumiceError.is(error)) throw error;
    return { how: 'fail', what: 'bridge', says: `${error.message}. ${error.hint}` };
  }
}

async function* findGraph(beacon: Beacon, openMs: number): AsyncGenerator<RobotFinding> {
  const beganMs = monotonicNowMs();
  while (beacon.clock.offset(monotonicNowMs()) === undefined && monotonicNowMs() - beganMs < openMs)
    await sleep(GLANCE_MS);
  const nowMs = monotonicNowMs();
  const wayMs = beacon.wayMs();
  if (wayMs === undefined) {
    const says = `nothing that is published comes back within ${openMs} ms: the bridge takes messages and passes none on`;
    return yield { how: 'fail', what: 'graph', says };
  }
  yield { how: 'ok', what: 'graph', says: `a message is there and back in ${wayMs.toFixed(1)} ms` };
  const known = beacon.clock.offset(nowMs);
  if (!known) {
    const says = "the robot's clock is not known: messages take too long, or the bridge does not stamp them";
    yield { how: 'fail', what: 'clock', says };
  } else {
    const aheadMs = known.offsetMs - WALL_MS;
    const says = `${Math.abs(aheadMs).toFixed(1)} ms ${aheadMs < 0 ? 'behind' : 'ahead of'} this machine's, known to ${known.uncertaintyMs.toFixed(1)} ms`;
    yield { how: 'ok', what: 'clock', says };
  }
  const rivals = beacon.rivals();
  yield rivals === 0
    ? { how: 'ok', what: 'driver', says: 'no pumice drives this robot' }
    : { how: 'fail', what: 'driver', says: `${rivals} other pumice drives this robot; close it first` };
}
/** Of the monotonic clock's zero, ms since 1970. */
const WALL_MS = wallMs(0);

/** Listens to all that the profile names; what is returned tells of it. */
function listen(link: Link, profile: RosProfile, beacon: Beacon): () => Generator<RobotFinding> {
  const { joints, tcp, eStop, diagnosticsTopic, cameras } = profile;
  const beganMs = monotonicNowMs();
  const reader = createBodyReader(profile);
  const hereMs = beacon.clock.hereMs;
  const tells: (() => RobotFinding)[] = [];
  const hear = <S extends z.ZodType>(
    topic: string,
    type: MessageType,
    schema: S,
    leastHz: number | undefined,
    judge: (message: z.output<S>, receivedMs: number) => string | undefined = () => undefined,
  ) => {
    let problem: string | undefined;
    const subscription = link.subscribe({ topic, type, schema }, ({ message, receivedMs }) => {
      problem = judge(message, receivedMs);
    });
    tells.push(() => {
      const { count: unfit, problem: why } = subscription.unfit();
      const hz = (1000 * subscription.count()) / (monotonicNowMs() - beganMs);
      const rate = `${hz.toFixed(1)} Hz`;
      if (unfit > 0) return { how: 'fail', what: topic, says: `${unfit} messages are no ${type}: ${why}` };
      if (subscription.count() === 0) {
        const says = `no ${type} came; is it published, and of this type?`;
        return { how: leastHz === undefined ? 'warn' : 'fail', what: topic, says };
      }
      if (problem !== undefined) return { how: 'fail', what: topic, says: `${rate}; ${problem}` };
      const isSlow = leastHz !== undefined && hz < leastHz;
      return {
        how: isSlow ? 'fail' : 'ok',
        what: topic,
        says: isSlow ? `${rate}, expected ${leastHz.toFixed(1)} Hz` : rate,
      };
    });
  };
  const stamped = (stampMs: number, receivedMs: number, read: (atMs: number) => string | undefined) => {
    const atMs = hereMs(stampMs, receivedMs);
    if (atMs === undefined) return undefined;
    return receivedMs - atMs > joints.maxSilenceMs
      ? `is ${Math.round(receivedMs - atMs)} ms old when it comes`
      : read(atMs);
  };
  const leastHz = 1000 / joints.maxSilenceMs;
  hear(joints.topic, 'sensor_msgs/JointState', jointStateSchema, leastHz, (message, receivedMs) =>
    stamped(message.header.stamp, receivedMs, (atMs) => reader.joints(message, atMs)),
  );
  if (tcp.kind === 'pose-topic')
    hear(tcp.topic, 'geometry_msgs/PoseStamped', poseStampedSchema, leastHz, (message, receivedMs) =>
      stamped(message.header.stamp, receivedMs, (atMs) => reader.pose(message, atMs)),
    );
  if (tcp.kind === 'tf') {
    const { frameId, childFrameId } = tcp;
    const tree = createFrameTree();
    const place = ({ transforms }: Transforms) => {
      for (const { header, child_frame_id, transform } of transforms) {
        const { translation: at, rotation: turn } = transform;
        const pose = { pM: [at.x, at.y, at.z], qXyzw: [turn.x, turn.y, turn.z, turn.w] } as const;
        tree.place(header.frame_id, child_frame_id, { ...pose, atMs: header.stamp });
      }
      return undefined;
    };
    hear('/tf', 'tf2_msgs/TFMessage', transformsSchema, leastHz, place);
    hear('/tf_static', 'tf2_msgs/TFMessage', transformsSchema, undefined, place);
    tells.push(() => {
      const tool = tree.poseIn(frameId, childFrameId);
      const what = `${frameId} -> ${childFrameId}`;
      if (!('missing' in tool)) return { how: 'ok', what, says: `at ${tool.pM.map((m) => m.toFixed(3)).join(', ')} m` };
      return { how: 'fail', what, says: `no transform tells where '${tool.missing}' is` };
    });
  }
  if (eStop)
    hear(eStop.topic, 'std_msgs/Bool', boolSchema, 1000 / eStop.maxSilenceMs, ({ data }) =>
      data === eStop.stopsWhen ? 'the e-stop of the robot is pressed' : undefined,
    );
  if (diagnosticsTopic) hear(diagnosticsTopic, 'diagnostic_msgs/DiagnosticArray', diagnosticsSchema, undefined);
  const eyes = openCameras(link, cameras, hereMs);
  for (const { name, topic, widthPx, heightPx, minHz } of cameras)
    tells.push(() => {
      const problem = eyes.problems().find((said) => said.startsWith(`camera ${name} `));
      if (problem !== undefined) return { how: 'fail', what: topic, says: problem };
      const hz = (1000 * eyes.count(name)) / (monotonicNowMs() - beganMs);
      const says = `${widthPx} x ${heightPx} at ${hz.toFixed(1)} Hz`;
      return hz < minHz
        ? { how: 'fail', what: topic, says: `${says}, expected ${minHz} Hz` }
        : { how: 'ok', what: topic, says };
    });
  return function* () {
    for (const tell of tells) yield tell();
  };
}
