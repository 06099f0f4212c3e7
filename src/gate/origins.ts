/**
 * Origins as patterns: `https://a.example` is that origin, `https://*.a.example` is that host and every host below, same scheme, any port
 * when the pattern has none. Anything that is not http or https matches nothing. Pure.
 */

/** The origin of an http(s) address, normalised by the URL standard; undefined for every other scheme or what is no address. */
export function originOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.origin : undefined;
}

/** Whether an address lies in one of the patterns. User names in an address are never allowed: they only serve to deceive. */
export function isWithin(patterns: readonly string[], address: string): boolean {
  const origin = originOf(address);
  if (origin === undefined) return false;
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return false;
  return patterns.some((pattern) => matches(pattern, url, origin));
}

function matches(pattern: string, url: URL, origin: string): boolean {
  const wild = /^(https?:)\/\/\*\.([^/:*]+)(?::(\d+))?$/.exec(pattern);
  if (!wild) return originOf(pattern) === origin;
  const [, scheme, host, port] = wild;
  if (url.protocol !== scheme || (port !== undefined && url.port !== port)) return false;
  return url.hostname === host || url.hostname.endsWith(`.${host}`);
}
