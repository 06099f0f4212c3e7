/**
 * The real-time arm, counted by the robot itself: how regularly commands arrive while two cameras are drawn and encoded and ember thinks,
 * beside a plain interval of the main thread in the same run; and what a stop takes, from its arrival to rest.
 */
import { type Action, monotonicNowMs, run, sleep } from 'pumice';
import { type SimEnv, sim } from 'pumice/envs/sim';
import { from, lastValueFrom } from 'rxjs';
import { ember } from '../policies/ember.ts';
import { quantile, sayLoad, sayMachine, sayTimes } from './measure.ts';

const PERIOD_MS = 20;
const RUN_MS = 20_000;
const CAMERA_PX = 480;
const STOPS = 40;
/** As the robot's profile has it. */
const RESTS_M_PER_S = 0.005;
/** Mode of a command that moves. */
const SET_POINT = 1;
const context = () => ({ signal: new AbortController().signal, nowMs: monotonicNowMs, report: () => {} });

sayMachine('real time');
const env = await sim({ realtime: true, sizePx: CAMERA_PX });
const instruments = env.instruments!;

console.log(
  `  commands at 50 Hz for ${RUN_MS / 1000} s, two cameras of ${CAMERA_PX} x ${CAMERA_PX} as JPEG, ember thinking ahead`,
);
const policy = ember({ execute: 4, weights: 'policies/ember' });
const beganMs = monotonicNowMs();
const plain: number[] = [];
const ticking = setInterval(() => plain.push(monotonicNowMs()), PERIOD_MS);
const seen = ['third', 'wrist'] as const;
const picturesBefore = seen.map((camera) => instruments.pictures(camera).count);
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
const arrived = instruments
  .arrivals()
  .map(([arrivedMs]) => arrivedMs!)
  .filter((ms) => ms >= measuredFromMs);
say('at the robot, from the driver', arrived);
say('  peer: setInterval, main thread', plain);
const fps = seen.map((camera, at) => ((instruments.pictures(camera).count - picturesBefore[at]!) * 1000) / lengthMs);
console.log(`  pictures: ${fps.map((one) => `${one.toFixed(0)} a second`).join(', ')}; episodes: ${ends.join(', ')}`);
const { missed, watchdogTrips, afterHalt } = instruments.meter();
console.log(`  commands missed ${missed}, watchdog trips ${watchdogTrips}, set-points after a halt ${afterHalt}`);
await policy.close?.();

console.log(`  ${STOPS} stops in mid-motion`);
const [toLastMs, toRestMs, movedMm]: number[][] = [[], [], []];
for (let at = 0; at < STOPS; at++) await stopOnce(env, at);
sayTimes('stop to the last command that moves', toLastMs!);
sayTimes('stop to rest', toRestMs!);
console.log(
  `  way to rest: median ${quantile(movedMm!, 0.5).toFixed(1)} mm, most ${Math.max(...movedMm!).toFixed(1)} mm`,
);
await env.close();
sayLoad();

function say(name: string, times: readonly number[]): void {
  const errors = times.slice(1).map((ms, at) => Math.abs(ms - times[at]! - PERIOD_MS));
  const periods = Math.round((times.at(-1)! - times[0]!) / PERIOD_MS);
  const driftMs = times.at(-1)! - times[0]! - (times.length - 1) * PERIOD_MS;
  console.log(
    `  ${name.padEnd(34)} n ${times.length}, |error| median ${quantile(errors, 0.5).toFixed(3)} ms, p99 ${quantile(errors, 0.99).toFixed(3)} ms (${((100 * quantile(errors, 0.99)) / PERIOD_MS).toFixed(1)} % of the period), ` +
      `${periods - times.length + 1} periods skipped, drift ${driftMs.toFixed(1)} ms`,
  );
}

async function stopOnce(body: SimEnv, seed: number): Promise<void> {
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
  body.halt(1, 'bench');
  let [restMs, looks] = [stoppedMs, 0];
  while (looks < 10 && monotonicNowMs() - stoppedMs < 2000) {
    const { speedMPerS, stampMs } = instruments.state()!;
    looks = speedMPerS < RESTS_M_PER_S && stampMs > stoppedMs ? looks + 1 : 0;
    if (looks === 0) restMs = stampMs;
    await sleep(2);
  }
  const rest = instruments.state()!.measured.pM;
  const moving = instruments.arrivals().filter(([arrivedMs, , mode]) => mode === SET_POINT && arrivedMs! > stoppedMs);
  toLastMs!.push(Math.max(0, (moving.at(-1)?.[0] ?? stoppedMs) - stoppedMs));
  toRestMs!.push(restMs - stoppedMs);
  movedMm!.push(1000 * Math.hypot(...rest.map((value, axis) => value - at[axis]!)));
}
