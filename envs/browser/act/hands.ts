/**
 * A mouse and a keyboard that can be stopped between any two events, and that let go of what they hold.
 * Knows nothing of marks or what an action means.
 */
import { sleep } from '../../../src/clock.ts';
import type { Point } from '../marks.ts';
import type { Pages } from '../pages.ts';
import type { Tab } from '../tab.ts';

export type Button = 'left' | 'right' | 'middle';

/** The episode was stopped: nothing more is sent. */
export class Stopped extends Error {}
/** The page takes no more of this action: what was sent so far is what happened. */
export class Interrupted extends Error {
  readonly why: keyof typeof WHY;
  constructor(why: keyof typeof WHY) {
    super(WHY[why]);
    this.why = why;
  }
}
const WHY = {
  dialog: 'a dialog opened',
  crash: 'the page crashed',
  closed: 'the tab was closed',
  left: 'another tab came to the front',
  navigated: 'another page came',
  focus: 'the focus went to a frame that is not allowed',
  busy: 'the page did not take the input in time',
} as const;

/** Wait for a page to take one event, ms. Chosen: a page that computes for longer is told of as busy. */
const EVENT_CAP_MS = 5000;
/** Length of one move of the mouse, CSS px. Chosen: fast motion of a hand at 60 Hz. */
const MOVE_STEP_PX = 80;
/** Most moves on the way to a place. Chosen: each takes an animation frame. */
const MAX_MOVES = 6;

/** Called when an event is certain to be sent. */
type OnSent = () => void;
const ignore = () => {};

export type Hands = ReturnType<typeof createHands>;

export interface HandsOptions {
  readonly pages: Pages;
  readonly stop: AbortSignal;
  /** Where the mouse is; outlives one action. */
  readonly pointer: { at: Point };
}

export function createHands({ pages, stop, pointer }: HandsOptions) {
  const buttons = new Map<Button, Tab>();
  const keys = new Map<string, Tab>();

  /** One event. Not sent when stopped; not waited for when the page is kept from answering. */
  async function step<T>(
    send: (tab: Tab) => Promise<T>,
    { capMs = EVENT_CAP_MS, besideDialog = false } = {},
  ): Promise<T> {
    if (stop.aborted) throw new Stopped();
    const tab = pages.active;
    if (tab.dialog && !besideDialog) throw new Interrupted('dialog');
    if (tab.isCrashed) throw new Interrupted('crash');
    const over = new AbortController();
    let off = () => {};
    const interrupted = new Promise<never>((_, reject) => {
      const unsubscribe = pages.onInterruption((which, why) => which === tab && reject(new Interrupted(why)));
      const onStop = () => reject(new Stopped());
      stop.addEventListener('abort', onStop, { once: true });
      off = () => {
        unsubscribe();
        stop.removeEventListener('abort', onStop);
        over.abort();
      };
    });
    const late = sleep(capMs, over.signal).then(() => Promise.reject(new Interrupted('busy')));
    late.catch(() => {});
    const sent = send(tab);
    sent.catch(() => {});
    try {
      return await Promise.race([sent, interrupted, late]);
    } finally {
      off();
    }
  }

  const moveTo = async (point: Point) => {
    await step(({ page }) => page.mouse.move(...point));
    pointer.at = point;
  };

  return {
    /** For what is no input event, but ends as one does. */
    step,
    moveTo,
    /** Over intermediate points, as pages expect of a mouse. */
    travel: async ([x, y]: Point, leastMoves = 1) => {
      const [fromX, fromY] = pointer.at;
      const far = Math.ceil(Math.hypot(x - fromX, y - fromY) / MOVE_STEP_PX);
      const moves = Math.max(leastMoves, Math.min(MAX_MOVES, far), 1);
      for (let i = 1; i <= moves; i++)
        await moveTo([fromX + ((x - fromX) * i) / moves, fromY + ((y - fromY) * i) / moves]);
    },
    press: async (button: Button, clickCount = 1) => {
      await step((tab) => {
        buttons.set(button, tab);
        return tab.page.mouse.down({ button, clickCount });
      });
    },
    letGo: async (button: Button, clickCount = 1, onSent: OnSent = ignore) => {
      await step(({ page }) => {
        onSent();
        buttons.delete(button);
        return page.mouse.up({ button, clickCount });
      });
    },
    keyDown: (key: string) =>
      step((tab) => {
        keys.set(key, tab);
        return tab.page.keyboard.down(key);
      }),
    keyUp: (key: string) =>
      step(({ page }) => {
        keys.delete(key);
        return page.keyboard.up(key);
      }),
    /** Down and up again of a key that holds nothing. */
    tap: (key: string, onSent: OnSent = ignore) =>
      step(({ page }) => {
        onSent();
        return Promise.all([page.keyboard.down(key), page.keyboard.up(key)]);
      }),
    insert: (text: string, onSent: OnSent = ignore) =>
      step(({ page }) => {
        onSent();
        return page.keyboard.insertText(text);
      }),
    wheel: (dxPx: number, dyPx: number, onSent: OnSent = ignore) =>
      step(({ page }) => {
        onSent();
        return page.mouse.wheel(dxPx, dyPx);
      }),
    pause: (durationMs: number) =>
      step(() => sleep(durationMs, stop), { capMs: durationMs + EVENT_CAP_MS, besideDialog: true }),
    /** Lets go of all that is held. Synchronous, idempotent, sends nothing else. */
    release: () => {
      for (const [button, { page }] of buttons) page.mouse.up({ button }).catch(() => {});
      for (const [key, { page }] of keys) page.keyboard.up(key).catch(() => {});
      buttons.clear();
      keys.clear();
    },
  };
}
