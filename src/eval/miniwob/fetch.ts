/**
 * Brings the MiniWoB++ pages from the Python package registry into a folder of ours. Set-up only: pip downloads and
 * unpacks the wheel; the evaluation itself needs no Python. Knows nothing of browsers or tasks.
 * Source: PyPI `miniwob` 1.1.0 (MIT), the same html tree as Farama-Foundation/miniwob-plusplus 3f461ff.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PumiceError } from '../../errors.ts';

const WHEEL = {
  requirement: 'miniwob==1.1.0',
  file: 'miniwob-1.1.0-py3-none-any.whl',
  sha256: '297006e84219d56ad037e843527ed773a4a82509dc43b6031ec4a3ad3e3e61d9',
};

const who = 'eval miniwob';
const runProgram = promisify(execFile);

/** The cache folder when none is given: `$XDG_CACHE_HOME/pumice`, else `~/.cache/pumice`. */
export const defaultCacheDir = (): string => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'pumice');

/**
 * Returns the folder to serve (`html` of the wheel), downloading it on first use.
 *
 * @throws PumiceError `eval/setup` when pip is missing or fails, or the wheel is not the expected one.
 */
export async function fetchMiniwob(options: { cacheDir?: string; signal?: AbortSignal } = {}): Promise<string> {
  const cacheDir = options.cacheDir ?? defaultCacheDir();
  const target = join(cacheDir, 'miniwob-1.1.0');
  const html = join(target, 'miniwob', 'html');
  if (await exists(html)) return html;

  await mkdir(cacheDir, { recursive: true });
  const scratch = await mkdtemp(join(cacheDir, 'fetch-'));
  try {
    const pip = ['pip', 'download', WHEEL.requirement, '--no-deps', '--only-binary=:all:', '--dest', scratch];
    await python(pip, options.signal);
    const wheel = join(scratch, WHEEL.file);
    const sha256 = createHash('sha256')
      .update(await readFile(wheel))
      .digest('hex');
    if (sha256 !== WHEEL.sha256)
      throw new PumiceError('eval/setup', `${WHEEL.file}: expected sha256 ${WHEEL.sha256}, got ${sha256}`, {
        who,
        hint: 'Check which package index pip uses (python3 -m pip config list)',
      });
    const unpacked = join(scratch, 'unpacked');
    await python(['zipfile', '-e', wheel, unpacked], options.signal);
    // A rename is atomic: a half-unpacked tree is never taken for a whole one, and of two fetchers one wins.
    await rename(unpacked, target).catch(async (error) => {
      if (!(await exists(html))) throw error;
    });
  } catch (error) {
    if (PumiceError.is(error) || options.signal?.aborted) throw error;
    throw new PumiceError('eval/setup', `cannot fetch ${WHEEL.requirement}: ${reasonOf(error)}`, {
      who,
      cause: error,
      hint: `Install Python 3 with pip and allow access to a package index, or unpack ${WHEEL.file} into ${target}`,
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return html;
}

/** Names of all tasks in a fetched tree, sorted. */
export async function listTasks(htmlDir: string): Promise<string[]> {
  const files = await readdir(join(htmlDir, 'miniwob'));
  return files
    .filter((file) => file.endsWith('.html'))
    .map((file) => file.slice(0, -'.html'.length))
    .sort();
}

const python = (argv: readonly string[], signal?: AbortSignal) =>
  runProgram('python3', ['-m', ...argv], { maxBuffer: 1 << 24, ...(signal && { signal }) });

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** The last line that the program said, else the error's own words. */
function reasonOf(error: unknown): string {
  const said = (error as { stderr?: string }).stderr?.trim().split('\n').at(-1);
  return said || (error instanceof Error ? error.message : String(error));
}
