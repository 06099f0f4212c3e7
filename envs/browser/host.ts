/**
 * Where episodes take place: a browser of our own with a fresh context for each, a kept profile, a running browser, or the user's page.
 * Knows nothing of marks and actions.
 */
import type { BrowserContext, Page } from 'playwright';
import { PumiceError } from '../../src/errors.ts';
import { findBrowser } from './find-browser.ts';
import type { Guard } from './guard.ts';
import { type LaunchOptions, launchBrowser, launchProfile, requireSandbox, warningsFor } from './launch.ts';
import type { ReadOptions } from './options.ts';

/** The pages of one episode. */
export interface Stage {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Whether every page of the context belongs to the episode. */
  readonly isOwn: boolean;
  readonly dispose: () => Promise<void>;
}

export interface Host {
  readonly facts: Readonly<Record<string, string>>;
  /** Whether a guard's proxy can carry the traffic. */
  readonly isProxied: boolean;
  /** Where the page is that the user handed in. */
  readonly startUrl?: string;
  readonly open: (guard: Guard) => Promise<Stage>;
  readonly close: () => Promise<void>;
}

const WHO = 'env browser';

export function openHost(options: ReadOptions): Promise<Host> {
  if (options.page) return Promise.resolve(hostOfPage(options.page));
  if (options.cdp !== undefined) return connectedHost(options.cdp, options.url);
  if (options.profile !== undefined) return profileHost(options, options.profile);
  return launchedHost(options);
}

const launchOptions = ({ headed, executablePath }: ReadOptions): LaunchOptions => ({
  headed,
  ...(executablePath !== undefined && { path: executablePath }),
});

const warningFact = (warnings: readonly string[]) => (warnings.length > 0 ? { warning: warnings.join('; ') } : {});

const contextOptions = ({ viewport, storageState }: ReadOptions) => ({
  viewport,
  acceptDownloads: true,
  ...(storageState !== undefined && { storageState }),
});

async function launchedHost(options: ReadOptions): Promise<Host> {
  const launched = await launchBrowser(launchOptions(options));
  try {
    requireSandbox(options.url!, { ...launched, noSandbox: options.noSandbox });
  } catch (error) {
    await launched.browser.close();
    throw error;
  }
  return {
    facts: { ...launched.facts, ...warningFact(warningsFor(options.url!, launched)) },
    isProxied: true,
    open: async (guard) => {
      const context = await launched.browser.newContext({ ...contextOptions(options), ...guard.contextOptions });
      return { context, page: await context.newPage(), isOwn: true, dispose: () => context.close() };
    },
    close: () => launched.browser.close(),
  };
}

/** The browser is started anew for each episode: a profile has one network, and each episode has a guard of its own. */
async function profileHost(options: ReadOptions, folder: string): Promise<Host> {
  const found = await findBrowser(launchOptions(options));
  const facts: Record<string, string> = { browser: found.executablePath, browserSource: found.source, profile: folder };
  return {
    facts,
    isProxied: true,
    open: async (guard) => {
      const context = { ...contextOptions(options), ...guard.contextOptions };
      const launched = await launchProfile(folder, { ...launchOptions(options), found, context }).catch((cause) => {
        throw new PumiceError('config/invalid', `the profile ${folder} could not be opened`, {
          who: WHO,
          hint: 'Close the browser that uses it, or name another folder',
          cause,
        });
      });
      Object.assign(facts, launched.facts, warningFact(warningsFor(options.url!, launched)));
      const dispose = () => launched.context.close();
      try {
        requireSandbox(options.url!, { ...launched, noSandbox: options.noSandbox });
        const page = launched.context.pages()[0] ?? (await launched.context.newPage());
        return { context: launched.context, page, isOwn: true, dispose };
      } catch (error) {
        await dispose();
        throw error;
      }
    },
    close: async () => {},
  };
}

async function connectedHost(address: string, url: string | undefined): Promise<Host> {
  const { chromium } = await import('playwright');
  const browser = await chromium.connectOverCDP(address).catch((cause) => {
    throw new PumiceError('body/unreachable', `no browser's debugger answers at ${address}`, {
      who: WHO,
      hint: 'Start it with --remote-debugging-port=9222 and give http://127.0.0.1:9222',
      cause,
    });
  });
  const context = browser.contexts()[0] ?? (await browser.newContext());
  const existing = url === undefined ? context.pages().at(-1) : undefined;
  return {
    facts: {
      browser: `${address} ${browser.version()}`,
      browserSource: 'cdp',
      sandbox: 'unknown: started by the user',
    },
    isProxied: false,
    ...(existing && { startUrl: existing.url() }),
    open: async () => {
      const page = existing ?? (await context.newPage());
      return { context, page, isOwn: false, dispose: async () => void (existing ? undefined : await page.close()) };
    },
    // Of a browser that was connected to, this only ends the connection.
    close: () => browser.close(),
  };
}

function hostOfPage(page: Page): Host {
  const version = page.context().browser()?.version();
  return {
    facts: {
      browser: version ?? 'unknown',
      browserSource: 'the page of the user',
      sandbox: 'unknown: started by the user',
    },
    isProxied: false,
    startUrl: page.url(),
    open: async () => ({ context: page.context(), page, isOwn: false, dispose: async () => {} }),
    close: async () => {},
  };
}
