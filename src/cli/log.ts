/** The log: JSON lines on standard error, or readable ones on a terminal. Secrets are taken out of every line. */
import { type Logger, pino } from 'pino';

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;

export interface LogOptions {
  readonly level: string;
  readonly isTerminal: boolean;
  /** Asked for each line, since secrets are known only when the body is there. */
  readonly mask: (text: string) => string;
}

export async function openLog({ level, isTerminal, mask }: LogOptions): Promise<Logger> {
  const options = { level, base: null, hooks: { streamWrite: mask } };
  if (!isTerminal) return pino(options, pino.destination({ fd: 2, sync: true }));
  const { default: pretty } = await import('pino-pretty');
  return pino(options, pretty({ destination: 2, sync: true, colorize: process.env.NO_COLOR === undefined }));
}
