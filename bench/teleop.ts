/**
 * From a person's sample to the command that it becomes: the simulated arm in real time, samples by datagrams on loopback 60 times a
 * second, with nothing that is written and with a recording. Beside it the floor: the same datagrams, and when they were there.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Env, monotonicNowMs, type PilotInput, run, sleep } from 'pumice';
import { sim } from 'pumice/envs/sim';
import { hold } from 'pumice/policies/hold';
import { recorder } from 'pumice/record';
import { Subject } from 'rxjs';
import { quantile, sayLoad, sayMachine, sayTimes } from './measure.ts';

const SAMPLES = 1200;
const EVERY_MS = 1000 / 60;
const AIM_MS = 10;

sayMachine('teleop: sample to command');
const arm = await sim({ realtime: true, rateHz: 10 });
const folder = await mkdtemp(join(tmpdir(), 'pumice-bench-'));
for (const isRecorded of [false, true]) {
  const floorMs: number[] = [];
  const commandMs: number[] = [];
  const input$ = new Subject<PilotInput>();
  const posted = new Map<object, number>();
  const env: Env = {
    ...arm,
    act: async (action, context) => {
      const result = await (arm.act(action, context) as Promise<{ status: 'done' }>);
      posted.set(action, monotonicNowMs());
      return result;
    },
  };
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.on('message', (bytes) => {
    const sample = JSON.parse(bytes.toString()) as PilotInput;
    if (sample.isHeld) floorMs.push(monotonicNowMs() - sample.stampMs);
    input$.next(sample);
  });
  const sinks = isRecorded ? [recorder({ file: join(folder, 'led.mcap') })] : [];
  const parts = { env, policy: hold(), pilot: { name: 'bench', input$ }, sinks, pace: { rateHz: 10 } };
  const episode = run({ ...parts, instruction: 'pick up the red block', seed: 1 });
  let isReady = false;
  let usedMs = 0;
  episode.events$.subscribe((event) => {
    if (event.kind !== 'step-end') return;
    isReady = true;
    const { human, stampMs, timings, proposed, act } = event.record;
    const atMs = posted.get(act?.executed ?? {});
    if (!human?.isHeld || proposed.kind !== 'eef-pose' || atMs === undefined) return;
    const madeMs = stampMs + timings.observeMs - human.inputAgeMs!;
    // A tick without a new sample goes by the one before.
    if (madeMs - usedMs > 1) commandMs.push(atMs - madeMs);
    usedMs = madeMs;
    posted.clear();
  });
  const send = (sample: Partial<PilotInput>) => {
    const whole = { stampMs: monotonicNowMs(), isHeld: false, mode: 'manual', share: 1, ...sample };
    socket.send(JSON.stringify(whole), socket.address().port, '127.0.0.1');
  };
  while (!isReady) await sleep(10);
  send({});
  for (let nth = 0, dueMs = monotonicNowMs(); nth < SAMPLES; nth++) {
    const linearMPerS: [number, number, number] = [0, 0.1 * Math.sin(nth / 40), 0.05 * Math.cos(nth / 60)];
    const still = { kind: 'eef-twist', frameId: 'base', angularRadPerS: [0, 0, 0], gripperOpen: 1 } as const;
    send({ isHeld: true, command: { ...still, linearMPerS, angularRadPerS: [0, 0, 0] } });
    dueMs += EVERY_MS;
    await sleep(Math.max(0, dueMs - monotonicNowMs()));
  }
  send({});
  await sleep(100);
  episode.stop('measured');
  await episode.result;
  socket.close();
  const what = isRecorded ? 'with a recording' : 'nothing written';
  sayTimes(`datagram there, ${what}`, floorMs);
  sayTimes(`command posted, ${what}`, commandMs);
  const p99 = quantile(commandMs, 0.99);
  console.log(
    `  ${commandMs.length} commands of ${SAMPLES} samples; p99 <= ${AIM_MS} ms ${p99 <= AIM_MS ? 'met' : 'NOT met'}`,
  );
}
await arm.close();
await rm(folder, { recursive: true });
sayLoad();
