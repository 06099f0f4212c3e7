/**
 * Holds the debugger sessions of one page: one for the page, one per out-of-process iframe, also those that come later.
 * Injects the mark index into every frame and hands it what only the debugger knows: closed shadow roots, which frame an
 * iframe holds, event listeners. Knows nothing of marks or pictures.
 */
import { randomUUID } from 'node:crypto';
import type { CDPSession, Frame, Page } from 'playwright';
import { monotonicNowMs, sleep } from '../../src/clock.ts';
import { boundedOr } from './bounded.ts';
import { refreshListeners } from './listeners.ts';
import type { FrameIndex } from './page/protocol.ts';
import { indexSource } from './page/source.ts';
import type { FrameWorld, Session } from './session.ts';

type Method = keyof FrameIndex;
export type Result<M extends Method> = Awaited<ReturnType<FrameIndex[M]>>;

/** A node of `DOM.getDocument`, as far as it is read here. */
interface DomNode {
  readonly nodeId: number;
  readonly backendNodeId: number;
  readonly nodeType: number;
  readonly nodeName: string;
  /** Of an iframe: the frame it holds. */
  readonly frameId?: string;
  readonly shadowRootType?: 'user-agent' | 'open' | 'closed';
  readonly shadowRoots?: readonly DomNode[];
  readonly children?: readonly DomNode[];
  readonly childNodeCount?: number;
  readonly contentDocument?: DomNode;
}

/** A node, and the frame it is in when that is known. */
interface Placed {
  readonly node: DomNode;
  readonly frameId?: string | undefined;
}

/** Cap on the set-up of a session, ms. Chosen: `DOM.getDocument` of 150,000 nodes took 1400. */
const SETUP_CAP_MS = 3000;
/** Cap on taking leave of a page, ms. Chosen. */
const DETACH_CAP_MS = 1000;
/** Times that news may bring news before a look: an inserted subtree holds a root that holds a frame. Chosen. */
const MAX_SETTLE_ROUNDS = 3;
/** Pause after a change before listeners are read again, ms. Chosen: scripts add listeners right after the nodes. */
const LISTENER_PAUSE_MS = 50;
/** Share of time that reading listeners may take. Chosen: a tenth. */
const LISTENER_REST_FACTOR = 9;

export type FrameWorlds = Awaited<ReturnType<typeof openFrameWorlds>>;

export async function openFrameWorlds(page: Page) {
  const unique = randomUUID().replaceAll('-', '');
  const worldName = `pumice${unique}`;
  const binding = `changed${unique}`;
  const source = indexSource(binding);
  const sessions = new Map<Frame, Session>();
  const attaching = new Set<Promise<unknown>>();
  const closing = new AbortController();
  /** Who waits for a frame to appear, or to answer after all. */
  const waiting: (() => void)[] = [];
  const wakeAll = () => {
    for (const wake of waiting.splice(0)) wake();
  };
  const reading = { isBusy: false, isDirty: false };

  const track = (work: Promise<unknown>, pending: Set<Promise<unknown>>) => {
    const done = work.catch(() => {}).finally(() => pending.delete(done));
    pending.add(done);
  };
  const worlds = (): FrameWorld[] => [...sessions.values()].flatMap((session) => [...session.worlds.values()]);

  /**
   * Calls the index of a frame; `undefined` when the frame is gone, fails or does not answer in time. One that was late is
   * not asked again before it has answered: a hung frame costs the cap once.
   */
  async function call<M extends Method>(
    world: FrameWorld,
    method: M,
    request: Parameters<FrameIndex[M]>,
    bound: { signal?: AbortSignal | undefined; capMs: number },
  ): Promise<Result<M> | undefined> {
    if (world.late) return undefined;
    const expression = `pumice.call(${JSON.stringify(method)}, ${JSON.stringify(request)})`;
    const work = world.session.cdp.send('Runtime.evaluate', {
      contextId: world.contextId,
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    const untilMs = monotonicNowMs() + bound.capMs;
    const answer = await boundedOr(work, bound);
    if (!answer && monotonicNowMs() >= untilMs) {
      world.late++;
      const done = () => {
        world.late--;
        wakeAll();
      };
      work.then(done, done);
    }
    if (!answer || answer.exceptionDetails || typeof answer.result.value !== 'string') return undefined;
    // Written by our own script in its own world.
    return JSON.parse(answer.result.value) as Result<M>;
  }

  /** Runs `functionText` with a node as `this` in one world after the other, the likely one first, until one takes it. */
  async function withNode(session: Session, node: Placed, functionText: string, values: unknown[] = []) {
    const { backendNodeId } = node.node;
    const likely = session.worlds.get(node.frameId ?? session.rootFrameId);
    for (const { contextId } of new Set([...(likely ? [likely] : []), ...session.worlds.values()])) {
      try {
        const { object } = await session.cdp.send('DOM.resolveNode', { backendNodeId, executionContextId: contextId });
        const { result } = await session.cdp.send('Runtime.callFunctionOn', {
          objectId: object.objectId!,
          arguments: values.map((value) => ({ value })),
          functionDeclaration: functionText,
          returnByValue: true,
        });
        session.cdp.send('Runtime.releaseObject', { objectId: object.objectId! }).catch(() => {});
        if (result.value === true) return true;
      } catch {
        // A node of another frame of this session, or gone by now.
      }
    }
    return false;
  }

  const rescanRoots = (session: Session) => {
    for (const { contextId } of session.worlds.values())
      track(
        session.cdp.send('Runtime.evaluate', { contextId, expression: 'pumice.index.rescanRoots()' }),
        session.pending,
      );
  };
  const handRoot = (session: Session, root: Placed) =>
    track(withNode(session, root, 'function () { return pumice.index.addRoot(this) }'), session.pending);

  // `DOM.getFrameOwner` would be shorter, but asked for a frame whose owner is in another process it crashes the renderer
  // (Chromium 156).
  const handFrame = (session: Session, element: Placed, frameId: string) => {
    const functionText = 'function (id) { return pumice.index.addFrame(this, id) }';
    track(withNode(session, element, functionText, [frameId]), session.pending);
  };

  /**
   * Hands over every iframe and closed root below; answers whether there are open ones, which the index finds by itself.
   *
   * @param frameId - frame that the node is in, when known.
   */
  function walk(session: Session, node: DomNode, frameId: string | undefined): boolean {
    let hasOpen = false;
    if (node.frameId !== undefined && /^i?frame$/i.test(node.nodeName))
      handFrame(session, { node, frameId }, node.frameId);
    for (const root of node.shadowRoots ?? []) {
      if (root.shadowRootType === 'user-agent') continue;
      if (root.shadowRootType === 'closed') handRoot(session, { node: root, frameId });
      else hasOpen = true;
      hasOpen = walk(session, root, frameId) || hasOpen;
    }
    for (const child of node.children ?? []) hasOpen = walk(session, child, frameId) || hasOpen;
    if (node.contentDocument) hasOpen = walk(session, node.contentDocument, node.frameId) || hasOpen;
    return hasOpen;
  }
  const walkAll = (session: Session, nodes: readonly DomNode[], frameId?: string) => {
    const found = nodes.map((node) => walk(session, node, frameId));
    if (found.includes(true)) rescanRoots(session);
  };
  async function readDocument(session: Session) {
    const { root } = await session.cdp.send('DOM.getDocument', { depth: -1, pierce: true });
    walkAll(session, [root], session.rootFrameId);
  }
  const requestChildren = (session: Session, nodeId: number) =>
    track(session.cdp.send('DOM.requestChildNodes', { nodeId, depth: -1, pierce: true }), session.pending);

  function listen(session: Session) {
    const { cdp } = session;
    cdp.on('close', () => {
      session.isClosed = true;
      session.worlds.clear();
    });
    cdp.on('Runtime.executionContextCreated', ({ context }) => {
      const frameId = (context.auxData as { frameId?: string } | undefined)?.frameId;
      if (context.name !== worldName || !frameId) return;
      session.worlds.set(frameId, { frameId, contextId: context.id, session, late: 0 });
      wakeAll();
    });
    cdp.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      for (const [frameId, world] of session.worlds)
        if (world.contextId === executionContextId) session.worlds.delete(frameId);
    });
    cdp.on('Runtime.executionContextsCleared', () => session.worlds.clear());
    cdp.on('Runtime.bindingCalled', ({ name }) => {
      if (name === binding) noteChange();
    });
    cdp.on('DOM.documentUpdated', () => {
      session.listening.clear();
      track(readDocument(session), session.pending);
    });
    cdp.on('DOM.shadowRootPushed', ({ root }) => {
      if (root.shadowRootType === 'user-agent') return;
      if (root.shadowRootType === 'closed') handRoot(session, { node: root });
      walkAll(session, [root]);
      if (root.shadowRootType === 'open') rescanRoots(session);
      if (root.childNodeCount && !root.children) requestChildren(session, root.nodeId);
    });
    cdp.on('DOM.childNodeInserted', ({ node }) => {
      if (node.nodeType !== 1) return;
      walkAll(session, [node]);
      if (node.childNodeCount && !node.children) requestChildren(session, node.nodeId);
      if (node.contentDocument) requestChildren(session, node.contentDocument.nodeId);
    });
    cdp.on('DOM.setChildNodes', ({ nodes }) => walkAll(session, nodes));
  }

  async function setUp(frame: Frame, cdp: CDPSession) {
    const { frameTree } = await cdp.send('Page.getFrameTree');
    const session: Session = {
      cdp,
      rootFrameId: frameTree.frame.id,
      worlds: new Map(),
      listening: new Set(),
      pending: new Set(),
      isClosed: false,
    };
    listen(session);
    sessions.set(frame, session);
    await Promise.all([
      cdp.send('Page.enable'),
      cdp.send('Runtime.enable'),
      cdp.send('Runtime.addBinding', { name: binding, executionContextName: worldName }),
      cdp.send('Page.addScriptToEvaluateOnNewDocument', { source, worldName, runImmediately: true }),
      cdp.send('DOM.enable'),
    ]);
    track(readDocument(session), session.pending);
  }

  /** A frame of its own process gets a session of its own; of any other, Playwright says that it is part of its parent. */
  async function attach(frame: Frame) {
    const cdp = await page
      .context()
      .newCDPSession(frame)
      .catch(() => undefined);
    const old = sessions.get(frame);
    if (old) {
      sessions.delete(frame);
      old.cdp.detach().catch(() => {});
    }
    if (!cdp) return;
    if (closing.signal.aborted) return void cdp.detach().catch(() => {});
    await setUp(frame, cdp);
  }
  const onFrame = (frame: Frame) => {
    if (frame !== page.mainFrame() && !closing.signal.aborted) track(attach(frame), attaching);
  };
  const onDetached = (frame: Frame) => {
    const session = sessions.get(frame);
    sessions.delete(frame);
    session?.cdp.detach().catch(() => {});
  };

  // Event listeners: they fire no event when added, so they are read again after changes, off the hot path.
  const listenersOf = () =>
    Promise.all([...sessions.values()].map((session) => refreshListeners(session).catch(() => {})));
  async function keepListeners() {
    reading.isBusy = true;
    try {
      while (reading.isDirty) {
        reading.isDirty = false;
        await sleep(LISTENER_PAUSE_MS, closing.signal);
        const startMs = monotonicNowMs();
        for (const { session, contextId } of worlds())
          session.cdp.send('Runtime.evaluate', { contextId, expression: 'pumice.index.armChange()' }).catch(() => {});
        await boundedOr(listenersOf(), { capMs: SETUP_CAP_MS, signal: closing.signal });
        await sleep(LISTENER_REST_FACTOR * (monotonicNowMs() - startMs), closing.signal);
      }
    } catch {
      // Closing.
    } finally {
      reading.isBusy = false;
    }
  }
  function noteChange() {
    reading.isDirty = true;
    if (!reading.isBusy) void keepListeners();
  }

  page.on('frameattached', onFrame);
  page.on('framenavigated', onFrame);
  page.on('framedetached', onDetached);
  const main = await page.context().newCDPSession(page);
  await setUp(page.mainFrame(), main);
  await Promise.all(page.frames().map((frame) => (frame === page.mainFrame() ? undefined : attach(frame))));

  return {
    main,
    mainFrameId: sessions.get(page.mainFrame())!.rootFrameId,
    worlds,
    call,
    /** Resolves when any frame got a fresh index. */
    nextWorld: () => new Promise<void>((resolve) => waiting.push(resolve)),
    /** Waits, not long, until what the debugger has seen has reached the index. */
    settle: async (bound: { signal?: AbortSignal | undefined; capMs: number }) => {
      const pending = () => [...attaching, ...[...sessions.values()].flatMap((session) => [...session.pending])];
      const untilMs = monotonicNowMs() + bound.capMs;
      for (let round = 0; round < MAX_SETTLE_ROUNDS && pending().length && monotonicNowMs() < untilMs; round++)
        await boundedOr(Promise.all(pending()), { signal: bound.signal, capMs: untilMs - monotonicNowMs() });
    },
    refreshListeners: listenersOf,
    /** Reads all documents again: what the debugger's news left out. */
    reread: () => {
      for (const session of sessions.values()) track(readDocument(session), session.pending);
    },
    /** Hands over style sheets that their frame may not read, once each. */
    readSheets: async (world: FrameWorld, urls: readonly string[]) => {
      for (const url of urls) {
        const { content } = await world.session.cdp.send('Page.getResourceContent', { frameId: world.frameId, url });
        await call(world, 'readSheet', [content], { capMs: SETUP_CAP_MS });
      }
    },
    close: async () => {
      closing.abort();
      page.off('frameattached', onFrame);
      page.off('framenavigated', onFrame);
      page.off('framedetached', onDetached);
      // A renderer that crashed or hangs answers after a minute, or never.
      await boundedOr(Promise.all([...sessions.values()].map(({ cdp }) => cdp.detach())), { capMs: DETACH_CAP_MS });
    },
  };
}
