/** Exit codes: what a script may rely on. */
import { PumiceError } from '../errors.ts';
import type { Outcome } from '../types.ts';

export const EXIT = { success: 0, failure: 1, usage: 2, truncated: 3, stopped: 4, fault: 4 } as const;

/** The convention of shells: 128 and the number of the signal. */
export const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
export type EndSignal = keyof typeof SIGNAL_EXIT;

export const exitOfOutcome = (outcome: Outcome): number => EXIT[outcome];

/** What the user can correct is usage; a file that cannot be read is a failure; all else is a fault. */
export function exitOfError(error: unknown): number {
  if (!PumiceError.is(error)) return EXIT.fault;
  if (/^(cli|config|plugin)\//.test(error.code) || error.code === 'secret/missing') return EXIT.usage;
  return error.code === 'record/invalid' ? EXIT.failure : EXIT.fault;
}

/** Where the commands' help says it. */
export const EXIT_HELP = `Exit codes: 0 success, 1 failure, 2 usage, 3 truncated (a limit was reached), 4 stopped or fault, 130 Ctrl-C.`;
