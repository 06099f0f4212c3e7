/**
 * Stop chains of each profile on a real graph, by the physics of the simulated arm, which is a process of its own with its own watchdog and
 * age check: from full speed to less than 1 mm/s, time and way. Also with the main thread blocked, the link lost, and the process killed.
 * Run with: `npx tsc -p tsconfig.bench.json && node .cache/bench/bench/ros-stops.js`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Env, monotonicNowMs, sleep } from 'pumice';
import { PROFILES, type RosProfile, ros } from 'pumice/envs/ros';
import { firstValueFrom, from } from 'rxjs';
import { rosSim } from '../agents/ros-sim/index.ts';
import { wallMs } from '../src/clock.ts';
import type { Answer } from '../src/ports.ts';
import { openGraph } from '../test/ros/real/graph.ts';
import { openProxy } from '../test/ros/real/proxy.ts';
import { quantile, sayLoad, sayMachine } from './measure.ts';

const RUNS = 5;
/** Share of full speed at which a stop is begun, at least. The rest is how exactly an arm follows. */
const FULL = 0.95;
/** Where it turns, and within which it is stopped, m to either side. */
const END_M = 0.24;
const MIDDLE_M = 0.12;
/** Share of the allowed speed at which it is led: of all of it, a motion that is posted a little late is refused. */
const LED = 0.995;
/** Speeds are those of this time: an arm trembles. */
const SPEED_OVER_MS = 40;
const REST_M_PER_S = 0.001;
/** It has come to rest where it stays, for as long and as near: what holds a place corrects tenths of a millimetre. */
const STAYS_MS = 200;
const STAYS_M = 0.0005;
const KEPT_MS = 60_000;
const TASK = { instruction: 'pick up the red block', seed: 0 };
const context = { signal: new AbortController().signal, nowMs: monotonicNowMs, report: () => {} };
const answer = <T>(given: Answer<T>) => firstValueFrom(from(given));
const here = () => wallMs(monotonicNowMs());

const [role, url, name] = process.argv.slice(2);
if (role === 'arm') {
  const told = (pM: readonly number[]) => process.stdout.write(`${JSON.stringify([here(), ...pM])}\n`);
  await rosSim({ url: url!, profile: PROFILES[name!]!, ...TASK, onStep: told }, context.signal);
}
if (role === 'driver') {
  const env = await ros({ url: url!, profile: PROFILES[name!]! });
  await answer(env.reset({ instruction: 'go' }, context));
  await drive(env, PROFILES[name!]!, () => false);
}

/** Leads the arm from end to end as fast as it may be, until it is stopped: the aim goes ahead of the arm at that speed. */
async function drive(env: Env, { robot: { limits } }: RosProfile, isOver: () => boolean): Promise<void> {
  const { commandedTcpPose: from } = (await answer(env.observe(context))).proprio!;
  const [x, , z] = from!.pM;
  const speedMPerS = LED * limits.maxSpeedMPerS;
  let [y, way, atMs] = [from!.pM[1], 1, monotonicNowMs()];
  while (!isOver()) {
    const nowMs = monotonicNowMs();
    y += (way * speedMPerS * (nowMs - atMs)) / 1000;
    atMs = nowMs;
    if (Math.abs(y) > END_M) [y, way] = [Math.sign(y) * END_M, -Math.sign(y)];
    const pose = {
      kind: 'eef-pose',
      frameId: limits.frameId,
      pM: [x, y, z],
      qXyzw: from!.qXyzw,
      gripperOpen: 1,
    } as const;
    if ((await answer(env.act(pose, context))).status === 'stopped') return;
    await sleep(limits.stepMs / 20);
  }
}

interface Reading {
  readonly atMs: number;
  readonly pM: readonly [number, number, number];
}

/** The arm of the bench, with where it was in the last minute by its own account. */
function startArm(bridgeUrl: string, profile: string) {
  const child = spawn(process.execPath, [process.argv[1]!, 'arm', bridgeUrl, profile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let track: Reading[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [atMs, ...pM] = JSON.parse(line) as [number, number, number, number];
    track.push({ atMs, pM });
    if (track[0]!.atMs < atMs - 2 * KEPT_MS) track = track.filter((reading) => reading.atMs > atMs - KEPT_MS);
  });
  return { child, track: () => track };
}

/** How fast it was when this reading was made, m/s. */
function speedAt(track: readonly Reading[], index: number): number {
  const to = track[index]!;
  const since = track.findLastIndex(({ atMs }, at) => at < index && to.atMs - atMs >= SPEED_OVER_MS);
  const before = track[since];
  if (!before) return 0;
  return Math.hypot(...to.pM.map((value, axis) => value - before.pM[axis]!)) / ((to.atMs - before.atMs) / 1000);
}

async function isFast(track: () => readonly Reading[], maxMPerS: number): Promise<void> {
  for (const byMs = monotonicNowMs() + 30_000; monotonicNowMs() < byMs; await sleep(2)) {
    const readings = track();
    const last = readings.at(-1);
    if (!last || here() - last.atMs > 50 || Math.abs(last.pM[1]) > MIDDLE_M) continue;
    if (speedAt(readings, readings.length - 1) > FULL * maxMPerS) return;
  }
  const readings = track();
  throw new Error(`the arm is not led at full speed within 30 s: ${speedAt(readings, readings.length - 1)} m/s`);
}

/** When it came to rest and stayed, and how far away it was in between at most. */
async function rest(track: () => readonly Reading[], atMs: number) {
  for (const byMs = here() + 5000; here() < byMs; await sleep(50)) {
    const readings = track();
    const begin = readings.findLastIndex((reading) => reading.atMs <= atMs);
    const last = readings.at(-1);
    if (begin < 0 || !last || last.atMs < atMs + STAYS_MS) continue;
    const after = readings.slice(begin);
    const away = (from: Reading, to: Reading) => Math.hypot(...to.pM.map((value, axis) => value - from.pM[axis]!));
    const rested = after.findIndex(
      (reading, at) =>
        speedAt(readings, begin + at) < REST_M_PER_S &&
        after.slice(at).every((later) => away(reading, later) < STAYS_M),
    );
    if (rested < 0 || last.atMs - after[rested]!.atMs < STAYS_MS) continue;
    const mm = 1000 * Math.max(...after.map((reading) => away(after[0]!, reading)));
    return { speed: speedAt(readings, begin), ms: after[rested]!.atMs - atMs, mm };
  }
  throw new Error('it does not rest within 5 s');
}

const kill = async (child: ChildProcess, signal: NodeJS.Signals) => {
  child.kill(signal);
  await once(child, 'exit');
};

sayMachine('ros-stops');
const graph = await openGraph(undefined, { hasNode: false });
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

const say = (what: string, found: readonly Awaited<ReturnType<typeof rest>>[]) => {
  const of = (key: 'speed' | 'ms' | 'mm') => found.map((one) => one[key]);
  const most = (key: 'ms' | 'mm') => Math.max(...of(key)).toFixed(0);
  console.log(
    `| ${what} | ${quantile(of('speed'), 0.5).toFixed(2)} | ${quantile(of('ms'), 0.5).toFixed(0)} | ${most('ms')} | ` +
      `${quantile(of('mm'), 0.5).toFixed(0)} | ${most('mm')} |`,
  );
};

for (const [robot, profile] of Object.entries(PROFILES)) {
  const { maxSpeedMPerS } = profile.robot.limits;
  const { child: arm, track } = startArm(graph.url, robot);
  console.log(
    `\n${robot}\n\n| what stops it (${RUNS} times) | m/s | ms | at most | mm | at most |\n| --- | --- | --- | --- | --- | --- |`,
  );
  for (const { name: what, stop, mend, url: at = graph.url } of CHAINS) {
    const env = await ros({ url: at, profile });
    const found = [];
    for (let run = 0; run < RUNS; run++) {
      const backMs = monotonicNowMs();
      while (!((await answer(env.observe(context))).proprio!.stampMs > backMs)) await sleep(20);
      await answer(env.reset({ instruction: 'go' }, context));
      let isOver = false;
      const driving = drive(env, profile, () => isOver);
      await isFast(track, maxSpeedMPerS);
      const atMs = here();
      isOver = true;
      await stop(env);
      found.push(await rest(track, atMs));
      await driving;
      await mend?.();
    }
    await env.close();
    say(what, found);
  }
  const found = [];
  for (let run = 0; run < RUNS; run++) {
    const driver = spawn(process.execPath, [process.argv[1]!, 'driver', graph.url, robot], { stdio: 'inherit' });
    await isFast(track, maxSpeedMPerS);
    const atMs = here();
    await kill(driver, 'SIGKILL');
    found.push(await rest(track, atMs));
  }
  say('the process is killed (SIGKILL)', found);
  await kill(arm, 'SIGKILL');
}
sayLoad();
await proxy.close();
await graph.close();
