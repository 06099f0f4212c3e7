/**
 * Commands through breaks of four kinds (50 at night), at the rate of a driver: each has a number of its own, and is counted at the node. What the
 * link refused must never come; what it sent and the network held up comes with a stamp by which a robot drops it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBeacon } from '../../../envs/ros/beacon.ts';
import { openLink } from '../../../envs/ros/connection.ts';
import { headerOf } from '../../../envs/ros/messages.ts';
import { servoArm } from '../../../envs/ros/profiles/servo-arm.ts';
import { monotonicNowMs, sleep } from '../../../src/clock.ts';
import { until } from '../double/bridge.ts';
import { COMMANDS, twist } from '../given.ts';
import { type Graph, missing, openGraph } from './graph.ts';
import { openProxy, type Stretch } from './proxy.ts';

const why = missing();
const PERIOD_MS = 20;
/** Commands that flow between two breaks, at least. */
const FLOW = 15;
/** Number n travels as n times this, m/s: exact enough to be told again. */
const UNIT = 1e-6;
/** Chosen: a break of these lengths is longer than the time in which a dead link is given up, or shorter. */
const OF_EACH = process.env.NIGHT
  ? { kill: 8, stop: 12, cut: 15, silence: 15 }
  : { kill: 4, stop: 5, cut: 6, silence: 5 };
const BREAKS = Object.entries(OF_EACH).flatMap(([kind, count]) =>
  Array.from({ length: count }, () => kind as keyof typeof OF_EACH),
);

describe.skipIf(why !== undefined)(`commands through broken links${why ? ` (skipped: ${why})` : ''}`, () => {
  let graph: Graph;
  let proxy: Stretch;
  beforeAll(async () => {
    graph = await openGraph();
    proxy = await openProxy(graph.url);
  }, 300_000);
  afterAll(async () => {
    await proxy?.close();
    await graph?.close();
  });

  it('of what was refused nothing reaches the node, and nothing of what comes late is young enough to be executed', async () => {
    const opened = openLink({ url: proxy.url, ros: 2 });
    const beacon = createBeacon(opened, { drives: true });
    const commands = opened.advertise(COMMANDS, 'geometry_msgs/TwistStamped');
    const sentAtMs = new Map<number, number>();
    const refused = new Set<number>();
    let number = 0;
    let isOver = false;
    const drive = async () => {
      for (let dueMs = monotonicNowMs(); !isOver; dueMs += PERIOD_MS) {
        await sleep(Math.max(0, dueMs - monotonicNowMs()));
        const nowMs = monotonicNowMs();
        const robotMs = beacon.clock.at(nowMs);
        number += 1;
        const isSent =
          robotMs !== undefined &&
          commands.send({ ...twist(2, number * UNIT), header: headerOf(2, robotMs, 'base') }) === undefined;
        if (isSent) sentAtMs.set(number, nowMs);
        else refused.add(number);
      }
    };
    const driving = drive();
    const arrived = () =>
      graph.heard(COMMANDS).map(({ message, ageMs }) => ({
        number: Math.round(message.twist.linear.x / UNIT),
        ageMs: ageMs!,
      }));
    /** Commands of after the break reach the node, one after the other. */
    const flows = async () => {
      const from = number + FLOW;
      await until(
        () => graph.heard(COMMANDS).length > 0 && arrived().at(-1)!.number > from,
        'commands to flow',
        60_000,
      );
    };
    const breakOnce = async (kind: (typeof BREAKS)[number], nth: number) => {
      const lengthMs = nth % 3 === 0 ? 400 : 1800;
      if (kind === 'kill') {
        await graph.bridge.kill();
        await sleep(lengthMs);
        await graph.bridge.start();
      } else if (kind === 'stop') {
        graph.bridge.signal('SIGSTOP');
        await sleep(lengthMs);
        graph.bridge.signal('SIGCONT');
      } else if (kind === 'cut') proxy.cut();
      else {
        proxy.silence(true);
        await sleep(lengthMs);
        proxy.silence(false);
      }
    };
    await flows();
    for (const [nth, kind] of BREAKS.entries()) {
      await breakOnce(kind, nth);
      await flows();
    }
    isOver = true;
    await driving;
    beacon.close();
    await opened.close();

    const all = arrived();
    const stale = all.filter((one) => refused.has(one.number));
    const late = all.filter(({ ageMs }) => ageMs > servoArm.maxCommandAgeMs);
    const twice = all.length - new Set(all.map((one) => one.number)).size;
    // Younger than they are by their stamp: what a robot would take for new.
    const disguised = all.filter(({ ageMs }) => ageMs < 0);
    console.log(
      `${BREAKS.length} breaks, ${number} commands: ${sentAtMs.size} sent, ${refused.size} refused; at the node ${all.length}, ` +
        `of them refused ${stale.length}, twice ${twice}, with a stamp of the future ${disguised.length}, ` +
        `too old by their stamp (dropped by a robot) ${late.length}`,
    );
    expect(refused.size).toBeGreaterThanOrEqual(20 * BREAKS.length);
    expect(stale).toEqual([]);
    expect(twice).toBe(0);
    expect(disguised).toEqual([]);
    expect(all.filter((one) => !sentAtMs.has(one.number))).toEqual([]);
    expect(all.length - late.length).toBeGreaterThan(10 * BREAKS.length);
  }, 600_000);
});
