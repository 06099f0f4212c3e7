/**
 * Waits until a page rests: no navigation or request in flight, no change of the document and no running transition for two animation frames.
 * By events, with a cap. Knows nothing of marks or actions.
 */
import type { CDPSession } from 'playwright';
import { monotonicNowMs } from '../../src/clock.ts';
import { boundedOr } from './bounded.ts';
import type { NetworkWatch } from './network-watch.ts';

/** Wait for a navigation that is under way beyond the cap, ms. Chosen: a slow server; the old page is no place to act on. */
const NAVIGATION_CAP_MS = 10_000;
/** Wait for a page that would not rest before, ms. Chosen: it changes without end; one look at the network is enough. */
const RESTLESS_CAP_MS = 300;
/** Longest transition that is waited for, ms. */
const MAX_TRANSITION_MS = 1000;

export interface Settling {
  readonly cdp: CDPSession;
  readonly network: NetworkWatch;
  /** Set when the page did not rest in time; reset by whoever knows that another document came. */
  readonly tab: { isRestless: boolean };
}

export async function settle(page: Settling, { capMs, signal }: { capMs: number; signal: AbortSignal }): Promise<void> {
  const startMs = monotonicNowMs();
  const { network } = page;
  const leftMs = () => {
    const limitMs = network.isNavigating() ? NAVIGATION_CAP_MS : page.tab.isRestless ? RESTLESS_CAP_MS : capMs;
    return limitMs - (monotonicNowMs() - startMs);
  };
  while (leftMs() > 0) {
    const isQuiet = await boundedOr(untilQuiet(page.cdp, leftMs()), { signal, capMs: leftMs() + 200 });
    if (network.isBusy()) {
      if (leftMs() > 0) await boundedOr(network.change(), { signal, capMs: leftMs() });
    } else if (isQuiet) return;
    // Between two documents there is nobody to ask: the next one tells by a request or is there at once.
    else if (isQuiet === undefined && leftMs() > 0) await boundedOr(network.change(), { signal, capMs: 20 });
  }
  signal.throwIfAborted();
  page.tab.isRestless = true;
  network.giveUp();
}

/** In a world of our own, which the page cannot disturb. `false`: the document is still changing. */
async function untilQuiet(cdp: CDPSession, maxMs: number): Promise<boolean> {
  const { frameTree } = await cdp.send('Page.getFrameTree');
  const world = await cdp.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'pumice-settle' });
  const { result } = await cdp.send('Runtime.evaluate', {
    contextId: world.executionContextId,
    expression: `(${quietInPage.toString()})(${maxMs}, ${MAX_TRANSITION_MS})`,
    awaitPromise: true,
    returnByValue: true,
  });
  return result.value === true;
}

/** Runs in the page. */
function quietInPage(maxMs: number, maxTransitionMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const clock = globalThis.performance;
    const endMs = clock.now() + maxMs;
    let quietFrames = 0;
    const observer = new MutationObserver(() => {
      quietFrames = -1;
    });
    // Smooth scrolling, of the page or of anything in it.
    const onScroll = () => {
      quietFrames = -1;
    };
    document.addEventListener('scroll', onScroll, { capture: true, passive: true });
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    const isMoving = () =>
      document.getAnimations().some((animation) => {
        const endsMs = Number(animation.effect?.getComputedTiming().endTime);
        return animation.playState === 'running' && endsMs - Number(animation.currentTime) < maxTransitionMs;
      });
    const look = () => {
      quietFrames += 1;
      const isQuiet = quietFrames >= 2 && document.readyState !== 'loading' && !isMoving();
      if (!isQuiet && clock.now() < endMs) return next();
      observer.disconnect();
      document.removeEventListener('scroll', onScroll, { capture: true });
      resolve(isQuiet);
    };
    // Pages out of view get no animation frames.
    const next = () => {
      let isDone = false;
      const once = () => {
        if (!isDone) look();
        isDone = true;
      };
      requestAnimationFrame(once);
      globalThis.setTimeout(once, 100);
    };
    next();
  });
}
