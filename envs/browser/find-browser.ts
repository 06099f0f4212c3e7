/**
 * Finds a Chromium to run: what the user names, else Playwright's own, else one of the system, else the one inside an npm package.
 * Downloads nothing. Knows not how it is launched.
 */
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { PumiceError } from '../../src/errors.ts';
import { unpackChromium } from './unpack.ts';

export interface FoundBrowser {
  readonly executablePath: string;
  readonly source: 'explicit' | 'playwright' | 'path' | 'sparticuz';
  /** Flags that this very build needs. */
  readonly args: readonly string[];
  /** Environment variables that this very build needs, on top of the process's own. */
  readonly env: Readonly<Record<string, string>>;
}

export interface FindOptions {
  /** `--browser`: a path, or `sparticuz` for the one inside that package; overrules everything. */
  readonly path?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
  readonly arch?: string;
  /** Which sources are tried, in this order; all by default. */
  readonly sources?: readonly FoundBrowser['source'][];
}

const WHO = 'env browser';
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Where Chromium and its kin install themselves when not on PATH. */
const PLACES: Readonly<Partial<Record<NodeJS.Platform, (env: FindOptions['environment'] & object) => string[]>>> = {
  linux: () => ['/opt/google/chrome/chrome', '/snap/bin/chromium', '/usr/lib/chromium/chromium'],
  darwin: (env) =>
    ['', env.HOME ?? ''].flatMap((home) => [
      `${home}/Applications/Google Chrome.app/Contents/MacOS/Google Chrome`,
      `${home}/Applications/Chromium.app/Contents/MacOS/Chromium`,
      `${home}/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge`,
    ]),
  win32: (env) =>
    [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].flatMap((folder) =>
      folder === undefined
        ? []
        : [
            join(folder, 'Google/Chrome/Application/chrome.exe'),
            join(folder, 'Chromium/Application/chrome.exe'),
            join(folder, 'Microsoft/Edge/Application/msedge.exe'),
          ],
    ),
};

/** SwiftShader lies beside that binary; without `--in-process-gpu` its first screenshot at times fails (npm-spike.md, section 1). */
const SPARTICUZ_ARGS = ['--in-process-gpu', '--use-gl=angle', '--use-angle=swiftshader', '--font-render-hinting=none'];

/**
 * The browser to use.
 * @throws PumiceError `browser/not-found`, naming every way to get one.
 */
export async function findBrowser(options: FindOptions = {}): Promise<FoundBrowser> {
  const environment = options.environment ?? process.env;
  const platform = options.platform ?? process.platform;
  const isCarriedWanted = (options.path ?? environment.PUMICE_BROWSER) === 'sparticuz';
  const sources =
    options.sources ?? (isCarriedWanted ? ['sparticuz'] : ['explicit', 'playwright', 'path', 'sparticuz']);
  for (const source of sources as readonly FoundBrowser['source'][]) {
    const found =
      source === 'explicit'
        ? named(options.path, environment)
        : source === 'playwright'
          ? await playwrightsOwn()
          : source === 'path'
            ? installed(platform, environment)
            : await carried(platform, options.arch ?? process.arch, environment);
    if (found) return found;
  }
  throw new PumiceError('browser/not-found', `no Chromium found (looked for: ${sources.join(', ')})`, {
    who: WHO,
    hint:
      'Do one of these: install Chromium or Chrome (apt install chromium); npx playwright install chromium; ' +
      'npm install @sparticuz/chromium@147 (linux x64); or name one with --browser PATH or PUMICE_BROWSER=PATH',
  });
}

function named(
  path: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): FoundBrowser | undefined {
  const wanted = path ?? environment.PUMICE_BROWSER;
  if (wanted === undefined || wanted === '') return undefined;
  if (!isExecutable(wanted))
    throw new PumiceError(
      'browser/not-found',
      `${path === undefined ? 'PUMICE_BROWSER' : '--browser'} names '${wanted}', no executable file`,
      {
        who: WHO,
        hint: 'Give the path of a Chromium, Chrome or Edge executable, or leave it out to have one looked for',
      },
    );
  return { executablePath: wanted, source: 'explicit', args: [], env: {} };
}

async function playwrightsOwn(): Promise<FoundBrowser | undefined> {
  const { chromium } = await import('playwright');
  // Throws on platforms that Playwright has no build for.
  const path = attempt(() => chromium.executablePath());
  return path !== undefined && isExecutable(path)
    ? { executablePath: path, source: 'playwright', args: [], env: {} }
    : undefined;
}

function installed(
  platform: NodeJS.Platform,
  environment: Readonly<Record<string, string | undefined>>,
): FoundBrowser | undefined {
  const folders = (environment.PATH ?? environment.Path ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const path = [...onPath, ...(PLACES[platform]?.(environment) ?? [])].find(isExecutable);
  return path === undefined ? undefined : { executablePath: path, source: 'path', args: [], env: {} };
}

async function carried(
  platform: NodeJS.Platform,
  arch: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<FoundBrowser | undefined> {
  if (platform !== 'linux' || arch !== 'x64') return undefined;
  const folder = sparticuzFolder();
  if (folder === undefined || !existsSync(join(folder, 'bin/chromium.br'))) return undefined;
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const unpacked = await unpackChromium({ binFolder: join(folder, 'bin'), version, environment });
  return { ...unpacked, source: 'sparticuz', args: SPARTICUZ_ARGS };
}

/** The package's folder; its code is never loaded. */
function sparticuzFolder(): string | undefined {
  const entry = attempt(() => createRequire(import.meta.url).resolve('@sparticuz/chromium'));
  for (let folder = entry && dirname(entry); folder && folder !== dirname(folder); folder = dirname(folder))
    if (folder.endsWith(join('@sparticuz', 'chromium'))) return folder;
  return undefined;
}

function isExecutable(path: string): boolean {
  return (
    attempt(() => {
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    }) ?? false
  );
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
