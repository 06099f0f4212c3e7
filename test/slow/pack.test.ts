/** The package as a stranger gets it: packed, checked, installed into an empty folder, and put to work there. */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'pumice-pack-'));
const app = join(folder, 'app');
let tarball = '';
let files: readonly string[] = [];

/** The packaged browser, in a cache of its own. */
const environment = { ...process.env, PUMICE_BROWSER: 'sparticuz', XDG_CACHE_HOME: join(folder, 'cache') };

interface Analysis {
  readonly entrypoints: object;
  readonly problems: readonly Record<
    'kind' | 'resolutionKind' | 'resolutionOption' | 'entrypoint',
    string | undefined
  >[];
}

beforeAll(() => {
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root, encoding: 'utf8' });
  const [first] = JSON.parse(packed.slice(packed.indexOf('['))) as [{ filename: string; files: { path: string }[] }];
  tarball = join(folder, first.filename);
  files = first.files.map(({ path }) => path);
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{ "private": true, "type": "module" }');
  const chromium = `@sparticuz/chromium@${manifest.devDependencies['@sparticuz/chromium']}`;
  execFileSync('npm', ['install', '--no-audit', '--no-fund', tarball, chromium], { cwd: app, stdio: 'pipe' });
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000);

describe('the tarball', () => {
  it('holds what is built and what is to be read, and nothing of the tests', () => {
    expect(files).toEqual(
      expect.arrayContaining(['dist/src/cli/main.js', 'dist/src/index.d.ts', 'README.md', 'LICENSE']),
    );
    expect(files.filter((path) => /^(test|bench|reports|runs|coverage)\//.test(path))).toEqual([]);
  });

  it('is well formed for every way of importing it', () => {
    execFileSync('npx', ['publint', '--strict', tarball], { cwd: root, stdio: 'pipe' });
    // Node's ESM and bundlers are what the package is for; older ways of resolving are not.
    // Into a file: what it still has to write into a pipe when it exits is lost.
    const analysed = join(folder, 'attw.json');
    const file = openSync(analysed, 'w');
    spawnSync('npx', ['attw', tarball, '--profile', 'esm-only', '-f', 'json'], {
      cwd: root,
      stdio: ['ignore', file, 'pipe'],
    });
    closeSync(file);
    const { analysis } = JSON.parse(readFileSync(analysed, 'utf8')) as { analysis: Analysis };
    expect(Object.keys(analysis.entrypoints)).toContain('.');
    const problems = analysis.problems.map(({ kind, resolutionKind, resolutionOption, entrypoint }) => {
      return [kind, resolutionKind ?? resolutionOption, entrypoint].join(' ');
    });
    expect(problems.filter((problem) => !/node10|node16-cjs/.test(problem))).toEqual([]);
  });
});

describe('installed into an empty folder', () => {
  it('every entry point can be imported', () => {
    const entries = [
      '',
      '/envs/browser',
      '/envs/fake',
      '/envs/ros',
      '/envs/simpler',
      '/policies/mark-matcher',
      '/policies/vlm',
      '/markers/som',
      '/record',
      '/vision',
      '/models',
      '/testing',
      '/envs/sim',
      '/codecs',
      '/robots',
      '/policies/ember',
      '/agents/manipulator',
    ];
    const code = entries.map((entry) => `await import('pumice${entry}');`).join('\n');
    execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: app, stdio: 'pipe' });
  });

  it('the program `pumice` says what it can do', () => {
    const help = execFileSync(join(app, 'node_modules', '.bin', 'pumice'), ['--help'], { cwd: app, encoding: 'utf8' });
    for (const command of ['run', 'report', 'replay', 'eval', 'doctor', 'list']) expect(help).toContain(command);
  });

  it('runs the demo of the browser with the one that npm carries, and leaves its reports', () => {
    const main = join(app, 'node_modules', 'pumice', 'dist', 'src', 'demo', 'main.js');
    const demo = spawnSync(process.execPath, [main, 'browser'], {
      cwd: app,
      encoding: 'utf8',
      env: environment,
      timeout: 300_000,
    });
    expect(demo.status, demo.stdout + demo.stderr).toBe(0);
    expect(demo.stdout).toContain(join(folder, 'cache'));
    const [run] = readdirSync(join(app, 'runs'));
    const left = readdirSync(join(app, 'runs', run!));
    expect(left.filter((name) => name.endsWith('.mcap'))).toHaveLength(3);
    expect(left.filter((name) => name.endsWith('.html'))).toHaveLength(4);
  }, 320_000);

  it('the arm without an inference engine says which to install', () => {
    const bin = join(app, 'node_modules', '.bin', 'pumice');
    const arm = spawnSync(bin, ['run', 'manipulator', 'pick up the red block'], { cwd: app, encoding: 'utf8' });
    expect(arm.status).toBe(2);
    expect(arm.stdout + arm.stderr).toMatch(/onnxruntime-(web|node)/);
  });
});
