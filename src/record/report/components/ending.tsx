/** How an episode ended: outcome, reason, answer. */
import type { EpisodeEnd } from '../../../types.ts';

interface EndingProps {
  readonly end: EpisodeEnd | undefined;
  readonly isComplete: boolean;
}

export function Ending({ end, isComplete }: EndingProps) {
  return (
    <>
      <p class="ending">
        <span class={`pill outcome-${end?.outcome ?? 'unknown'}`}>{end?.outcome ?? 'end unknown'}</span>{' '}
        {end && <span class="outside">{end.reason}</span>}
      </p>
      {end?.judged && (
        <p class="ending">
          <span class={`pill outcome-${end.judged.outcome}`}>{end.judged.outcome}</span> says the person who saw it
          {end.judged.note && (
            <>
              : <span class="outside">{end.judged.note}</span>
            </>
          )}
        </p>
      )}
      {end?.answer && (
        <blockquote class="answer outside">
          <span class="eyebrow">Answer</span> {end.answer}
        </blockquote>
      )}
      {!isComplete && (
        <p class="banner" role="note">
          This recording was not closed: the process ended before the episode did. Every step that it had finished is on
          this page.
        </p>
      )}
    </>
  );
}
