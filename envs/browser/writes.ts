/**
 * Holds requests to what their act was judged to do: one that writes during an act that reads, or that does what cannot be taken back
 * during an act that nobody approved, is held back, and the deed is told, so that a person is asked when it is proposed again
 * (`observation.ui.held`). Knows nothing of how requests are caught (`documents.ts`) or of where they may go (`guard.ts`).
 * A request is of the newest act until the next begins, by whatever timer it comes. What a document sends that came after the act began is
 * not what was pressed: there, and before the first act, only what cannot be taken back is held.
 */
import { sleep } from '../../src/clock.ts';
import { deedOf, type EffectClass, effectOf } from '../../src/gate/effects/effects.ts';
import { effectOfRequest } from '../../src/gate/effects/requests.ts';
import { isWithin, originOf } from '../../src/gate/origins.ts';
import { isWord } from '../../src/gate/rules/kinds.ts';
import type { Action, Sensed, UiState } from '../../src/types.ts';
import type { Blocked } from './guard.ts';

/** Deeds kept. Chosen: far more than a person would answer for. */
const MAX_HELD = 50;
/** Requests of which the document is remembered. Chosen: those that write in a few seconds. */
const MAX_SENT = 200;
/** Wait for the debugger to say which document sends, ms. Chosen: it says so at once; a frame that it does not know is not waited for longer. */
const SENDER_CAP_MS = 300;

/** A request, as the debugger shows it when it is caught. */
export interface Caught {
  readonly url: string;
  readonly method: string;
  readonly body?: string;
  /** Of what kind the browser says it is: `Document`, `Fetch`, `Ping` ... */
  readonly type: string;
  /** By which `sent` tells of it. */
  readonly id?: string;
  /** Whether its page came after the newest act began. */
  readonly isOfNewPage: (sinceMs: number) => boolean;
}

/** A request, as the debugger tells of it when its document sends it. */
export interface Sent {
  readonly id: string;
  readonly documentId: string;
  readonly method: string;
}

export type Writes = ReturnType<typeof createWrites>;

export interface WritesOptions {
  readonly origins: readonly string[];
  readonly onHeld: (blocked: Blocked) => void;
  readonly nowMs: () => number;
}

export function createWrites({ origins, onHeld, nowMs }: WritesOptions) {
  const held: NonNullable<UiState['held']>[number][] = [];
  let act: { readonly class: EffectClass; readonly deed: string; readonly sinceMs: number } | undefined;
  /** Documents that were asked for since the act began. */
  let fresh = new Set<string>();
  const senders = new Map<string, string>();
  const waiting: (() => void)[] = [];
  const heard = () => new Promise<void>((resolve) => waiting.push(resolve));

  async function isOfFreshDocument({ id }: Caught): Promise<boolean> {
    if (id === undefined) return false;
    const over = new AbortController();
    const late = sleep(SENDER_CAP_MS, over.signal)
      .then(() => 'late' as const)
      .catch(() => 'late' as const);
    try {
      while (!senders.has(id)) if ((await Promise.race([late, heard()])) === 'late') return false;
      return fresh.has(senders.get(id)!);
    } finally {
      over.abort();
    }
  }

  function hold(request: Caught, of: typeof act, why: string): false {
    const url = request.url.replace(/[?#].*/s, '').slice(0, 200);
    onHeld({ url: `${request.method} ${url}`, why: of ? `${why}; proposed again, a person is asked` : why });
    if (of && !held.some((one) => one.deed === of.deed && one.url === url) && held.length < MAX_HELD)
      held.push({ deed: of.deed, method: request.method, url });
    return false;
  }

  return {
    /** An act begins; what it was judged on says what it is taken for. What cannot be taken back has been approved when it comes here. */
    begin: (action: Action, sensed: Sensed | undefined) => {
      // Whoever waits, waits for what was done before.
      if (isWord(action) || action.kind === 'ui-wait') return;
      const seen = { stampMs: 0, frames: [], ...sensed, seq: 0, epoch: 0, instruction: '', history: [] };
      act = { class: effectOf(action, seen).class, deed: deedOf(action, seen), sinceMs: nowMs() };
      fresh = new Set();
    },
    sent: ({ id, documentId, method }: Sent) => {
      if (id === documentId) fresh.add(documentId);
      if (method === 'GET') return;
      senders.set(id, documentId);
      for (const oldest of senders.keys()) if (senders.size > MAX_SENT) senders.delete(oldest);
      for (const resolve of waiting.splice(0)) resolve();
    },
    /** `false` holds it back. */
    judge: (request: Caught): boolean | Promise<boolean> => {
      const effect = effectOfRequest(request);
      if (effect.class === 'read' || act?.class === 'irreversible') return true;
      const now = act;
      if (effect.class === 'irreversible') return hold(request, now, `it cannot be taken back (${effect.why})`);
      if (now?.class !== 'read' || request.isOfNewPage(now.sinceMs)) return true;
      // How a page tells that it was used, or left: nothing waits for an answer.
      if (request.type === 'Ping') return false;
      if (!isWithin(origins, request.url)) {
        const origin = originOf(request.url);
        onHeld({
          url: `${request.method} ${origin ?? request.type}`,
          why: 'nothing is written outside of the declared origins by an act that reads',
          ...(origin !== undefined && { allowWith: `--allow-origin ${origin}` }),
        });
        return false;
      }
      return isOfFreshDocument(request).then(
        (isFresh) => isFresh || hold(request, now, 'the act was judged to read, and this writes'),
      );
    },
    held: () => [...held],
  };
}
