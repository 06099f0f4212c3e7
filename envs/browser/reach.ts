/**
 * Decides whether a request may go to a host: resolves the name once, judges every address, and hands those addresses on so that nobody
 * resolves it a second time (DNS rebinding). Knows neither proxy nor browser.
 */
import { lookup as systemLookup } from 'node:dns/promises';
import { parseAddress } from '../../src/address.ts';
import { monotonicNowMs } from '../../src/clock.ts';
import { isWithin, originOf } from '../../src/gate/origins.ts';
import { type AddressKind, addressKind, isAddress, isLocalhost, plainHost } from './addresses.ts';

export interface ReachPolicy {
  /** Where the episode begins; its own network is where pages may reach non-public addresses within the patterns. */
  readonly startUrl: string;
  readonly origins: readonly string[];
  /** All of private, loopback and link-local is open; metadata services stay closed. */
  readonly allowPrivate?: boolean;
  /** Nothing outside the patterns, public or not. */
  readonly strictNetwork?: boolean;
}

/** The answer for one host: the checked addresses, or why not and which flag would allow it. `isFault`: nothing forbids it, it just does not exist. */
export type Reached =
  | { readonly ok: true; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly why: string; readonly allowWith?: string; readonly isFault?: boolean };

export type Lookup = (host: string) => Promise<readonly string[]>;

export interface Reach {
  /** `scheme` undefined: a tunnel, which may carry http, https or web sockets. `address` is what to name in messages. */
  readonly judge: (target: Target) => Promise<Reached>;
}

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly scheme?: 'http' | 'https';
  /** The request goes on to the user's own proxy, which resolves for itself: a name unknown here is its affair. */
  readonly upstream?: boolean;
}

/** How long a checked answer is used again, ms. Chosen: one page load with its subresources; each renewal is judged anew. */
const KEEP_MS = 30_000;

const lookupAll: Lookup = async (host) =>
  (await systemLookup(host, { all: true, verbatim: true })).map(({ address }) => address);

/** Learns of which kind the start URL and the exactly named origins are, and judges by that from then on. */
export async function createReach(policy: ReachPolicy, lookup: Lookup = lookupAll): Promise<Reach> {
  const resolve = remembering(async (host) => {
    if (isAddress(host)) return [host];
    if (isLocalhost(host))
      return (await lookup(host).catch(() => ['127.0.0.1', '::1'])).filter((a) => addressKind(a) === 'loopback');
    return lookup(host);
  });
  const kinds = await kindsOfPatterns(policy, resolve);
  return {
    judge: async (target) => {
      const host = plainHost(target.host);
      const origins = originsOfTarget(host, target);
      const patterns = policy.origins.filter((pattern) => origins.some((origin) => isWithin([pattern], origin)));
      const allowWith = `--allow-origin ${origins[0]}`;
      if (policy.strictNetwork && patterns.length === 0)
        return { ok: false, why: 'it is outside the allowed origins and the network is strict', allowWith };
      let addresses: readonly string[];
      try {
        addresses = await resolve(host);
      } catch (error) {
        if (target.upstream) return { ok: true, addresses: [] };
        const why = `its name was not resolved (${(error as NodeJS.ErrnoException).code ?? 'error'})`;
        return { ok: false, isFault: true, why };
      }
      if (addresses.length === 0) return { ok: false, isFault: true, why: 'its name has no address' };
      for (const address of addresses) {
        const kind = addressKind(address);
        if (kind === 'public' || patterns.some((pattern) => kinds.get(pattern)?.has(kind))) continue;
        if (policy.allowPrivate && kind !== 'metadata') continue;
        const why = `${host === address ? 'it' : address} is a ${kind} address`;
        // A name that was public when it was allowed stays so; then only the wider flag helps.
        return {
          ok: false,
          why,
          allowWith: patterns.length > 0 && kind !== 'metadata' ? '--allow-private' : allowWith,
        };
      }
      return { ok: true, addresses };
    },
  };
}

function originsOfTarget(host: string, target: Target): string[] {
  const name = host.includes(':') ? `[${host}]` : host;
  const schemes = target.scheme ? [target.scheme] : target.port === 443 ? ['https', 'http'] : ['http', 'https'];
  return schemes.map(
    (scheme) => originOf(`${scheme}://${name}:${target.port}`) ?? `${scheme}://${name}:${target.port}`,
  );
}

/** For each pattern the kinds of address that it had in the beginning: the start URL's for those around it, else those of the host named in it. */
async function kindsOfPatterns(policy: ReachPolicy, resolve: Lookup): Promise<Map<string, Set<AddressKind>>> {
  const kindsOf = async (host: string) => new Set((await resolve(plainHost(host)).catch(() => [])).map(addressKind));
  const entries = policy.origins.map(async (pattern) => {
    const around = isWithin([pattern], policy.startUrl);
    const own = parseAddress(pattern.replace('//*.', '//'))?.hostname;
    const host = around ? new URL(policy.startUrl).hostname : own;
    return [pattern, host === undefined ? new Set<AddressKind>() : await kindsOf(host)] as const;
  });
  return new Map(await Promise.all(entries));
}

/** One resolving at a time per host, and its answer for `KEEP_MS`. Failures are not kept. */
function remembering(lookup: Lookup): Lookup {
  const kept = new Map<string, { readonly untilMs: number; readonly answer: Promise<readonly string[]> }>();
  return (host) => {
    const known = kept.get(host);
    if (known && known.untilMs > monotonicNowMs()) return known.answer;
    const answer = lookup(host);
    kept.set(host, { untilMs: monotonicNowMs() + KEEP_MS, answer });
    answer.catch(() => kept.get(host)?.answer === answer && kept.delete(host));
    return answer;
  };
}
