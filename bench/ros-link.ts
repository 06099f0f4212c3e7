/**
 * What a link costs beside commands, on a real graph: pictures of 640 x 480 at 20 Hz by the link's cameras and by plain roslib, in turn;
 * how long it takes until commands reach the node again after a break; and memory over minutes of both.
 * Run with: `npx tsc -p tsconfig.bench.json && node --expose-gc .cache/bench/bench/ros-link.js`.
 */
import { statSync } from 'node:fs';
import { monotonicNowMs, sleep } from 'pumice';
import { Ros, Topic } from 'roslib';
import { openCameras } from '../envs/ros/cameras.ts';
import { openLink } from '../envs/ros/connection.ts';
import { headerOf } from '../envs/ros/messages.ts';
import { wallMs } from '../src/clock.ts';
import { openGraph } from '../test/ros/real/graph.ts';
import { pictureFile } from '../test/ros/real/picture.ts';
import { openProxy } from '../test/ros/real/proxy.ts';
import { quantile, sayLoad, sayMachine } from './measure.ts';

const [WIDTH_PX, HEIGHT_PX, RATE_HZ] = [640, 480, 20];
const [ROUNDS, ROUND_MS] = [6, 5000];
const BREAKS = 10;
const MEMORY_MS = 180_000;
const TOPIC = '/cameras/third/compressed';
const COMMANDS = '/servo/cmd';

sayMachine('ros-link');
const picture = await pictureFile(WIDTH_PX, HEIGHT_PX);
const graph = await openGraph(picture.path);
graph.lie({ pictureHz: RATE_HZ });
const proxy = await openProxy(graph.url);

interface Eye {
  readonly name: string;
  readonly agesMs: number[];
  cpuMs: number;
  readonly open: () => Promise<() => unknown>;
}
const ageMs = (stampMs: number) => wallMs(monotonicNowMs()) - stampMs;
const eyes: readonly Eye[] = [
  {
    ...{ name: 'link', agesMs: [], cpuMs: 0 },
    async open() {
      const link = openLink({ url: graph.url, ros: 2 });
      await link.ready(30_000);
      const { agesMs } = this;
      const size = { widthPx: WIDTH_PX, heightPx: HEIGHT_PX, minHz: 5 };
      const cameras = openCameras(link, [{ name: 'third', topic: TOPIC, kind: 'compressed', ...size }], (robotMs) => {
        agesMs.push(ageMs(robotMs));
        return robotMs;
      });
      await sleep(ROUND_MS);
      if (cameras.frames()[0]?.widthPx !== WIDTH_PX) throw new Error('no picture came by the link');
      return link.close;
    },
  },
  ...(['none', 'cbor'] as const).map((compression) => ({
    ...{ name: `roslib, compression ${compression}`, agesMs: [] as number[], cpuMs: 0 },
    async open() {
      const ros = new Ros();
      const isOpen = new Promise((resolve) => ros.once('connection', resolve));
      await ros.connect(graph.url);
      await isOpen;
      const messageType = 'sensor_msgs/msg/CompressedImage';
      const topic = new Topic<{ header: { stamp: { sec: number; nanosec: number } }; data: unknown }>({
        ...{ ros, name: TOPIC, messageType, compression, queue_length: 1 },
      });
      const { agesMs } = this;
      topic.subscribe(({ header: { stamp }, data }) => {
        // What a picture is of use for begins with its bytes.
        if (typeof data === 'string') Buffer.from(data, 'base64');
        agesMs.push(ageMs(1000 * stamp.sec + stamp.nanosec / 1e6));
      });
      await sleep(ROUND_MS);
      return () => ros.close();
    },
  })),
];
for (let round = 0; round < ROUNDS; round++)
  for (const eye of eyes) {
    const before = process.cpuUsage();
    const close = await eye.open();
    const { user, system } = process.cpuUsage(before);
    eye.cpuMs += (user + system) / 1000;
    await close();
  }
console.log(`pictures ${WIDTH_PX} x ${HEIGHT_PX}, ${statSync(picture.path).size} bytes, ${RATE_HZ} Hz:`);
for (const { name, agesMs, cpuMs } of eyes) {
  const [p50, p99] = [0.5, 0.99].map((share) => quantile(agesMs, share).toFixed(1));
  const perS = (1000 * agesMs.length) / (ROUNDS * ROUND_MS);
  const share = ((100 * cpuMs) / (ROUNDS * ROUND_MS)).toFixed(1);
  console.log(
    `  ${name}: age when it is here p50 ${p50} ms, p99 ${p99} ms, ${perS.toFixed(1)} a second, ${share} % of a processor`,
  );
}

const link = openLink({ url: proxy.url, ros: 2 });
await link.ready(30_000);
const publisher = link.advertise(COMMANDS, 'geometry_msgs/TwistStamped');
const still = { x: 0, y: 0, z: 0 };
let sent = 0;
const send = () => {
  const header = headerOf(2, wallMs(monotonicNowMs()), 'base');
  sent += 1;
  return publisher.send({ header, twist: { linear: { ...still, x: sent }, angular: still } });
};
const isHeard = async (of: number) => {
  while ((graph.heard(COMMANDS).at(-1)?.message.twist.linear.x ?? 0) < of) {
    send();
    await sleep(5);
  }
};
await isHeard(1);
const resume = async (name: string, cut: () => unknown, mend: () => unknown, betweenMs: number) => {
  const tookMs: number[] = [];
  for (let at = 0; at < BREAKS; at++) {
    await cut();
    await sleep(betweenMs);
    const mendedMs = monotonicNowMs();
    await mend();
    await isHeard(sent + 1);
    tookMs.push(monotonicNowMs() - mendedMs);
    await sleep(200);
  }
  console.log(
    `  ${name}: median ${quantile(tookMs, 0.5).toFixed(0)} ms, most ${Math.max(...tookMs).toFixed(0)} ms (${BREAKS})`,
  );
};
console.log('from the end of a break to the next command that the node has:');
await resume(
  'socket reset, at once another',
  () => proxy.sever(true),
  () => proxy.sever(false),
  0,
);
await resume(
  'no connection for 2 s',
  () => proxy.sever(true),
  () => proxy.sever(false),
  2000,
);
await resume(
  'bridge stopped for 2 s',
  () => graph.bridge.signal('SIGSTOP'),
  () => graph.bridge.signal('SIGCONT'),
  2000,
);
await resume('bridge killed, started again', graph.bridge.kill, graph.bridge.start, 0);

if (!globalThis.gc) throw new Error('start it with --expose-gc');
const size = { widthPx: WIDTH_PX, heightPx: HEIGHT_PX, minHz: 5 };
openCameras(link, [{ name: 'third', topic: TOPIC, kind: 'compressed', ...size }], (robotMs) => robotMs);
const memory = () => {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return `${((heapUsed + external) / 1e6).toFixed(1)} MB in use, ${(rss / 1e6).toFixed(0)} MB resident`;
};
console.log('memory, 20 pictures and 50 commands a second:');
for (const startMs = monotonicNowMs(), marks = [10_000, 60_000, 120_000, MEMORY_MS]; marks.length > 0; ) {
  send();
  await sleep(20);
  if (monotonicNowMs() - startMs < marks[0]!) continue;
  console.log(`  after ${marks.shift()! / 1000} s: ${memory()}`);
}
await link.close();
sayLoad();
await proxy.close();
await graph.close();
picture.remove();
