/** `npm start -- arm` as a process of its own. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEpisode } from '../../src/record/index.ts';

const MAIN = resolve('dist/src/demo/main.js');

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'pumice-arm-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** Runs it to its end; interrupts it once its output matches. */
function start(args: readonly string[], interruptAt?: RegExp): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, [MAIN, 'arm', ...args], { cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  let isInterrupted = false;
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      if (isInterrupted || !interruptAt?.test(text)) return;
      isInterrupted = true;
      child.kill('SIGINT');
    });
  return new Promise((settle) => child.once('close', (code) => settle({ code, text })));
}

async function episodes() {
  const [folder] = await readdir(join(home, 'runs'));
  const path = join(home, 'runs', folder!);
  const names = (await readdir(path)).filter((name) => name.endsWith('.mcap')).sort();
  return Promise.all(names.map((name) => readEpisode(join(path, name))));
}

describe('npm start -- arm', { timeout: 90_000 }, () => {
  it('without a sentence does three tasks, leaves a report and a video of each, and exits 0', async () => {
    const { code, text } = await start([]);
    expect(code, text).toBe(0);
    expect(text.match(/Done \(.*the world's own judge/g)).toHaveLength(3);
    expect(text).not.toContain('\u001b');
    for (const [, page] of text.matchAll(/Report: (.+)$/gm))
      expect(await readFile(page!, 'utf8')).toContain('<!doctype html>');
    const videos = [...text.matchAll(/Video: +(.+)$/gm)];
    expect(videos).toHaveLength(3);
    for (const [, video] of videos) expect((await stat(video!)).size).toBeGreaterThan(1000);
    expect((await episodes()).map(({ end }) => end?.outcome)).toEqual(['success', 'success', 'success']);
  });

  it('with a sentence and a seed does that one', async () => {
    const { code, text } = await start(['put the red block on the blue plate', '--seed', '3']);
    expect(code, text).toBe(0);
    const [episode, ...others] = await episodes();
    expect(others).toEqual([]);
    expect(episode!.facts).toMatchObject({ seed: 3, instruction: 'put the red block on the blue plate' });
  });

  it('a colour that is not there ends as not done, and the policy says why', async () => {
    // Layout 3 has a block of every colour but blue.
    const { code, text } = await start(['pick up the blue block', '--seed', '3', '--as-is']);
    expect(code, text).toBe(1);
    expect(text).toMatch(/Not done .*the policy says it cannot: .*blue block/);
    expect((await episodes())[0]!.end?.outcome).toBe('failure');
  });

  it('a dry run shows, records and moves nothing', async () => {
    const { code, text } = await start(['pick up the red block', '--dry-run']);
    expect(code, text).toBe(0);
    expect(text).toContain('nothing was sent to the arm');
    const [episode] = await episodes();
    expect(episode!.steps.map(({ act }) => act?.status)).not.toContain('done');
  });

  it('Ctrl-C leaves the record whole and exits 130', async () => {
    const { code, text } = await start([], /^ {3}2 {2}/m);
    expect(code, text).toBe(130);
    const [episode] = await episodes();
    expect(episode).toMatchObject({ isComplete: true, end: { outcome: 'stopped' } });
  });

  it.each([
    [['pick up the purple block'], 'no purple block'],
    [['pick up', 'the red block'], 'put it in quotes'],
    [['--seed', '-1'], '--seed'],
    [['--port', '80'], 'of the browser demo'],
  ])('%j is refused as usage', async (args, says) => {
    const { code, text } = await start(args);
    expect(code, text).toBe(2);
    expect(text).toContain(says);
    await expect(readdir(join(home, 'runs'))).rejects.toThrow();
  });
});
