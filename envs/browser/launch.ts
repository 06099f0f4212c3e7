/**
 * Launches the browser that `find-browser.ts` found: headless unless asked, in Chromium's sandbox wherever the system has one.
 * Knows neither pages nor the guard's rules; hands in the flags that the guard needs (`GUARD_ARGS`).
 */
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright';
import { parseAddress } from '../../src/address.ts';
import { PumiceError } from '../../src/errors.ts';
import { addressKind, isAddress, isLocalhost, plainHost } from './addresses.ts';
import { type FindOptions, type FoundBrowser, findBrowser } from './find-browser.ts';

export interface LaunchOptions extends FindOptions {
  readonly found?: FoundBrowser;
  readonly headed?: boolean;
  /** Whether all traffic goes through a guard's proxy; default true. Otherwise contexts without a proxy may resolve names themselves. */
  readonly guarded?: boolean;
  readonly args?: readonly string[];
}

export interface SandboxFacts {
  readonly sandboxed: boolean;
  /** Why there is no sandbox. */
  readonly why?: string;
  /** The user's `--no-sandbox`: pages off loopback may be opened nevertheless. */
  readonly noSandbox?: boolean;
}

interface Started extends SandboxFacts {
  readonly found: FoundBrowser;
  /** For the record. */
  readonly facts: Readonly<Record<string, string>>;
}

export interface Launched extends Started {
  readonly browser: Browser;
}

/** A browser with a profile that is kept; its one context ends with it. */
export interface LaunchedProfile extends Started {
  readonly context: BrowserContext;
}

const WHO = 'env browser';

/** No traffic of the browser's own, beyond what Playwright switches off already. */
const QUIET_ARGS = [
  '--disable-domain-reliability',
  '--disable-client-side-phishing-detection',
  '--no-pings',
  '--safebrowsing-disable-auto-update',
];

/**
 * Flags that close the ways around a proxy: no UDP of WebRTC or QUIC, and no name resolved in the browser (the proxy is an address).
 * The older `--force-webrtc-ip-handling-policy` alone does nothing in Chromium 156; older builds know only that.
 */
export const GUARD_ARGS = [
  '--webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--disable-quic',
  '--dns-prefetch-disable',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
] as const;

/**
 * Starts a browser.
 * @throws PumiceError `browser/not-found`; `config/invalid` when `headed` is asked of a build without windows.
 */
export async function launchBrowser(options: LaunchOptions = {}): Promise<Launched> {
  const { chromium } = await import('playwright');
  const { started, ...facts } = await launch(options, async (flags) => {
    const browser = await chromium.launch(flags);
    return { started: browser, version: browser.version() };
  });
  return { browser: started, ...facts };
}

/** As `launchBrowser`, with the profile in `folder`, which no other browser may have open. */
export async function launchProfile(
  folder: string,
  options: LaunchOptions & { readonly context: BrowserContextOptions },
): Promise<LaunchedProfile> {
  const { chromium } = await import('playwright');
  const { started, ...facts } = await launch(options, async (flags) => {
    const context = await chromium.launchPersistentContext(folder, { ...options.context, ...flags });
    return { started: context, version: context.browser()?.version() ?? 'unknown' };
  });
  return { context: started, ...facts };
}

/** Flags of Playwright's launch functions that are pumice's choice. */
function flagsOf(found: FoundBrowser, options: LaunchOptions, chromiumSandbox: boolean) {
  return {
    executablePath: found.executablePath,
    headless: !options.headed,
    chromiumSandbox,
    args: [...QUIET_ARGS, ...(options.guarded === false ? [] : GUARD_ARGS), ...found.args, ...(options.args ?? [])],
    env: { ...definedOnly(process.env), ...found.env },
    // Stops are pumice's own business (src/robot/stops).
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  };
}

type Start<T> = (flags: ReturnType<typeof flagsOf>) => Promise<{ readonly started: T; readonly version: string }>;

async function launch<T>(options: LaunchOptions, start: Start<T>): Promise<Started & { readonly started: T }> {
  const found = options.found ?? (await findBrowser(options));
  if (options.headed && found.source === 'sparticuz')
    throw new PumiceError(
      'config/invalid',
      'the Chromium of @sparticuz/chromium has no windows, so it cannot run headed',
      {
        who: WHO,
        hint: 'Install Chromium or Chrome, or leave --headed out',
      },
    );
  const { running, why } = await startSandboxed((sandbox) => start(flagsOf(found, options, sandbox)));
  const facts = {
    browser: `${found.executablePath} ${running.version}`,
    browserSource: found.source,
    sandbox: why === undefined ? 'on' : `off: ${why}`,
  };
  const { started } = running;
  return { started, found, sandboxed: why === undefined, ...(why !== undefined && { why }), facts };
}

/** With the sandbox where there is one; what Chromium says decides, since a setuid helper also makes one. */
async function startSandboxed<T>(start: (sandbox: boolean) => Promise<T>): Promise<{ running: T; why?: string }> {
  if (process.platform === 'linux' && process.getuid?.() === 0)
    return { running: await start(false), why: 'running as root, where Chromium has no sandbox' };
  try {
    return { running: await start(true) };
  } catch (error) {
    if (process.platform !== 'linux' || !/sandbox|namespace/i.test(String(error))) throw error;
    return { running: await start(false), why: noNamespaces() ?? 'Chromium found no usable sandbox' };
  }
}

/** Why this kernel gives no user namespaces; undefined when it does. */
function noNamespaces(): string | undefined {
  const setting = (path: string) => {
    try {
      return readFileSync(path, 'utf8').trim();
    } catch {
      return undefined;
    }
  };
  if (setting('/proc/sys/kernel/unprivileged_userns_clone') === '0') return 'kernel.unprivileged_userns_clone is 0';
  if (setting('/proc/sys/user/max_user_namespaces') === '0') return 'user.max_user_namespaces is 0';
  if (setting('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1')
    return 'AppArmor restricts user namespaces (kernel.apparmor_restrict_unprivileged_userns is 1)';
  return undefined;
}

/**
 * Refuses to open pages of others without a sandbox, unless the user wrote `--no-sandbox`.
 * @throws PumiceError `browser/sandbox`.
 */
export function requireSandbox(startUrl: string, facts: SandboxFacts): void {
  if (facts.sandboxed || facts.noSandbox || isLoopbackUrl(startUrl)) return;
  throw new PumiceError('browser/sandbox', `no sandbox for ${startUrl} (${facts.why ?? 'reason unknown'})`, {
    who: WHO,
    hint: 'Run as an ordinary user, or give --no-sandbox if this machine or container may be lost to a hostile page',
  });
}

/** What the user should know before that page is opened with this browser; for log and record. */
export function warningsFor(
  startUrl: string,
  { found, sandboxed, why }: SandboxFacts & { readonly found: FoundBrowser },
): string[] {
  const warnings = sandboxed ? [] : [`Chromium runs without its sandbox (${why ?? 'reason unknown'})`];
  if (found.source === 'sparticuz' && !isLoopbackUrl(startUrl))
    warnings.push(
      'the Chromium of @sparticuz/chromium gets no security updates and is meant for pages on this machine: for others install Chromium or Chrome',
    );
  return warnings;
}

function isLoopbackUrl(address: string): boolean {
  const url = parseAddress(address);
  if (!url) return false;
  const host = plainHost(url.hostname);
  return isLocalhost(host) || (isAddress(host) && addressKind(host) === 'loopback');
}

const definedOnly = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined));
