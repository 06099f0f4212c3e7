/**
 * Several reasoned verdicts on one question, asked at once: it is allowed when enough of them allow it, and over as soon as that is
 * decided. A vote that fails or cannot be read is one that does not allow. Knows no server.
 */
import type { Reading } from 'pumice/codecs';
import type { ReasonedVerdict } from './verdict.ts';

export interface Vote {
  readonly reading: Reading<ReasonedVerdict>;
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number } | undefined;
}
export interface Tally {
  readonly isAllowed: boolean;
  /** Those that came before it was decided. */
  readonly votes: readonly Vote[];
  /** Of votes that failed. */
  readonly errors: readonly unknown[];
}

/**
 * @param ask - asks for the n-th verdict; aborted when it is not needed any more.
 * @throws the signal's reason.
 */
export async function tallyOf(
  ask: (nth: number, signal: AbortSignal) => Promise<Vote>,
  { of, needed, signal }: { readonly of: number; readonly needed: number; readonly signal: AbortSignal },
): Promise<Tally> {
  const decided = new AbortController();
  const votes: Vote[] = [];
  const errors: unknown[] = [];
  const allows = () => votes.filter(({ reading }) => reading.ok && reading.value.isAllowed).length;
  const isDecided = () => allows() >= needed || allows() + (of - votes.length - errors.length) < needed;
  const either = AbortSignal.any([signal, decided.signal]);
  await Promise.all(
    Array.from({ length: of }, async (_, nth) => {
      try {
        const vote = await ask(nth, either);
        if (!decided.signal.aborted) votes.push(vote);
      } catch (error) {
        if (!decided.signal.aborted) errors.push(error);
      }
      if (isDecided()) decided.abort();
    }),
  );
  signal.throwIfAborted();
  return { isAllowed: allows() >= needed, votes, errors };
}
