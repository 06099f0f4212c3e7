/**
 * From a start URL and `--allow-origin` values to the patterns of `UiLimits.origins`.
 * What a pattern means is in `src/gate/origins.ts`. Knows no network.
 */
import { getDomain } from 'tldts';
import { parseAddress } from '../../src/address.ts';
import { PumiceError } from '../../src/errors.ts';
import { originOf } from '../../src/gate/origins.ts';
import { isAddress, isLocalhost, plainHost } from './addresses.ts';

const EXPECTED = 'expected https://shop.example, https://*.shop.example or http://host:port';

/**
 * Patterns that may be navigated to and acted in.
 *
 * The start URL gives its site (by the public suffix list, private suffixes included, so `ann.github.io` is not `github.io`): `https://*.site.tld`
 * for its scheme, and for http also the https one, as sites move their visitors there. Addresses, localhost and names that are no site give
 * their exact origin.
 *
 * @throws PumiceError `config/invalid`.
 */
export function originsOf(startUrl: string, extra: readonly string[] = []): string[] {
  const origin = originOf(startUrl);
  if (origin === undefined)
    throw new PumiceError('config/invalid', `start URL '${startUrl}' is no http or https address`, {
      who: 'env browser',
      hint: 'Give a whole address, like https://shop.example/login',
    });
  return [...new Set([...siteOf(origin), ...extra.map(checkPattern)])];
}

function siteOf(origin: string): string[] {
  const url = new URL(origin);
  const site = registrableDomain(plainHost(url.hostname));
  if (site === undefined || url.hostname.endsWith('.')) return [origin];
  if (url.protocol === 'https:') return [`https://*.${site}`];
  return [`http://*.${site}`, `https://*.${site}`];
}

/** `site.tld`; undefined for addresses, localhost and public suffixes themselves. */
function registrableDomain(host: string): string | undefined {
  if (isAddress(host) || isLocalhost(host)) return undefined;
  return getDomain(host, { allowPrivateDomains: true }) ?? undefined;
}

function checkPattern(pattern: string): string {
  const fail = (why: string): never => {
    throw new PumiceError('config/invalid', `--allow-origin '${pattern}' ${why}; ${EXPECTED}`, { who: 'env browser' });
  };
  const parts = /^(https?):\/\/(\*\.)?([^/?#@*\s]+)\/?$/i.exec(pattern.trim());
  if (!parts) {
    if (/^[a-z0-9.*-]+(:\d+)?$/i.test(pattern.trim()))
      return fail(`lacks its scheme (meant https://${pattern.trim()}?)`);
    return fail('is no origin');
  }
  const [, scheme, wild, authority] = parts;
  const plain = `${scheme}://${authority}`;
  const url = parseAddress(plain);
  if (!url) return fail('is no origin');
  if (!wild) return url.origin;
  if (registrableDomain(plainHost(url.hostname)) === undefined)
    return fail('opens a whole public suffix, or has a wildcard before an address or localhost');
  return `${url.protocol}//*.${url.host}`;
}
