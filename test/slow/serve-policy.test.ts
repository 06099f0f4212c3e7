/** `pumice serve-policy`: openpi's own Python client (PyPI `openpi-client`) is answered, and an arm behind the wire does its task. */
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { sim } from 'pumice/envs/sim';
import { openpi } from 'pumice/policies/openpi';
import { readEpisode } from 'pumice/record';
import { expect, it } from 'vitest';
import { folder, start } from '../cli/pumice.ts';
import { attempt } from '../roles/scene.ts';

const PACKAGES = [
  ...['openpi-client==0.1.2', 'websockets==15.0.1', 'numpy==1.26.4', 'msgpack==1.1.1'],
  'typing_extensions==4.12.2',
];

async function served(cwd: string) {
  const units = ['--metres-per-unit', '0.05', '--radians-per-unit', '0.5', '--gripper', 'close-is-1'];
  const parts = ['--protocol', 'openpi', '--policy', 'ember', '--robot', 'sim', '--port', '0', '--records', 'records'];
  const server = start(['serve-policy', ...parts, ...units], { cwd });
  const lines = createInterface({ input: server.child.stdout! });
  const { value } = await lines[Symbol.asyncIterator]().next();
  const [url = '', port = ''] = /ws:\/\/127\.0\.0\.1:(\d+)/.exec(String(value)) ?? [];
  return { ...server, url, port };
}

it("openpi's own client gets motions, and raises what was denied", async () => {
  using place = folder();
  const python = join(place.path, 'venv', 'bin', 'python');
  execFileSync('python3', ['-m', 'venv', join(place.path, 'venv')]);
  // The package asks for more than its messages need, and forgets one that it does.
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', ...PACKAGES], { stdio: 'pipe' });
  const server = await served(place.path);
  const program = resolve(import.meta.dirname, 'ask_openpi.py');
  const client = spawn(python, [program, server.port], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: client.stdout })[Symbol.asyncIterator]();
  const said = async () => JSON.parse(String((await lines.next()).value));
  const ask = async (prompt: string, z: number) => {
    client.stdin.write(`${JSON.stringify({ prompt, state: [0.35, 0, z, Math.PI, 0, 0, 0.04, -0.04] })}\n`);
    return said();
  };
  expect(await said()).toMatchObject({ server: 'pumice', policy: 'ember', action_horizon: 1 });
  expect(await ask('pick up the red block', 0.2)).toMatchObject({
    ...{ shape: [1, 7], dtype: 'float32', verdict: expect.stringMatching(/allow|modify/) },
    row: Array.from({ length: 7 }, () => expect.any(Number)),
  });
  // Far above its place of work, where the arm can not have got from where it was told to go.
  expect((await ask('pick up the red block', 3)).error).toMatch(/Error in inference server:\nNo motion: deny/);
  client.stdin.end();
  await new Promise((done) => client.once('close', done));
  await server.seen('ember speaks');
  server.child.kill('SIGINT');
  expect((await server.ended).code).toBe(130);
  const [file] = readdirSync(join(place.path, 'records'));
  const { facts, steps } = await readEpisode(join(place.path, 'records', file!));
  expect(facts).toMatchObject({ instruction: 'pick up the red block', policy: 'ember', env: 'openpi-client' });
  expect(steps.slice(0, 2).map(({ verdict }) => verdict.kind)).toEqual([expect.stringMatching(/allow|modify/), 'deny']);
}, 180_000);

it('an arm whose policy is behind the wire does its task', async () => {
  using place = folder();
  const server = await served(place.path);
  await using env = await sim({ oracle: true }).then((made) => ({ ...made, [Symbol.asyncDispose]: made.close }));
  const units = { metresPerUnit: 0.05, radiansPerUnit: 0.5, gripper: 'close-is-1', dtMs: 200 } as const;
  const policy = openpi({ url: server.url, ...units });
  const { outcome } = await attempt(env, policy, 'pick up the red block', 60);
  await policy.close?.();
  server.child.kill('SIGINT');
  await server.ended;
  expect(outcome).toBe('success');
}, 120_000);
