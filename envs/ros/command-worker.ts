/** The thread that holds the command connection of a robot: `command-link.ts` until it is told to end. Runs from `dist`. */
import { parentPort, workerData } from 'node:worker_threads';
import { PumiceError } from 'pumice';
import { type CommandLinkParts, runCommandLink } from './command-link.ts';
import type { ThreadSaid } from './command-thread.ts';

const port = parentPort!;
const ending = new AbortController();
port.once('message', () => ending.abort());

const tell = (said: ThreadSaid) => port.postMessage(said);
try {
  await runCommandLink(workerData as CommandLinkParts, tell, ending.signal);
} catch (error) {
  // An error loses its class on the way to another thread.
  if (!ending.signal.aborted) {
    const { code, message, hint } = error as PumiceError;
    const isKnown = PumiceError.is(error);
    tell({ kind: 'failed', code: isKnown ? code : 'body/crashed', text: message, ...(isKnown && hint && { hint }) });
  }
}
port.close();
