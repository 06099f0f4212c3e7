/**
 * A program that leads the arm to and fro until it is told to stop, and tells in the end what the arm did since it was disturbed. Run as a
 * process of its own, so that it can be stopped, and so that its disk can be full. `node program.mjs [record]`
 */
import { sim } from '../../../dist/envs/sim/index.js';
import { monotonicNowMs, run, sleep } from '../../../dist/src/index.js';

const env = await sim({ realtime: true, sizePx: 64, cameras: ['third'] });
const state = () => env.instruments.state();
const record = process.argv[2];
let side = 1;
const policy = {
  name: 'wavering',
  actionKinds: ['eef-pose'],
  reset: () => {},
  act: async ({ proprio }, { signal }) => {
    await sleep(40, signal);
    const { pM, qXyzw } = proprio.commandedTcpPose;
    let y = pM[1];
    const actions = Array.from({ length: 8 }, () => {
      if (Math.abs(y + side * 0.04) > 0.16) side = -side;
      y += side * 0.04;
      return { kind: 'eef-pose', frameId: 'base', pM: [pM[0], y, pM[2]], qXyzw, gripperOpen: 1 };
    });
    return { actions, dtMs: 200 };
  },
};
const samples = [];
const look = () => {
  if (!state()) return;
  const { stampMs, measured, speedMPerS } = state();
  if (stampMs !== samples.at(-1)?.stampMs)
    samples.push({ stampMs, nowMs: monotonicNowMs(), y: measured.pM[1], speedMPerS });
};
const begin = () =>
  run({
    ...{ env, policy, instruction: 'pick up the red block', seed: 3, pace: { rateHz: 5 }, budget: { maxSteps: 300 } },
    ...(record && { record }),
  });
let episode = begin();
let end;
const follow = () => {
  end = undefined;
  void episode.result.then((told) => {
    end = told;
  });
};
follow();
const looking = setInterval(look, 2);
for (let attempt = 1; (state()?.speedMPerS ?? 0) < 0.08; await sleep(2)) {
  if (!end) continue;
  // A machine that stands still for a tenth of a second is a state that is frozen, and a stop: then it is begun again.
  if (attempt++ === 3) throw new Error(`it ended before it was at work: ${end.reason}`);
  episode = begin();
  follow();
}
process.stdout.write('at work\n');
/** The longest time in which this process did not run: that is when it was stopped. */
const gap = () => {
  let longest = { ms: 0, at: 0 };
  for (let at = 1; at < samples.length; at++) {
    const ms = samples[at].nowMs - samples[at - 1].nowMs;
    if (ms > longest.ms) longest = { ms, at };
  }
  return longest;
};
while (!end) await sleep(20);
const endedMs = monotonicNowMs();
while (monotonicNowMs() < endedMs + 1500) await sleep(20);
clearInterval(looking);
const { ms: gapMs, at } = gap();
const meter = env.instruments.meter();
/** Since it went on after it had been stopped; where it never was, since the robot was told to stop. */
const sinceMs = gapMs > 1000 ? samples[at].nowMs : meter.firstHaltMs;
const since = samples.filter(({ nowMs }) => nowMs >= sinceMs);
const moving = since.findLast(({ speedMPerS }) => speedMPerS > 0.005);
const movedM = since.slice(1).reduce((sum, { y }, i) => sum + Math.abs(y - since[i].y), 0);
const { outcome, reason } = end;
const restMs = (moving?.nowMs ?? sinceMs) - sinceMs;
process.stdout.write(`${JSON.stringify({ outcome, reason, gapMs, restMs, movedMm: 1000 * movedM, meter })}\n`);
await env.close();
