/** A screen that nobody sees, with a real keyboard and windows of which one has it: an X server of its own, and hands for it. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { until } from './stand.ts';

export interface Screen extends AsyncDisposable {
  readonly display: { readonly DISPLAY: string };
  /** Gives the keyboard to the window with that in its title, once it is there. */
  readonly focus: (title: string) => Promise<void>;
  readonly keyboard: { readonly down: (code: string) => Promise<void>; readonly up: (code: string) => Promise<void> };
}

const NEEDED = ['Xvfb', 'xdotool'];
/** What is missing for it, in words. */
export const lacking = (): string | undefined =>
  NEEDED.every((name) => spawnSync('which', [name]).status === 0) ? undefined : `needs ${NEEDED.join(' and ')}`;

/** As X names a key by its place. */
const nameOf = (code: string) => (code === 'Space' ? 'space' : code.replace(/^Key/, '').toLowerCase());

export async function openScreen(): Promise<Screen> {
  const server = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1600x1200x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(server, 'exit');
  const [number] = await once(server.stdout, 'data');
  const display = { DISPLAY: `:${String(number).trim()}` };
  const hands = async (...args: readonly string[]): Promise<string> =>
    (await promisify(execFile)('xdotool', [...args], { env: { ...process.env, ...display } })).stdout.trim();
  return {
    display,
    focus: async (title) => {
      const search = () => hands('search', '--onlyvisible', '--name', title).catch(() => '');
      await until(async () => (await search()) !== '', `a window '${title}'`);
      await hands('windowfocus', '--sync', (await search()).split('\n')[0]!);
    },
    keyboard: {
      down: async (code) => void (await hands('keydown', nameOf(code))),
      up: async (code) => void (await hands('keyup', nameOf(code))),
    },
    [Symbol.asyncDispose]: async () => {
      server.kill();
      await exited;
    },
  };
}
