/**
 * The one error class of pumice and the one list of its codes.
 * Knows nothing of who throws them; the effect of each fault is decided by the loop (HANDBOOK 7).
 */

/** `area/what`. A new code is added here first; `test/errors.test.ts` keeps the list sorted and used. */
export const ERROR_CODES = [
  'body/crashed',
  'body/driver',
  'body/halted',
  'body/not-ready',
  'body/unreachable',
  'browser/not-found',
  'browser/origin',
  'browser/protocol',
  'browser/sandbox',
  'cli/usage',
  'clock/stepped',
  'config/invalid',
  'config/misfit',
  'critic/failed',
  'decode/empty',
  'decode/not-json',
  'decode/out-of-range',
  'decode/schema',
  'decode/token-count',
  'decode/truncated',
  'eval/setup',
  'model/busy',
  'model/cut',
  'model/http',
  'model/timeout',
  'model/unfit',
  'model/unreachable',
  'plugin/invalid',
  'plugin/unknown',
  'policy/exhausted',
  'policy/failed',
  'policy/stuck',
  'policy/unparsed',
  'port/aborted',
  'port/late',
  'port/silent',
  'record/invalid',
  'record/video',
  'record/write-failed',
  'secret/missing',
  'secret/origin',
  'server/port-in-use',
  'simulator/action',
  'simulator/busy',
  'simulator/driver',
  'simulator/failed',
  'simulator/gone',
  'simulator/hung',
  'simulator/not-installed',
  'simulator/version',
  'vision/invalid',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** Shared by all copies of the package in one process, so that `is` works across them. */
const MARK = Symbol.for('pumice.error');

export interface PumiceErrorOptions {
  /** The component that speaks, e.g. `env browser`, `policy vlm`. */
  readonly who?: string;
  /** What to do next, in the imperative. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** Whether the same call may succeed later with nothing changed. */
  readonly retryable?: boolean;
}

/** An error that says what was expected, what came, and what to do. */
export class PumiceError extends Error {
  readonly code: ErrorCode;
  readonly who: string;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly [MARK] = true;

  constructor(code: ErrorCode, message: string, options: PumiceErrorOptions = {}) {
    super(options.who ? `${options.who}: ${message}` : message, { cause: options.cause });
    this.name = 'PumiceError';
    this.code = code;
    this.who = options.who ?? 'pumice';
    this.hint = options.hint;
    this.retryable = options.retryable ?? false;
  }

  /** Recognises an error of any copy of pumice, optionally of one code. */
  static is(error: unknown, code?: ErrorCode): error is PumiceError {
    return (
      typeof error === 'object' &&
      error !== null &&
      (error as Record<symbol, unknown>)[MARK] === true &&
      (code === undefined || (error as PumiceError).code === code)
    );
  }
}

/** One line for people: message, and the hint when there is one. */
export function describeError(error: unknown): string {
  if (PumiceError.is(error)) return error.hint ? `${error.message}. ${error.hint}` : error.message;
  return error instanceof Error ? error.message : String(error);
}
