/** `pumice serve-policy --protocol vla-eval`: an evaluation by the original harness (PyPI `vla-eval`), and its own client, are answered. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { readEpisode } from 'pumice/record';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Folder, folder, start } from '../cli/pumice.ts';

/** What its command and its client need; it asks for more, which its own servers need. */
const PACKAGES = [
  ...['vla-eval==0.8.0', 'websockets==15.0.1', 'numpy==1.26.4', 'msgpack==1.1.1', 'pillow==11.3.0', 'anyio==4.12.0'],
  ...['idna==3.11', 'typing_extensions==4.15.0', 'lazyregistry==0.4.0', 'omegaconf==2.3.0', 'pyyaml==6.0.3'],
  ...['pydantic==2.12.4', 'pydantic-core==2.41.5', 'annotated-types==0.7.0', 'typing-inspection==0.4.2'],
  ...['antlr4-python3-runtime==4.9.3', 'rich==14.2.0', 'markdown-it-py==4.0.0', 'mdurl==0.1.2', 'pygments==2.19.2'],
];

let place: Folder;
let python: string;
beforeAll(() => {
  place = folder();
  execFileSync('python3', ['-m', 'venv', join(place.path, 'venv')]);
  python = join(place.path, 'venv', 'bin', 'python');
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', ...PACKAGES], { stdio: 'pipe' });
}, 240_000);
afterAll(() => place[Symbol.dispose]());

async function served(records: string, env: Record<string, string> = {}, more: readonly string[] = []) {
  const units = ['--metres-per-unit', '0.05', '--radians-per-unit', '0.5', '--gripper', 'close-is-1'];
  const policy = resolve(import.meta.dirname, 'reach-policy.mjs');
  const parts = ['--protocol', 'vla-eval', '--policy', policy, '--robot', 'sim', '--port', '0', '--records', records];
  const server = start(['serve-policy', ...parts, ...units, ...more], { cwd: place.path, env });
  const { value } = await createInterface({ input: server.child.stdout! })[Symbol.asyncIterator]().next();
  const [url = ''] = /ws:\/\/127\.0\.0\.1:\d+/.exec(String(value)) ?? [];
  return { ...server, url };
}
const recordsIn = (records: string) =>
  Promise.all(readdirSync(join(place.path, records)).map((file) => readEpisode(join(place.path, records, file))));

/** The original's client, led by lines. */
function client(url: string) {
  const child: ChildProcess = spawn(python, [resolve(import.meta.dirname, 'ask_vla_eval.py'), url], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const say = (line: object) => child.stdin!.write(`${JSON.stringify(line)}\n`);
  const said = async () => JSON.parse(String((await lines.next()).value));
  return {
    ...{ child, said },
    begin: (name: string) => say({ start: name }),
    ask: async (prompt: string, x: number) => {
      say({ prompt, state: [x, 0, 0.2, Math.PI, 0, 0, 0.04, -0.04] });
      return said();
    },
  };
}

it('an evaluation by the original harness ends with its own result file, and each episode has a record', async () => {
  const server = await served('evaluated');
  const tasks = ['to 0.45 0.1 0.25', 'to 0.3 -0.05 0.15', 'to 0.35 0 3'];
  const config = place.write('arm.yaml', {
    ...{ render: 'cpu', output_dir: 'results', server: { url: server.url } },
    benchmarks: [{ benchmark: 'vla_eval_arm:Arm', episodes_per_task: 2, params: { tasks, seed: 0 } }],
  });
  const harness = spawn(python, ['-m', 'vla_eval.cli.main', 'run', '--config', config, '--no-docker'], {
    cwd: place.path,
    env: { ...process.env, PYTHONPATH: import.meta.dirname },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let words = '';
  for (const stream of [harness.stdout, harness.stderr]) stream.on('data', (data) => (words += data));
  const [code] = await once(harness, 'close');
  server.child.kill('SIGINT');
  await server.ended;
  expect(code, words).toBe(0);
  expect(words).not.toMatch(/Spec mismatch|Seq mismatch|cannot be forwarded/);
  const result = JSON.parse(readFileSync(join(place.path, 'results', 'Arm_aggregate.json'), 'utf8'));
  expect(result).toMatchObject({
    ...{ harness_version: '0.8.0', mode: 'sync', num_episodes_total: 6, num_errors: 2 },
    mean_success: expect.closeTo(2 / 3),
    server_info: { model_server: 'pumice', robot: 'pumice-sim-arm' },
  });
  const refused = result.tasks.find(({ task }: { task: string }) => task === 'to 0.35 0 3');
  for (const episode of refused.episodes)
    expect(episode).toMatchObject({
      failure_reason: 'model_act',
      failure_detail: expect.stringContaining('No motion: deny by gate: workspace'),
    });
  const records = await recordsIn('evaluated');
  expect(records.map(({ facts, end }) => `${facts.instruction}: ${end?.reason}`).sort()).toEqual([
    ...Array(2).fill(expect.stringMatching(/^to 0.3 -0.05 0.15: .*the client ended it: success after 3 steps/)),
    // What was denied is the end of an episode to the harness, which tells nobody.
    expect.stringMatching(/^to 0.35 0 3: .*the client begins another one/),
    expect.stringMatching(/^to 0.35 0 3: .*the client left/),
    ...Array(2).fill(expect.stringMatching(/^to 0.45 0.1 0.25: .*the client ended it: success after 5 steps/)),
  ]);
}, 120_000);

it('its own client gets motions by the key in its address, raises what was denied, and is refused without the key', async () => {
  const server = await served('asked', { VLA_KEY: 'sesame' }, ['--api-key-env', 'VLA_KEY']);
  const stranger = client(server.url);
  expect((await once(stranger.child, 'close'))[0]).toBe(1);
  const one = client(server.url.replace('ws://', 'ws://pumice:sesame@'));
  expect(await one.said()).toMatchObject({
    ...{ protocol_version: 1, policy: expect.stringContaining('reach-policy'), robot: 'pumice-sim-arm' },
    observation_params: { send_state: true, send_wrist_image: true },
  });
  expect((await one.ask('to 0.4 0 0.2', 0.35)).error).toMatch(/Server error: .*expected an episode_start/);
  one.begin('first');
  const { actions, dtype, verdict } = await one.ask('to 0.4 0 0.2', 0.35);
  expect({ actions, dtype, verdict }).toEqual({
    ...{ dtype: 'float32', verdict: 'allow' },
    actions: [0.6, 0, 0, 0.4, 0.04, 0.4, -1].map((number) => expect.closeTo(number, 2)),
  });
  expect((await one.ask('to 0.4 0 0.2', 0.2)).error).toMatch(/Server error: .*No motion: deny .*following/);
  one.child.stdin!.end();
  await once(one.child, 'close');
  server.child.kill('SIGINT');
  expect((await server.ended).code).toBe(130);
  const [record] = await recordsIn('asked');
  expect(record!.steps.slice(0, 2).map(({ verdict: { kind } }) => kind)).toEqual(['allow', 'deny']);
}, 60_000);

it.each(['client', 'server'] as const)(
  'a %s that is ended in mid-episode leaves a whole record',
  async (who) => {
    const server = await served(`ended-${who}`);
    const one = client(server.url);
    await one.said();
    one.begin('first');
    expect(await one.ask('to 0.45 0 0.2', 0.35)).toMatchObject({ verdict: 'allow' });
    if (who === 'client') {
      one.child.kill('SIGKILL');
      await once(one.child, 'close');
      // Its socket closes by itself.
      await expect
        .poll(async () => (await recordsIn(`ended-${who}`).catch(() => []))[0]?.end?.reason, { timeout: 10_000 })
        .toContain('the client left');
    }
    server.child.kill('SIGINT');
    await server.ended;
    one.child.kill('SIGKILL');
    const [record] = await recordsIn(`ended-${who}`);
    expect(record).toMatchObject({ end: { outcome: 'stopped', reason: expect.stringContaining('the client left') } });
    expect(record!.steps[0]).toMatchObject({ verdict: { kind: 'allow' }, act: { status: 'done' } });
  },
  60_000,
);
