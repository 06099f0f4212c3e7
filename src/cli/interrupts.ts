/**
 * Ctrl-C and its kin: the first one stops what runs, in the signal handler itself; a second one leaves at once.
 * Knows nothing of runs.
 */
import { type EndSignal, SIGNAL_EXIT } from './exit.ts';

export interface Interrupts extends Disposable {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** The exit code of the signal that came. */
  readonly exitCode: () => number | undefined;
}

/** @param say - is told once that it stops. */
export function watchInterrupts(say: (text: string) => void): Interrupts {
  const abort = new AbortController();
  let came: EndSignal | undefined;
  const onSignal = (name: EndSignal) => {
    if (came !== undefined) process.exit(SIGNAL_EXIT[came]);
    came = name;
    // Listeners run in this very turn: the body stops before anything is written.
    abort.abort(new Error(name === 'SIGINT' ? 'Ctrl-C' : name));
    say('Stopping. Ctrl-C again leaves at once.');
  };
  const names = Object.keys(SIGNAL_EXIT) as EndSignal[];
  for (const name of names) process.on(name, onSignal);
  return {
    signal: abort.signal,
    exitCode: () => came && SIGNAL_EXIT[came],
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
