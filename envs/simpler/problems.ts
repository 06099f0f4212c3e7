/** What a simulator's server says went wrong, as errors of pumice. */
import { PumiceError } from 'pumice';
import type { SaidProblem } from './messages.ts';

export const WHO = 'env simpler';

const CODES = [
  'body/crashed',
  'body/halted',
  'body/not-ready',
  'config/invalid',
  'config/misfit',
  'decode/schema',
  'simulator/action',
  'simulator/busy',
  'simulator/driver',
  'simulator/failed',
  'simulator/not-installed',
  'simulator/version',
] as const;

/** A code that is none of these comes from a backend of the user's own. */
export function problemOf({ code, message, hint }: SaidProblem): PumiceError {
  const known = CODES.find((one) => one === code) ?? 'simulator/failed';
  return new PumiceError(known, message, { who: WHO, ...(hint !== '' && { hint }) });
}
