/**
 * What happens to threads and processes around the arm in real time, done for real: blocked, killed, stopped, a full disk, a stop in each
 * phase. Each row of the table says how long the tool then moved and how far it came. `driver-faults.test.ts` does it to whoever posts.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { monotonicNowMs, type Run, type RunOptions, run, sleep } from 'pumice';
import { type SimEnv, sim } from 'pumice/envs/sim';
import { ember } from 'pumice/policies/ember';
import { magma } from 'pumice/policies/magma';
import { network, stopsOf } from 'pumice/stops';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { folder, start, startProgram } from '../../cli/pumice.ts';
import { writePart } from '../../faults/page.ts';
import { type Measured, patient, untilAtWork, watchArm, watchThreads, wavering } from '../../faults/processes/arm.ts';
import { hang } from '../../robot/rig.ts';

const isNight = process.env.NIGHT === '1';
const PICK = 'pick up the red block';
/** For a machine whose processors others use as well; what was measured stands in the table. */
const BUSY_MS = 1000;
const PROGRAM = fileURLToPath(new URL('../../faults/processes/program.mjs', import.meta.url));

interface Row extends Measured {
  readonly what: string;
  readonly outcome: string;
  readonly reason: string;
}
const rows: Row[] = [];
afterAll(() => {
  console.table(rows);
  if (isNight) writePart('docs/faults-mujoco.md', 'processes', tableOf(rows));
});

let env: SimEnv | undefined;
afterEach(async () => {
  await env?.close();
  env = undefined;
});

interface Scene extends Partial<RunOptions> {
  /** The most that it may take until it rests: expiry, lease, watchdog and braking, as the case is, ms. */
  readonly mostMs: number;
}
/** One motion at a time: Magma's form. */
const ON_DEMAND = { pace: 'demand' } as const;

const OVER = 'the test is over';
const ATTEMPTS = 3;
const isAtWork = (running: Run): Promise<boolean> =>
  Promise.race([untilAtWork(env!).then(() => true), running.result.then(() => false)]);

/** Lets the arm work, does something to what is around it, and writes down what the arm then did. */
async function suffer(what: string, scene: Scene, deed: (run: Run) => unknown): Promise<Row> {
  const { mostMs, ...options } = scene;
  env ??= await sim({ realtime: true, sizePx: 64, cameras: ['third'] });
  const driverStops = stopsOf(() => env!.instruments!.driver());
  const task = { instruction: PICK, seed: 3, pace: { rateHz: 5 }, budget: { maxSteps: 400 } } as const;
  const policy = wavering();
  const begin = () => run({ env: env!, policy, ...task, ...options, stops: [driverStops, ...(options.stops ?? [])] });
  let running = begin();
  // A machine that stands still for a tenth of a second is a state that is frozen, and a stop: then it is begun again.
  for (let attempt = 1; !(await isAtWork(running)); attempt++) {
    if (attempt === ATTEMPTS) throw new Error(`it ended before it was at work: ${(await running.result).reason}`);
    running = begin();
  }
  const rest = watchArm(env);
  const sinceMs = ((await deed(running)) as number | undefined) ?? monotonicNowMs();
  const measured = await rest(sinceMs);
  running.stop(OVER);
  const { outcome, reason } = await running.result;
  const row = { what, ...measured, outcome, reason };
  rows.push(row);
  const { afterHalt, notFinite } = env.instruments!.meter();
  expect({ afterHalt, notFinite }).toEqual({ afterHalt: 0, notFinite: 0 });
  expect(fastestMPerS(env.instruments!.arrivals())).toBeLessThan(MOST_M_PER_S + 0.001);
  expect(row.restMs).toBeLessThan(mostMs + BUSY_MS);
  return row;
}
const MOST_M_PER_S = 0.4;
/** By the way and the time between commands as they were sent: a driver that comes late goes on by the time that has passed. */
const fastestMPerS = (arrivals: readonly (readonly number[])[]): number =>
  Math.max(
    ...arrivals.slice(1).map(([, sentMs = 0, , stepM = 0], at) => (1000 * stepM) / (sentMs - arrivals[at]![1]! || 1)),
  );
const now = (deed: () => unknown) => {
  const sinceMs = monotonicNowMs();
  deed();
  return sinceMs;
};

/** What takes longest is left to the night. */
const atNight = it.runIf(isNight);

describe('threads', () => {
  it('the main thread is blocked for 2 s', async () => {
    const row = await suffer('main thread blocked for 2 s', { mostMs: 400 }, () => now(() => hang(2000)));
    expect(row.movedMm).toBeGreaterThan(0);
  });

  atNight.each([
    ['driver', 'driver-worker', 400],
    // Seen at the next look.
    ['cameras', 'camera-worker', 1500],
  ])('the thread of the %s is killed', async (name, file, mostMs) => {
    using threads = watchThreads();
    const row = await suffer(`thread of the ${name} killed`, { mostMs }, () => now(() => void threads.kill(file)));
    expect(['stopped', 'fault']).toContain(row.outcome);
  });

  atNight('the thread of the policy is killed: the next thought has a new one, and the task is done', async () => {
    using threads = watchThreads();
    // Pictures of the size that it was trained on.
    env = await sim({ realtime: true, sizePx: 128, cameras: ['third'] });
    const policy = ember();
    const task = { instruction: PICK, seed: 3, budget: { maxSteps: 400 }, ...ON_DEMAND } as const;
    const running = run({ env, policy, ...task, stops: [stopsOf(() => env!.instruments!.driver())] });
    expect(await isAtWork(running)).toBe(true);
    await threads.kill('network-worker');
    const { outcome, reason } = await running.result;
    expect(outcome, reason).toBe('success');
    await policy.close?.();
  });
});

describe('processes', () => {
  atNight.each([
    ['SIGKILL', 'killed'],
    ['SIGSTOP', 'stopped'],
  ] as const)('the model server gets %s', async (signal, word) => {
    const server = start(['serve-model', 'ember', '--as', 'magma', '--port', '0']);
    let said = '';
    server.child.stdout!.on('data', (text) => {
      said += text;
    });
    await server.seen('/health');
    const url = `${said.match(/http:\/\/[\d.]+:\d+/)![0]}/v1`;
    const policy = magma({ url, model: 'ember', body: 'arm', stats: 'ember', temperature: 0.7 });
    try {
      await suffer(`model server ${word} (${signal})`, { policy, mostMs: 700, ...ON_DEMAND }, () =>
        now(() => process.kill(server.child.pid!, signal)),
      );
    } finally {
      server.child.kill('SIGKILL');
      await server.ended;
    }
  });

  it('all of it is stopped for 2 s by SIGSTOP, and goes on: nothing of before is followed', async () => {
    const { child, seen, ended } = startProgram([PROGRAM]);
    await seen('at work');
    process.kill(child.pid!, 'SIGSTOP');
    await sleep(2000);
    process.kill(child.pid!, 'SIGCONT');
    take('the whole process stopped for 2 s (SIGSTOP), since it went on', (await ended).out);
  });

  it('the disk is full while it records', async () => {
    using home = folder();
    const record = join(home.path, 'episode.mcap');
    const program = startProgram([PROGRAM, record], { cwd: home.path, shell: 'ulimit -f 60; "$@"' });
    const row = take('disk full (a file may not grow), since the arm was told to stop', (await program.ended).out);
    expect(row.outcome).toBe('fault');
  });
});

const PHASES = ['a look', 'a thought', 'a hold', 'a verdict', 'an act'] as const;

describe('a stop', () => {
  it.each(isNight ? PHASES : PHASES.slice(-2))('in %s', async (phase) => {
    let isArmed = false;
    let stop = () => {};
    let stoppedMs = 0;
    const enter = (entered: string) => {
      if (!isArmed || entered !== phase) return;
      isArmed = false;
      stoppedMs = monotonicNowMs();
      stop();
    };
    const body = await sim({ realtime: true, sizePx: 64, cameras: ['third'] });
    env = {
      ...body,
      observe: (context) => {
        enter('a look');
        return body.observe(context);
      },
      act: (action, context) => {
        enter(action.kind === 'hold' ? 'a hold' : 'an act');
        return body.act(action, context);
      },
    };
    const parts = { policy: wavering(40, () => enter('a thought')), critics: [patient(40, () => enter('a verdict'))] };
    const row = await suffer(`stop in ${phase}`, { ...parts, mostMs: 400 }, async (running) => {
      stop = () => running.stop('button');
      isArmed = true;
      // It holds when the words of its task are changed, as its plan is void.
      if (phase === 'a hold') running.setInstruction('pick up the blue block');
      while (stoppedMs === 0) await sleep(1);
      return stoppedMs;
    });
    expect(row).toMatchObject({ outcome: 'stopped', reason: expect.stringContaining('button') });
  });

  atNight.each([
    ['a datagram comes', undefined],
    ['the dead-man is released', 300],
  ])('from the network: %s', async (what, renewWithinMs) => {
    env = await sim({ realtime: true, sizePx: 64, cameras: ['third'] });
    const { stopWord } = env.instruments!;
    const source = network({ port: 0, stopWord, ...(renewWithinMs && { renewWithinMs }) });
    const socket = createSocket('udp4');
    const tell = async (text: string) => socket.send(text, (await source.listening).port, '127.0.0.1');
    const alive = setInterval(() => void tell('alive'), 50);
    try {
      const row = await suffer(what, { stops: [source], mostMs: 400 + (renewWithinMs ?? 0) }, () =>
        now(() => (renewWithinMs ? clearInterval(alive) : void tell('stop'))),
      );
      expect(row.outcome).toBe('stopped');
    } finally {
      clearInterval(alive);
      socket.close();
      await once(socket, 'close');
    }
  });
});

function take(what: string, out: string): Row {
  const told = JSON.parse(out.trim().split('\n').at(-1)!);
  const { restMs, movedMm, outcome, reason, meter } = told;
  const row = { what, restMs, movedMm, outcome, reason };
  rows.push(row);
  expect(meter).toMatchObject({ afterHalt: 0, notFinite: 0 });
  expect(restMs).toBeLessThan(700 + BUSY_MS);
  return row;
}

const tableOf = (all: readonly Row[]): string => `
| what happened | at rest after, ms | moved, mm | how the run ended |
| --- | --- | --- | --- |
${all.map(({ what, restMs, movedMm, ...end }) => `| ${what} | ${restMs.toFixed(0)} | ${movedMm.toFixed(0)} | ${endOf(end)} |`).join('\n')}
`;

/** Without what is another one each time: ports and files. */
const endOf = ({ outcome, reason }: Pick<Row, 'outcome' | 'reason'>): string =>
  reason === OVER
    ? 'went on'
    : `${outcome}: ${reason.replaceAll(/'\/[^']*'/g, 'its file').replaceAll(/(\d):\d{4,5}/g, '$1')}`;
