/**
 * A sign of life that goes out to the graph and comes back: it tells how long the way is, what the robot's clock shows, whether anything
 * comes through at all (a bridge may answer pings and drop every message), and who else drives this robot. One point a period:
 * x who (a random whole number), y its number, z 1 where it drives. Its header is left out, which bridges fill in with their time.
 */
import { randomInt } from 'node:crypto';
import { monotonicNowMs, sleep } from 'pumice';
import { z } from 'zod';
import { stampSchema } from './incoming.ts';
import type { Link, Subscription } from './link.ts';
import { createRobotClock, type RobotClock } from './robot-clock.ts';

export const BEACON_TOPIC = '/pumice/beacon';

export interface BeaconOptions {
  /** Whether this one commands the robot, or only looks. */
  readonly drives: boolean;
  readonly periodMs?: number;
  /** For how long nothing may come back before the socket is given up, ms. */
  readonly mostSilenceMs?: number;
}

export interface Beacon {
  readonly clock: RobotClock;
  /** How many others drove this robot within the last second. */
  readonly rivals: () => number;
  /** From sending to hearing it again through the graph, ms. */
  readonly wayMs: () => number | undefined;
  /** Until the next sign of life. */
  readonly rest: (signal: AbortSignal) => Promise<void>;
  readonly close: () => void;
}

/** Chosen: ten signs of life. */
const RIVAL_MS = 1000;
/** Signs of life that are waited for. */
const MOST_OUT = 32;

const schema = z.object({
  header: z.object({ stamp: stampSchema }),
  point: z.object({ x: z.number(), y: z.number(), z: z.number() }),
});

export function createBeacon(link: Link, { drives, periodMs = 100, mostSilenceMs = 2000 }: BeaconOptions): Beacon {
  const self = randomInt(1, 2 ** 47);
  const clock = createRobotClock();
  const out = new Map<number, number>();
  const others = new Map<number, number>();
  const closing = new AbortController();
  let number = 0;
  let wayMs: number | undefined;
  let heardMs = monotonicNowMs();
  const type = 'geometry_msgs/PointStamped';
  const publisher = link.advertise(BEACON_TOPIC, type);
  const subscription: Subscription<z.output<typeof schema>> = link.subscribe(
    { topic: BEACON_TOPIC, type, schema },
    ({ message: { header, point }, receivedMs }) => {
      if (point.x !== self) {
        if (point.z === 1) others.set(point.x, receivedMs);
        return;
      }
      const sentMs = out.get(point.y);
      if (sentMs === undefined) return;
      out.delete(point.y);
      heardMs = receivedMs;
      wayMs = receivedMs - sentMs;
      clock.add({ sentMs, receivedMs, robotMs: header.stamp });
    },
  );
  /** Nobody else is to be taken for one who still drives, and no list may grow. */
  const forget = (nowMs: number) => {
    for (const [who, seenMs] of others) if (nowMs - seenMs > RIVAL_MS) others.delete(who);
    while (out.size > MOST_OUT) out.delete(out.keys().next().value!);
  };
  const shine = async () => {
    for (let epoch = 0; !closing.signal.aborted; await sleep(periodMs, closing.signal).catch(() => {})) {
      const nowMs = monotonicNowMs();
      const status = link.status();
      if (status.state === 'down' || status.epoch !== epoch) heardMs = nowMs;
      epoch = status.epoch;
      if (nowMs - heardMs > mostSilenceMs) {
        link.renew('the bridge answers pings and passes no message on');
        heardMs = nowMs;
      }
      number += 1;
      if (publisher.send({ point: { x: self, y: number, z: Number(drives) } }) === undefined) out.set(number, nowMs);
      forget(nowMs);
    }
  };
  shine();
  return {
    clock,
    rivals: () => {
      forget(monotonicNowMs());
      return others.size;
    },
    wayMs: () => wayMs,
    rest: (signal) => sleep(periodMs, signal),
    close: () => {
      closing.abort();
      subscription.close();
    },
  };
}
