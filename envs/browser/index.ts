/**
 * A browser as body: a Chromium of the user's machine, a running one, or a page of the user's own Playwright.
 */
import { existsSync } from 'node:fs';
import { defineEnv, PumiceError } from 'pumice';
import { parseOptions } from '../../src/ports.ts';
import { type BrowserEnv, createBody } from './body.ts';
import { openHost } from './host.ts';
import { type BrowserOptions, browserOptions, type ReadOptions } from './options.ts';
import { originsOf } from './origins.ts';
import { readSecrets } from './secrets.ts';

export type { BrowserEnv } from './body.ts';
export type { BrowserOptions } from './options.ts';
export { parseSecret } from './secrets.ts';

async function open(options: ReadOptions): Promise<BrowserEnv> {
  // What is wrong with the options is said before a browser is started.
  if (options.url !== undefined) originsOf(options.url, options.allowOrigins);
  readSecrets(options.secrets);
  const { storageState } = options;
  if (storageState !== undefined && !existsSync(storageState))
    throw new PumiceError('config/invalid', `storageState: there is no file ${storageState}`, { who: 'env browser' });
  const host = await openHost(options);
  try {
    return await createBody(options, host);
  } catch (error) {
    await host.close();
    throw error;
  }
}

/**
 * Starts a browser body, or takes the page or browser that is handed in.
 *
 * @throws PumiceError `config/invalid`, `browser/not-found`, `browser/sandbox`, `body/unreachable`, `secret/missing`.
 */
export const browser = async (options: BrowserOptions): Promise<BrowserEnv> =>
  open(parseOptions(browserOptions, options, 'env browser'));

export default defineEnv({
  summary: 'A Chromium that is looked at through marked screenshots and used with a real mouse and keyboard',
  options: browserOptions,
  create: open,
});
