import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEpisode } from '../../src/record/index.ts';

const CHILD = resolve(import.meta.dirname, '../record/endless-recorder.mjs');
const KILLS = 8;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pumice-kill-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts a process that records without end. */
const start = (...args: string[]) => {
  const child = spawn(process.execPath, [CHILD, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<NodeJS.Signals | null>((done) => child.once('exit', (_code, signal) => done(signal)));
  return { child, ended, lines: createInterface({ input: child.stdout }) };
};

/** Runs a process that records without end, kills it after `steps` steps and `delayMs` more, and answers the last step it announced. */
async function recordAndKill(path: string, steps: number, delayMs: number): Promise<number> {
  const { child, ended, lines } = start(path);
  let announced = -1;
  for await (const line of lines) {
    announced = Number(line);
    if (announced === steps) setTimeout(() => child.kill('SIGKILL'), delayMs);
  }
  expect(await ended).toBe('SIGKILL');
  return announced;
}

/** What holds of every recording that was cut, whatever cut it. */
async function expectWhole(path: string, announced: number): Promise<void> {
  const episode = await readEpisode(path);
  // At most the one step that was being written is there beyond those announced.
  expect(episode.steps.map((step) => step.index)).toEqual(episode.steps.map((_step, index) => index));
  expect(episode.steps.length - (announced + 1)).toBeOneOf([0, 1]);
  expect(episode.isComplete).toBe(false);
  for (const step of episode.steps) {
    const [frame] = step.observation!.frames;
    expect(frame!.data.length).toBe(60_000);
    // Each picture is that of its step, to the last byte.
    expect(frame!.data.every((byte) => byte === step.index % 251)).toBe(true);
  }
}

test('every step whose write resolved can be read after SIGKILL at any moment', async () => {
  for (let kill = 0; kill < KILLS; kill++) {
    const path = join(folder, `kill-${kill}.mcap`);
    const announced = await recordAndKill(path, kill * 3, Math.random() * 12);
    await expectWhole(path, announced);
  }
}, 60_000);

test('a step that is announced while it is written is missed, so the last sentence is not empty', async () => {
  const path = join(folder, 'early.mcap');
  const { ended, lines } = start(path, '4');
  const announced: number[] = [];
  for await (const line of lines) announced.push(Number(line));
  expect(await ended).toBe('SIGKILL');
  expect(announced).toEqual([0, 1, 2, 3, 4]);
  expect((await readEpisode(path)).steps).toHaveLength(4);
  await expect(expectWhole(path, 4)).rejects.toThrow('to be one of');
});

test.runIf(process.platform !== 'win32')(
  'a disk that fills up in the middle fails the step that finds it, and the steps before it can be read',
  async () => {
    const path = join(folder, 'full.mcap');
    // A limit of the system on the size of a file stands for the end of the disk: the same short write, then an error.
    const command = `ulimit -f 1000; exec "${process.execPath}" "${CHILD}" "${path}"`;
    const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
    const [out, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect(await ended).toBe(1);
    expect(complaint).toContain('record/write-failed');
    expect(complaint).toContain('EFBIG');
    const announced = out.trim().split('\n').length - 1;
    expect(announced).toBeGreaterThan(2);
    await expectWhole(path, announced);
  },
);
