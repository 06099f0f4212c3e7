/** The client of openpi's wire against a server whose messages the original package packs and unpacks (PyPI `openpi-client`). */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openpiServer } from '../../src/models/openpi-ws.ts';

const PACKAGES = ['openpi-client==0.1.2', 'websockets==15.0.1', 'numpy==1.26.4', 'msgpack==1.1.1'];

let folder: string;
let server: ChildProcess;
let url: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pumice-openpi-'));
  execFileSync('python3', ['-m', 'venv', join(folder, 'venv')]);
  const python = join(folder, 'venv', 'bin', 'python');
  // The package asks for more than its messages need.
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', ...PACKAGES], { stdio: 'pipe' });
  server = spawn(python, [resolve(import.meta.dirname, 'openpi_server.py')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(server.stdout!, 'data')) as [Buffer];
  url = `ws://127.0.0.1:${String(port).trim()}`;
}, 180_000);
afterAll(() => {
  server?.kill();
  rmSync(folder, { recursive: true, force: true });
});

const state = Float32Array.from([0.5, -1, 2, 0, 0, 0.25, 1]);
const image = { data: Uint8Array.from({ length: 72 }, (_, at) => at), shape: [4, 6, 3] };
const seen = { 'observation/image': image, 'observation/state': { data: state, shape: [7] }, prompt: 'größer' };

it('what the original reads and writes is what was sent and comes back', async () => {
  const pi = openpiServer({ url });
  const { signal } = new AbortController();
  expect(await pi.metadata(signal)).toEqual({ env: 'test', action_dim: 7 });
  const { actions, rest } = await pi.infer(seen, signal);
  expect(actions).toEqual([[...state], [...state].map((one) => 2 * one)]);
  expect(rest).toMatchObject({ sum: (71 * 72) / 2, prompt: 'größer' });
  pi.close();
});

it('what it cannot read ends in its own words, and the next question is answered', async () => {
  const pi = openpiServer({ url });
  const { signal } = new AbortController();
  const { 'observation/state': _, ...without } = seen;
  await expect(pi.infer(without, signal)).rejects.toThrow(/KeyError: 'observation\/state'/);
  expect((await pi.infer(seen, signal)).actions).toHaveLength(2);
  pi.close();
});
