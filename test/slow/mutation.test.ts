/**
 * Mutation of the gate. The whole of it is run at night (`npm run test:night`); here, the files that have changed since they were
 * mutated last. `test/gate/mutated.json` holds the digest of each file as it was then; write it anew after a run that passed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const seen = JSON.parse(readFileSync(join(root, 'test/gate/mutated.json'), 'utf8')) as Record<string, string>;
const digest = (path: string) =>
  createHash('sha256')
    .update(readFileSync(join(root, path)))
    .digest('hex')
    .slice(0, 16);
const files = readdirSync(join(root, 'src/gate'), { recursive: true, encoding: 'utf8' })
  // Word lists alone: a mutant for each of some thousand words says nothing of how they are read.
  .filter((path) => path.endsWith('.ts') && path !== 'effects/deed-words.ts')
  .map((path) => `src/gate/${path}`)
  .sort();

it('of the files of the gate that changed since they were mutated last, at least 95 of 100 mutants are found', () => {
  expect(files.length).toBeGreaterThan(8);
  const changed = files.filter((path) => seen[path] !== digest(path));
  if (changed.length === 0) return;
  const stryker = spawnSync('npx', ['stryker', 'run', '--mutate', changed.join(',')], { cwd: root, encoding: 'utf8' });
  expect(stryker.status, stryker.stdout.slice(-4000)).toBe(0);
});
