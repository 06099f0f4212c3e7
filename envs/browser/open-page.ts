/** Opens the page where an episode begins; says clearly why when it does not open. */
import type { Response } from 'playwright';
import { PumiceError } from '../../src/errors.ts';
import { bounded } from './bounded.ts';
import type { Pages } from './pages.ts';

/** Wait for the first answer of the server, ms. Chosen: as browsers' own patience with slow servers. */
const ANSWER_CAP_MS = 30_000;
/** How the guard's proxy signs what it answers itself (proxy-chain's `Server` header). */
const PROXY_NAME = 'ProxyChain';

const WHO = 'env browser';

/** @throws PumiceError `body/unreachable` or `browser/origin`, with what to do about it. */
export async function openAt(pages: Pages, url: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { active } = pages;
  let off = () => {};
  // A dialog at the start keeps the page from being loaded any further; it is answered like any other.
  const interrupted = new Promise<undefined>((resolve) => {
    off = pages.onInterruption((tab, why) => tab === active && why === 'dialog' && resolve(undefined));
  });
  const going = active.page.goto(url, { waitUntil: 'commit', timeout: ANSWER_CAP_MS });
  going.catch(() => {});
  try {
    const response = await bounded('the page', Promise.race([going, interrupted]), { signal, capMs: ANSWER_CAP_MS });
    if (response) await requireAnswer(url, response);
  } catch (cause) {
    signal.throwIfAborted();
    const message = cause instanceof Error ? cause.message : String(cause);
    if (PumiceError.is(cause, 'body/unreachable') || PumiceError.is(cause, 'browser/origin')) throw cause;
    if (/Download is starting/.test(message)) return;
    throw unreachable(url, /net::(ERR_[A-Z0-9_]+)/.exec(message)?.[1] ?? message.split('\n')[0]!, cause);
  } finally {
    off();
  }
}

/** Over http the guard's proxy answers in the place of a server that is not there. */
async function requireAnswer(url: string, response: Response): Promise<void> {
  const status = response.status();
  if (status >= 590) throw unreachable(url, PROXY_STATUS[status] ?? `proxy status ${status}`);
  if (response.headers().server !== PROXY_NAME) return;
  const said = await response.text().catch(() => '');
  if (status !== 403) throw unreachable(url, said || `proxy status ${status}`);
  throw new PumiceError('browser/origin', said, { who: WHO, hint: 'Begin at an address that may be opened' });
}
const PROXY_STATUS: Readonly<Record<number, string>> = {
  593: 'ERR_NAME_NOT_RESOLVED',
  594: 'ERR_CONNECTION_REFUSED',
  595: 'ERR_CONNECTION_RESET',
};

function unreachable(url: string, why: string, cause?: unknown): PumiceError {
  return new PumiceError('body/unreachable', `${url} could not be opened (${why})`, {
    who: WHO,
    hint: hintOf(why),
    cause,
    retryable: !isTlsFault(why),
  });
}

const isTlsFault = (why: string): boolean => /^ERR_(CERT|SSL|BAD_SSL)/.test(why);

function hintOf(why: string): string {
  if (isTlsFault(why))
    return 'No valid certificate, or no TLS at all, at that address and port: correct it, or write http://';
  if (/RESOLVED|resolved|TUNNEL|proxy/.test(why)) return 'Check the address, the network and the proxy variables';
  if (/REFUSED|RESET|EMPTY/.test(why)) return 'Check that the server runs, and its port';
  if (/ABORTED|BLOCKED/.test(why))
    return 'The server gave no page, or its redirects leave the allowed origins (--allow-origin)';
  if (/TIMED_OUT|Timeout|within/.test(why)) return 'The server is too slow or does not answer; try again later';
  return 'Check the address and the network';
}
