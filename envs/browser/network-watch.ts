/**
 * What a page is loading right now. Knows nothing of its content.
 */
import type { Frame, Page, Request } from 'playwright';
import { sleep } from '../../src/clock.ts';

/** Requests that say nothing about whether a page is ready. */
const IGNORED = new Set(['media', 'websocket', 'eventsource', 'ping', 'manifest', 'other', 'cspviolationreport']);

/** Wait for the request of a navigation that the page asked for, ms. Chosen: it comes at once, or the browser dropped it. */
const EXPECT_MS = 300;

export type NetworkWatch = ReturnType<typeof watchNetwork>;

export function watchNetwork(page: Page) {
  const inFlight = new Set<Request>();
  /** Addresses that were still being asked when patience was at its end: polls, streams. */
  const endless = new Set<string>();
  /** The request of a document that is not there yet. */
  let coming: Request | undefined;
  /** The page asked to navigate, and no request is there yet. */
  let expected: object | undefined;
  const waiting: (() => void)[] = [];
  const wake = () => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  const keyOf = (request: Request) => request.url().replace(/[?#].*/, '');
  const isMain = (request: Request) => {
    try {
      return request.isNavigationRequest() && request.frame() === page.mainFrame();
    } catch {
      // The page or its frame is not there yet, or no longer.
      return false;
    }
  };
  const begin = (request: Request) => {
    if (request.isNavigationRequest()) expected = undefined;
    if (isMain(request)) {
      inFlight.clear();
      coming = request;
    }
    if (!IGNORED.has(request.resourceType()) && !endless.has(keyOf(request))) inFlight.add(request);
    wake();
  };
  const end = (request: Request) => {
    inFlight.delete(request);
    if (coming === request) coming = undefined;
    wake();
  };
  const arrive = (frame: Frame) => {
    if (frame !== page.mainFrame()) return;
    coming = undefined;
    expected = undefined;
    wake();
  };
  page.on('framenavigated', arrive);
  page.on('request', begin);
  page.on('requestfinished', end);
  page.on('requestfailed', end);
  return {
    isBusy: () => inFlight.size > 0 || expected !== undefined,
    /** The page asks to go somewhere. */
    expectNavigation: () => {
      const mine = {};
      expected = mine;
      void sleep(EXPECT_MS).then(() => {
        if (expected !== mine) return;
        expected = undefined;
        wake();
      });
    },
    /** Whether the page is about to be another one. */
    isNavigating: () => coming !== undefined,
    /** What is in flight now is not waited for again. */
    giveUp: () => {
      for (const request of inFlight) if (request !== coming) endless.add(keyOf(request));
      inFlight.clear();
    },
    /** Resolves when a request begins or ends. */
    change: () => new Promise<void>((resolve) => waiting.push(resolve)),
    dispose: () => {
      page.off('framenavigated', arrive);
      page.off('request', begin);
      page.off('requestfinished', end);
      page.off('requestfailed', end);
    },
  };
}
