/** What a simulator shows, how it is judged, and how it is served to others. The simulator is a fake one, the server and its wire are real. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type EpisodeResult, run, type Sensed } from 'pumice';
import { manipulator } from 'pumice/agents/manipulator';
import { type SimplerEnv, type SimplerOptions, simpler } from 'pumice/envs/simpler';
import { scripted } from 'pumice/policies/scripted';
import { decodeFrame } from 'pumice/vision';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../free-port.ts';
import { folderWith } from './folders.ts';
import { missing, python } from './python.ts';

const FAKE = 'test/simpler/real/fake_backend.py';
/** Of the fake. */
const MAX_STEPS = 8;
const context = { signal: new AbortController().signal, nowMs: () => 0, report: () => {} };
const GO = {
  kind: 'eef-delta',
  frameId: 'base',
  dPosM: [0.005, 0, 0],
  dRpyRad: [0, 0, 0],
  gripperOpen: 1,
} as const;
const go = () =>
  scripted({ actions: Array.from({ length: 20 }, () => ({ ...GO, dPosM: [0.005, 0, 0], dRpyRad: [0, 0, 0] })) });

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
const reset = (env: SimplerEnv) => env.reset({ instruction: 'go', seed: 7 }, context) as Promise<unknown>;
const look = (env: SimplerEnv) => env.observe(context) as Promise<Sensed>;

describe.skipIf(lack !== undefined)('a simulator behind its server', () => {
  it('shows what it drew: bit by bit as raw pictures, and about that as JPEG, and the record says which', async () => {
    const [raw, jpeg] = [await opened(), await opened({ images: 'jpeg', jpegQuality: 90 })];
    for (const env of [raw, jpeg]) {
      await reset(env);
      await env.act(GO, context);
    }
    const [[drawn], [packed]] = [(await look(raw)).frames, (await look(jpeg)).frames];
    expect(drawn).toMatchObject({ encoding: 'rgb8', widthPx: 6, heightPx: 4, camera: 'fake' });
    expect([...drawn!.data.subarray(0, 6)]).toEqual([255, 128, 0, 1, 1, 1]);
    expect(packed!.encoding).toBe('jpeg');
    const read = await decodeFrame(packed!);
    expect([read.widthPx, read.heightPx]).toEqual([6, 4]);
    expect(raw.facts!.images).toBe('raw RGB');
    expect(jpeg.facts!.images).toBe('JPEG, quality 90 of 100');
  });

  it('gives quaternions as x y z w, whatever the order on the wire', async () => {
    const env = await opened();
    await reset(env);
    const { proprio, frames } = await look(env);
    expect(proprio!.tcpPose!.qXyzw).toEqual([0.1, 0.7, 0.5, 0.5]);
    expect(frames[0]!.cameraInBase).toEqual({ pM: [1, 2, 3], qXyzw: [0.1, 0.7, 0.5, 0.5] });
  });

  it('says after each step what the task asks for now', async () => {
    const env = await opened();
    await reset(env);
    const told = [env.instruction()];
    for (let i = 0; i < 3; i++) {
      await env.act(GO, context);
      told.push(env.instruction());
    }
    expect(told).toEqual(['first part', 'first part', 'first part', 'second part']);
  });

  it('tells its true state to nobody who did not open the channel, and never in an observation', async () => {
    const [closed, open] = [await opened(), await opened({ oracle: true })];
    for (const env of [closed, open]) await reset(env);
    expect(closed.oracle).toBe(undefined);
    expect(open.oracle!.state()).toEqual({ secret: { seed: 7 }, steps: 0 });
    for (const env of [closed, open])
      expect(JSON.stringify({ ...(await look(env)), frames: [] })).not.toMatch(/secret/);
  });

  it('begins an episode by number, and by where things are put, apart from its seed', async () => {
    const env = await opened({ oracle: true });
    env.beginWith({ episodeId: 5, robot: { qRad: [1] }, objects: { xyM: [0.1, 0.2], qWxyz: [1, 0, 0, 0] } });
    await reset(env);
    expect(env.oracle!.state().secret).toEqual({
      seed: 7,
      episodeId: 5,
      robot: { qRad: [1] },
      objects: { xyM: [0.1, 0.2], qWxyz: [1, 0, 0, 0] },
    });
  });

  // It is a success at the fourth step alone.
  it.each<['first' | 'final' | 'any', EpisodeResult['outcome'], number]>([
    ['first', 'success', 4],
    ['any', 'success', MAX_STEPS],
    ['final', 'failure', MAX_STEPS],
  ])('by the rule %s the same steps are a %s, after %i of them', async (success, outcome, steps) => {
    const env = await opened({ success });
    const episode = run({ env, policy: go(), instruction: 'go', oracle: env.judge });
    const result = await episode.result;
    expect([result.outcome, env.judge.score().steps]).toEqual([outcome, steps]);
    const { final, any, firstStep } = env.judge.score();
    expect({ final, any, firstStep }).toEqual({ final: success === 'first', any: true, firstStep: 4 });
  });

  it('is refused when a backend drives another robot than there is a profile of', async () => {
    const text = process.getBuiltinModule('node:fs').readFileSync(FAKE, 'utf8').replace('"sawyer"', '"somebody"');
    const folder = folderWith({ 'other.py': text });
    await expect(simpler({ backend: `${folder}/other.py`, python: inside })).rejects.toMatchObject({
      code: 'config/misfit',
      message: expect.stringMatching(/robot somebody: there is no profile of it/),
    });
  });
});

describe.skipIf(lack !== undefined)('the agent for arms', () => {
  it('tells the run when the task asks for something else, and is judged by the task', async () => {
    const agent = await manipulator({ policy: go(), env: 'simpler', backend: FAKE, python: inside });
    onTestFinished(() => agent.close());
    const told: string[] = [];
    const episode = agent.run({ instruction: 'first part' });
    for await (const { observation } of episode) told.push(observation!.instruction);
    // It is told after the third step, and is done at the fourth.
    expect(told).toEqual(['first part', 'first part', 'first part', 'second part']);
    expect((await episode.result).outcome).toBe('success');
  });

  it.each([
    [{ robot: 'servo-arm' }, /robot is for another arm, and this one is in a simulator/],
    [{ realTime: true }, /realTime is for the simulated arm, and this one is in a simulator/],
    [{ env: 'sim', simTask: 'reach-v3' }, /backend is for another arm, and this one is pumice's own/],
    [{ url: 'ws://127.0.0.1:1' }, /one of both/],
  ] as const)('takes nothing that is for another arm: %o', async (asked, said) => {
    await expect(manipulator({ policy: go(), env: 'simpler', backend: FAKE, ...asked })).rejects.toThrow(said);
  });

  it('does a task of Meta-World from the command line', async () => {
    const what = ['run', 'manipulator', 'press the button', '--env', 'simpler', '--backend', 'metaworld'];
    const how = ['--sim-task', 'button-press-v3', '--policy', 'expert', '--oracle', '--critic', 'none'];
    const command = ['dist/src/cli/main.js', ...what, '--python', inside, ...how, '--no-record'];
    const { status, stderr, stdout } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
  });
});

describe.skipIf(lack !== undefined)('pumice sim-server', () => {
  it('serves one caller after another, starts again what was killed, and ends whole', async () => {
    const port = await freePort();
    const args = ['dist/src/cli/main.js', 'sim-server', '--backend', FAKE, '--python', inside, '--port', String(port)];
    const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void server.kill('SIGKILL'));
    const said: string[] = [];
    const pids = () => said.flatMap((line) => /process (\d+)/.exec(line)?.[1] ?? []).map(Number);
    createInterface({ input: server.stdout! }).on('line', (line) => said.push(line));
    await expect.poll(() => pids().length, { timeout: 20_000 }).toBe(1);

    const env = await opened({ backend: undefined, url: `ws://127.0.0.1:${port}` });
    await reset(env);
    expect((await env.act(GO, context)) as unknown).toMatchObject({ status: 'done' });
    process.kill(pids()[0]!, 'SIGKILL');
    await expect(env.act(GO, context)).rejects.toMatchObject({ code: 'simulator/gone' });
    await reset(env);
    expect((await env.act(GO, context)) as unknown).toMatchObject({ status: 'done' });
    await env.close();

    const next = await opened({ backend: undefined, url: `ws://127.0.0.1:${await started(3)}` });
    await next.close();
    async function started(count: number) {
      await expect.poll(() => pids().length, { timeout: 20_000 }).toBe(count);
      return port;
    }

    await expect.poll(() => pids().length, { timeout: 20_000 }).toBe(4);
    server.kill('SIGINT');
    expect((await once(server, 'exit'))[0]).toBe(130);
    for (const pid of pids()) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  }, 60_000);
});
