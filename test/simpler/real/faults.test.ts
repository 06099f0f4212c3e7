/** What a simulator can do to its caller, and a caller to it: each is named, and the next episode is as if nothing had been. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type actionSchema, run, type Sensed } from 'pumice';
import { type SimplerEnv, type SimplerOptions, simpler } from 'pumice/envs/simpler';
import { scripted } from 'pumice/policies/scripted';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { z } from 'zod';
import { openLink } from '../../../envs/simpler/link.ts';
import { helloSchema } from '../../../envs/simpler/messages.ts';
import { options } from '../../../envs/simpler/options.ts';
import { openSession } from '../../../envs/simpler/session.ts';
import { folderWith, pythonWith } from './folders.ts';
import { missing, python, SERVER } from './python.ts';

const FAKE = 'test/simpler/real/fake_backend.py';
const context = { signal: new AbortController().signal, nowMs: () => 0, report: () => {} };
type Move = { kind: 'eef-delta' } & z.input<typeof actionSchema>;
const GO: Move = { kind: 'eef-delta', frameId: 'base', dPosM: [0.005, 0, 0], dRpyRad: [0, 0, 0], gripperOpen: 1 };

let inside: string;
const lack = missing();
beforeAll(() => {
  if (lack === undefined) inside = python();
}, 120_000);

const opened = async (asked: Partial<SimplerOptions> = {}): Promise<SimplerEnv> => {
  const env = await simpler({ backend: FAKE, python: inside, ...asked });
  onTestFinished(() => env.close());
  return env;
};
/** The status of acts in a row, or the code of what went wrong. */
const acts = async (env: SimplerEnv, count: number): Promise<string[]> => {
  const statuses: string[] = [];
  for (let i = 0; i < count; i++)
    statuses.push(
      await Promise.resolve(env.act(GO, context) as Promise<{ status: string }>).then(
        ({ status }) => status,
        (error) => `${error.code}`,
      ),
    );
  return statuses;
};
const reset = (env: SimplerEnv) => env.reset({ instruction: 'go', seed: 7 }, context) as Promise<unknown>;
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A zombie has a number too.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};
const isGone = async (pid: number) => expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);

describe.skipIf(lack !== undefined)('a simulator that goes wrong', () => {
  it.each([
    ['sleeps', 'simulator/hung'],
    ['hangs', 'simulator/hung'],
    ['crashes', 'simulator/gone'],
    ['raises', 'simulator/failed'],
    ['lies', 'decode/schema'],
  ])('one that %s in its third step is %s, nothing of it is left, and the next episode goes on', async (task, code) => {
    const env = await opened({ task, stepTimeoutS: 0.5 });
    await reset(env);
    const pid = env.pid()!;
    expect(await acts(env, 3)).toEqual(['done', 'done', code]);
    if (code !== 'simulator/failed') await isGone(pid);
    await reset(env);
    expect(await acts(env, 2)).toEqual(['done', 'done']);
  });

  it('one whose scene takes longer to begin than a step may is none, up to what a start may take', async () => {
    const slow = await opened({ task: 'begins slowly', stepTimeoutS: 0.5 });
    await reset(slow);
    expect(await acts(slow, 2)).toEqual(['done', 'done']);
    const never = await opened({ task: 'never begins', startTimeoutS: 12 });
    const pid = never.pid()!;
    await expect(reset(never)).rejects.toMatchObject({
      code: 'simulator/hung',
      hint: expect.stringContaining('startTimeoutS'),
    });
    await isGone(pid);
  });

  it('one that is killed in an episode is a fault of that episode, which is on record, and of no other', async () => {
    const env = await opened();
    const record = join(folderWith({}), 'killed.mcap');
    const episode = run({ env, policy: scripted({ actions: Array(6).fill(GO) }), instruction: 'go', record });
    for await (const { index } of episode) if (index === 1) process.kill(env.pid()!, 'SIGKILL');
    const { outcome, reason } = await episode.result;
    expect({ outcome, reason }).toEqual({ outcome: 'fault', reason: expect.stringMatching(/ended by SIGKILL/) });
    const { readEpisode } = await import('pumice/record');
    expect((await readEpisode(record)).steps.length).toBeGreaterThanOrEqual(2);
    const next = run({ env, policy: scripted({ actions: Array(3).fill(GO) }), instruction: 'go' });
    expect((await next.result).outcome).not.toBe('fault');
  });

  it('one that is stopped between two steps is hung at the next', async () => {
    const env = await opened({ stepTimeoutS: 0.5 });
    await reset(env);
    const pid = env.pid()!;
    process.kill(pid, 'SIGSTOP');
    // Its threads are stopped one after another.
    const threads = () => readdirSync(`/proc/${pid}/task`);
    const isStopped = (id: string) => /^State:\s+T/m.test(readFileSync(`/proc/${pid}/task/${id}/status`, 'utf8'));
    await expect.poll(() => threads().every(isStopped)).toBe(true);
    expect(await acts(env, 1)).toEqual(['simulator/hung']);
    await isGone(pid);
  });

  it('one that answers no ping is lost though nobody asks it anything', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: false });
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const link = await openLink({ url: `ws://127.0.0.1:${port}`, connectMs: 1000, silenceMs: 200 });
    expect(link.lost()).toBe(undefined);
    await expect.poll(() => link.lost(), { timeout: 2000 }).toMatch(/no answer to pings/);
    await expect(link.call('hello', {}, helloSchema, { limitMs: 100 })).rejects.toMatchObject({
      code: 'simulator/gone',
    });
  });
});

describe.skipIf(lack !== undefined)('a caller that goes wrong', () => {
  it.each([
    ['three numbers', [0, 0, 0]],
    ['no number', [0, 0, Number.NaN, 0]],
    ['an endless number', [0, 0, Number.POSITIVE_INFINITY, 0]],
    ['more than the robot takes', [0, 1.5, 0, 0]],
  ])('an action of %s is refused by name, moves nothing, and the next one is taken', async (_, numbers) => {
    const session = await openSession(options.parse({ backend: FAKE, python: inside }));
    onTestFinished(() => session.close());
    await expect(session.step([0, 0, 0, 0])).rejects.toMatchObject({ code: 'body/not-ready' });
    const { state: before } = await session.reset({ seed: 0 });
    await expect(session.step(numbers)).rejects.toMatchObject({ code: 'simulator/action' });
    const { state, judge } = await session.step([1, 0, 0, -1]);
    expect(judge.elapsedSteps).toBe(1);
    expect(state.tcpPose.pM[0] - before.tcpPose.pM[0]).toBeCloseTo(0.01);
  });

  it('a policy that proposes no number is denied, and the simulator stands', async () => {
    const env = await opened({ oracle: true });
    const wild: Move = { ...GO, dPosM: [Number.NaN, 0, 0] };
    const policy = { ...scripted({ actions: [GO] }), act: async () => ({ actions: [wild] }) };
    const episode = run({ env, policy, instruction: 'go', budget: { maxSteps: 2 } });
    for await (const { verdict } of episode) expect(verdict.kind).not.toBe('allow');
    const { proprio } = (await env.observe(context)) as Sensed;
    expect(proprio!.tcpPose!.pM).toEqual([0, 0.6, 0.15]);
  });

  it('a second caller is told that there is no seat, and a page of a browser is not heard at all', async () => {
    const env = await opened();
    const port = portsOf(env.pid()!)[0]!;
    await expect(simpler({ url: `ws://127.0.0.1:${port}` })).rejects.toMatchObject({ code: 'simulator/busy' });
    const page = new WebSocket(`ws://127.0.0.1:${port}`, { origin: 'https://shop.example' });
    const [error] = await once(page, 'error').catch((cause) => [cause]);
    expect(String(error)).toMatch(/403/);
  });

  it('whoever started it may be killed at any time: nothing is left, whatever the simulator was doing', async () => {
    const program = `
      const { simpler } = await import('pumice/envs/simpler');
      const context = { signal: new AbortController().signal, nowMs: () => 0, report: () => {} };
      const env = await simpler(${JSON.stringify({ backend: FAKE, python: inside, task: 'hangs' })});
      await env.reset({ instruction: 'go' }, context);
      console.log(env.pid());
      for (;;) await env.act(${JSON.stringify(GO)}, context);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: parent.stdout! }), 'line')) as [string];
    // By now it hangs, with every thread of its Python.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isAlive(Number(line))).toBe(true);
    parent.kill('SIGKILL');
    await isGone(Number(line));
  });
});

describe.skipIf(lack !== undefined)('a machine that lacks something', () => {
  const failure = async (asked: Partial<SimplerOptions>) => {
    const error = await simpler({ backend: 'metaworld', ...asked }).then(
      (env) => env.close().then(() => undefined),
      (cause) => cause,
    );
    return `${error?.code}: ${error?.message} / ${error?.hint}`;
  };

  it('with no display driver, says which library to install', async () => {
    const without = pythonWith(
      inside,
      [
        'import ctypes',
        'load = ctypes.CDLL.__init__',
        'def without(self, name, *rest, **more):',
        '    if "OSMesa" in str(name): raise OSError(f"{name}: cannot open shared object file")',
        '    load(self, name, *rest, **more)',
        'ctypes.CDLL.__init__ = without',
      ].join('\n'),
    );
    expect(await failure({ python: without })).toMatch(/^simulator\/driver: .*MUJOCO_GL=osmesa.*libosmesa6/);
  });

  it.each([
    [
      'a Python without the simulator',
      () => 'python3.11',
      /the package metaworld 3\.1\.1, this Python has none .*requirements-metaworld\.txt/,
    ],
    ['no such file', () => '/nowhere/python', /expected a Python at '\/nowhere\/python'/],
    ['a program that is no Python', () => process.execPath, /expected a Python at/],
    [
      'an older Python',
      () => pythonWith(inside, 'import sys\nsys.version_info = (3, 9, 2, "final", 0)\n'),
      /expected Python 3\.11 or later, this is 3\.9\.2/,
    ],
  ])('with %s, says so', async (_, program, said) => {
    const text = await failure({ python: program() });
    expect(text).toMatch(/^simulator\/not-installed/);
    expect(text).toMatch(said);
  });

  it('with another Meta-World than the one whose tasks were looked at, refuses it', async () => {
    const other = pythonWith(
      inside,
      'import importlib.metadata as m\nfind = m.version\nm.version = lambda name: "2.0.0" if name == "metaworld" else find(name)\n',
    );
    expect(await failure({ python: other })).toMatch(/^simulator\/version: .*expected metaworld 3\.1\.1, got 2\.0\.0/);
  });

  it('with a server of another version of pumice, refuses it', async () => {
    const copy = folderWith({});
    cpSync(SERVER, copy, { recursive: true });
    const wire = join(copy, 'wire.py');
    writeFileSync(wire, readFileSync(wire, 'utf8').replace('PROTOCOL = 1', 'PROTOCOL = 2'));
    const server: ChildProcess = spawn(inside, [join(copy, 'serve.py'), FAKE], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void server.kill());
    const [line] = (await once(createInterface({ input: server.stdout! }), 'line')) as [string];
    const { ready } = JSON.parse(line);
    await expect(simpler({ url: `ws://127.0.0.1:${ready.port}` })).rejects.toMatchObject({
      code: 'simulator/version',
      message: expect.stringMatching(/expected protocol 1, the server speaks 2/),
    });
  });

  it('to be reached from other machines it needs a key', async () => {
    const { startServer } = await import('pumice/envs/simpler');
    const start = (...args: string[]) => startServer({ python: inside, backend: FAKE, args, startMs: 20_000 });
    await expect(start('--host', '0.0.0.0')).rejects.toMatchObject({ code: 'config/invalid' });
    await expect(start('--host', '0.0.0.0', '--allow-remote')).rejects.toMatchObject({ code: 'config/invalid' });
    process.env.PUMICE_SIM_KEY = 'a key of enough letters';
    onTestFinished(() => void delete process.env.PUMICE_SIM_KEY);
    const server = await start('--host', '0.0.0.0', '--allow-remote');
    onTestFinished(() => server.kill());
    const url = `ws://127.0.0.1:${server.ready.port}`;
    await expect(simpler({ url })).rejects.toMatchObject({
      code: 'simulator/gone',
      message: expect.stringMatching(/401/),
    });
    const env = await simpler({ url, keyEnv: 'PUMICE_SIM_KEY' });
    await env.close();
  });
});

/** Ports of this machine that a process listens at. */
function portsOf(pid: number): number[] {
  const inodes = new Set<string>();
  const { readdirSync, readlinkSync } = process.getBuiltinModule('node:fs');
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    const found = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`));
    if (found) inodes.add(found[1]!);
  }
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A' && inodes.has(fields[9]!))
    .map((fields) => Number.parseInt(fields[1]!.split(':')[1]!, 16));
}
