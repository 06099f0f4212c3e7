/**
 * Finds elements that react to pointers by event listeners alone, which no script in a page can see.
 */
import type { CDPSession } from 'playwright';
import type { Session } from './session.ts';

const POINTER_TYPES = new Set([
  ...['click', 'dblclick', 'mousedown', 'mouseup', 'pointerdown', 'pointerup', 'touchstart', 'touchend'],
]);

const GROUP = 'pumice-listeners';

/** Calls in flight at once. Chosen: keeps other calls of the session from waiting long. */
const BATCH = 50;

/** Reads the listeners of a session's frames and tells each index of those that came or went. */
export async function refreshListeners(session: Session): Promise<void> {
  const { cdp, worlds } = session;
  if (!worlds.has(session.rootFrameId)) return;
  // The page's own world: asked from an isolated one, the renderer crashes soon after (Chromium 156, frames of several
  // sites). No script of the page can put anything else in the place of `document`.
  const { result } = await cdp.send('Runtime.evaluate', { expression: 'document' });
  const { listeners } = await cdp.send('DOMDebugger.getEventListeners', {
    objectId: result.objectId!,
    depth: -1,
    pierce: true,
  });
  cdp.send('Runtime.releaseObject', { objectId: result.objectId! }).catch(() => {});
  const now = new Set<number>();
  for (const { type, backendNodeId } of listeners)
    if (backendNodeId !== undefined && POINTER_TYPES.has(type)) now.add(backendNodeId);
  const came = [...now].filter((id) => !session.listening.has(id));
  const went = [...session.listening].filter((id) => !now.has(id));
  for (const id of went) session.listening.delete(id);
  await tell(session, went, 'removeListening');
  for (const id of await tell(session, came, 'addListening')) session.listening.add(id);
}

/** Hands nodes to the frames that they are of, and answers those that were taken. */
async function tell(session: Session, nodeIds: readonly number[], method: 'addListening' | 'removeListening') {
  const taken: number[] = [];
  for (let at = 0; at < nodeIds.length; at += BATCH) {
    let left = nodeIds.slice(at, at + BATCH);
    for (const { contextId } of session.worlds.values()) {
      if (!left.length) break;
      const own = await offer(session.cdp, contextId, left, method);
      taken.push(...own);
      left = left.filter((id) => !own.has(id));
    }
    session.cdp.send('Runtime.releaseObjectGroup', { objectGroup: GROUP }).catch(() => {});
  }
  return taken;
}

/** Answers those of the nodes that are of the frame of this context. */
async function offer(
  cdp: CDPSession,
  executionContextId: number,
  nodeIds: readonly number[],
  method: 'addListening' | 'removeListening',
): Promise<Set<number>> {
  const resolve = async (backendNodeId: number) => {
    // A node of a frame of another origin, or gone, is refused.
    const request = { backendNodeId, executionContextId, objectGroup: GROUP };
    const answer = await cdp.send('DOM.resolveNode', request).catch(() => undefined);
    const objectId = answer?.object.objectId;
    return objectId === undefined ? [] : [{ backendNodeId, objectId }];
  };
  const nodes = (await Promise.all(nodeIds.map(resolve))).flat();
  if (!nodes.length) return new Set();
  const { result } = await cdp.send('Runtime.callFunctionOn', {
    executionContextId,
    arguments: nodes.map(({ objectId }) => ({ objectId })),
    functionDeclaration: `function (...nodes) { return pumice.index.${method}(nodes) }`,
    returnByValue: true,
  });
  const isOwn: unknown[] = Array.isArray(result.value) ? result.value : [];
  return new Set(nodes.filter((_, i) => isOwn[i] === true).map(({ backendNodeId }) => backendNodeId));
}
