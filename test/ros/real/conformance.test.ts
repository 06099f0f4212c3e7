/** The link against a real graph of ROS 2, through a real bridge. Counted is what an rclpy node received. */

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { createBeacon } from '../../../envs/ros/beacon.ts';
import { openCameras } from '../../../envs/ros/cameras.ts';
import { type LinkOptions, openLink } from '../../../envs/ros/connection.ts';
import { headerOf } from '../../../envs/ros/messages.ts';
import { monotonicNowMs, wallMs } from '../../../src/clock.ts';
import { until } from '../double/bridge.ts';
import { COMMANDS, twist } from '../given.ts';
import { type Graph, missing, openGraph } from './graph.ts';

const TWIST = 'geometry_msgs/TwistStamped';
const why = missing();

describe.skipIf(why !== undefined)(`a link to a real graph${why ? ` (skipped: ${why})` : ''}`, () => {
  let graph: Graph;
  beforeAll(async () => {
    graph = await openGraph();
  }, 300_000);
  afterAll(() => graph?.close());

  const link = (options: Partial<LinkOptions> = {}) => {
    const opened = openLink({ url: graph.url, ros: 2, ...options });
    onTestFinished(() => opened.close());
    return opened;
  };
  const isConnected = (opened: ReturnType<typeof link>) =>
    until(() => opened.status().state === 'connected', 'a connected link', 30_000);
  /** The bridge takes a moment to find the node after a topic was announced. */
  const meets = async (send: () => unknown, topic = COMMANDS) => {
    const before = graph.heard(topic).length;
    await until(() => send() === undefined && graph.heard(topic).length > before, `the node to hear ${topic}`, 30_000);
  };

  const xs = () => graph.heard(COMMANDS).map(({ message }) => message.twist.linear.x);
  const stamped = (xMPerS: number) => ({ ...twist(2, xMPerS), header: headerOf(2, wallMs(monotonicNowMs()), 'base') });

  it('a command reaches the node whole, with its stamp', async () => {
    const opened = link();
    const commands = opened.advertise(COMMANDS, TWIST);
    await isConnected(opened);
    const stampMs = wallMs(monotonicNowMs());
    const command = { ...twist(2, 0.123), header: headerOf(2, stampMs, 'base') };
    await meets(() => commands.send(command));
    const { message, ageMs } = graph.heard(COMMANDS).at(-1)!;
    expect(message).toEqual(command);
    expect(ageMs).toBeGreaterThan(0);
  });

  it('a header that is left out is filled in by the bridge with its time', async () => {
    const opened = link();
    const beacon = opened.advertise('/pumice/beacon', 'geometry_msgs/PointStamped');
    const echo = opened.subscribe({
      topic: '/pumice/beacon',
      type: 'geometry_msgs/PointStamped',
      schema: z.object({
        header: z.object({ stamp: z.object({ sec: z.int(), nanosec: z.int() }) }),
        point: z.object({ x: z.number() }),
      }),
    });
    await isConnected(opened);
    await until(
      () => {
        beacon.send({ point: { x: 2 ** 52 + 1, y: 2, z: 1 } });
        return echo.count() > 0;
      },
      'its own beacon',
      30_000,
    );
    const { message } = echo.newest()!;
    expect(message.point.x).toBe(2 ** 52 + 1);
    expect(Math.abs(message.header.stamp.sec - wallMs(monotonicNowMs()) / 1000)).toBeLessThan(30);
  });

  it('the bridge is killed in mid-motion and comes back: 0 of the commands in between reach the node', async () => {
    const opened = link();
    const commands = opened.advertise(COMMANDS, TWIST);
    await isConnected(opened);
    await meets(() => commands.send(stamped(0.1)));
    await graph.bridge.kill();
    await until(() => opened.status().state === 'down', 'the loss');
    for (let i = 0; i < 100; i++) expect(commands.send(stamped(0.2))).toBe('down');
    await graph.bridge.start();
    await isConnected(opened);
    expect(opened.status().epoch).toBe(2);
    await until(
      () => commands.send(stamped(0.3)) === undefined && xs().includes(0.3),
      'the node to hear a new command',
      30_000,
    );
    expect(xs().filter((x) => x === 0.2)).toEqual([]);
  });
  it('the bridge is stopped: commands are refused within three pings, and of those the node gets none afterwards', async () => {
    const opened = link();
    const commands = opened.advertise(COMMANDS, TWIST);
    await isConnected(opened);
    await meets(() => commands.send(stamped(0.4)));
    graph.bridge.signal('SIGSTOP');
    let passed = 0;
    await until(() => {
      const why = commands.send(stamped(0.5));
      if (why === undefined) passed += 1;
      return why === 'no fresh pong';
    }, 'a refusal');
    for (let i = 0; i < 100; i++) expect(commands.send(stamped(0.6))).toBe('no fresh pong');
    await until(() => opened.status().state === 'down', 'the end of the dead socket');
    graph.bridge.signal('SIGCONT');
    await isConnected(opened);
    await until(() => commands.send(stamped(0.7)) === undefined && xs().includes(0.7), 'a new command', 30_000);
    expect(xs().filter((x) => x === 0.6)).toEqual([]);
    // What had left before is in the hands of the system: its stamp tells the robot how old it is.
    const late = graph.heard(COMMANDS).filter(({ message }) => message.twist.linear.x === 0.5);
    expect(late.length).toBeLessThanOrEqual(passed);
  });

  it('what is not finite, not whole or of another type never leaves; the same from a plain socket is zeros at the node', async () => {
    const opened = link();
    const commands = opened.advertise(COMMANDS, TWIST);
    await isConnected(opened);
    const { header } = twist();
    for (const message of [twist(2, Number.NaN), { header }, { data: 1 }, {}])
      expect(commands.send(message)).toBe('invalid');
    const plain = new WebSocket(graph.url);
    await new Promise((done) => plain.addEventListener('open', done));
    const before = xs().length;
    await until(
      () => {
        plain.send(JSON.stringify({ op: 'publish', topic: COMMANDS, msg: { header, twist: { linear: { x: 0.8 } } } }));
        return xs().length > before;
      },
      'what is not whole to reach the node',
      30_000,
    );
    plain.close();
    expect(graph.heard(COMMANDS).at(-1)!.message.twist.angular).toEqual({ x: 0, y: 0, z: 0 });
  });

  it('a service is answered, an unknown one refused, and pictures come as bytes', async () => {
    const opened = link();
    await isConnected(opened);
    const schema = z.object({ success: z.boolean(), message: z.string() });
    const asked = { type: 'std_srvs/SetBool', deadlineMs: 10_000, schema } as const;
    await expect(opened.call({ ...asked, service: '/estop', args: { data: true } })).resolves.toEqual({
      success: true,
      message: 'stopped',
    });
    await expect(opened.call({ ...asked, service: '/estop', args: { dta: true } })).rejects.toThrow(
      /expected a request of/,
    );
    await expect(opened.call({ ...asked, service: '/nobody', args: { data: true } })).rejects.toThrow(
      /the robot refuses/,
    );
    const camera = opened.subscribe({
      ...{ topic: '/camera/compressed', type: 'sensor_msgs/CompressedImage', compression: 'cbor', maxSilenceMs: 1000 },
      schema: z.object({ format: z.literal('jpeg'), data: z.instanceof(Uint8Array) }),
    });
    await until(() => camera.count() > 2, 'pictures', 30_000);
    const { data } = camera.newest()!.message;
    expect([data.length, data[0], data[1], data.at(-1)]).toEqual([20_484, 0xff, 0xd8, 0xd9]);
    expect(camera.unfit().count).toBe(0);
  });

  it('a raw picture comes whole, row by row, as red, green, blue, with the time at which it was taken', async () => {
    const opened = link();
    const beacon = createBeacon(opened, { drives: false });
    onTestFinished(beacon.close);
    const camera = { name: 'raw', topic: '/camera/raw', kind: 'raw', widthPx: 640, heightPx: 480, minHz: 1 } as const;
    const cameras = openCameras(opened, [camera], beacon.clock.hereMs);
    const agesMs: number[] = [];
    let seenMs = 0;
    await until(
      () => {
        const [frame] = cameras.frames();
        if (frame && frame.stampMs !== seenMs) {
          agesMs.push(monotonicNowMs() - frame.stampMs);
          seenMs = frame.stampMs;
        }
        return agesMs.length >= 15;
      },
      'pictures',
      60_000,
    );
    expect(cameras.problems()).toEqual([]);
    const [frame] = cameras.frames();
    expect(frame).toMatchObject({ encoding: 'rgb8', camera: 'raw', frameId: 'camera', widthPx: 640, heightPx: 480 });
    const wrong = Array.from({ length: 640 * 480 }, (_, at) => at).filter((at) => {
      const [x, y] = [at % 640, Math.floor(at / 640)];
      const [red, green, blue] = frame!.data.subarray(3 * at, 3 * at + 3);
      return red !== (x & 255) || green !== (y & 255) || blue !== ((x + y) & 255);
    });
    expect(wrong).toEqual([]);
    const sorted = [...agesMs].sort((a, b) => a - b);
    expect(sorted[0]).toBeGreaterThan(0);
    console.log(`raw 640 x 480 at 5 Hz: age p50 ${sorted[7]!.toFixed(0)} ms, most ${sorted.at(-1)!.toFixed(0)} ms`);
  });
});
