/** Starts the browser of the tests: the one that pumice itself would find, so that a machine without any uses the package's. */
import { type Browser, chromium, type LaunchOptions } from 'playwright';
import { findBrowser } from '../../envs/browser/find-browser.ts';

export async function launchOptions(): Promise<LaunchOptions & { args: string[] }> {
  const { executablePath, args, env } = await findBrowser();
  return {
    executablePath,
    env: { ...process.env, ...env } as Record<string, string>,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync'],
      ...args,
    ],
  };
}

export const launchBrowser = async (): Promise<Browser> => chromium.launch(await launchOptions());
