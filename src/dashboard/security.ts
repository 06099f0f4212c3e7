/**
 * Who may come in. Pure. A page that anybody opens can make a browser send requests to this machine, under any name that it points here
 * (DNS rebinding), and open sockets, which no same-origin rule holds back: so the name, the origin and a token are looked at each time.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { Tokens } from './messages.ts';

/** 256 bits, in characters that an address may hold. */
export const newToken = (): string => randomBytes(32).toString('base64url');

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** What a token is good for; nothing for any other text. Takes the same time whatever the text is. */
export function rightOf(given: string | undefined, tokens: Tokens): keyof Tokens | undefined {
  const hash = digest(given ?? '');
  const isControl = timingSafeEqual(hash, digest(tokens.control));
  const isView = timingSafeEqual(hash, digest(tokens.view));
  return isControl ? 'control' : isView ? 'view' : undefined;
}

/** The token of `Authorization: Bearer ...`. */
export const bearerOf = (header: string | undefined): string | undefined => /^Bearer ([\w-]+)$/.exec(header ?? '')?.[1];

/** First of the protocols that a page asks for; the token is in another. */
export const PROTOCOL = 'pumice';
const TOKEN_PROTOCOL = 'pumice.token.';

/** The token that a page gives along with the protocols of its socket, where no address and no log shows it. */
export const tokenInProtocols = (header: string | undefined): string | undefined =>
  (header ?? '')
    .split(',')
    .map((protocol) => protocol.trim())
    .find((protocol) => protocol.startsWith(TOKEN_PROTOCOL))
    ?.slice(TOKEN_PROTOCOL.length);

/**
 * Whether a `Host` header names this server by an address, by `localhost`, or by the name that it was told to listen at. Any other name
 * may be somebody else's, which points here.
 */
export function isOwnHost(header: string | undefined, { host, port }: { host: string; port: number }): boolean {
  let url: URL;
  try {
    url = new URL(`http://${header ?? ''}`);
  } catch {
    return false;
  }
  // As it was written: no path, no user, and nothing that reading it has changed.
  if (url.host !== header?.toLowerCase() && `${url.host}:80` !== header) return false;
  if (Number(url.port || 80) !== port) return false;
  const name = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(name) !== 0 || name === 'localhost' || name === host.toLowerCase();
}

/** Whether a request comes from this server's own page. */
export const isOwnOrigin = (origin: string | undefined, host: string | undefined): boolean =>
  host !== undefined && origin?.toLowerCase() === `http://${host.toLowerCase()}`;

/** Messages a second of one page. Chosen: twice what a screen of 240 Hz makes of two sticks. */
const MOST_PER_S = 500;
/** Messages at once. Chosen: what a link that was held up for two seconds lets through. */
const MOST_AT_ONCE = 1000;

/** Counts messages of one page. @returns whether this one is still within bounds. */
export function createFlood(nowMs: () => number): () => boolean {
  let room = MOST_AT_ONCE;
  let lastMs = nowMs();
  return () => {
    const now = nowMs();
    room = Math.min(MOST_AT_ONCE, room + ((now - lastMs) / 1000) * MOST_PER_S) - 1;
    lastMs = now;
    return room >= 0;
  };
}

export const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    'img-src blob: data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'cache-control': 'no-store',
};
