/**
 * Keeps a model server from being overrun by this process, whoever asks: so many questions at once, so many waiting, and so many
 * repetitions before one has to succeed again. Knows nothing of what is asked.
 */
import { PumiceError } from '../errors.ts';

/** Questions that a server is asked at once. Chosen: servers batch about so many without making each one slow. */
const AT_ONCE = 8;
/** Questions that may wait. Chosen: an answer to a later one would be too old for its picture. */
const WAITING = 32;
/** Repetitions that a server is granted before it has answered anything. Chosen. */
const REPETITIONS = 6;
/** What one answer gives back of them: at worst, every second question is one repeated. Chosen. */
const REGAIN = 0.5;

interface Server {
  running: number;
  readonly waiting: (() => void)[];
  repetitions: number;
}
/** By origin. Lives as long as the process: those at rest are dropped. */
const servers = new Map<string, Server>();

export interface Turn {
  /** Whether the server may be asked again now; each time counts. */
  readonly mayRepeat: () => boolean;
  /** Lets the next one in. */
  readonly end: (hasAnswered: boolean) => void;
}

/**
 * Waits until the server may be asked.
 *
 * @throws PumiceError `model/busy` at once when too many wait already; the signal's reason when it is aborted.
 */
export async function takeTurn(endpoint: string, signal: AbortSignal): Promise<Turn> {
  signal.throwIfAborted();
  const { origin } = new URL(endpoint);
  const server = servers.get(origin) ?? { running: 0, waiting: [], repetitions: REPETITIONS };
  servers.set(origin, server);
  if (server.running < AT_ONCE) server.running += 1;
  else await queueUp(server, origin, signal);
  return {
    mayRepeat: () => {
      if (server.repetitions < 1) return false;
      server.repetitions -= 1;
      return true;
    },
    end: (hasAnswered) => {
      if (hasAnswered) server.repetitions = Math.min(REPETITIONS, server.repetitions + REGAIN);
      const next = server.waiting.shift();
      if (next) return next();
      server.running -= 1;
      if (server.running === 0 && server.repetitions === REPETITIONS) servers.delete(origin);
    },
  };
}

/** The place of the one who ends goes to the first who waits. */
function queueUp({ waiting }: Server, origin: string, signal: AbortSignal): Promise<void> {
  if (waiting.length >= WAITING)
    throw new PumiceError('model/busy', `${waiting.length} questions wait for ${origin} already`, {
      who: 'model server',
      hint: 'Ask less often, or use a faster server',
      retryable: true,
    });
  return new Promise((resolve, reject) => {
    const enter = () => {
      signal.removeEventListener('abort', leave);
      resolve();
    };
    const leave = () => {
      waiting.splice(waiting.indexOf(enter), 1);
      reject(signal.reason);
    };
    waiting.push(enter);
    signal.addEventListener('abort', leave, { once: true });
  });
}
