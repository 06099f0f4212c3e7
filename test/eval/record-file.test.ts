/** Where episodes are recorded. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { recordFile } from '../../src/eval/record-file.ts';

it('a record of a play that was cut is moved aside, none is overwritten, and the newest has the plain name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pumice-record-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const play of ['first', 'second', 'third']) writeFileSync(recordFile(folder, 'hold-pick-7'), play);
  const kept = readdirSync(folder).sort();
  expect(kept).toEqual(['hold-pick-7.before-1.mcap', 'hold-pick-7.before-2.mcap', 'hold-pick-7.mcap']);
  expect(kept.map((file) => readFileSync(join(folder, file), 'utf8'))).toEqual(['first', 'second', 'third']);
});
