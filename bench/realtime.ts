/**
 * The real-time arm, counted by the robot itself: how regularly commands arrive while its cameras are drawn, two of 640 x 480 are encoded
 * besides and ember thinks, beside a plain interval of the main thread in the same run; and what a stop takes, from its arrival to rest:
 * by a call, a key, a signal and a datagram, on a quiet machine and on one whose cores are all taken.
 */
import { createSocket } from 'node:dgram';
import { availableParallelism } from 'node:os';
import { PassThrough } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { type Action, monotonicNowMs, run, sleep } from 'pumice';
import { type SimEnv, sim } from 'pumice/envs/sim';
import { keyboard, network, signals } from 'pumice/stops';
import { from, lastValueFrom } from 'rxjs';
import { ember } from '../policies/ember.ts';
import { quantile, sayLoad, sayMachine, sayTimes } from './measure.ts';
import { loadOfPictures } from './picture-load.ts';

const PERIOD_MS = 20;
const RUN_MS = 20_000;
const STOPS = 60;
/** As the robot's profile has it. */
const RESTS_M_PER_S = 0.005;
/** Mode of a command that moves. */
const SET_POINT = 1;
const context = () => ({ signal: new AbortController().signal, nowMs: monotonicNowMs, report: () => {} });

sayMachine('real time');
const env = await sim({ realtime: true, cameras: ['third'] });
const instruments = env.instruments!;

console.log(
  `  commands at 50 Hz for ${RUN_MS / 1000} s, two pictures of 640 x 480 encoded at 30 Hz, ember thinking ahead`,
);
const policy = ember({ execute: 4, weights: 'policies/ember' });
const endLoad = loadOfPictures();
const beganMs = monotonicNowMs();
const plain: number[] = [];
const ticking = setInterval(() => plain.push(monotonicNowMs()), PERIOD_MS);
const picturesBefore = instruments.pictures('third').count;
const ends: string[] = [];
let measuredFromMs = 0;
for (let seed = 1000; monotonicNowMs() - beganMs < RUN_MS; seed++) {
  const episode = run({ env, policy, instruction: 'pick up the red block', seed, pace: { rateHz: 5 } });
  if (measuredFromMs === 0) for await (const _ of episode) measuredFromMs ||= monotonicNowMs();
  const { outcome, reason } = await episode.result;
  ends.push(outcome === 'success' ? outcome : `${outcome} (${reason})`);
}
clearInterval(ticking);
const lengthMs = monotonicNowMs() - beganMs;
const encoded = await endLoad();
const arrived = instruments
  .arrivals()
  .map(([arrivedMs]) => arrivedMs!)
  .filter((ms) => ms >= measuredFromMs);
say('at the robot, from the driver', arrived);
say('  peer: setInterval, main thread', plain);
const fps = ((instruments.pictures('third').count - picturesBefore) * 1000) / lengthMs;
console.log(
  `  encoded besides: ${((1000 * encoded) / lengthMs).toFixed(0)} pictures a second; of the arm's own camera ${fps.toFixed(0)}; episodes: ${ends.join(', ')}`,
);
const { missed, watchdogTrips, afterHalt } = instruments.meter();
console.log(`  commands missed ${missed}, watchdog trips ${watchdogTrips}, set-points after a halt ${afterHalt}`);
await policy.close?.();

const keys = new PassThrough();
const port = network({ port: 0, stopWord: instruments.stopWord });
const listening = [keyboard(keys), signals(['SIGUSR2']), port].map(({ stop$ }) =>
  from(stop$).subscribe((cause) => env.halt(1, cause)),
);
const { port: number } = await port.listening;
const sender = createSocket('udp4');
const WAYS: Readonly<Record<string, () => void>> = {
  'a call': () => env.halt(1, 'bench'),
  'a key': () => void keys.write(' '),
  'a signal': () => void process.kill(process.pid, 'SIGUSR2'),
  'a datagram': () => sender.send('stop', number, '127.0.0.1'),
};
for (const isLoaded of [false, true]) {
  const burners = isLoaded ? availableParallelism() : 0;
  const burning = Array.from({ length: burners }, () => new Worker('for (;;);', { eval: true }));
  console.log(
    `  ${STOPS} stops in mid-motion by each way, ${isLoaded ? `${burners} threads that never rest beside` : 'quiet'}`,
  );
  for (const [way, stop] of Object.entries(WAYS)) {
    const measured: Stopped[] = [];
    for (let at = 0; at < STOPS; at++) measured.push(await stopOnce(env, at, stop));
    sayTimes(
      `${way}: to the last that moves`,
      measured.map(({ toLastMs }) => toLastMs),
    );
    sayTimes(
      '  to rest',
      measured.map(({ toRestMs }) => toRestMs),
    );
    const ways = measured.map(({ movedMm }) => movedMm);
    console.log(
      `    way to rest: median ${quantile(ways, 0.5).toFixed(1)} mm, most ${Math.max(...ways).toFixed(1)} mm`,
    );
  }
  for (const worker of burning) await worker.terminate();
}
for (const one of listening) one.unsubscribe();
sender.close();
await env.close();
sayLoad();

function say(name: string, times: readonly number[]): void {
  const errors = times.slice(1).map((ms, at) => Math.abs(ms - times[at]! - PERIOD_MS));
  const periods = Math.round((times.at(-1)! - times[0]!) / PERIOD_MS);
  const driftMs = times.at(-1)! - times[0]! - (times.length - 1) * PERIOD_MS;
  console.log(
    `  ${name.padEnd(34)} n ${times.length}, |error| median ${quantile(errors, 0.5).toFixed(3)} ms, p99 ${quantile(errors, 0.99).toFixed(3)} ms (${((100 * quantile(errors, 0.99)) / PERIOD_MS).toFixed(1)} % of the period), ` +
      `at the end ${driftMs.toFixed(1)} ms behind, ${periods - times.length + 1} whole periods of it skipped`,
  );
}

interface Stopped {
  /** From the stop to the last command that moves, as it arrived at the robot; 0 where none came after the stop. */
  readonly toLastMs: number;
  readonly toRestMs: number;
  readonly movedMm: number;
}

/** @param stop - begins it: its time is counted from the call, so the way of the key, signal or datagram is in it. */
async function stopOnce(body: SimEnv, seed: number, stop: () => void): Promise<Stopped> {
  await body.reset({ instruction: 'pick up the red block', seed }, context());
  const start = instruments.state()!.commanded;
  const sign = start.pM[1] > 0 ? -1 : 1;
  for (let step = 1; step <= 2; step++) {
    const pM: [number, number, number] = [start.pM[0], start.pM[1] + sign * 0.05 * step, start.pM[2]];
    const action: Action = { kind: 'eef-pose', frameId: 'base', pM, qXyzw: [...start.qXyzw] as never, gripperOpen: 1 };
    const { status, reason } = await lastValueFrom(from(body.act(action, context())));
    if (status !== 'done') throw new Error(`${status}: ${reason}`);
    await sleep(step === 1 ? 190 : 60 + 5 * (seed % 20));
  }
  const at = instruments.state()!.measured.pM;
  const stoppedMs = monotonicNowMs();
  stop();
  let [restMs, looks] = [stoppedMs, 0];
  while (looks < 10 && monotonicNowMs() - stoppedMs < 2000) {
    const { speedMPerS, stampMs } = instruments.state()!;
    looks = speedMPerS < RESTS_M_PER_S && stampMs > stoppedMs ? looks + 1 : 0;
    if (looks === 0) restMs = stampMs;
    await sleep(2);
  }
  const rest = instruments.state()!.measured.pM;
  const moving = instruments.arrivals().filter(([arrivedMs, , mode]) => mode === SET_POINT && arrivedMs! > stoppedMs);
  return {
    toLastMs: Math.max(0, (moving.at(-1)?.[0] ?? stoppedMs) - stoppedMs),
    toRestMs: restMs - stoppedMs,
    movedMm: 1000 * Math.hypot(...rest.map((value, axis) => value - at[axis]!)),
  };
}
