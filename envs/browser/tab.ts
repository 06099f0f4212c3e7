/** One page of an episode: what watches it, and what is known of it. */
import type { Dialog, Download, FileChooser, Frame, Page } from 'playwright';
import type { Frame as Picture } from '../../src/types.ts';
import { boundedOr } from './bounded.ts';
import { createElements, type Elements } from './elements.ts';
import { createMarkCollector, type MarkCollector } from './marks.ts';
import { type NetworkWatch, watchNetwork } from './network-watch.ts';
import type { Sent } from './writes.ts';

/** Wait for a page to let go, ms: one that crashed or hangs never answers. Chosen. */
const RELEASE_CAP_MS = 1000;

export interface Tab {
  readonly page: Page;
  readonly network: NetworkWatch;
  readonly elements: Elements;
  /** Made at the first look. */
  readonly collector: () => Promise<MarkCollector>;
  /** Waits for an answer; the page is frozen until then. */
  dialog: Dialog | undefined;
  title: string;
  /** The newest picture. */
  frame: Picture | undefined;
  isCrashed: boolean;
  isRestless: boolean;
  /** A question whether to leave is answered with yes: leaving is what was asked for. */
  isLeaving: boolean;
  /** Takes the page's question for files. */
  onFiles: ((chooser: FileChooser) => void) | undefined;
  /** Leaves the page as it was found, open. */
  readonly release: () => Promise<void>;
}

export interface TabEvents {
  readonly dialog?: (dialog: Dialog) => void;
  readonly popup: (page: Page) => void;
  readonly download: (download: Download) => void;
  readonly filechooser: (chooser: FileChooser) => void;
  readonly crash: () => void;
  readonly close: () => void;
  /** The page is about to open another one. */
  readonly opening: () => void;
  /** A document sends a request; its own comes first. */
  readonly sent?: (sent: Sent) => void;
  /** Another document came, and nobody asked for it by an address. */
  readonly navigated: () => void;
}

export function createTab(page: Page, events: (tab: Tab) => TabEvents): Tab {
  const network = watchNetwork(page);
  const elements = createElements(page);
  let collector: Promise<MarkCollector> | undefined;
  const tab: Tab = {
    page,
    network,
    elements,
    collector: () => {
      collector ??= createMarkCollector(page).catch((error) => {
        collector = undefined;
        throw error;
      });
      return collector;
    },
    dialog: undefined,
    title: '',
    frame: undefined,
    isCrashed: false,
    isRestless: false,
    isLeaving: false,
    onFiles: undefined,
    release: async () => {
      for (const [name, listener] of Object.entries(listeners)) page.off(name as 'close', listener as () => void);
      network.dispose();
      const dismissed = tab.dialog?.dismiss().catch(() => {});
      const disposed = collector?.then((one) => one.dispose());
      await boundedOr(Promise.all([dismissed, disposed, elements.dispose()]), { capMs: RELEASE_CAP_MS });
    },
  };
  const { opening, navigated, sent, ...rest } = events(tab);
  const framenavigated = (frame: Frame) => {
    if (frame === page.mainFrame()) tab.isRestless = false;
  };
  const listeners = { ...rest, framenavigated };
  for (const [name, listener] of Object.entries(listeners)) page.on(name as 'close', listener as () => void);
  // Playwright tells of a new page only when its first answer is there.
  elements
    .mainSession()
    .then((cdp) => {
      if (sent) {
        cdp.on('Network.requestWillBeSent', ({ requestId, loaderId, request: { method } }) =>
          sent({ id: requestId, documentId: loaderId, method }),
        );
        cdp.send('Network.enable').catch(() => {});
      }
      cdp.on('Page.windowOpen', opening);
      cdp.on('Page.frameRequestedNavigation', ({ disposition }) => {
        if (disposition === 'currentTab') network.expectNavigation();
      });
      // Playwright's own event tells of `pushState` as well.
      cdp.on('Page.frameNavigated', ({ frame }) => {
        if (frame.parentId === undefined && !tab.isLeaving) navigated();
      });
    })
    .catch(() => {});
  return tab;
}
