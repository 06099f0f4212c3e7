/**
 * Watches what the pages of one browser context load, through one browser-level CDP session: it sees the first request of popups, every hop of a
 * redirect and requests of workers, which Playwright's own routing does not. Only what can write is held up: documents, and what scripts send;
 * all of them once widened.
 * Decides nothing itself.
 */
import type { BrowserContext, CDPSession } from 'playwright';
import { monotonicNowMs } from '../../src/clock.ts';
import { PumiceError } from '../../src/errors.ts';
import type { Caught } from './writes.ts';

export interface Asked extends Caught {
  /** The main frame of a page or popup, so that its address is where the user would be. */
  readonly isPage: boolean;
}

export interface DocumentWatch {
  /** From now on every request is asked about; takes effect in the order of commands on the wire. */
  readonly widen: () => void;
  readonly close: () => Promise<void>;
}

export interface WatchOptions {
  readonly context: BrowserContext;
  /** Whether all requests are asked about from the beginning. */
  readonly wide: boolean;
  /** `false` aborts the request: the page stays where it is. A promise holds up that request alone. */
  readonly ask: (request: Asked) => boolean | Promise<boolean>;
}

interface Paused {
  readonly requestId: string;
  readonly frameId: string;
  readonly resourceType: string;
  readonly networkId?: string;
  readonly request: { readonly url: string; readonly method: string; readonly postData?: string };
}

interface TargetInfo {
  readonly targetId: string;
  readonly type: string;
  readonly url: string;
  readonly browserContextId?: string;
  readonly openerId?: string;
}

const WRITERS = (['Document', 'XHR', 'Fetch', 'Ping'] as const).map((resourceType) => ({
  urlPattern: '*',
  resourceType,
  requestStage: 'Request' as const,
}));
const EVERYTHING = [{ urlPattern: '*', requestStage: 'Request' as const }];

/** Begins to watch. @throws PumiceError `browser/protocol` when the browser is no Chromium. */
export async function watchDocuments(options: WatchOptions): Promise<DocumentWatch> {
  const session = await browserSession(options.context);
  const own = await contextIdOf(options.context);
  const pages = new Map<string, TargetInfo>();
  const bornMs = new Map<string, number>();
  const keep = ({ targetInfo }: { targetInfo: TargetInfo }) => {
    if (targetInfo.type !== 'page') return;
    pages.set(targetInfo.targetId, targetInfo);
    if (!bornMs.has(targetInfo.targetId)) bornMs.set(targetInfo.targetId, monotonicNowMs());
  };
  session.on('Target.targetCreated', keep);
  session.on('Target.targetInfoChanged', keep);
  session.on('Target.targetDestroyed', ({ targetId }) => pages.delete(targetId) && bornMs.delete(targetId));
  const answerOn = (asking: CDPSession) => async (event: Paused) => {
    const page = pages.get(event.frameId);
    const isPage = page !== undefined && event.resourceType === 'Document';
    const isOurs = page === undefined || page.browserContextId === own;
    const { url, method, postData } = event.request;
    const asked: Asked = {
      ...{ url, method, isPage, type: event.resourceType },
      ...(postData !== undefined && { body: postData }),
      ...(event.networkId !== undefined && { id: event.networkId }),
      isOfNewPage: (sinceMs) => (bornMs.get(event.frameId) ?? -Infinity) > sinceMs,
    };
    const answer = isOurs ? options.ask(asked) : true;
    const ok = typeof answer === 'boolean' ? answer : await answer.catch(() => false);
    const { requestId } = event;
    // The request may be gone by now, with its page: nothing to do then.
    if (ok) return void asking.send('Fetch.continueRequest', { requestId }).catch(() => {});
    await asking.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' }).catch(() => {});
    if (isPage && isEmptyPopup(page))
      await session.send('Target.closeTarget', { targetId: page.targetId }).catch(() => {});
  };
  session.on('Fetch.requestPaused', answerOn(session));
  await session.send('Target.setDiscoverTargets', { discover: true });
  await session.send('Fetch.enable', { patterns: options.wide ? EVERYTHING : WRITERS });
  const older = options.wide ? await sessionsOfOpenDocuments(options.context) : [];
  for (const one of older) {
    one.on('Fetch.requestPaused', answerOn(one));
    await one.send('Fetch.enable', { patterns: EVERYTHING });
  }
  return {
    widen: () => void session.send('Fetch.enable', { patterns: EVERYTHING }).catch(() => {}),
    close: async () => void (await Promise.all([session, ...older].map((one) => one.detach().catch(() => {})))),
  };
}

/**
 * One session per process of each page that is open: the parts of a document that was loaded before the browser's session began to watch
 * do not pass that session.
 */
async function sessionsOfOpenDocuments(context: BrowserContext): Promise<CDPSession[]> {
  const targets = context.pages().flatMap((page) => [page, ...page.frames().filter((frame) => frame.parentFrame())]);
  // A frame in its parent's process has no session of its own, and is covered by the parent's.
  const sessions = await Promise.all(targets.map((one) => context.newCDPSession(one).catch(() => undefined)));
  return sessions.filter((one) => one !== undefined);
}

/** A popup that never got its first page. Pages that pumice or the user opened are `about:blank` from the start and stay. */
const isEmptyPopup = (page: TargetInfo): boolean =>
  page.url === '' || (page.url === 'about:blank' && page.openerId !== undefined);

async function browserSession(context: BrowserContext): Promise<CDPSession> {
  const browser = context.browser();
  if (browser) {
    try {
      return await browser.newBrowserCDPSession();
    } catch (cause) {
      throw new PumiceError('browser/protocol', `${browser.browserType().name()} gave no CDP session`, {
        who: 'env browser',
        hint: 'Use Chromium, Chrome or Edge',
        cause,
      });
    }
  }
  throw new PumiceError('browser/protocol', 'the page belongs to no Browser object, so its network cannot be guarded', {
    who: 'env browser',
    hint: 'Hand in a page of a launched or connected Chromium',
  });
}

/** CDP's id of a context, by way of a page in it. */
async function contextIdOf(context: BrowserContext): Promise<string | undefined> {
  const [existing] = context.pages();
  const page = existing ?? (await context.newPage());
  const session = await context.newCDPSession(page);
  const { targetInfo } = await session.send('Target.getTargetInfo');
  await session.detach();
  if (!existing) await page.close();
  return targetInfo.browserContextId;
}
