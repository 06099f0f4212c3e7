/** Where the demos leave what they made. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeFolder } from '../../src/demo/terminal.ts';

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'pumice-demo-'));
  vi.spyOn(process, 'cwd').mockReturnValue(place);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(place, { recursive: true });
});

it('demos that begin in the same second get a folder each', async () => {
  const folders = await Promise.all([makeFolder('arm'), makeFolder('arm'), makeFolder('arm')]);
  expect(new Set(folders).size).toBe(3);
});

it('a place that cannot be written is named, with what to do', async () => {
  writeFileSync(join(place, 'runs'), '');
  await expect(makeFolder('arm')).rejects.toMatchObject({
    code: 'record/write-failed',
    hint: expect.stringContaining('written'),
  });
});
