/**
 * Finds the element at a point of the page, or the focused one, through frames, processes and shadow roots, and runs functions on it in a world
 * of our own. Knows nothing of marks or actions.
 */
import type { CDPSession, Frame, Page } from 'playwright';
import type { Point } from './marks.ts';

/** An element, held by the debugger. */
export interface FoundElement {
  /** Of its document; `null` for an opaque one. */
  readonly origin: string;
  /** Tells elements of one process apart. */
  readonly id: number;
  /** Runs a self-contained function with the element as `this`; both its input and its answer are plain data. */
  readonly call: <A extends readonly unknown[], R>(
    run: (this: Element, ...values: A) => R,
    ...values: A
  ) => Promise<Awaited<R>>;
}

export type Elements = ReturnType<typeof createElements>;

const WORLD = 'pumice-act';

export function createElements(page: Page) {
  const sessions = new Map<Frame, Promise<CDPSession | undefined>>();
  /** Of the page itself, once it is there. */
  let main: CDPSession | undefined;

  /** The session of a frame with a process of its own; `undefined` for all others, which are part of their parent's. */
  function sessionOf(frame: Frame): Promise<CDPSession | undefined> {
    const session = sessions.get(frame) ?? openSession(frame);
    sessions.set(frame, session);
    return session;
  }
  async function openSession(frame: Frame): Promise<CDPSession | undefined> {
    const cdp = await page
      .context()
      .newCDPSession(frame === page.mainFrame() ? page : frame)
      .catch(() => undefined);
    if (!cdp) {
      // It may get a process of its own with its next document.
      sessions.delete(frame);
      return undefined;
    }
    cdp.on('close', () => sessions.delete(frame));
    if (frame === page.mainFrame()) main = cdp;
    await Promise.all([cdp.send('DOM.enable'), cdp.send('Page.enable')]);
    return cdp;
  }
  async function mainSession(): Promise<CDPSession> {
    const cdp = await sessionOf(page.mainFrame());
    if (!cdp) throw new Error('the page is gone');
    return cdp;
  }

  async function rootFrameId(cdp: CDPSession): Promise<string> {
    return (await cdp.send('Page.getFrameTree')).frameTree.frame.id;
  }
  async function worldOf(cdp: CDPSession, frameId: string): Promise<number> {
    const world = await cdp.send('Page.createIsolatedWorld', { frameId, worldName: WORLD });
    return world.executionContextId;
  }

  /** The session whose topmost frame is this one. */
  async function sessionOfFrameId(frameId: string): Promise<CDPSession | undefined> {
    for (const frame of page.frames()) {
      if (frame === page.mainFrame()) continue;
      const cdp = await sessionOf(frame);
      if (cdp && (await rootFrameId(cdp).catch(() => '')) === frameId) return cdp;
    }
    return undefined;
  }

  async function hold(cdp: CDPSession, objectId: string, id: number): Promise<FoundElement> {
    const call: FoundElement['call'] = async (run, ...values) => {
      const { result, exceptionDetails } = await cdp.send('Runtime.callFunctionOn', {
        objectId,
        functionDeclaration: run.toString(),
        arguments: values.map((value) => ({ value })),
        returnByValue: true,
        awaitPromise: true,
      });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    };
    return { origin: await call(originInPage), id, call };
  }

  /** The iframe that a node is, when another process fills it. */
  async function innerSession(cdp: CDPSession, node: { backendNodeId: number } | { objectId: string }) {
    const described = (await cdp.send('DOM.describeNode', node)).node;
    if (!/^(i?frame|object|embed)$/i.test(described.nodeName) || described.frameId === undefined) return undefined;
    return sessionOfFrameId(described.frameId);
  }

  async function atIn(cdp: CDPSession, [xPx, yPx]: Point): Promise<FoundElement | undefined> {
    const frameId = await rootFrameId(cdp);
    const contextId = await worldOf(cdp, frameId);
    const scrolled = await cdp.send('Runtime.evaluate', {
      contextId,
      expression: '[scrollX, scrollY]',
      returnByValue: true,
    });
    const [scrollX, scrollY] = scrolled.result.value as [number, number];
    // The debugger counts from the top of the document.
    const hit = await cdp
      .send('DOM.getNodeForLocation', {
        x: Math.floor(xPx + scrollX),
        y: Math.floor(yPx + scrollY),
        includeUserAgentShadowDOM: false,
      })
      .catch(() => undefined);
    if (!hit) return undefined;
    const inner = await innerSession(cdp, { backendNodeId: hit.backendNodeId });
    const executionContextId = await worldOf(cdp, hit.frameId);
    const { object } = await cdp.send('DOM.resolveNode', { backendNodeId: hit.backendNodeId, executionContextId });
    const element = await hold(cdp, object.objectId!, hit.backendNodeId);
    if (!inner) return element;
    const frame = await element.call(contentBoxInPage);
    return atIn(inner, [(xPx - frame.xPx) / frame.scale, (yPx - frame.yPx) / frame.scale]);
  }

  async function focusedIn(cdp: CDPSession, frameId: string): Promise<FoundElement | undefined> {
    const contextId = await worldOf(cdp, frameId);
    const { result } = await cdp.send('Runtime.evaluate', { contextId, expression: `(${focusedInPage.toString()})()` });
    if (!result.objectId) return undefined;
    const described = (await cdp.send('DOM.describeNode', { objectId: result.objectId })).node;
    if (/^i?frame$/i.test(described.nodeName) && described.frameId !== undefined) {
      const inner = await sessionOfFrameId(described.frameId);
      return focusedIn(inner ?? cdp, described.frameId);
    }
    return hold(cdp, result.objectId, described.backendNodeId);
  }

  return {
    mainSession,
    /** Without waiting for anything. */
    stopLoading: () => void main?.send('Page.stopLoading').catch(() => {}),
    /** The innermost element at a point, CSS px of the page's viewport. */
    at: async (point: Point) => atIn(await mainSession(), point),
    /** The element that keys go to; the body when none has the focus. */
    focused: async () => {
      const cdp = await mainSession();
      return focusedIn(cdp, await rootFrameId(cdp));
    },
    dispose: async () => {
      await Promise.all([...sessions.values()].map((session) => session.then((cdp) => cdp?.detach()).catch(() => {})));
    },
  };
}

// These run in the page.

function originInPage(this: Node): string {
  return globalThis.origin;
}

function contentBoxInPage(this: Element): { xPx: number; yPx: number; scale: number } {
  const box = this.getBoundingClientRect();
  const element = this as HTMLElement;
  const scale = element.offsetWidth > 0 ? box.width / element.offsetWidth : 1;
  const style = getComputedStyle(element);
  return {
    xPx: box.x + scale * (element.clientLeft + Number.parseFloat(style.paddingLeft)),
    yPx: box.y + scale * (element.clientTop + Number.parseFloat(style.paddingTop)),
    scale,
  };
}

function focusedInPage(): Element | null {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}
