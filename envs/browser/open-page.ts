/** Opens the page where an episode begins; says clearly why when it does not open. */
import { PumiceError } from '../../src/errors.ts';
import { bounded } from './bounded.ts';
import type { Pages } from './pages.ts';

/** Wait for the first page, ms. Chosen: as browsers' own patience with slow servers. */
const OPEN_CAP_MS = 30_000;

const WHO = 'env browser';

/** @throws PumiceError `body/unreachable`, with what to do about it. */
export async function openAt(pages: Pages, url: string, signal: AbortSignal): Promise<void> {
  const tab = pages.active;
  let off = () => {};
  // A dialog at the start keeps the page from ever being loaded; it is answered like any other.
  const interrupted = new Promise<null>((resolve) => {
    off = pages.onInterruption((which, why) => which === tab && why === 'dialog' && resolve(null));
  });
  const going = tab.page.goto(url, { waitUntil: 'domcontentloaded', timeout: OPEN_CAP_MS });
  going.catch(() => {});
  try {
    const response = await bounded('the page', Promise.race([going, interrupted]), { signal, capMs: OPEN_CAP_MS });
    // What pumice's own proxy answers when nobody is there.
    if (response && response.status() >= 590) throw unreachable(url, `proxy status ${response.status()}`);
  } catch (cause) {
    signal.throwIfAborted();
    if (PumiceError.is(cause, 'body/unreachable')) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    if (/Download is starting/.test(message)) return;
    throw unreachable(url, /net::(ERR_[A-Z0-9_]+)/.exec(message)?.[1] ?? firstLine(message), cause);
  } finally {
    off();
  }
}

function unreachable(url: string, why: string, cause?: unknown): PumiceError {
  return new PumiceError('body/unreachable', `${url} could not be opened (${why})`, {
    who: WHO,
    hint: hintOf(why),
    cause,
    retryable: !why.startsWith('ERR_CERT'),
  });
}

function hintOf(why: string): string {
  if (/^ERR_(CERT|SSL|BAD_SSL)/.test(why))
    return 'The certificate of the site is not valid: correct it, or use an http address for tests';
  if (/NAME_NOT_RESOLVED|TUNNEL|proxy/.test(why)) return 'Check the address, the network and the proxy variables';
  if (/REFUSED/.test(why)) return 'Check that the server runs and that the port is right';
  if (/ERR_ABORTED|BLOCKED/.test(why))
    return 'The server gave no page, or its redirects leave the allowed origins: see --allow-origin';
  return 'Check the address and the network, then run again';
}

const firstLine = (text: string): string => text.split('\n')[0]!;
