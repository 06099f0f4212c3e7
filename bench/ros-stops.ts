/**
 * Stop chains of a profile on a real graph: from full speed to less than 1 mm/s, time and way, by the account of the arm itself (its watchdog,
 * inertia and age check are those of `test/ros/real/node.py`). Also with the main thread blocked, the socket reset, and the process killed.
 * Run with: `npx tsc -p tsconfig.bench.json && node .cache/bench/bench/ros-stops.js`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Env, monotonicNowMs, sleep } from 'pumice';
import { PROFILES, ros } from 'pumice/envs/ros';
import { firstValueFrom, from } from 'rxjs';
import { wallMs } from '../src/clock.ts';
import type { Answer } from '../src/ports.ts';
import { type Graph, openGraph } from '../test/ros/real/graph.ts';
import { pictureFile } from '../test/ros/real/picture.ts';
import { openProxy } from '../test/ros/real/proxy.ts';
import { quantile, sayLoad, sayMachine } from './measure.ts';

const RUNS = 5;
const profile = PROFILES['servo-arm']!;
const { limits } = profile.robot;
/** Share of full speed at which a stop is begun, at least: the arm turns at its ends. */
const FULL = 0.7;
const END_M = 0.25;
const context = { signal: new AbortController().signal, nowMs: monotonicNowMs, report: () => {} };
const answer = <T>(given: Answer<T>) => firstValueFrom(from(given));
const here = () => wallMs(monotonicNowMs());

/** Leads the arm from end to end as fast as it may be, until it is stopped. */
async function drive(env: Env, isOver: () => boolean): Promise<void> {
  let way = 1;
  while (!isOver()) {
    const { commandedTcpPose: at, tcpPose } = (await answer(env.observe(context))).proprio!;
    if (Math.abs(tcpPose!.pM[1]) > END_M) way = -Math.sign(tcpPose!.pM[1]);
    const [x, y, z] = at!.pM;
    const pM = [x, y + way * limits.maxStepM * 0.98, z] as const;
    const pose = { kind: 'eef-pose', frameId: 'base', pM, qXyzw: at!.qXyzw, gripperOpen: 1 } as const;
    if ((await answer(env.act(pose, context))).status === 'stopped') return;
    await sleep(limits.stepMs / 20);
  }
}

async function isFast(graph: Graph): Promise<void> {
  const isMiddle = () => Math.abs(graph.arm().y) < END_M / 2;
  const byMs = monotonicNowMs() + 30_000;
  while (!(graph.arm().speed > FULL * limits.maxSpeedMPerS && isMiddle())) {
    if (monotonicNowMs() > byMs)
      throw new Error(`the arm is not led at full speed within 30 s: ${graph.arm().speed} m/s`);
    await sleep(2);
  }
}

/** The first reading from which on it rests. */
async function rest(graph: Graph, atMs: number) {
  for (const byMs = here() + 5000; here() < byMs; await sleep(20)) {
    const after = graph.track().filter((arm) => arm.atMs >= atMs);
    const before = graph.track().findLast((arm) => arm.atMs <= atMs);
    const rested = after.find((arm) => arm.speed < 0.001);
    if (!rested || !before) continue;
    return { speed: before.speed, ms: rested.atMs - atMs, mm: 1000 * Math.abs(rested.y - before.y) };
  }
  throw new Error('it does not rest within 5 s');
}

const kill = async (child: ChildProcess, signal: NodeJS.Signals) => {
  child.kill(signal);
  await once(child, 'exit');
};

if (process.argv[2]) {
  const env = await ros({ url: process.argv[2], profile });
  await answer(env.reset({ instruction: 'go' }, context));
  await drive(env, () => false);
}

sayMachine('ros-stops');
const picture = await pictureFile();
const graph = await openGraph(picture.path);
const proxy = await openProxy(graph.url);

interface Chain {
  readonly name: string;
  readonly stop: (env: Env) => unknown;
  readonly mend?: () => unknown;
  /** Where it is reached, if not at the bridge itself: what stands in between lives in this thread. */
  readonly url?: string;
}
const CHAINS: readonly Chain[] = [
  { name: 'halt, category 1', stop: (env) => env.halt(1, 'bench') },
  { name: 'hold, category 2', stop: (env) => env.halt(2, 'bench') },
  { name: 'category 0 (nothing is sent; the watchdog of the robot)', stop: (env) => env.halt(0, 'bench') },
  {
    name: 'main thread blocked (the motion expires)',
    stop: () => {
      for (const untilMs = monotonicNowMs() + 1500; monotonicNowMs() < untilMs; );
    },
  },
  {
    name: 'socket reset, and no other',
    url: proxy.url,
    stop: () => proxy.sever(true),
    mend: () => proxy.sever(false),
  },
  {
    name: 'bridge stopped (SIGSTOP)',
    stop: () => graph.bridge.signal('SIGSTOP'),
    mend: () => graph.bridge.signal('SIGCONT'),
  },
  { name: 'bridge killed', stop: () => graph.bridge.kill(), mend: () => graph.bridge.start() },
];

const say = (name: string, found: readonly Awaited<ReturnType<typeof rest>>[]) => {
  const of = (key: 'speed' | 'ms' | 'mm') => found.map((one) => one[key]);
  const most = (key: 'ms' | 'mm') => Math.max(...of(key)).toFixed(0);
  console.log(
    `| ${name} | ${quantile(of('speed'), 0.5).toFixed(2)} | ${quantile(of('ms'), 0.5).toFixed(0)} | ${most('ms')} | ` +
      `${quantile(of('mm'), 0.5).toFixed(0)} | ${most('mm')} |`,
  );
};
console.log(
  `| what stops it (${RUNS} times) | m/s | ms | at most | mm | at most |\n| --- | --- | --- | --- | --- | --- |`,
);
for (const { name, stop, mend, url = graph.url } of CHAINS) {
  const env = await ros({ url, profile });
  const found = [];
  for (let run = 0; run < RUNS; run++) {
    const backMs = monotonicNowMs();
    while (!((await answer(env.observe(context))).proprio!.stampMs > backMs)) await sleep(20);
    await answer(env.reset({ instruction: 'go' }, context));
    let isOver = false;
    const driving = drive(env, () => isOver);
    await isFast(graph);
    const atMs = here();
    isOver = true;
    await stop(env);
    found.push(await rest(graph, atMs));
    await driving;
    await mend?.();
  }
  await env.close();
  say(name, found);
}
const found = [];
for (let run = 0; run < RUNS; run++) {
  const child = spawn(process.execPath, [process.argv[1]!, graph.url], { stdio: 'inherit' });
  await isFast(graph);
  const atMs = here();
  await kill(child, 'SIGKILL');
  found.push(await rest(graph, atMs));
}
say('the process is killed (SIGKILL)', found);
sayLoad();
await proxy.close();
await graph.close();
picture.remove();
