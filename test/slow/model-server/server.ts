/** Starts policies/server as a person would, and waits until its model is loaded. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { sleep } from '../../../src/clock.ts';
import { freePort } from '../../free-port.ts';

export const PROGRAMS = resolve(import.meta.dirname, '../../../policies/server');

export interface ModelServer extends AsyncDisposable {
  /** Ends in `/v1`. */
  readonly url: string;
  readonly origin: string;
}

/** A port on which nobody listens. */

export function startServe(python: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  // Two threads: the tests share the machine.
  const child = spawn(python, [resolve(PROGRAMS, 'serve.py'), ...args], {
    env: { ...process.env, OMP_NUM_THREADS: '2', HF_HUB_OFFLINE: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const heard = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => {
      heard.text += data;
    });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, heard, ended };
}

export async function modelServer(
  python: string,
  args: readonly string[],
  env?: NodeJS.ProcessEnv,
): Promise<ModelServer> {
  const port = await freePort();
  const { child, heard, ended } = startServe(python, [...args, '--port', String(port)], env);
  const origin = `http://127.0.0.1:${port}`;
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  const isReady = () =>
    fetch(`${origin}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    if (hasEnded) throw new Error(`the server ended: ${heard.text}`);
    await sleep(100);
  }
  const close = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { origin, url: `${origin}/v1`, [Symbol.asyncDispose]: close };
}
