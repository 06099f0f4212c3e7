/**
 * Finds elements that react to pointers by event listeners alone, which no script in a page can see.
 */
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
  if (process.env.NOLISTEN) return;
  const root = worlds.get(session.rootFrameId);
  if (!root) return;
  const { result } = await cdp.send('Runtime.evaluate', { contextId: root.contextId, expression: 'document' });
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

/** Answers the nodes that were found in some frame. */
async function tell(session: Session, nodeIds: readonly number[], method: 'addListening' | 'removeListening') {
  const told: number[] = [];
  for (let at = 0; at < nodeIds.length; at += BATCH) {
    const found = await Promise.all(nodeIds.slice(at, at + BATCH).map((id) => resolve(session, id)));
    const byContext = new Map<number, string[]>();
    for (const node of found) {
      if (!node) continue;
      told.push(node.backendNodeId);
      const objectIds = byContext.get(node.contextId) ?? [];
      byContext.set(node.contextId, [...objectIds, node.objectId]);
    }
    for (const [executionContextId, objectIds] of byContext)
      await session.cdp.send('Runtime.callFunctionOn', {
        executionContextId,
        arguments: objectIds.map((objectId) => ({ objectId })),
        functionDeclaration: `function (...elements) { return pumice.index.${method}(elements) }`,
        returnByValue: true,
      });
    session.cdp.send('Runtime.releaseObjectGroup', { objectGroup: GROUP }).catch(() => {});
  }
  return told;
}

async function resolve(session: Session, backendNodeId: number) {
  for (const { contextId } of session.worlds.values()) {
    try {
      const request = { backendNodeId, executionContextId: contextId, objectGroup: GROUP };
      const { object } = await session.cdp.send('DOM.resolveNode', request);
      if (object.objectId) return { backendNodeId, contextId, objectId: object.objectId };
    } catch {
      // Of another frame, or gone.
    }
  }
  return undefined;
}
