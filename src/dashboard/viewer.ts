/**
 * What one page is sent, and how much of it waits: never more than a bound, however slowly the page reads. Steps and notes lie in a
 * history that all viewers share, and each viewer reads on from where it is; of the status only the newest is sent. Pictures are not
 * sent at all, the page fetches them when it can show them. Knows no socket library and no run.
 */
import { toJson } from '../record/json.ts';
import type { History } from './history.ts';
import type { ToPage } from './messages.ts';

/** Bytes on their way above which nothing is added but what is urgent. Chosen: some hundred steps. */
const MOST_WAITING = 1 << 18;
/** Bytes above which the viewer is let go: it reads nothing at all. Chosen: thousands of stops and questions. */
const MOST_EVER = 1 << 23;
/** Steps and notes in one message. Chosen: a page draws between two. */
const BATCH = 50;

/** What is needed of a socket. */
export interface ViewerSocket {
  /** Bytes that were sent and have not left yet. */
  readonly bufferedAmount: number;
  /** `done`: they have left, or never will. */
  readonly send: (text: string, done: () => void) => void;
  /** At once, without a word. */
  readonly terminate: () => void;
}

export interface Viewer {
  /** There are new entries; they are sent as soon as there is room. */
  readonly more: () => void;
  /** The status is a new one, which is sent too. */
  readonly refresh: () => void;
  /** The status as it is now, whatever waits. */
  readonly urgent: () => void;
  readonly say: (message: ToPage) => void;
  /** What is of this moment alone, and left out where anything waits. */
  readonly glance: (message: ToPage) => void;
}

export function createViewer(socket: ViewerSocket, history: History, status: () => ToPage): Viewer {
  let generation = history.generation();
  let next = 0;
  let isStale = true;
  const hasRoom = () => socket.bufferedAmount < MOST_WAITING;
  const send = (message: ToPage) => {
    if (socket.bufferedAmount > MOST_EVER) return socket.terminate();
    socket.send(toJson(message), fill);
  };
  const fill = () => {
    if (generation !== history.generation()) {
      generation = history.generation();
      next = 0;
    }
    while (hasRoom() && next < history.end()) {
      const { entries, from } = history.from(next, BATCH);
      next = from + entries.length;
      send({ kind: 'entries', generation, entries, forgotten: history.forgotten() });
    }
    if (isStale && hasRoom()) {
      isStale = false;
      send(status());
    }
  };
  return {
    more: fill,
    refresh: () => {
      isStale = true;
      fill();
    },
    urgent: () => {
      isStale = false;
      send(status());
    },
    say: send,
    glance: (message) => {
      if (socket.bufferedAmount === 0) send(message);
    },
  };
}
