/**
 * Origins as patterns: `https://a.example` is that origin, `https://*.a.example` is that host and every host below, same scheme, any port
 * when the pattern has none. Anything that is not http or https matches nothing, and so does a pattern that says more than an origin
 * (a path, a user): it would let through more than it seems to. Pure.
 */
import { parseAddress } from '../address.ts';

/** The origin of an http(s) address, normalised by the URL standard; undefined for every other scheme or what is no address. */
export function originOf(address: string): string | undefined {
  const url = parseAddress(address);
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url.origin : undefined;
}

/** Whether an address lies in one of the patterns. User names in an address are never allowed: they only serve to deceive. */
export function isWithin(patterns: readonly string[], address: string): boolean {
  const url = parseAddress(address);
  if (url?.username !== '' || url.password !== '') return false;
  return patterns.some((pattern) => matches(pattern, url));
}

/** Scheme, whether below as well, host, port; nothing else. The scheme is http or https: no other address matches. */
const PATTERN = /^(https?:\/\/)(\*\.)?([^/*@?#\\]+?)(:\d+)?\/?$/i;

function matches(pattern: string, url: URL): boolean {
  const parts = PATTERN.exec(pattern);
  if (!parts) return false;
  const [, scheme, wild, host, port = ''] = parts;
  // Parsed as an address, so that case, international names and default ports are written as the URL standard writes them.
  const base = parseAddress(`${scheme}${host}${port}`);
  if (base?.protocol !== url.protocol) return false;
  if (wild === undefined) return base.origin === url.origin;
  if (port !== '' && base.port !== url.port) return false;
  return url.hostname === base.hostname || url.hostname.endsWith(`.${base.hostname}`);
}
