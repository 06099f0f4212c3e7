/**
 * The browser as a body: looks, acts, stops. Each reset begins an episode of its own.
 * Joins the parts; each of them says what it knows.
 */
import { monotonicNowMs } from '../../src/clock.ts';
import { describeError, PumiceError } from '../../src/errors.ts';
import type { Context, Env, Limits } from '../../src/ports.ts';
import type { Action, ActResult, Notice, Sensed } from '../../src/types.ts';
import { createHands, type Hands } from './act/hands.ts';
import { ACTS_OF_BROWSER, carryOut, WORDS } from './act/index.ts';
import { boundedOr } from './bounded.ts';
import { createGuard, type Guard } from './guard.ts';
import type { Host, Stage } from './host.ts';
import { type Look, look } from './look.ts';
import type { Point } from './marks.ts';
import { openAt } from './open-page.ts';
import type { ReadOptions } from './options.ts';
import { originsOf } from './origins.ts';
import { createPages, type Pages } from './pages.ts';
import { denyPermissions } from './permissions.ts';
import { readSecrets } from './secrets.ts';
import { createWrites, type Writes } from './writes.ts';

/** Text of one action, characters. Chosen: a long letter. */
const MAX_TEXT_CHARS = 10_000;
/** Scroll of one action, CSS px. Chosen: some screens. */
const MAX_SCROLL_PX = 10_000;
const MAX_WAIT_MS = 10_000;
/** Age above which no action is taken, ms. Chosen: a slow model thinks for two minutes; the target is looked up again before the action. */
const MAX_AGE_MS = 150_000;
/** Wait for the server of a page that is on its way, ms. Chosen: slow payments take half a minute; the look's own deadline is 60 s. */
const SERVER_CAP_MS = 40_000;
/** Notices kept between two looks. Chosen. */
const MAX_NOTICES = 50;

/** Wait for each part of an episode to end, ms: a page or a browser that is gone must not keep the next one waiting. */
const TIDY_CAP_MS = 5000;

const WHO = 'env browser';

/** The body, and a way to end it: `await using env = await browser({ url })`. */
export type BrowserEnv = Env & AsyncDisposable;

interface Episode {
  readonly stage: Stage;
  readonly guard: Guard;
  readonly pages: Pages;
  readonly stop: AbortController;
  readonly pointer: { at: Point };
  /** Addresses at which a page crashed once. */
  readonly crashedAt: Set<string>;
  hands: Hands | undefined;
  seen: Look | undefined;
}

export async function createBody(options: ReadOptions, host: Host): Promise<BrowserEnv> {
  const startUrl = options.url ?? host.startUrl ?? '';
  const origins = originsOf(startUrl, options.allowOrigins);
  const hasSecrets = Object.keys(options.secrets).length > 0;
  const secrets = readSecrets(options.secrets);
  const { viewport } = options;
  const limits: Limits = {
    ui: {
      origins,
      secrets: secrets.limits,
      ...(options.irreversible === 'allow' && { irreversible: 'allow' as const }),
      maxTextChars: MAX_TEXT_CHARS,
      maxScrollPx: MAX_SCROLL_PX,
      maxWaitMs: MAX_WAIT_MS,
    },
    maxObservationAgeMs: MAX_AGE_MS,
    maxPlanAgeMs: MAX_AGE_MS,
  };
  let episode: Episode | undefined;
  let closing: Promise<void> | undefined;
  /** Of the episode that begins or goes on: a reset that is under way is stopped like anything else. */
  let stopping: AbortController | undefined;
  let notices: Notice[] = [];
  /** Files that the episode left behind. */
  let saved: string[] = [];
  const tell = (notice: Notice) => {
    if (notices.length < MAX_NOTICES) notices.push(notice);
  };
  /** Of the guard made last; absent where nothing is held back. */
  let writes: Writes | undefined;
  const makeGuard = () => {
    writes =
      options.irreversible === 'allow'
        ? undefined
        : createWrites({
            origins,
            nowMs: monotonicNowMs,
            onHeld: ({ url, why, allowWith }) =>
              tell({
                kind: 'blocked',
                text: `${url} was held back: ${why}`,
                ...(allowWith !== undefined && { allowWith }),
              }),
          });
    return createGuard({
      ...(writes && { writes }),
      startUrl,
      origins,
      strictNetwork: options.strictNetwork,
      proxied: host.isProxied,
      onBlocked: ({ url, why, allowWith }) => {
        tell({ kind: 'blocked', text: `${url} was blocked: ${why}`, ...(allowWith !== undefined && { allowWith }) });
        episode?.pages.announcementVoid();
      },
    });
  };
  /** Made before the first episode, so that the record can say from its beginning what it cannot do. */
  let firstGuard: Guard | undefined = await makeGuard();
  const guardFacts = { guardLimitations: firstGuard.limitations.join('; ') || 'none' };

  const closed = () => new PumiceError('body/not-ready', 'the body was closed', { who: WHO });

  async function begin({ signal: asked, report }: Context): Promise<void> {
    if (closing) throw closed();
    const stop = new AbortController();
    stopping = stop;
    const signal = AbortSignal.any([asked, stop.signal]);
    await end();
    notices = [];
    const guard = firstGuard ?? (await makeGuard());
    firstGuard = undefined;
    let stage: Stage | undefined;
    try {
      stage = await host.open(guard);
      // Nobody may be waiting any more, or the body may have been stopped or closed meanwhile.
      signal.throwIfAborted();
      await guard.attach(stage.context);
      if (stage.isOwn)
        await denyPermissions(stage.context, (origin, what) =>
          tell({ kind: 'permission', text: `${origin} asked for ${what}; answered no` }),
        );
      signal.throwIfAborted();
    } catch (error) {
      await stage?.dispose();
      await guard.close();
      throw error;
    }
    if (host.facts.warning !== undefined) report({ kind: 'progress', text: `warning: ${host.facts.warning}` });
    const files: string[] = [];
    saved = files;
    const pages = createPages({
      ...stage,
      tell,
      onSaved: (path) => files.push(path),
      ...(writes && { onSent: writes.sent }),
      ...(options.downloadsDir !== undefined && { downloadsDir: options.downloadsDir }),
    });
    episode = {
      stage,
      guard,
      pages,
      stop,
      pointer: { at: [0, 0] },
      crashedAt: new Set(),
      hands: undefined,
      seen: undefined,
    };
    if (options.url !== undefined) await openAt(pages, options.url, signal);
  }

  async function end(): Promise<void> {
    const old = episode;
    episode = undefined;
    if (!old) return;
    old.stop.abort();
    for (const tidy of [old.pages.dispose, old.stage.dispose, old.guard.close])
      await boundedOr(tidy(), { capMs: TIDY_CAP_MS });
  }

  function current(): Episode {
    if (episode) return episode;
    throw new PumiceError('body/not-ready', 'expected reset before anything else', { who: WHO });
  }

  async function observe({ signal }: Context): Promise<Sensed> {
    const now = current();
    now.guard.retell();
    if (now.pages.active.isCrashed) await recover(now, signal);
    await arrival(now, signal);
    const once = () =>
      look({
        pages: now.pages,
        secrets: hasSecrets ? secrets : undefined,
        text: options.text,
        viewport,
        isFirst: now.seen === undefined,
        signal,
        takeNotices: () => notices.splice(0),
        held: () => writes?.held() ?? [],
      });
    try {
      now.seen = await once().catch(async (error) => {
        if (!PumiceError.is(error, 'browser/protocol')) throw error;
        if (now.pages.active.network.isNavigating()) {
          await arrival(now, signal);
          return once();
        }
        if (!now.stage.isOwn) throw error;
        // A page that answers nothing is as good as one that crashed.
        tell({ kind: 'crash', text: `the page ${now.pages.active.page.url()} hangs` });
        await recover(now, signal);
        return once();
      });
      return now.seen.sensed;
    } finally {
      now.pages.follow(false);
    }
  }

  /**
   * While a server lets a page wait, the page answers nothing, and must not be taken for one that hangs: closing it would lose
   * what was sent.
   *
   * @throws PumiceError `body/unreachable` when the server does not answer in time.
   */
  async function arrival({ pages }: Episode, signal: AbortSignal): Promise<void> {
    const { network, page } = pages.active;
    const untilMs = monotonicNowMs() + SERVER_CAP_MS;
    while (network.isNavigating()) {
      const leftMs = untilMs - monotonicNowMs();
      if (leftMs <= 0)
        throw new PumiceError('body/unreachable', `no answer to where ${page.url()} leads within ${SERVER_CAP_MS} ms`, {
          who: WHO,
          hint: 'Look whether the server is up; what was sent to it may have been carried out',
        });
      await boundedOr(network.change(), { signal, capMs: leftMs });
    }
  }

  /** A page that crashed is opened once more; where it crashes again, the place is left. */
  async function recover(now: Episode, signal: AbortSignal): Promise<void> {
    const { pages, stage, crashedAt } = now;
    const address = pages.active.page.url();
    if (!stage.isOwn)
      throw new PumiceError('body/crashed', `the page ${address} crashed`, { who: WHO, hint: 'Open it again' });
    await pages.replace(pages.active);
    const isAgain = crashedAt.has(address);
    crashedAt.add(address);
    tell({
      kind: 'crash',
      text: isAgain ? 'it was so before; the tab is blank now' : `${address} was opened again`,
    });
    if (isAgain) return;
    await openAt(pages, address, signal).catch((error) => {
      signal.throwIfAborted();
      tell({ kind: 'crash', text: `it could not be opened again: ${describeError(error)}` });
    });
  }

  async function act(action: Action, { signal }: Context): Promise<ActResult> {
    const now = current();
    if (now.stop.signal.aborted && !WORDS.includes(action.kind))
      return { status: 'stopped', reason: 'the episode was stopped' };
    const { pages, seen, pointer } = now;
    const stop = AbortSignal.any([now.stop.signal, signal]);
    const hands = createHands({ pages, stop, pointer });
    now.hands = hands;
    writes?.begin(action, seen?.sensed);
    pages.follow(true);
    const { cssWidthPx = viewport.width, cssHeightPx = viewport.height } = seen?.tab.frame ?? {};
    const result = await carryOut(action, {
      pages,
      hands,
      secrets,
      signal: stop,
      origins,
      uploads: options.uploads,
      viewport: { width: cssWidthPx, height: cssHeightPx },
      seen,
    });
    return result.reason === undefined ? result : { ...result, reason: secrets.redact(result.reason) };
  }

  function halt(_category: number, reason: string): void {
    if (!stopping || stopping.signal.aborted) return;
    stopping.abort(new PumiceError('body/halted', reason, { who: WHO }));
    if (!episode) return;
    episode.guard.halt();
    episode.hands?.release();
    for (const { elements } of episode.pages.tabs) elements.stopLoading();
  }

  const close = () => {
    stopping?.abort(closed());
    closing ??= end()
      .then(() => firstGuard?.close())
      .then(() => host.close());
    return closing;
  };

  return {
    name: 'browser',
    actionKinds: ACTS_OF_BROWSER,
    limits,
    get facts() {
      return { ...host.facts, ...guardFacts };
    },
    reset: (_task, context) => begin(context),
    observe,
    act,
    halt,
    ...(hasSecrets && { mask: secrets.redact }),
    artifacts: () => [...saved],
    close,
    [Symbol.asyncDispose]: close,
  };
}
