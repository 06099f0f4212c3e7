import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PumiceError } from '../../src/errors.ts';
import { fetchMiniwob, listTasks } from '../../src/eval/miniwob/fetch.ts';
import { serveFolder } from '../../src/eval/miniwob/server.ts';
import { isSuccess, readStatus, startEpisode } from '../../src/eval/miniwob/task.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pumice-miniwob-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

describe('the pages of the wheel', () => {
  test('what was fetched before is not fetched again', async () => {
    const html = join(folder, 'miniwob-1.1.0', 'miniwob', 'html');
    await mkdir(join(html, 'miniwob'), { recursive: true });
    await writeFile(join(html, 'miniwob', 'press.html'), '');
    await writeFile(join(html, 'miniwob', 'drag.html'), '');
    vi.stubEnv('PATH', '');
    expect(await fetchMiniwob({ cacheDir: folder })).toBe(html);
    expect(await listTasks(html)).toEqual(['drag', 'press']);
  });

  test('without Python the error says what to install and where to unpack, and nothing half-made is left', async () => {
    vi.stubEnv('PATH', '');
    const error = await fetchMiniwob({ cacheDir: folder }).catch((cause: unknown) => cause);
    expect(PumiceError.is(error, 'eval/setup')).toBe(true);
    expect((error as PumiceError).hint).toContain('pip');
    expect((error as PumiceError).hint).toContain(join(folder, 'miniwob-1.1.0'));
    expect(await readdir(folder)).toEqual([]);
  });

  test('a cache folder that cannot be written is an error that names it', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(fetchMiniwob({ cacheDir: file })).rejects.toThrow(/file/);
  });
});

describe('the server of the pages', () => {
  /** Asks for the path as it stands: fetch would tidy it up. */
  const statusOf = (origin: string, path: string) =>
    new Promise<number>((resolve, reject) => {
      request(origin, { path }, (response) => {
        response.resume();
        resolve(response.statusCode!);
      })
        .on('error', reject)
        .end();
    });

  test('it says the charset that the pages do not say', async () => {
    await writeFile(join(folder, 'a.html'), 'é');
    await using server = await serveFolder(folder);
    const response = await fetch(`${server.origin}/a.html`);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await response.text()).toBe('é');
  });

  test.each(['/../secret', '/%2e%2e/secret', '/..%2fsecret', '/a/../../secret', '/none', '/%zz', '/'])(
    'nothing outside the folder is served: %s',
    async (path) => {
      const root = join(folder, 'root');
      await mkdir(root);
      await writeFile(join(folder, 'secret'), 'x');
      await using server = await serveFolder(root);
      expect(await statusOf(server.origin, path)).toBe(404);
    },
  );
});

describe('the score of a page', () => {
  const page = (answer: unknown) => ({ goto: async () => undefined, evaluate: async () => answer });

  test.each([
    [{ done: true, raw: 1, reason: undefined }, true],
    [{ done: true, raw: 0.5, reason: 'half' }, false],
    [{ done: false, raw: 1, reason: null }, false],
  ])('%o', async (answer, success) => {
    expect(isSuccess(await readStatus(page(answer)))).toBe(success);
  });

  test('a page that is no task is refused', async () => {
    await expect(startEpisode(page(undefined), 'http://a.test', 'x', 1)).rejects.toThrow(/no instruction/);
    await expect(readStatus(page({ done: 1 }))).rejects.toThrow(/no score/);
  });
});
