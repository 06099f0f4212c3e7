/**
 * The Python program of a simulator as a child: started, listened to until it is ready, and ended whatever it is doing. It ends by
 * itself when this process does (`server/life.py`). Knows nothing of what goes over its socket.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PumiceError } from 'pumice';
import { firstLine } from './messages.ts';
import { problemOf, WHO } from './problems.ts';

const SERVER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './server/' : '../../../envs/simpler/server/', import.meta.url),
);

/** Words of its standard error that are kept for whoever asks why it ended. Chosen: a traceback. */
const MOST_WORDS = 4000;

export interface ServerOptions {
  /** A Python that has what the backend needs. */
  readonly python: string;
  readonly backend: string;
  /** Further arguments of `serve.py`. */
  readonly args?: readonly string[];
  /** Longest wait for its first line, ms. */
  readonly startMs: number;
}

export interface ServerProcess {
  /** What it said when it was ready. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly pid: number;
  /** How it ended: `by SIGKILL`, `with code 1`. */
  readonly ended: Promise<string>;
  /** The end of what it wrote to standard error. */
  readonly words: () => string;
  readonly kill: () => Promise<void>;
}

/** @throws PumiceError `simulator/*`, as the program says, or `simulator/not-installed` where there is no such Python. */
export async function startServer({ python, backend, args = [], startMs }: ServerOptions): Promise<ServerProcess> {
  const all = [`${SERVER}serve.py`, backend, '--parent', String(process.pid), ...args];
  // Standard input stays open as long as this process lives.
  const child = spawn(python, all, { stdio: ['pipe', 'pipe', 'pipe'] });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-MOST_WORDS);
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`before it began: ${error.message}`));
    child.once('close', (code, signal) => resolve(signal === null ? `with code ${code}` : `by ${signal}`));
  });
  try {
    const ready = await readyLine(child, { python, ended, words: () => words, startMs });
    return { ready, pid: child.pid!, ended, words: () => words.trim(), kill: () => killed(child) };
  } catch (error) {
    await killed(child);
    throw error;
  }
}

interface Starting {
  readonly python: string;
  readonly ended: Promise<string>;
  readonly words: () => string;
  readonly startMs: number;
}

async function readyLine(child: ChildProcess, { python, ended, words, startMs }: Starting) {
  const lines = createInterface({ input: child.stdout! });
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, AbortSignal.timeout(startMs)]);
  try {
    const line = once(lines, 'line', { signal }).then(([text]) => String(text));
    line.catch(() => {});
    const said = await Promise.race([line, ended.then((how) => ({ how }))]).catch((cause: unknown) => {
      throw new PumiceError('simulator/hung', `expected it to be ready in ${startMs / 1000} s, it was not`, {
        who: WHO,
        hint: 'Look whether the machine is busy; the first start compiles shaders; a program allows more by startTimeoutS',
        cause,
      });
    });
    if (typeof said === 'object')
      throw new PumiceError(
        'simulator/not-installed',
        `expected a Python at '${python}', it ended ${said.how}${lastOf(words())}`,
        { who: WHO, hint: 'Name one of a venv that has the simulator: --python sim/bin/python' },
      );
    const parsed = firstLine.safeParse(asJson(said));
    if (!parsed.success)
      throw new PumiceError(
        'simulator/not-installed',
        `expected the server's first line, got '${said.slice(0, 200)}'`,
        {
          who: WHO,
          hint: `Look whether '${python}' is a Python`,
        },
      );
    if ('error' in parsed.data) throw problemOf(parsed.data.error);
    return parsed.data.ready;
  } finally {
    over.abort();
    lines.close();
    child.stdout!.resume();
  }
}

const lastOf = (words: string) => {
  const line = words.trim().split('\n').at(-1);
  return line ? `: ${line}` : '';
};

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const isOver = once(child, 'close');
  child.kill('SIGKILL');
  await isOver;
}
