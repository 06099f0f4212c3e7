/**
 * The tabs of one episode and all that happens to them unasked: popups, dialogs, downloads, crashes, questions for files.
 * What happened is told as notices. Knows nothing of marks, actions or settling.
 */
import type { BrowserContext, Dialog, Page } from 'playwright';
import { PumiceError } from '../../src/errors.ts';
import type { Notice } from '../../src/types.ts';
import { keepDownload } from './downloads.ts';
import { createTab, type Tab } from './tab.ts';
import type { Sent } from './writes.ts';

/** What cuts an input short: the page takes no more of it. */
export type Interruption = 'dialog' | 'crash' | 'closed' | 'left' | 'navigated';

export interface PagesOptions {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Whether every page of the context belongs to the episode; else only what its pages open. */
  readonly isOwn: boolean;
  readonly downloadsDir?: string;
  readonly tell: (notice: Notice) => void;
  /** Gets each request of a document that is not in a process of its own. */
  readonly onSent?: (sent: Sent) => void;
  /** Gets the path of each file that was kept. */
  readonly onSaved: (path: string) => void;
}

export type Pages = ReturnType<typeof createPages>;

export function createPages({ context, page: first, isOwn, downloadsDir, tell, onSaved, onSent }: PagesOptions) {
  const tabs: Tab[] = [];
  let active: Tab;
  /** Whether a tab that opens now becomes the active one. */
  let isFollowing = false;
  /** Set while a page is opened on purpose. */
  let isOpening = false;
  /** A tab that was announced and is not there yet. */
  let announced: { readonly promise: Promise<void>; readonly over: () => void } | undefined;
  /** Tabs that an action announced: they become the active one however late they are there. */
  let expected = 0;
  const downloads = new Set<Promise<void>>();
  const listeners = new Set<(tab: Tab, why: Interruption) => void>();
  const interrupt = (tab: Tab, why: Interruption) => {
    for (const listener of [...listeners]) listener(tab, why);
  };

  function add(page: Page): Tab {
    const known = tabs.find((tab) => tab.page === page);
    if (known) return known;
    const fresh = createTab(page, (tab) => ({
      // Of our own context, all dialogs are taken at the context: a popup may ask before it is told of.
      ...(!isOwn && { dialog: (dialog) => onDialog(tab, dialog) }),
      popup: onPopup,
      opening: announce,
      ...(onSent && { sent: onSent }),
      navigated: () => interrupt(tab, 'navigated'),
      download: (download) => {
        const kept = keepDownload(download, downloadsDir).then(({ notice, path }) => {
          tell(notice);
          if (path !== undefined) onSaved(path);
        });
        downloads.add(kept);
        void kept.finally(() => downloads.delete(kept));
      },
      filechooser: (chooser) => {
        if (tab.onFiles) tab.onFiles(chooser);
        else tell({ kind: 'dialog', text: 'the page asked for a file; give one with ui-upload' });
      },
      crash: () => {
        tab.isCrashed = true;
        tell({ kind: 'crash', text: `the page ${page.url()} crashed` });
        interrupt(tab, 'crash');
      },
      close: () => remove(tab),
    }));
    tabs.push(fresh);
    return fresh;
  }

  function remove(tab: Tab): void {
    const index = tabs.indexOf(tab);
    if (index < 0) return;
    tabs.splice(index, 1);
    const next = tabs[Math.max(0, index - 1)];
    if (tab === active && next) void activate(next);
    interrupt(tab, 'closed');
    void tab.release();
  }

  async function activate(tab: Tab): Promise<void> {
    active = tab;
    await tab.page.bringToFront().catch(() => {});
  }

  function onDialog(tab: Tab, dialog: Dialog): void {
    if (dialog.type() === 'beforeunload' && tab.isLeaving) {
      tell({ kind: 'dialog', text: 'the page asked whether to leave it; answered yes' });
      return void dialog.accept().catch(() => {});
    }
    if (tab !== active) {
      const text = `dismissed on a tab behind: ${dialog.type()} ${JSON.stringify(dialog.message())}`;
      tell({ kind: 'dialog', text });
      return void dialog.dismiss().catch(() => {});
    }
    tab.dialog = dialog;
    interrupt(tab, 'dialog');
  }

  function announce(): void {
    announced?.over();
    if (isFollowing) expected += 1;
    let over = () => {};
    const promise = new Promise<void>((resolve) => {
      over = resolve;
    });
    announced = { promise, over };
  }
  function announcementOver(): void {
    announced?.over();
    announced = undefined;
  }

  function onPopup(page: Page): void {
    if (tabs.some((tab) => tab.page === page)) return;
    const tab = add(page);
    if (isOpening) return;
    if (isFollowing || expected > 0) {
      expected = Math.max(0, expected - 1);
      const before = active;
      void activate(tab);
      interrupt(before, 'left');
    }
    announcementOver();
    // Its address is known when it is there; one that the guard closed is told of by the guard.
    page
      .waitForLoadState('domcontentloaded')
      .then(() => tell({ kind: 'popup', text: `a tab was opened: ${page.url()}` }))
      .catch(() => {});
  }

  async function openBlank(): Promise<Tab> {
    isOpening = true;
    try {
      return add(await context.newPage());
    } finally {
      isOpening = false;
    }
  }

  const onAnyDialog = (dialog: Dialog): void => {
    const page = dialog.page();
    if (!page) return void dialog.dismiss().catch(() => {});
    onPopup(page);
    onDialog(add(page), dialog);
  };

  active = add(first);
  if (isOwn) {
    context.on('dialog', onAnyDialog);
    for (const page of context.pages()) add(page);
    context.on('page', onPopup);
  }

  return {
    tabs: tabs as readonly Tab[],
    get active() {
      if (tabs.length > 0) return active;
      throw new PumiceError('body/crashed', 'every page of the episode is closed', { who: 'env browser' });
    },
    follow: (on: boolean) => {
      isFollowing = on;
    },
    activate,
    open: async () => activate(await openBlank()),
    /** A blank page in the place of one that crashed. */
    replace: async (tab: Tab): Promise<void> => {
      const fresh = await openBlank();
      tabs.splice(tabs.indexOf(fresh), 1);
      tabs.splice(tabs.indexOf(tab), 1, fresh);
      if (tab === active) active = fresh;
      await tab.page.close().catch(() => {});
      await tab.release();
    },
    /** Calls back when a tab can take no input for the moment or for good. Answers how to unsubscribe. */
    onInterruption: (listener: (tab: Tab, why: Interruption) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** A tab that will be there soon. */
    opening: () => announced?.promise,
    /** Nothing is waited for any more. */
    announcementOver,
    /** What was announced does not come. */
    announcementVoid: () => {
      expected = Math.max(0, expected - 1);
      announcementOver();
    },
    downloading: (): Promise<unknown> | undefined => (downloads.size > 0 ? Promise.all(downloads) : undefined),
    dispose: async () => {
      listeners.clear();
      context.off('page', onPopup);
      context.off('dialog', onAnyDialog);
      await Promise.all(tabs.map((tab) => tab.release()));
    },
  };
}
