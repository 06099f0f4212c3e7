/**
 * The forward proxy of one episode, on loopback: every connection of the browser context passes here, whatever made it.
 * It dials only addresses that were judged (`reach.ts`), and goes on through the user's own HTTP(S)_PROXY where one is set.
 * Sees the whole address of plain http, and host and port of everything in tunnels (https, web sockets).
 */
import http from 'node:http';
import { isIP, type LookupFunction } from 'node:net';
import { type PrepareRequestFunctionResult, RequestError, Server } from 'proxy-chain';
import { addressKind, isAddress, isLocalhost, plainHost } from './addresses.ts';
import type { Reach } from './reach.ts';

export interface EpisodeProxy {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

export interface EpisodeProxyOptions {
  readonly reach: Reach;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether the episode was stopped: then only requests that change nothing pass. */
  readonly isHalted: () => boolean;
  readonly onBlocked: (blocked: { url: string; why: string; allowWith?: string }) => void;
  /** For tests: which address is really dialled for a judged one. */
  readonly dial?: (address: string) => string;
}

/** Methods that ask for something and change nothing (RFC 9110, safe methods). */
export const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS', 'CONNECT'];

/**
 * Hosts that Chromium asks on its own account, not for a page (seen: form signatures at each submitted form); they get nothing, silently.
 * Playwright's flags switch most of these off; a second `--disable-features` would overrule its first.
 */
const OWN_HOSTS: ReadonlySet<string> = new Set([
  'content-autofill.googleapis.com',
  'optimizationguide-pa.googleapis.com',
  'update.googleapis.com',
  'safebrowsing.googleapis.com',
  'edgedl.me.gvt1.com',
]);

export async function startProxy(options: EpisodeProxyOptions): Promise<EpisodeProxy> {
  const dial = options.dial ?? ((address: string) => address);
  const agent = new http.Agent({ keepAlive: true, maxFreeSockets: 64 });
  const refuse = (url: string, why: string, allowWith?: string): never => {
    options.onBlocked({ url, why, ...(allowWith !== undefined && { allowWith }) });
    throw new RequestError(`pumice blocked ${url}: ${why}`, 403);
  };
  const server = new Server({
    host: '127.0.0.1',
    port: 0,
    prepareRequestFunction: async ({ request, hostname, port, isHttp }) => {
      const tunnel = `${Number(port) === 443 ? 'https' : 'http'}://${hostname}${[80, 443].includes(Number(port)) ? '' : `:${port}`}/`;
      const url = isHttp ? (request.url ?? '') : tunnel;
      if (OWN_HOSTS.has(plainHost(hostname))) throw new RequestError('not for pages', 403);
      if (options.isHalted() && !SAFE_METHODS.includes(request.method ?? '')) refuse(url, 'the episode was stopped');
      const upstream = upstreamFor(plainHost(hostname), Number(port), isHttp, options.environment);
      const answer = await options.reach.judge({
        host: hostname,
        port: Number(port),
        ...(isHttp && { scheme: 'http' as const }),
        upstream: upstream !== undefined,
      });
      if (!answer.ok && answer.isFault) throw new RequestError(`${url}: ${answer.why}`, 502);
      if (!answer.ok) return refuse(url, answer.why, answer.allowWith);
      if (upstream !== undefined) return { upstreamProxyUrl: upstream };
      const addresses = answer.addresses.map(dial);
      if (isAddress(plainHost(hostname)) && addresses[0] === plainHost(hostname)) return { httpAgent: agent };
      return { dnsLookup: pinned(addresses), httpAgent: agent };
    },
  });
  await server.listen();
  return {
    url: `http://127.0.0.1:${server.port}`,
    close: async () => {
      agent.destroy();
      await server.close(true);
    },
  };
}

/** What proxy-chain asks for, though net.connect needs only a `LookupFunction`. */
type DnsLookup = NonNullable<PrepareRequestFunctionResult['dnsLookup']>;

/** A resolver that knows one answer. */
function pinned(addresses: readonly string[]): DnsLookup {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  const lookup: LookupFunction = (_host, options, callback) => {
    const fit = options.family === 4 || options.family === 6 ? all.filter((one) => one.family === options.family) : all;
    const [first] = fit;
    if (!first) callback(Object.assign(new Error('no checked address'), { code: 'ENOTFOUND' }), '', 0);
    else if (options.all) callback(null, fit);
    else callback(null, first.address, first.family);
  };
  return lookup as DnsLookup;
}

/** The user's own proxy for a host, from HTTP_PROXY, HTTPS_PROXY and NO_PROXY; none for the own machine. */
export function upstreamFor(
  host: string,
  port: number,
  isHttp: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const value = (name: string) => environment[name.toLowerCase()] || environment[name] || undefined;
  const proxy = value(isHttp ? 'HTTP_PROXY' : 'HTTPS_PROXY') ?? value('ALL_PROXY');
  if (proxy === undefined || isLocalhost(host) || (isAddress(host) && addressKind(host) === 'loopback'))
    return undefined;
  for (const entry of (value('NO_PROXY') ?? '').split(/[\s,]+/)) {
    if (entry === '*') return undefined;
    const [, name, only] = /^\*?\.?(.+?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (name === undefined || (only !== undefined && Number(only) !== port)) continue;
    if (host === name || host.endsWith(`.${name}`)) return undefined;
  }
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}
