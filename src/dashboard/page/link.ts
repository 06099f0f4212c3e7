/**
 * The page's connection: one socket for all that is said, which comes back by itself, and one for the stop button alone. Reads the token
 * from the address, keeps it for this tab, and takes it out of the address, where others could read it off the screen.
 */
import { fromJson } from '../../record/json.ts';
import type {
  Command,
  FromPage,
  Note,
  PageSample,
  PictureRef,
  PilotState,
  ShownStep,
  Status,
  StopTaken,
  Tokens,
  ToPage,
  Watchers,
} from '../messages.ts';

/** All that the page knows. */
export interface Model {
  readonly isConnected: boolean;
  /** The server does not know the token. */
  readonly isRefused: boolean;
  readonly viewer?: number;
  readonly right?: keyof Tokens;
  readonly viewToken?: string;
  readonly isRecording: boolean;
  readonly status?: Status;
  readonly watchers: Watchers;
  readonly steps: readonly ShownStep[];
  readonly notes: readonly Note[];
  readonly forgotten: number;
  /** What was not done of what this page asked for. */
  readonly refusal?: { readonly text: string; readonly questionId?: string };
  readonly stopTaken?: StopTaken;
}

export interface Link {
  readonly model: () => Model;
  readonly subscribe: (onChange: () => void) => () => void;
  readonly command: (command: Command) => void;
  readonly takeControl: (isTaken: boolean) => void;
  /** The stop button. */
  readonly stop: () => void;
  /** The controls as they are now. Nothing is kept for later: what cannot leave at once is lost, and the next one says all. */
  readonly sample: (controls: Omit<PageSample, 'kind' | 'ping' | 'sinceMs'>) => void;
  /** The newest pictures, which come to who leads a body, beside its steps. */
  readonly onLive: (listener: (pictures: readonly PictureRef[]) => void) => () => void;
  /** Calls back with each ping, which comes to who holds control alone. */
  readonly onPing: (listener: (state: PilotState) => void) => void;
  /** Which look at the page is on the screen, by its number. */
  readonly shown: (seq: number) => void;
  readonly shownSeq: () => number | undefined;
  /** A live picture is on the screen. */
  readonly drawn: (picture: PictureRef) => void;
  /** How old the newest live picture was when it came onto the screen, at most, ms. */
  readonly pictureAgeMs: () => number | undefined;
  readonly forgetRefusal: () => void;
  /** A picture by its number; nothing when it is no longer kept. */
  readonly picture: (id: number) => Promise<Blob | undefined>;
  /** The address of this page with a token. */
  readonly addressWith: (token: string) => string;
  readonly token: string;
}

const KEPT = 'pumice.token';
/** As the server names it. */
const PROTOCOL = 'pumice';
/** Bytes that wait to leave above which a sample is left out. Chosen: a dozen samples. */
const MOST_WAITING = 4096;
/** How far two clocks may drift from each other from ping to ping, ms. Chosen: 100 millionths. */
const DRIFT_MS = 0.01;
/** For how long a page that draws no frame is told nothing, ms. */
const UNDRAWN_MS = 200;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 3000;

/** Steps that a page keeps, as many as its server. */
const MOST_ENTRIES = 5000;
const bounded = <T>(all: readonly T[]): readonly T[] =>
  all.length > MOST_ENTRIES * 1.1 ? all.slice(-MOST_ENTRIES) : all;

function takeToken(): string {
  const given = location.hash.slice(1);
  if (given) {
    sessionStorage.setItem(KEPT, given);
    history.replaceState(null, '', location.pathname);
  }
  return given || (sessionStorage.getItem(KEPT) ?? '');
}

export function openLink(): Link {
  const token = takeToken();
  const listeners = new Set<() => void>();
  let model: Model = {
    ...{ isConnected: false, isRefused: token === '', isRecording: false, watchers: { viewers: 0 } },
    ...{ steps: [], notes: [], forgotten: 0 },
  };
  let isTold = false;
  const change = (part: Partial<Model>) => {
    model = { ...model, ...part };
    if (isTold) return;
    isTold = true;
    // Many messages may come between two frames; the page is drawn once. One that draws no frames is told all the same.
    const frame = requestAnimationFrame(() => tellAll());
    const timer = setTimeout(() => tellAll(), UNDRAWN_MS);
    const tellAll = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      isTold = false;
      for (const listener of listeners) listener();
    };
  };
  const forget = (what: 'refusal' | 'stopTaken') => {
    const { [what]: _forgotten, ...rest } = model;
    model = rest as Model;
    change({});
  };
  const authorization = { authorization: `Bearer ${token}` };
  const open = (path: string) =>
    new WebSocket(`ws://${location.host}${path}`, [PROTOCOL, `${PROTOCOL}.token.${token}`]);

  let live: WebSocket | undefined;
  let stopSocket: WebSocket | undefined;
  let waitMs = FIRST_WAIT_MS;
  let generation = -1;
  let newestPing: number | undefined;
  /** The newest ping, and when it came by this page's clock. */
  let seen: { readonly ping: number; readonly atMs: number } | undefined;
  /** What is to be added to this page's clock to have that of the run: the least delayed ping knows best, until clocks have drifted. */
  let offsetMs: number | undefined;
  let pictureAgeMs: number | undefined;
  let shownSeq: number | undefined;
  const liveListeners = new Set<(pictures: readonly PictureRef[]) => void>();
  const pingListeners = new Set<(state: PilotState) => void>();

  const say = (message: FromPage) => {
    if (live?.readyState === WebSocket.OPEN) live.send(JSON.stringify(message));
    else change({ refusal: { text: 'Not connected: nothing was sent.' } });
  };
  /** In the frame that is drawn next: a page that is busy, hidden or asleep draws none. */
  const answerPing = (ping: number) => {
    const isAsked = newestPing !== undefined;
    newestPing = ping;
    if (isAsked) return;
    requestAnimationFrame(() => {
      if (newestPing !== undefined && document.visibilityState === 'visible') say({ kind: 'alive', ping: newestPing });
      newestPing = undefined;
    });
  };
  const take = (message: ToPage) => {
    switch (message.kind) {
      case 'hello': {
        const { viewer, right, viewToken, isRecording } = message;
        generation = message.generation;
        seen = undefined;
        offsetMs = undefined;
        if (right === 'control' && !isRecording) openStop();
        return change({
          ...{ isConnected: true, viewer, right, isRecording, steps: [], notes: [], forgotten: 0 },
          ...(viewToken !== undefined && { viewToken }),
        });
      }
      case 'entries': {
        const isSame = generation === message.generation;
        generation = message.generation;
        const steps = message.entries.flatMap((entry) => (entry.kind === 'step' ? [entry.step] : []));
        const notes = message.entries.flatMap((entry) => (entry.kind === 'note' ? [entry.note] : []));
        return change({
          steps: bounded(isSame ? [...model.steps, ...steps] : steps),
          notes: bounded(isSame ? [...model.notes, ...notes] : notes),
          forgotten: message.forgotten,
        });
      }
      case 'status': {
        // Once the run says that it stopped, that the stop was sent is no news.
        if (message.status.stop) forget('stopTaken');
        return change({ status: message.status, watchers: message.watchers });
      }
      case 'ping': {
        const atMs = performance.now();
        seen = { ping: message.ping, atMs };
        offsetMs = Math.max((offsetMs ?? Number.NEGATIVE_INFINITY) - DRIFT_MS, message.nowMs - atMs);
        for (const listener of pingListeners) listener(message.pilot);
        return answerPing(message.ping);
      }
      case 'live': {
        for (const listener of liveListeners) listener(message.pictures);
        return;
      }
      case 'refused':
        return change({ refusal: message });
    }
  };
  const openStop = () => {
    if (stopSocket && stopSocket.readyState <= WebSocket.OPEN) return;
    stopSocket = open('/stop');
    stopSocket.onmessage = ({ data }) => change({ stopTaken: JSON.parse(String(data)) as StopTaken });
  };
  const connect = () => {
    live = open('/live');
    live.onopen = () => {
      waitMs = FIRST_WAIT_MS;
    };
    live.onmessage = ({ data }) => take(fromJson(String(data)) as ToPage);
    live.onclose = () => {
      change({ isConnected: false });
      void again();
    };
  };
  const again = async () => {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
    // A socket does not tell why it was refused.
    const asked = await fetch('/frame/0', { headers: authorization }).catch(() => undefined);
    if (asked?.status === 401) change({ isRefused: true });
    else connect();
  };
  if (token) connect();

  return {
    token,
    model: () => model,
    subscribe: (onChange) => {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    command: (command) => say({ kind: 'command', command }),
    takeControl: (isTaken) => say({ kind: isTaken ? 'take-control' : 'release-control' }),
    stop: () => {
      if (stopSocket?.readyState === WebSocket.OPEN) return stopSocket.send('stop');
      void fetch('/stop', { method: 'POST', headers: authorization, keepalive: true })
        .then(async (answer) => {
          if (!answer.ok) throw new Error(String(answer.status));
          change({ stopTaken: (await answer.json()) as StopTaken });
        })
        .catch(() => change({ refusal: { text: 'The stop could not be sent. Use the wired e-stop.' } }));
    },
    sample: (controls) => {
      if (live?.readyState !== WebSocket.OPEN || (controls.isHeld && (!seen || live.bufferedAmount > MOST_WAITING)))
        return;
      const { ping, atMs } = seen ?? { ping: 0, atMs: performance.now() };
      say({ kind: 'pilot', ping, sinceMs: performance.now() - atMs, ...controls });
    },
    onLive: (listener) => {
      liveListeners.add(listener);
      return () => liveListeners.delete(listener);
    },
    onPing: (listener) => void pingListeners.add(listener),
    shown: (seq) => {
      shownSeq = seq;
    },
    shownSeq: () => shownSeq,
    drawn: ({ stampMs }) => {
      // By the ping that was delayed least: whoever waits for a ping sees a younger picture than there was.
      if (offsetMs !== undefined) pictureAgeMs = performance.now() + offsetMs - stampMs;
    },
    pictureAgeMs: () => pictureAgeMs,
    forgetRefusal: () => forget('refusal'),
    picture: async (id) => {
      const answer = await fetch(`/frame/${id}`, { headers: authorization }).catch(() => undefined);
      return answer?.ok ? answer.blob() : undefined;
    },
    addressWith: (given) => `${location.origin}/#${given}`,
  };
}
