/**
 * One look at the active tab: settle, picture and marks, state of the interface; also while a dialog keeps the page frozen.
 * Acts on nothing.
 */
import { monotonicNowMs } from '../../src/clock.ts';
import { PumiceError } from '../../src/errors.ts';
import type { Frame, Mark, Notice, Sensed, UiState } from '../../src/types.ts';
import { paintOver } from '../../src/vision/index.ts';
import { bounded, boundedOr } from './bounded.ts';
import { isOurFault } from './faults.ts';
import type { Capture, MarkCollector } from './marks.ts';
import type { Pages } from './pages.ts';
import type { Secrets } from './secrets.ts';
import { settle } from './settle.ts';
import type { Tab } from './tab.ts';

/** Wait for a page that is looked at first, and for one after an action, ms. */
const FIRST_CAP_MS = 3000;
const AGAIN_CAP_MS = 2000;
/** Wait for downloads and tabs that are announced, ms. Chosen: slower ones are told of in a later observation. */
const SOON_CAP_MS = 1500;
/** Wait for what a page that is alive gives at once, ms. Chosen: far above. */
const PART_CAP_MS = 8000;

export interface LookOptions {
  readonly pages: Pages;
  readonly secrets: Secrets | undefined;
  readonly text: boolean;
  readonly viewport: { readonly width: number; readonly height: number };
  readonly isFirst: boolean;
  readonly signal: AbortSignal;
  readonly takeNotices: () => readonly Notice[];
  /** Deeds after which a request was held back. */
  readonly held: () => NonNullable<UiState['held']>;
}

export interface Look {
  readonly sensed: Sensed;
  readonly marks: readonly Mark[];
  readonly tab: Tab;
  /** Who took the picture; nobody did behind a dialog. */
  readonly collector?: MarkCollector;
}

export async function look(options: LookOptions): Promise<Look> {
  const { pages } = options;
  const startMs = monotonicNowMs();
  for (let attempt = 1; ; attempt++) {
    const tab = pages.active;
    if (tab.dialog) return lookBehindDialog(tab, options);
    try {
      const { capture, collector } = await lookAt(tab, options);
      tab.frame = capture.frame;
      if (tab !== pages.active && attempt < MAX_ATTEMPTS) continue;
      return { ...report(tab, capture, options), collector };
    } catch (error) {
      options.signal.throwIfAborted();
      // A dialog, another tab or a navigation came between: it is seen the next time round.
      const isLate = attempt === MAX_ATTEMPTS || monotonicNowMs() - startMs > LOOK_CAP_MS;
      if (isOurFault(error) || tab.isCrashed || isLate) throw error;
    }
  }
}
/** Looks before a page counts as one that cannot be looked at. Chosen. */
const MAX_ATTEMPTS = 3;
/** Time after which no further look is begun, ms. Chosen: a page that hangs is told of before the runtime's own deadline. */
const LOOK_CAP_MS = 8000;

async function lookAt(
  tab: Tab,
  { pages, secrets, text, isFirst, signal }: LookOptions,
): Promise<{ capture: Capture; collector: MarkCollector }> {
  const interrupted = new AbortController();
  const off = pages.onInterruption((which, why) => {
    if (which === tab && why !== 'navigated')
      interrupted.abort(new PumiceError('browser/protocol', `the look was cut: ${why}`, { who: 'env browser' }));
  });
  const either = AbortSignal.any([signal, interrupted.signal]);
  try {
    const patience = { signal: either, capMs: PART_CAP_MS };
    const cdp = await bounded('the debugger', tab.elements.mainSession(), patience);
    const rest = settle(
      { cdp, network: tab.network, tab },
      { capMs: isFirst ? FIRST_CAP_MS : AGAIN_CAP_MS, signal: either },
    );
    const [collector] = await Promise.all([bounded('the marks', tab.collector(), patience), rest]);
    const soon = [pages.opening(), pages.downloading()].filter((one) => one !== undefined);
    if (soon.length > 0) await boundedOr(Promise.all(soon), { capMs: SOON_CAP_MS, signal: either });
    pages.announcementOver();
    if (tab !== pages.active) throw new PumiceError('browser/protocol', 'another tab came', { who: 'env browser' });
    const [capture, title] = await Promise.all([
      collector.capture({ text: text || secrets !== undefined, signal: either }),
      boundedOr(tab.page.title(), { capMs: PART_CAP_MS }),
    ]);
    tab.title = title ?? tab.title;
    return { capture, collector };
  } finally {
    off();
  }
}

function report(tab: Tab, capture: Capture, options: LookOptions): Look {
  const { secrets, text } = options;
  const { frame, scroll } = capture;
  const ui = { ...stateOf(tab, options), scroll, ...(capture.texts && { texts: capture.texts }) };
  const clean = secrets ? cleaned(secrets, frame, capture.marks, ui) : { marks: capture.marks, ui };
  const { texts, ...rest } = clean.ui;
  return {
    tab,
    marks: clean.marks,
    sensed: {
      stampMs: frame.stampMs,
      frames: [frame],
      marks: clean.marks,
      ui: text && texts ? { ...rest, texts } : rest,
    },
  };
}

function stateOf(tab: Tab, { pages, takeNotices, held: heldUntilNow }: LookOptions): Omit<UiState, 'scroll'> {
  const held = heldUntilNow();
  return {
    url: tab.page.url(),
    title: tab.title,
    tabs: pages.tabs.map((one, index) => ({ index, url: one.page.url(), title: one.title, active: one === tab })),
    notices: takeNotices(),
    ...(held.length > 0 && { held }),
  };
}

/** What a secret is visible in is told with its name instead, and painted over. */
function cleaned(
  secrets: Secrets,
  frame: Frame,
  marks: readonly Mark[],
  ui: UiState,
): { marks: readonly Mark[]; ui: UiState } {
  const clean = <T>(value: T): T => redactAll(value, secrets.redact);
  const showing = [...marks, ...(ui.texts ?? [])].filter((one) => {
    const said = JSON.stringify(Object.values(one).filter((part) => typeof part === 'string'));
    return secrets.redact(said) !== said;
  });
  const scaleX = frame.widthPx / (frame.cssWidthPx ?? frame.widthPx);
  const scaleY = frame.heightPx / (frame.cssHeightPx ?? frame.heightPx);
  paintOver(
    frame as Parameters<typeof paintOver>[0],
    showing.map(({ boxPx: [x0, y0, x1, y1] }) => [x0 * scaleX, y0 * scaleY, x1 * scaleX, y1 * scaleY]),
  );
  return { marks: clean(marks), ui: clean(ui) };
}

function redactAll<T>(value: T, redact: (text: string) => string): T {
  if (typeof value === 'string') return redact(value) as T;
  if (Array.isArray(value)) return value.map((one) => redactAll(one, redact)) as T;
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, redactAll(one, redact)])) as T;
  return value;
}

/** A frozen page gives no picture. The last one, darkened, is what a person would see behind the dialog; it is made now and has no marks. */
function lookBehindDialog(tab: Tab, options: LookOptions): Look {
  const { secrets, viewport } = options;
  const stampMs = monotonicNowMs();
  const dialog = tab.dialog!;
  const ui: UiState = {
    ...stateOf(tab, options),
    scroll: { xPx: 0, yPx: 0, maxXPx: 0, maxYPx: 0 },
    dialog: {
      kind: dialog.type(),
      message: dialog.message(),
      ...(dialog.type() === 'prompt' && { defaultValue: dialog.defaultValue() }),
    },
  };
  const blank: Frame = {
    data: new Uint8Array(viewport.width * viewport.height * 3).fill(255),
    encoding: 'rgb8',
    widthPx: viewport.width,
    heightPx: viewport.height,
    cssWidthPx: viewport.width,
    cssHeightPx: viewport.height,
    stampMs,
    camera: 'page',
  };
  const before = tab.frame ?? blank;
  const frame: Frame = { ...before, data: before.data.map((value) => value >> 1), stampMs };
  return {
    tab,
    marks: [],
    sensed: { stampMs, frames: [frame], marks: [], ui: secrets ? redactAll(ui, secrets.redact) : ui },
  };
}
