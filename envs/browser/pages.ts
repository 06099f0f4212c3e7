/**
 * The tabs of one episode and all that happens to them unasked: popups, dialogs, downloads, crashes, permission prompts.
 * What happened is told as notices. Knows nothing of marks, actions or settling.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { BrowserContext, Dialog, Download, Page } from 'playwright';
import { PumiceError } from '../../src/errors.ts';
import type { Notice } from '../../src/types.ts';
import { createElements, type Elements } from './elements.ts';
import { createMarkCollector, type MarkCollector } from './marks.ts';
import { type NetworkWatch, watchNetwork } from './network-watch.ts';

/** One page of the episode and what is known of it. */
export interface Tab {
  readonly page: Page;
  readonly network: NetworkWatch;
  readonly elements: Elements;
  /** Made at the first look. */
  collector: Promise<MarkCollector> | undefined;
  /** Waits for an answer; the page is frozen until then. */
  dialog: Dialog | undefined;
  title: string;
  isCrashed: boolean;
  isRestless: boolean;
  /** A question whether to leave is answered with yes: leaving is what was asked for. */
  isLeaving: boolean;
}

/** What cuts an input short: the page takes no more of it. */
export type Interruption = 'dialog' | 'crash' | 'closed';

export interface PagesOptions {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Whether every page of the context belongs to the episode; else only what its pages open. */
  readonly isOwn: boolean;
  readonly downloadsDir?: string;
  readonly tell: (notice: Notice) => void;
}

export type Pages = ReturnType<typeof createPages>;

export function createPages({ context, page: first, isOwn, downloadsDir, tell }: PagesOptions) {
  const tabs: Tab[] = [];
  let active: Tab;
  let isFollowing = false;
  const listeners = new Set<(tab: Tab, why: Interruption) => void>();
  const downloads = new Set<Promise<void>>();
  const interrupt = (tab: Tab, why: Interruption) => {
    for (const listener of [...listeners]) listener(tab, why);
  };

  function add(page: Page): Tab {
    const known = tabs.find((tab) => tab.page === page);
    if (known) return known;
    const tab: Tab = {
      page,
      network: watchNetwork(page),
      elements: createElements(page),
      collector: undefined,
      dialog: undefined,
      title: '',
      isCrashed: false,
      isRestless: false,
      isLeaving: false,
    };
    tabs.push(tab);
    page.on('dialog', (dialog) => void onDialog(tab, dialog));
    page.on('popup', onPopup);
    page.on('download', (download) => {
      const kept = keep(download).finally(() => downloads.delete(kept));
      downloads.add(kept);
    });
    page.on('crash', () => {
      tab.isCrashed = true;
      tell({ kind: 'crash', text: `the page ${page.url()} crashed` });
      interrupt(tab, 'crash');
    });
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) tab.isRestless = false;
    });
    page.on('close', () => remove(tab));
    return tab;
  }

  function remove(tab: Tab): void {
    const index = tabs.indexOf(tab);
    if (index < 0) return;
    tabs.splice(index, 1);
    void tab.collector?.then((collector) => collector.dispose()).catch(() => {});
    if (tab === active && tabs.length > 0) active = tabs[Math.max(0, index - 1)]!;
    interrupt(tab, 'closed');
  }

  async function onDialog(tab: Tab, dialog: Dialog): Promise<void> {
    const text = `${dialog.type()} ${JSON.stringify(dialog.message())}`;
    if (dialog.type() === 'beforeunload' && tab.isLeaving) {
      tell({ kind: 'dialog', text: `the page asked whether to leave it; answered yes` });
      return void dialog.accept().catch(() => {});
    }
    if (tab !== active) {
      tell({ kind: 'dialog', text: `dismissed on a tab behind: ${text}` });
      return void dialog.dismiss().catch(() => {});
    }
    tab.dialog = dialog;
    interrupt(tab, 'dialog');
  }

  function onPopup(page: Page): void {
    const isNew = !tabs.some((tab) => tab.page === page);
    const tab = add(page);
    if (!isNew) return;
    if (isFollowing) active = tab;
    // Its address is known when it is there; one that the guard closed is told of by the guard.
    page
      .waitForLoadState('domcontentloaded')
      .then(() => tell({ kind: 'popup', text: `a tab was opened: ${page.url()}` }))
      .catch(() => {});
  }

  async function keep(download: Download): Promise<void> {
    const name = safeName(download.suggestedFilename());
    try {
      if (downloadsDir === undefined) {
        await download.cancel();
        return tell({ kind: 'download', text: `threw away the download '${name}'`, allowWith: '--downloads DIR' });
      }
      await mkdir(downloadsDir, { recursive: true });
      const path = freePath(downloadsDir, name);
      await download.saveAs(path);
      tell({ kind: 'download', text: `saved '${name}' as ${path}` });
    } catch (cause) {
      const why = (await download.failure().catch(() => null)) ?? String(cause);
      tell({ kind: 'download', text: `the download '${name}' failed: ${why}` });
    }
  }

  active = add(first);
  if (isOwn) {
    for (const page of context.pages()) add(page);
    context.on('page', onPopup);
  }

  return {
    tabs: tabs as readonly Tab[],
    get active() {
      if (tabs.length === 0)
        throw new PumiceError('body/crashed', 'every page of the episode is closed', { who: 'env browser' });
      return active;
    },
    /** Whether a tab that opens now becomes the active one. */
    follow: (on: boolean) => {
      isFollowing = on;
    },
    activate: async (tab: Tab) => {
      active = tab;
      await tab.page.bringToFront().catch(() => {});
    },
    open: async () => {
      active = add(await context.newPage());
      return active;
    },
    collectorOf: (tab: Tab): Promise<MarkCollector> => {
      tab.collector ??= createMarkCollector(tab.page).catch((error) => {
        tab.collector = undefined;
        throw error;
      });
      return tab.collector;
    },
    /** Calls back when a tab can take no input for the moment or for good. Answers how to unsubscribe. */
    onInterruption: (listener: (tab: Tab, why: Interruption) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** A page in the place of one that crashed. */
    replace: async (tab: Tab): Promise<Tab> => {
      const page = await context.newPage();
      const fresh = add(page);
      tabs.splice(tabs.indexOf(fresh), 1);
      tabs.splice(tabs.indexOf(tab), 1, fresh);
      if (tab === active) active = fresh;
      await tab.page.close().catch(() => {});
      return fresh;
    },
    downloading: (): Promise<unknown> | undefined => (downloads.size > 0 ? Promise.all(downloads) : undefined),
    dispose: async () => {
      listeners.clear();
      context.off('page', onPopup);
      await Promise.all(
        tabs.map(async (tab) => {
          await tab.collector?.then((collector) => collector.dispose()).catch(() => {});
          await tab.elements.dispose();
        }),
      );
    },
  };
}

/** The last part of a name that the page chose, without what file systems take amiss. */
function safeName(suggested: string): string {
  const name = basename(suggested.replaceAll('\\', '/'))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out
    .replace(/[\u0000-\u001f<>:"|?*]/g, '_')
    .replace(/^\.+/, '')
    .slice(-150);
  return name === '' ? 'download' : name;
}

function freePath(folder: string, name: string): string {
  const [, stem = name, extension = ''] = /^(.+?)(\.[^.]*)?$/.exec(name) ?? [];
  for (let count = 1; ; count += 1) {
    const path = join(folder, count === 1 ? name : `${stem} (${count})${extension}`);
    if (!existsSync(path)) return path;
  }
}
