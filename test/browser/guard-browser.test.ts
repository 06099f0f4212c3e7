import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBrowser } from '../../envs/browser/find-browser.ts';
import { launchBrowser, requireSandbox, warningsFor } from '../../envs/browser/launch.ts';
import { unpackChromium } from '../../envs/browser/unpack.ts';
import { describeError } from '../../src/errors.ts';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pumice-find-'));
  await mkdir(at('path'));
  for (const name of ['named', 'by-variable', 'path/google-chrome', 'path/chromium'])
    await writeFile(at(name), '#!/bin/sh\n', { mode: 0o755 });
  await writeFile(at('no-program'), 'x', { mode: 0o644 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('which browser', () => {
  const environment = () => ({ PUMICE_BROWSER: at('by-variable'), PATH: `/nowhere:${at('path')}` });

  it('a path that is given overrules everything', async () => {
    expect(await findBrowser({ path: at('named'), environment: environment() })).toMatchObject({
      executablePath: at('named'),
      source: 'explicit',
    });
  });

  it('then the environment variable', async () => {
    expect((await findBrowser({ environment: environment() })).executablePath).toBe(at('by-variable'));
  });

  it('then a Chromium, and after it a Chrome, of the PATH', async () => {
    const found = await findBrowser({ environment: { PATH: at('path') }, sources: ['explicit', 'path'] });
    expect(found).toMatchObject({ executablePath: at('path', 'chromium'), source: 'path', args: [] });
    await chmod(at('path/chromium'), 0o644);
    const next = await findBrowser({ environment: { PATH: at('path') }, sources: ['path'] });
    expect(next.executablePath).toBe(at('path', 'google-chrome'));
  });

  it.each([
    ['nowhere', '--browser names'],
    ['no-program', '--browser names'],
    ['path', '--browser names'],
  ])('a path that is no program is an error, and nothing else is taken instead: %s', async (name, message) => {
    const error = await findBrowser({ path: at(name), environment: environment() }).catch((e) => e);
    expect(describeError(error)).toContain(message);
    expect(describeError(error)).toContain(at(name));
  });

  it('none found: the error names every way to get one', async () => {
    const error = await findBrowser({
      environment: { PATH: '/nowhere' },
      platform: 'freebsd',
      sources: ['explicit', 'path', 'sparticuz'],
    }).catch((e) => e);
    expect(error.code).toBe('browser/not-found');
    for (const way of ['apt install chromium', 'npx playwright install', '@sparticuz/chromium', '--browser', 'PUMICE_'])
      expect(describeError(error)).toContain(way);
  });

  it('a cache that cannot be written is an error that says which and what to do', async () => {
    const error = await unpackChromium({
      binFolder: folder,
      version: '1',
      environment: { XDG_CACHE_HOME: at('no-program') },
    }).catch((e) => e);
    expect(error.code).toBe('browser/not-found');
    expect(describeError(error)).toContain(at('no-program', 'pumice'));
    expect(describeError(error)).toContain('XDG_CACHE_HOME');
  });

  it('a build without windows is not started headed', async () => {
    const found = { executablePath: at('named'), source: 'sparticuz', args: [], env: {} } as const;
    await expect(launchBrowser({ found, headed: true })).rejects.toThrow(/no windows/);
  });
});

describe('sandbox', () => {
  const without = { sandboxed: false, why: 'running as root' };

  it.each(['http://127.0.0.1:3000/', 'http://localhost/', 'http://[::1]:1/', 'https://a.localhost/'])(
    'is not required for pages of this machine: %s',
    (url) => expect(() => requireSandbox(url, without)).not.toThrow(),
  );

  it.each(['https://shop.example/', 'http://10.0.0.1/', 'http://localhost.shop.example/'])(
    'is required elsewhere, unless the user says --no-sandbox: %s',
    (url) => {
      expect(() => requireSandbox(url, without)).toThrow(/running as root/);
      expect(() => requireSandbox(url, { ...without, noSandbox: true })).not.toThrow();
      expect(() => requireSandbox(url, { sandboxed: true })).not.toThrow();
    },
  );

  it('its lack is said, and so is the use of the packaged browser on pages of others', () => {
    const packaged = { executablePath: '/c', source: 'sparticuz', args: [], env: {} } as const;
    const system = { ...packaged, source: 'path' } as const;
    expect(warningsFor('https://shop.example/', { sandboxed: true, found: system })).toEqual([]);
    expect(warningsFor('http://127.0.0.1/', { sandboxed: true, found: packaged })).toEqual([]);
    expect(warningsFor('https://shop.example/', { sandboxed: true, found: packaged }).join()).toMatch(/updates/);
    expect(warningsFor('http://127.0.0.1/', { ...without, found: system }).join()).toMatch(/running as root/);
  });
});
