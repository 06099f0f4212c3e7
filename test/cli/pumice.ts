/** Runs the built command, as a user does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
export const FAKE_AGENT = fixture('fake-agent.mjs');
export const ARM_POLICY = fixture('arm-policy.mjs');
export const SAYS_NO = fixture('says-no.mjs');
export const SLOW_POLICY = fixture('slow-policy.mjs');
export const BY_WORD_CRITIC = fixture('by-word-critic.mjs');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
  /** Standard output and standard error as they came. */
  readonly both: string;
}

export interface Started {
  readonly child: ChildProcess;
  /** Resolves once either output holds a text; fails when the process ends before that. */
  readonly seen: (text: string) => Promise<void>;
  readonly ended: Promise<Ended>;
}

export interface Folder extends Disposable {
  readonly path: string;
  readonly write: (name: string, content: unknown) => string;
}

/** A working folder of its own. */
export function folder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'pumice-cli-'));
  return {
    path,
    write: (name, content) => {
      const file = join(path, name);
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
      return file;
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A shell line in which `"$@"` stands for the command. */
  readonly shell?: string;
}

export const start = (args: readonly string[], options?: StartOptions): Started =>
  startProgram([MAIN, ...args], options);

/** Any program of ours, by its file. */
export function startProgram(args: readonly string[], { cwd = tmpdir(), env = {}, shell }: StartOptions = {}): Started {
  const line = [process.execPath, ...args];
  const command = shell === undefined ? line : ['bash', '-c', shell, 'bash', ...line];
  const child = spawn(command[0]!, command.slice(1), { cwd, env: { ...process.env, NO_COLOR: '1', ...env } });
  let out = '';
  let error = '';
  let both = '';
  const waiting = new Set<() => void>();
  const take = (add: (text: string) => void) => (text: string) => {
    add(text);
    both += text;
    for (const look of waiting) look();
  };
  child.stdout.setEncoding('utf8').on(
    'data',
    take((text) => {
      out += text;
    }),
  );
  child.stderr.setEncoding('utf8').on(
    'data',
    take((text) => {
      error += text;
    }),
  );
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, error, both })));
  const seen = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!both.includes(text)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
      void ended.then(() => reject(new Error(`ended without ${JSON.stringify(text)}:\n${both}`)));
    });
  return { child, seen, ended };
}

export const pumice = (args: readonly string[], options?: StartOptions): Promise<Ended> => start(args, options).ended;
