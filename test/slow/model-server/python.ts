/**
 * A Python with what policies/server needs, made once for each machine: torch is gigabytes. `PUMICE_PYTHON` names one that is there.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

const REQUIREMENTS = resolve(import.meta.dirname, 'requirements.txt');

export function modelPython(): string {
  if (process.env.PUMICE_PYTHON) return process.env.PUMICE_PYTHON;
  const key = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  const home = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'pumice', `model-python-${key}`);
  const python = join(home, 'bin', 'python');
  const done = join(home, 'done');
  if (existsSync(done)) return python;
  rmSync(home, { recursive: true, force: true });
  execFileSync('python3', ['-m', 'venv', home]);
  const install = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--no-cache-dir',
    '-r',
    REQUIREMENTS,
  ];
  execFileSync(python, install, { stdio: 'pipe' });
  writeFileSync(done, '');
  return python;
}
