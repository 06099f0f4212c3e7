/**
 * What commands a robot behind a bridge: sends each set-point of the driver once, now, or counts why not; tells the driver where the
 * robot is; stops it when its e-stop is pressed, when another one drives it, and when the link was lost for as long as the robot's own
 * watchdog waits. Runs in a thread of its own (`command-worker.ts`) and needs no other one.
 */
import { monotonicNowMs, PumiceError } from 'pumice';
import { type Command, commandOf, openBox, openStopWord, stateValues } from 'pumice/robots';
import { z } from 'zod';
import { type Beacon, createBeacon } from './beacon.ts';
import { type BodyReader, createBodyReader } from './body-state.ts';
import { createCommandMaker, type TopicMessage } from './commands.ts';
import { type LinkTimes, openLink } from './connection.ts';
import { createHalts, SERVICE_MS } from './halts.ts';
import { createActionHand } from './hand.ts';
import { boolSchema, diagnosticsSchema, jointStateSchema, poseStampedSchema, transformsSchema } from './incoming.ts';
import { LINK_STATES, type Link, type Publisher, type SendRefusal } from './link.ts';
import { LINK_FIELDS, type LinkNumbers, type Said } from './link-numbers.ts';
import type { RosProfile, ServiceProfile } from './profile.ts';
import { MOST_AHEAD_MS } from './robot-clock.ts';
import { createFrameTree } from './tf.ts';

export interface CommandLinkParts {
  readonly url: string;
  readonly profile: RosProfile;
  readonly commandBox: SharedArrayBuffer;
  readonly stateBox: SharedArrayBuffer;
  readonly stopWord: SharedArrayBuffer;
  /** `LINK_FIELDS`. */
  readonly linkBox: SharedArrayBuffer;
  readonly times?: Partial<LinkTimes>;
  /** For another one's beacon to be heard before this one drives, ms. */
  readonly listenMs?: number;
}

/** Between two looks at the link when no command comes, ms. Chosen: a period at 50 Hz. */
const LOOK_MS = 20;
/** Periods of the driver after which a set-point is not sent any more: the driver has died. Chosen. */
const MOST_PERIODS = 2.5;
/** For the bridge and all that is listened to, ms. Chosen. */
const READY_MS = 15_000;
/** Chosen: ten beacons. */
const LISTEN_MS = 1000;
/** `diagnostic_msgs/DiagnosticStatus.ERROR`. */
const ERROR_LEVEL = 2;

export async function runCommandLink(parts: CommandLinkParts, tell: (said: Said) => void, signal: AbortSignal) {
  const { url, profile, times } = parts;
  const link = openLink({ url, ros: profile.ros, ...(times && { times }) });
  const beacon = createBeacon(link, { drives: true });
  try {
    await drive(parts, link, beacon, tell, signal);
  } finally {
    beacon.close();
    await link.close();
  }
}

async function drive(
  { profile, commandBox, stateBox, stopWord, linkBox, listenMs = LISTEN_MS }: CommandLinkParts,
  link: Link,
  beacon: Beacon,
  tell: (said: Said) => void,
  signal: AbortSignal,
) {
  const [commands, states, numbers] = [openBox(commandBox), openBox(stateBox), openBox(linkBox)];
  const word = openStopWord(stopWord);
  const reader = createBodyReader(profile);
  const maker = createCommandMaker(profile);
  const publishers = new Map(maker.topics.map(({ topic, type }) => [topic, link.advertise(topic, type)] as const));
  const periodMs = 1000 / profile.robot.driver!.commandRateHz;
  let [sent, refused, unread] = [0, 0, 0];
  /** Since when no command could be sent. */
  let unsentMs: number | undefined;
  let eStop = Number.NaN;
  let eStopMs = monotonicNowMs();
  let told = '';

  /** Once in each epoch: what is said 50 times a second says nothing. `kind`: what is the same, whatever numbers are in it. */
  const say = (text: string, kind = text) => {
    const words = `${word.epoch()} ${kind}`;
    if (words !== told) tell({ kind: 'trouble', text });
    told = words;
  };
  /** Stops the robot for a reason that a person has to look at. */
  const stop = (text: string) => {
    word.stop(1);
    say(text);
  };

  /** A reading in the time of this machine, or none: what has no time is not taken. */
  const take = (stampMs: number, receivedMs: number, read: (hereMs: number) => string | undefined, topic: string) => {
    const { clock } = beacon;
    const hereMs = clock.hereMs(stampMs, receivedMs);
    const aheadMs = clock.aheadMs(stampMs, receivedMs);
    const problem =
      aheadMs > MOST_AHEAD_MS
        ? `its stamp is ${Math.round(aheadMs)} ms ahead of the bridge's clock`
        : hereMs !== undefined && read(hereMs);
    if (problem) say(`${topic}: ${problem}`, `${topic} ${aheadMs > MOST_AHEAD_MS ? 'ahead' : problem}`);
    else if (hereMs !== undefined && receivedMs - hereMs > profile.joints.maxSilenceMs)
      say(`${topic}: is ${Math.round(receivedMs - hereMs)} ms old by its stamp when it comes`, `${topic} old`);
    if (problem || hereMs === undefined) {
      unread += 1;
      return;
    }
    const state = reader.state();
    if (state) states.write(stateValues(state));
  };
  listenToBody(link, profile, take, reader);
  if (profile.eStop) {
    const { topic, stopsWhen, maxSilenceMs } = profile.eStop;
    link.subscribe({ topic, type: 'std_msgs/Bool', schema: boolSchema, maxSilenceMs }, ({ message: { data } }) => {
      eStop = Number(data === stopsWhen);
      eStopMs = monotonicNowMs();
      if (eStop === 1) stop(`${topic}: the e-stop of the robot is pressed`);
    });
  }
  if (profile.diagnosticsTopic)
    link.subscribe(
      { topic: profile.diagnosticsTopic, type: 'diagnostic_msgs/DiagnosticArray', schema: diagnosticsSchema },
      ({ message: { status } }) => {
        const bad = status.filter(({ level }) => level >= ERROR_LEVEL);
        tell({ kind: 'diagnostics', errors: bad.map(({ name, message }) => `${name}: ${message}`) });
      },
    );
  link.onStatus(({ state }) => {
    if (state !== 'down') return;
    eStop = Number.NaN;
    reader.forget();
  });

  const report = () => {
    const nowMs = monotonicNowMs();
    const { state, epoch } = link.status();
    const { offsetMs = Number.NaN, uncertaintyMs = Number.NaN } = beacon.clock.offset(nowMs) ?? {};
    const way = beacon.wayMs() ?? Number.NaN;
    const known = { stampMs: nowMs, state: LINK_STATES.indexOf(state), epoch, offsetMs, uncertaintyMs, wayMs: way };
    const all: LinkNumbers = { ...known, sent, refused, eStop, rivals: beacon.rivals(), unread };
    numbers.write(LINK_FIELDS.map((field) => all[field]));
  };

  /** What stops the robot whatever it is told. */
  const watch = () => {
    if (beacon.rivals() > 0) stop('another one drives this robot');
    if (!profile.eStop) return;
    const { topic, maxSilenceMs } = profile.eStop;
    if (monotonicNowMs() - eStopMs <= maxSilenceMs) return;
    eStop = Number.NaN;
    stop(`${topic}: the e-stop of the robot is silent`);
  };

  const halts = createHalts({ profile, stop, call: (service) => callOf(link, service, signal) });
  await link.ready(READY_MS, signal);
  await rivalless(beacon, listenMs, report, signal);
  await halts.prepare();
  tell({ kind: 'ready' });

  const { gripper } = profile;
  const hand = gripper.kind === 'action' ? createActionHand(link, gripper, stop) : undefined;
  /** The command that was sent last. */
  let before: Command | undefined;
  const send = (command: Command): string | undefined => {
    const nowMs = monotonicNowMs();
    if (nowMs - command.stampMs > MOST_PERIODS * periodMs) return 'the driver is silent';
    const body = reader.state();
    const robotMs = beacon.clock.at(nowMs);
    if (!body) return 'the robot does not say where it is';
    if (robotMs === undefined) return "the robot's clock is not known";
    const messages = maker.make({ command, before, body, robotMs });
    const why = typeof messages === 'string' ? messages : sendAll(publishers, messages);
    if (why !== undefined) return why;
    before = command;
    reader.commanded(command.pose);
    hand?.told(command, nowMs);
    return undefined;
  };

  for (let seq = 0; !signal.aborted; ) {
    const message = await commands.nextAfter(seq, monotonicNowMs() + LOOK_MS);
    watch();
    halts.watch(word.read(), monotonicNowMs());
    report();
    if (!message) continue;
    seq = message.seq;
    const command = commandOf(message.values);
    const order = halts.orderFor(command.mode, reader.state()?.speedMPerS);
    if (order === 'leave') continue;
    const why = order === 'send' ? send(command) : 'the robot is not ready again after a stop';
    const nowMs = monotonicNowMs();
    if (why === undefined) {
      sent += 1;
      unsentMs = undefined;
      continue;
    }
    refused += 1;
    unsentMs ??= nowMs;
    // By now the robot has stopped by itself, and is not where the driver believes: what would be sent next would be a leap.
    if (nowMs - unsentMs > profile.watchdogMs) stop(`no command could be sent: ${why}`);
  }
}

function listenToBody(link: Link, { joints, tcp }: RosProfile, take: Take, reader: BodyReader) {
  const { topic, maxSilenceMs } = joints;
  link.subscribe(
    { topic, type: 'sensor_msgs/JointState', schema: jointStateSchema, maxSilenceMs },
    ({ message, receivedMs }) =>
      take(message.header.stamp, receivedMs, (hereMs) => reader.joints(message, hereMs), topic),
  );
  if (tcp.kind === 'tf') return listenToTransforms(link, tcp, take, reader);
  if (tcp.kind === 'chain') return;
  const pose = tcp.topic;
  link.subscribe(
    { topic: pose, type: 'geometry_msgs/PoseStamped', schema: poseStampedSchema, maxSilenceMs },
    ({ message, receivedMs }) => take(message.header.stamp, receivedMs, (hereMs) => reader.pose(message, hereMs), pose),
  );
}

type Take = (stampMs: number, receivedMs: number, read: (hereMs: number) => string | undefined, topic: string) => void;

/** Transforms of a robot come from several nodes, each in messages of its own: none may take the place of another at the bridge. */
const TF_QUEUE = 100;

function listenToTransforms(
  link: Link,
  { frameId, childFrameId }: { readonly frameId: string; readonly childFrameId: string },
  take: Take,
  reader: BodyReader,
) {
  const tree = createFrameTree();
  link.onStatus(({ state }) => state === 'down' && tree.clear());
  const listen = (topic: '/tf' | '/tf_static') =>
    link.subscribe(
      { topic, type: 'tf2_msgs/TFMessage', schema: transformsSchema, queueLength: TF_QUEUE },
      ({ message, receivedMs }) => {
        for (const { header, child_frame_id, transform } of message.transforms) {
          const { translation: at, rotation: turn } = transform;
          const pose = { pM: [at.x, at.y, at.z], qXyzw: [turn.x, turn.y, turn.z, turn.w] } as const;
          if (topic === '/tf_static') {
            tree.place(header.frame_id, child_frame_id, { ...pose, atMs: Number.POSITIVE_INFINITY });
            continue;
          }
          take(
            header.stamp,
            receivedMs,
            (atMs) => {
              tree.place(header.frame_id, child_frame_id, { ...pose, atMs });
              const tool = tree.poseIn(frameId, childFrameId);
              // Which transform comes first is chance: that one is missing yet is nothing to be told of.
              if (!('missing' in tool) && Number.isFinite(tool.atMs)) reader.placed(tool, tool.atMs);
              return undefined;
            },
            topic,
          );
        }
      },
    );
  listen('/tf');
  listen('/tf_static');
}

/** All of them, or the reason of the first that was not sent. */
function sendAll(
  publishers: ReadonlyMap<string, Publisher>,
  messages: readonly TopicMessage[],
): SendRefusal | undefined {
  for (const { topic, message } of messages) {
    const why = publishers.get(topic)!.send(message);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** Listens long enough to hear another one that drives this robot. */
async function rivalless(beacon: Beacon, listenMs: number, report: () => void, signal: AbortSignal) {
  for (const beganMs = monotonicNowMs(); monotonicNowMs() - beganMs < listenMs; await beacon.rest(signal)) {
    report();
    if (beacon.rivals() === 0) continue;
    throw new PumiceError('body/driver', 'another one drives this robot: its beacon is heard', {
      who: 'ros',
      hint: 'Close the other one first',
    });
  }
}

const answerSchema = z.object({ success: z.boolean(), message: z.string().optional() });

async function callOf(link: Link, { service, type, args }: ServiceProfile, signal: AbortSignal) {
  const asked = { service, type, args, deadlineMs: SERVICE_MS, signal };
  const { success, message } = await link.call({ ...asked, schema: answerSchema });
  if (success) return;
  throw new PumiceError('body/not-ready', `service ${service}: the robot says no: ${message ?? 'no reason given'}`, {
    who: 'ros',
    hint: 'Look into the log of the robot',
  });
}
