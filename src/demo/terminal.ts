/** The person before the demos: what is said to them, what they answer. Knows no demo. */
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { monotonicNowMs, wallMs } from '../clock.ts';
import { describeError, PumiceError } from '../errors.ts';
import { paint } from './progress.ts';

export const isTerminal = Boolean(process.stdin.isTTY && process.stdout.isTTY);
export const ink = paint(isTerminal && process.env.NO_COLOR === undefined);
export const say = (line = '') => void process.stdout.write(`${line}\n`);

/** One line of the person; `q` when they close the input or stop. */
export function askLine(signal: AbortSignal): Promise<string> {
  if (signal.aborted) return Promise.resolve('q');
  const lines = createInterface({ input: process.stdin, terminal: false });
  return new Promise<string>((settle) => {
    lines.once('line', settle);
    lines.once('close', () => settle('q'));
    signal.addEventListener('abort', () => settle('q'), { once: true });
  }).finally(() => lines.close());
}

export function openInViewer(path: string): void {
  const [command, ...args] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open'];
  const viewer = spawn(command!, [...args, path], { stdio: 'ignore', detached: true });
  viewer.once('error', () => say(`No program here opens it; open ${path} yourself.`));
  viewer.unref();
}

/** Makes a new folder for records and reports below `runs/`. @throws PumiceError `record/write-failed`. */
export async function makeFolder(name: string): Promise<string> {
  const started = new Date(wallMs(monotonicNowMs())).toISOString().slice(0, 19).replaceAll(':', '-');
  const wanted = resolve('runs', `${name}-${started}`);
  try {
    await mkdir(resolve('runs'), { recursive: true });
    // Two that begin in the same second get a folder each.
    for (let nth = 1; ; nth++) {
      const folder = nth === 1 ? wanted : `${wanted}-${nth}`;
      if (await isMade(folder)) return folder;
    }
  } catch (cause) {
    const hint = 'Run it in a folder that may be written';
    throw new PumiceError('record/write-failed', `could not make ${wanted}: ${describeError(cause)}`, { hint, cause });
  }
}

const isMade = (folder: string): Promise<boolean> =>
  mkdir(folder).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
