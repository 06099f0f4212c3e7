/** A Python with Meta-World and gymnasium-robotics for tests and benches, from the hash-locked list that users install from: made once under `.cache` for each such list. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** From the root of the repository, where tests and benches are run: a bench runs from where it was built to. */
export const SERVER = resolve('envs/simpler/server');
/** That of gymnasium has that of Meta-World in it. */
const LISTS = ['requirements-metaworld.txt', 'requirements-gymnasium.txt'].map((name) => join(SERVER, name));
const PYTHON = 'python3.11';

/** Why there can be no simulator on this machine, if so. @throws Error with that, where tests must not be skipped. */
export function missing(): string | undefined {
  const why = lack();
  if (why !== undefined && process.env.CI) throw new Error(`no simulator: ${why}`);
  return why;
}

function lack(): string | undefined {
  if (process.platform !== 'linux') return 'OSMesa is looked for on Linux alone';
  try {
    execFileSync(PYTHON, ['-c', 'import venv, ensurepip'], { stdio: 'pipe' });
  } catch {
    return `${PYTHON} with venv is not there: install ${PYTHON} and ${PYTHON}-venv`;
  }
  try {
    execFileSync(PYTHON, ['-c', 'import ctypes; ctypes.CDLL("libOSMesa.so.8")'], { stdio: 'pipe' });
  } catch {
    return 'libOSMesa.so.8 is not there: install libosmesa6';
  }
  return undefined;
}

/** @returns the Python of the venv. */
export function python(): string {
  const digest = LISTS.reduce((hash, list) => hash.update(readFileSync(list)), createHash('sha256'))
    .digest('hex')
    .slice(0, 12);
  const venv = resolve('.cache/sim', digest);
  const inside = join(venv, 'bin/python');
  const done = join(venv, 'done');
  if (!existsSync(done)) {
    rmSync(venv, { recursive: true, force: true });
    execFileSync(PYTHON, ['-m', 'venv', venv], { stdio: 'pipe' });
    const how = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--no-compile'];
    execFileSync(inside, [...how, '--require-hashes', '--only-binary', ':all:', '-r', LISTS.at(-1)!], {
      stdio: 'inherit',
    });
    mkdirSync(done);
  }
  return inside;
}
