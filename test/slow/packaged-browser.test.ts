import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, truncate, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBrowser } from '../../envs/browser/find-browser.ts';
import { launchBrowser } from '../../envs/browser/launch.ts';
import { servePages } from '../browser/server.ts';

const isHere = process.platform === 'linux' && process.arch === 'x64';

describe.skipIf(!isHere)('the Chromium of @sparticuz/chromium (its binary is for linux x64 only)', () => {
  let cache: string;
  const find = () => findBrowser({ environment: { XDG_CACHE_HOME: cache }, sources: ['sparticuz'] });

  beforeAll(async () => {
    cache = await mkdtemp(join(tmpdir(), 'pumice-cache-'));
  });
  afterAll(() => rm(cache, { recursive: true, force: true }));

  it('two processes unpack it at once into one whole folder, and what a dead one left is removed', async () => {
    const dead = join(cache, 'pumice', 'chromium-1.part-1-aa');
    await mkdir(dead, { recursive: true });
    await utimes(dead, 1, 1);
    const module = new URL('../../dist/envs/browser/find-browser.js', import.meta.url).href;
    const program = `import { findBrowser } from '${module}'; console.log((await findBrowser({ sources: ['sparticuz'] })).executablePath);`;
    const child = () =>
      promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
        env: { ...process.env, XDG_CACHE_HOME: cache },
      });
    const paths = (await Promise.all([child(), child()])).map(({ stdout }) => stdout.trim());
    expect(paths).toEqual([(await find()).executablePath, paths[0]]);
    expect(await readdir(join(cache, 'pumice'))).toHaveLength(1);
  }, 240_000);

  it('starts with its own libraries and flags of ours alone, and shows a page of this machine', async () => {
    const found = await find();
    expect(found.args).toContain('--in-process-gpu');
    expect(found.args.join()).not.toMatch(/disable-web-security|single-process|no-sandbox/);
    const server = await servePages(new Map([['/', '<!doctype html><h1>here</h1>']]));
    const launched = await launchBrowser({ found, guarded: false });
    try {
      const page = await launched.browser.newPage();
      await page.goto(server.here);
      expect(await page.textContent('h1')).toBe('here');
      const png = await page.screenshot();
      expect(png.length).toBeGreaterThan(1_000);
      // The same-origin policy holds: of the package's own flags, one switches it off.
      const isRead = await page.evaluate(
        (there) =>
          fetch(there).then(
            () => true,
            () => false,
          ),
        server.there,
      );
      expect(isRead).toBe(false);
    } finally {
      await launched.browser.close();
      await server.close();
    }
  }, 120_000);

  it('a folder with half a binary is not used, but replaced', async () => {
    const { executablePath } = await find();
    const { size } = await stat(executablePath);
    await truncate(executablePath, size >> 1);
    expect((await find()).executablePath).toBe(executablePath);
    expect((await stat(executablePath)).size).toBe(size);
    expect(await readdir(join(cache, 'pumice'))).toHaveLength(1);
  }, 120_000);
});
