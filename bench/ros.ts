/**
 * Round trips of a command through a real bridge and graph and back: by the link, by plain roslib, and by a plain socket, interleaved.
 * No part of `npm run bench`, which needs no ROS: the graph is set up as by `npm run test:ros`.
 * Run with: `npx tsc -p tsconfig.bench.json && node .cache/bench/bench/ros.js`.
 */
import { monotonicNowMs } from 'pumice';
import { Ros, Topic } from 'roslib';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { openLink } from '../envs/ros/connection.ts';
import { headerOf } from '../envs/ros/messages.ts';
import { openGraph } from '../test/ros/real/graph.ts';
import { quantile, sayLoad, sayMachine } from './measure.ts';

const ROUNDS = 20;
const TRIPS = 50;
const TYPE = 'geometry_msgs/msg/TwistStamped';
const xyz = { x: 0.1, y: 0, z: 0 };
const message = () => ({ header: headerOf(2, 1_700_000_000_000, 'base'), twist: { linear: xyz, angular: xyz } });

type Trip = () => Promise<void>;
interface Way {
  readonly name: string;
  readonly trip: Trip;
  readonly close: () => unknown;
}

/** One message there and back; the next one is sent when it is here. */
function waiting(send: () => void): { readonly trip: Trip; readonly arrived: () => void } {
  let resolve: (() => void) | undefined;
  return {
    trip: () =>
      new Promise<void>((done) => {
        resolve = done;
        send();
      }),
    arrived: () => resolve?.(),
  };
}

async function byLink(url: string): Promise<Way> {
  const link = openLink({ url, ros: 2 });
  await link.ready(30_000);
  const publisher = link.advertise('/bench/link', 'geometry_msgs/TwistStamped');
  const { trip, arrived } = waiting(() => {
    const why = publisher.send(message());
    if (why) throw new Error(`not sent: ${why}`);
  });
  const schema = z.object({ twist: z.object({ linear: z.object({ x: z.number() }) }) });
  link.subscribe({ topic: '/bench/link', type: 'geometry_msgs/TwistStamped', schema }, arrived);
  return { name: 'link', trip, close: link.close };
}

async function byRoslib(url: string): Promise<Way> {
  const ros = new Ros();
  const isOpen = new Promise((resolve) => ros.once('connection', resolve));
  await ros.connect(url);
  await isOpen;
  const topic = new Topic({ ros, name: '/bench/roslib', messageType: TYPE });
  topic.advertise();
  const { trip, arrived } = waiting(() => topic.publish(message()));
  topic.subscribe(arrived);
  return { name: 'roslib', trip, close: () => ros.close() };
}

async function bySocket(url: string): Promise<Way> {
  const socket = new WebSocket(url);
  await new Promise((resolve) => socket.once('open', resolve));
  const send = (said: object) => socket.send(JSON.stringify(said));
  const topic = '/bench/socket';
  send({ op: 'advertise', topic, type: TYPE });
  send({ op: 'subscribe', topic, type: TYPE });
  const { trip, arrived } = waiting(() => send({ op: 'publish', topic, msg: message() }));
  socket.on('message', (data) => {
    JSON.parse(data.toString());
    arrived();
  });
  return { name: 'socket', trip, close: () => socket.close() };
}

sayMachine('ros');
const graph = await openGraph();
const ways = [await byLink(graph.url), await byRoslib(graph.url), await bySocket(graph.url)];
/** Until the bridge listens to itself, messages are lost: the first one is sent again until it is back. */
for (const { trip } of ways)
  for (let isBack = false; !isBack; )
    isBack = await Promise.race([
      trip().then(() => true),
      new Promise<boolean>((resolve) => setTimeout(resolve, 500, false)),
    ]);
const took = new Map(ways.map(({ name }) => [name, [] as number[]]));
const cpuUs = new Map(ways.map(({ name }) => [name, 0]));
for (let round = 0; round < ROUNDS; round++)
  for (const { name, trip } of ways) {
    const before = process.cpuUsage();
    for (let i = 0; i < TRIPS; i++) {
      const startMs = monotonicNowMs();
      await trip();
      took.get(name)!.push(monotonicNowMs() - startMs);
    }
    const { user, system } = process.cpuUsage(before);
    cpuUs.set(name, cpuUs.get(name)! + user + system);
  }
for (const { name } of ways) {
  const all = took.get(name)!;
  const [p50, p99] = [0.5, 0.99].map((share) => quantile(all, share).toFixed(2));
  console.log(
    `${name}: p50 ${p50} ms, p99 ${p99} ms, ${(cpuUs.get(name)! / all.length).toFixed(0)} us of CPU a trip (${all.length})`,
  );
}
sayLoad();
for (const { close } of ways) await close();
await graph.close();
