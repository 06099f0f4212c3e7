/** The link against a real graph of ROS 2, through a real bridge. Counted is what an rclpy node received. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { type LinkOptions, openLink } from '../../../envs/ros/connection.ts';
import { headerOf } from '../../../envs/ros/messages.ts';
import { monotonicNowMs, wallMs } from '../../../src/clock.ts';
import { until } from '../double/bridge.ts';
import { COMMANDS, twist } from '../given.ts';
import { type Graph, missing, openGraph } from './graph.ts';

const TWIST = 'geometry_msgs/TwistStamped';
const why = missing();
if (why && process.env.CI) throw new Error(`no ROS graph: ${why}`);

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
});
