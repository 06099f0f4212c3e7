/** Rules of the repository that no other tool keeps. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const lines = (path: string) => read(path).trimEnd().split('\n');
interface Locked {
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> };
const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;

describe('the lock file', () => {
  it('names no address that a package was fetched from', () => {
    const withAddress = Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined);
    expect(withAddress.map(([name]) => name)).toEqual([]);
  });

  it('has every optional package of every package, so that another platform can install from it', () => {
    const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => {
        const places = path.split('/node_modules/').map((_, i, parts) => parts.slice(0, i + 1).join('/node_modules/'));
        return ![...places.map((place) => `${place}/node_modules/${name}`), `node_modules/${name}`].some(
          (place) => lock.packages[place],
        );
      }),
    );
    expect(missing).toEqual([]);
  });

  it('pins every direct dependency exactly', () => {
    const all = { ...manifest.dependencies, ...manifest.devDependencies };
    expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});

describe('size', () => {
  it('the loop stays one file under 150 lines of at most 120 columns', () => {
    expect(lines('src/loop.ts').length).toBeLessThan(150);
    expect(Math.max(...lines('src/loop.ts').map(({ length }) => length))).toBeLessThanOrEqual(120);
  });

  it('loop, once, think, check, plan and pace stay under 700 lines together', () => {
    const total = ['loop', 'once', 'think', 'check', 'plan', 'pace'].map((name) => lines(`src/${name}.ts`).length);
    expect(total.reduce((sum, count) => sum + count, 0)).toBeLessThan(700);
  });

  it('no source file passes 400 lines', () => {
    const files = execFileSync('git', ['ls-files', 'src', 'agents', 'envs', 'policies'], { encoding: 'utf8' });
    const code = files
      .trim()
      .split('\n')
      .filter((path) => /\.tsx?$/.test(path));
    expect(code.filter((path) => lines(path).length > 400)).toEqual([]);
  });
});

it('addresses are read in one way, since URL.canParse of Node 20 goes wrong', () => {
  const users = spawnSync('git', [
    'grep',
    '-l',
    '--fixed-strings',
    'URL.canParse(',
    'src',
    'agents',
    'envs',
    'policies',
  ]);
  expect(String(users.stdout)).toBe('');
});

describe('what is built', () => {
  it('imports no TypeScript file, which crashes at run time', () => {
    // The compiler leaves `import('./x.ts')` as it is in a function with a `using` declaration.
    const built = readdirSync(new URL('../dist', import.meta.url), { recursive: true, encoding: 'utf8' });
    const files = built.filter((path) => path.endsWith('.js'));
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((path) => /(from|import\()\s*['"]\.[^'"]*\.tsx?['"]/.test(read(`dist/${path}`)))).toEqual([]);
  });
});

describe('importing pumice', () => {
  /** Every module that an import loads, by the resolver's own account. */
  function modulesOf(specifier: string): string[] {
    const hook =
      'export const resolve = async (s, c, n) => { const r = await n(s, c); process._rawDebug(r.url); return r; };';
    const asUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
    const register = `import { register } from 'node:module'; register(${JSON.stringify(asUrl(hook))});`;
    const { stderr, status } = spawnSync(
      process.execPath,
      ['--import', asUrl(register), '--input-type=module', '-e', `await import(${JSON.stringify(specifier)})`],
      { encoding: 'utf8', cwd: new URL('..', import.meta.url) },
    );
    expect(status, stderr).toBe(0);
    return stderr.split('\n').filter((line) => line.startsWith('file:'));
  }
  const heavy = /node_modules\/(playwright|playwright-core|sharp|roslib|@mujoco|@mcap|pino|preact|commander)\//;

  it('loads no browser, image, file format or physics library', () => {
    const loaded = modulesOf('pumice');
    expect(loaded.some((url) => url.includes('node_modules/rxjs/'))).toBe(true);
    expect(loaded.filter((url) => heavy.test(url))).toEqual([]);
  });

  it('pumice/record loads a file format, so that the test above can fail', () => {
    expect(modulesOf('pumice/record').some((url) => heavy.test(url))).toBe(true);
  });
});
