/**
 * Keeps a browser context where the user allowed it to be, at the network: page navigations within the allow list (every hop), everything else
 * to public addresses and the start URL's own network. Every block is told, with the flag that would allow it.
 * Knows nothing of actions, marks or the gate's rules.
 */
import type { BrowserContext, Frame, Page } from 'playwright';
import { isWithin, originOf } from '../../src/gate/origins.ts';
import { type Asked, type DocumentWatch, watchDocuments } from './documents.ts';
import { type EpisodeProxy, SAFE_METHODS, startProxy } from './proxy.ts';
import { createReach, type Lookup, type Reach, type ReachPolicy } from './reach.ts';
import type { Writes } from './writes.ts';

/** Something that was kept from happening. */
export interface Blocked {
  readonly url: string;
  readonly why: string;
  /** The flag that would allow it; absent when nothing does. */
  readonly allowWith?: string;
}

export interface GuardOptions extends ReachPolicy {
  /** Holds back what does more than its act was judged to do. */
  readonly writes?: Writes;
  readonly onBlocked: (blocked: Blocked) => void;
  /**
   * Whether this guard's proxy carries the context's traffic; default true. False for a page or browser of the user's own, which was made without.
   */
  readonly proxied?: boolean;
  /** Where HTTP_PROXY and its kin are read from. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Resolver; the system's by default. */
  readonly lookup?: Lookup;
  /** For tests: which address is really dialled for a judged one. */
  readonly dial?: (address: string) => string;
}

export interface Guard {
  /** Goes into `browser.newContext`; empty when not proxied. */
  readonly contextOptions: { readonly proxy?: { server: string; bypass: string }; readonly serviceWorkers?: 'block' };
  /** What this guard cannot see or stop here, in sentences for log and record. */
  readonly limitations: readonly string[];
  /** Takes effect on the context and all its pages, present and future. Call before the first navigation, best with one blank page open. */
  readonly attach: (context: BrowserContext) => Promise<void>;
  /** What was told already may be told again. An env calls it with each observation, so that each has its own blocks, each of them once. */
  readonly retell: () => void;
  /** From now on new requests that could change something fail. Synchronous, idempotent; stays until `close`. */
  readonly halt: () => void;
  readonly close: () => Promise<void>;
}

/** In any case. */
const LIMITATIONS = [
  'what a page writes through an open web socket, or by the address of a picture or script, is not held to what its act was judged to do',
] as const;
/** Without a proxy. */
const UNPROXIED_LIMITATIONS = [
  'web sockets, WebRTC and WebTransport of the page are not checked',
  'host names are checked when requested, but the browser resolves them again itself (DNS rebinding)',
  'Chromium may open connections ahead of a request that is then blocked; nothing is sent on them',
  'service workers and shared workers that run already are not checked',
] as const;

const UPSTREAM_LIMITATION =
  'the proxy named by HTTP_PROXY or HTTPS_PROXY resolves host names itself, so an address is checked here but not pinned there';

export async function createGuard(options: GuardOptions): Promise<Guard> {
  const proxied = options.proxied ?? true;
  const environment = options.environment ?? process.env;
  let isHalted = false;
  const told = new Set<string>();
  const tell = onceEach(told, options.onBlocked);
  const reach = await createReach(options, options.lookup);
  const proxy: EpisodeProxy | undefined = proxied
    ? await startProxy({
        reach,
        environment,
        isHalted: () => isHalted,
        onBlocked: tell,
        ...(options.dial && { dial: options.dial }),
      })
    : undefined;
  const ask = (request: Asked) => judge(request, { options, reach, isHalted, proxied, tell });
  const watches: DocumentWatch[] = [];
  /** What ends the second look at pages. */
  const offs: (() => void)[] = [];
  const hasUpstream = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].some(
    (name) => environment[name] || environment[name.toLowerCase()],
  );
  return {
    // An explicit `<-loopback>`: Playwright adds it by itself, but an environment variable can switch that off.
    contextOptions: proxy ? { proxy: { server: proxy.url, bypass: '<-loopback>' }, serviceWorkers: 'block' } : {},
    limitations: [
      ...(options.writes ? LIMITATIONS : []),
      ...(proxied ? [] : UNPROXIED_LIMITATIONS),
      ...(proxied && hasUpstream ? [UPSTREAM_LIMITATION] : []),
    ],
    attach: async (context) => {
      watches.push(await watchDocuments({ context, wide: !proxied, ask }));
      const watch = (page: Page) => void offs.push(watchPage(page, options.origins, tell));
      context.on('page', watch);
      offs.push(() => context.off('page', watch));
      for (const page of context.pages()) watch(page);
    },
    retell: () => told.clear(),
    halt: () => {
      if (isHalted) return;
      isHalted = true;
      for (const watch of watches) watch.widen();
    },
    close: async () => {
      for (const off of offs) off();
      await Promise.all(watches.map((watch) => watch.close()));
      await proxy?.close();
    },
  };
}

interface Judging {
  readonly options: GuardOptions;
  readonly reach: Reach;
  readonly isHalted: boolean;
  readonly proxied: boolean;
  readonly tell: (blocked: Blocked) => void;
}

function judge(request: Asked, { options, reach, isHalted, proxied, tell }: Judging): boolean | Promise<boolean> {
  if (isHalted && !SAFE_METHODS.includes(request.method)) {
    tell({ url: request.url, why: 'the episode was stopped' });
    return false;
  }
  if (request.isPage && !isWithin(options.origins, request.url)) {
    tell({ url: request.url, ...pageReason(request.url) });
    return false;
  }
  const answer = options.writes?.judge(request) ?? true;
  if (typeof answer === 'boolean') return answer && (proxied || reachable(request.url, reach, tell));
  return answer.then((isHeldTo) => isHeldTo && (proxied || reachable(request.url, reach, tell)));
}

/** Without a proxy the addresses are judged here. */
async function reachable(address: string, reach: Reach, tell: (blocked: Blocked) => void): Promise<boolean> {
  if (originOf(address) === undefined) return true;
  const { protocol, hostname, port } = new URL(address);
  const scheme = protocol === 'https:' ? 'https' : 'http';
  const answer = await reach.judge({ host: hostname, port: Number(port) || (scheme === 'https' ? 443 : 80), scheme });
  if (!answer.ok)
    tell({ url: address, why: answer.why, ...(answer.allowWith !== undefined && { allowWith: answer.allowWith }) });
  return answer.ok;
}

function pageReason(address: string): { why: string; allowWith?: string } {
  const origin = originOf(address);
  if (origin === undefined) return { why: 'pages of that kind are never opened' };
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return { why: 'an address with a user name in it deceives' };
  return { why: 'it is outside the allowed origins', allowWith: `--allow-origin ${origin}` };
}

/** The second look, after a page is where it is: what never was a network request (data:, blob:, history) ends on a blank page. */
function watchPage(page: Page, origins: readonly string[], tell: (blocked: Blocked) => void): () => void {
  const check = () => {
    const address = page.url();
    if (isHarmless(address) || isWithin(origins, address)) return;
    tell({ url: address, ...pageReason(address) });
    void leave(page);
  };
  const onNavigated = (frame: Frame) => void (frame === page.mainFrame() && check());
  page.on('framenavigated', onNavigated);
  check();
  return () => page.off('framenavigated', onNavigated);
}

/** Popups are closed; a page of pumice's own stays, blank. A page that is gone by itself is as good. */
async function leave(page: Page): Promise<void> {
  try {
    if (await page.opener()) await page.close();
    else await page.goto('about:blank');
  } catch {}
}

/** Nothing of anybody: the blank page and Chromium's own error page. */
const isHarmless = (address: string): boolean =>
  address === '' || address === ':' || address === 'about:blank' || address.startsWith('chrome-error://');

/** Tells each origin and reason once: a page that tries again and again must not drown the log. */
function onceEach(told: Set<string>, onBlocked: (blocked: Blocked) => void): (blocked: Blocked) => void {
  return (blocked) => {
    const key = `${originOf(blocked.url) ?? blocked.url.slice(0, 64)} ${blocked.why}`;
    if (told.has(key)) return;
    told.add(key);
    onBlocked({ ...blocked, url: blocked.url.slice(0, 2_000) });
  };
}
