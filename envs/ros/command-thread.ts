/** Starts and ends the thread that commands a robot, and reads what it tells. Nothing here is needed for a stop. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { monotonicNowMs, PumiceError, sleep } from 'pumice';
import { type BodyState, COMMAND_NUMBERS, createBox, openBox, stateNumbers, stateOf } from 'pumice/robots';
import type { CommandLinkParts } from './command-link.ts';
import { LINK_FIELDS, type LinkNumbers, linkNumbersOf, type Said } from './link-numbers.ts';
import { MOST_AHEAD_MS } from './robot-clock.ts';

export type ThreadSaid =
  | Said
  | { readonly kind: 'failed'; readonly code: PumiceError['code']; readonly text: string; readonly hint?: string };

export interface CommandThread {
  readonly commandBox: SharedArrayBuffer;
  readonly stateBox: SharedArrayBuffer;
  /** Resolves when the robot may be driven. @throws PumiceError that says what keeps it from it. */
  readonly ready: Promise<void>;
  readonly state: () => BodyState | undefined;
  readonly numbers: () => LinkNumbers | undefined;
  /** When it was here that the robot's clock showed this; none while that is not known. */
  readonly hereMs: (robotMs: number, nowMs: number) => number | undefined;
  /** Errors that the robot told of itself last. */
  readonly errors: () => readonly string[];
  /** Why it stopped the robot. */
  readonly trouble: () => string | undefined;
  /** A person begins again: what stopped it before is over. */
  readonly forget: () => void;
  /** @throws PumiceError when the thread is gone. */
  readonly check: () => void;
  readonly close: () => Promise<void>;
}

/** Age above which numbers of the link count for nothing, ms. Chosen: fifty looks of the thread. */
const SILENT_MS = 1000;
/** For the thread to close its link, ms. Chosen. */
const ENDING_MS = 2000;

const WORKER = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/envs/ros/command-worker.js', import.meta.url)
  : new URL('./command-worker.js', import.meta.url);

export function startCommandThread(
  parts: Omit<CommandLinkParts, 'commandBox' | 'stateBox' | 'linkBox'>,
): CommandThread {
  const commandBox = createBox(COMMAND_NUMBERS);
  const stateBox = createBox(stateNumbers(parts.profile.robot.jointNames.length));
  const linkBox = createBox(LINK_FIELDS);
  const [states, links] = [openBox(stateBox), openBox(linkBox)];
  const workerData: CommandLinkParts = { ...parts, commandBox, stateBox, linkBox };
  const worker = new Worker(WORKER, { workerData, execArgv: [] });
  const who = `robot ${parts.profile.robot.name}`;
  let failure: PumiceError | undefined;
  let trouble: string | undefined;
  let errors: readonly string[] = [];
  let isClosing = false;
  const fail = (error: PumiceError) => {
    failure ??= error;
  };
  const ready = new Promise<void>((resolve, reject) => {
    worker.on('message', (said: ThreadSaid) => {
      if (said.kind === 'ready') resolve();
      else if (said.kind === 'trouble') trouble = said.text;
      else if (said.kind === 'diagnostics') errors = said.errors;
      else fail(new PumiceError(said.code, said.text, { ...(said.hint !== undefined && { hint: said.hint }) }));
    });
    worker.on('error', (cause) =>
      fail(new PumiceError('body/crashed', `its thread failed: ${cause.message}`, { who, cause })),
    );
    worker.on('exit', () => {
      if (!isClosing) fail(new PumiceError('body/crashed', 'its command thread ended', { who, hint: 'Open it anew' }));
      reject(failure ?? new PumiceError('body/crashed', 'it was closed before it was ready', { who }));
    });
  });
  // Whoever waits for it is told; nobody has to.
  ready.catch(() => {});
  ready.then(
    () => worker.unref(),
    () => {},
  );
  const numbers = () => {
    const message = links.read();
    return message && linkNumbersOf(message.values);
  };
  return {
    commandBox,
    stateBox,
    ready,
    state: () => {
      const message = states.read();
      return message && stateOf(message.values);
    },
    numbers,
    hereMs: (robotMs, nowMs) => {
      const { stampMs, offsetMs, uncertaintyMs } = numbers() ?? { stampMs: 0, offsetMs: Number.NaN, uncertaintyMs: 0 };
      const atMs = robotMs - offsetMs + uncertaintyMs;
      // As the clock itself has it: what is not known, and what is of a time to come, is of no time.
      const isOf = nowMs - stampMs <= SILENT_MS && atMs - nowMs <= MOST_AHEAD_MS + 2 * uncertaintyMs;
      return isOf ? Math.min(nowMs, atMs) : undefined;
    },
    errors: () => errors,
    trouble: () => trouble,
    forget: () => {
      trouble = undefined;
    },
    check: () => {
      if (failure) throw failure;
    },
    close: async () => {
      if (isClosing) return;
      isClosing = true;
      worker.ref();
      const isGone = once(worker, 'exit');
      worker.postMessage('end');
      const inTime = new AbortController();
      sleep(ENDING_MS, inTime.signal).then(
        () => worker.terminate(),
        () => {},
      );
      if (worker.threadId !== -1) await isGone;
      inTime.abort();
    },
  };
}

/** Waits until something is so. @throws PumiceError `body/not-ready` that says what did not come, by the deadline. */
export async function waitFor(
  isSo: () => boolean,
  { what, mostMs, who, signal }: { what: string; mostMs: number; who: string; signal?: AbortSignal },
): Promise<void> {
  for (const beganMs = monotonicNowMs(); !isSo(); await sleep(GLANCE_MS, signal))
    if (monotonicNowMs() - beganMs > mostMs)
      throw new PumiceError('body/not-ready', `the robot does not ${what} within ${mostMs} ms`, {
        who,
        hint: 'Look after the robot',
      });
}
/** How often something that is waited for is looked at, ms. */
const GLANCE_MS = 5;
