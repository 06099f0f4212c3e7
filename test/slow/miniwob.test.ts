/** Pages that we did not write: ten development tasks of MiniWoB++, two seeds each, by the command that a user gives. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readEpisode } from '../../src/record/index.ts';

const TASKS = [
  'click-button',
  'click-link',
  'enter-text',
  'enter-date',
  'focus-text',
  'choose-list',
  'click-checkboxes',
  'click-tab',
  'click-dialog',
  'read-table',
];
/** Of 20. Measured: 20; two less are let through, since a loaded machine may run a page into its own time limit. */
const LEAST_SUCCESSES = 18;

const folder = mkdtempSync(join(tmpdir(), 'pumice-miniwob-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Result {
  readonly setup: Record<string, unknown>;
  readonly summary: Record<string, unknown>;
  readonly episodes: readonly {
    task: string;
    seed: number;
    success: boolean;
    rawReward: number;
    steps: number;
    record: string;
  }[];
}

it('ten development tasks x two seeds are done, and each has a record', async () => {
  const json = join(folder, 'result.json');
  const evaluation = spawnSync(
    'npm',
    [
      'run',
      'eval:miniwob',
      '--',
      '--tasks',
      TASKS.join(),
      '--seeds',
      '11-12',
      '--policy',
      'mark-matcher',
      '--json',
      json,
    ],
    { cwd: resolve(import.meta.dirname, '../..'), encoding: 'utf8' },
  );
  expect(existsSync(json), evaluation.stdout + evaluation.stderr).toBe(true);
  const { episodes, summary, setup } = JSON.parse(readFileSync(json, 'utf8')) as Result;
  expect(episodes).toHaveLength(20);
  expect(new Set(episodes.map(({ task }) => task))).toEqual(new Set(TASKS));
  const failed = episodes
    .filter(({ success }) => !success)
    .map(({ task, seed, rawReward }) => ({ task, seed, rawReward }));
  expect(episodes.length - failed.length, JSON.stringify(failed)).toBeGreaterThanOrEqual(LEAST_SUCCESSES);
  expect(episodes.every(({ success, rawReward }) => success === rawReward >= 1)).toBe(true);
  expect(Object.keys(summary).length).toBeGreaterThan(0);
  // What decided the numbers, and nothing left of the way there.
  expect(setup).toMatchObject({
    suite: { name: 'miniwob', seeds: [11, 12] },
    versions: { commit: expect.any(String) },
  });
  expect(existsSync(`${json}.partial`)).toBe(false);
  const episode = await readEpisode(resolve(import.meta.dirname, '../..', episodes[0]!.record));
  expect(episode.steps.length).toBe(episodes[0]!.steps);
});
