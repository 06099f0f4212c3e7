/** What was asked for, how it ended, and the episode in a few numbers. */
import type { EpisodeEnd, StepRecord } from '../../../types.ts';
import { durationText, isException, phaseMs, quantile } from '../view.ts';

interface HeadProps {
  readonly instruction: string;
  readonly end: EpisodeEnd | undefined;
  readonly isComplete: boolean;
  readonly records: readonly StepRecord[];
}

function Tile({ value, name }: { readonly value: string; readonly name: string }) {
  return (
    <div class="stat">
      <dd>{value}</dd>
      <dt>{name}</dt>
    </div>
  );
}

export function Head({ instruction, end, isComplete, records }: HeadProps) {
  const first = records[0];
  const last = records.at(-1);
  const durationMs = first && last ? last.stampMs + phaseMs(last, 'total') - first.stampMs : 0;
  const tokens = records.reduce((sum, { usage }) => sum + (usage ? usage.inputTokens + usage.outputTokens : 0), 0);
  return (
    <header class="head">
      <p class="eyebrow">pumice report</p>
      <h1 class="outside">{instruction}</h1>
      <p class="ending">
        <span class={`pill outcome-${end?.outcome ?? 'unknown'}`}>{end?.outcome ?? 'end unknown'}</span>{' '}
        {end && <span class="outside">{end.reason}</span>}
      </p>
      {end?.answer && (
        <blockquote class="answer outside">
          <span class="eyebrow">Answer</span> {end.answer}
        </blockquote>
      )}
      {!isComplete && (
        <p class="banner" role="note">
          This recording was not closed: the process ended before the episode did. Every step that it had finished is
          below.
        </p>
      )}
      <dl class="stats">
        <Tile value={String(records.length)} name="steps" />
        <Tile value={durationText(durationMs)} name="from first to last" />
        <Tile
          value={durationText(
            quantile(
              records.map((record) => phaseMs(record, 'total')),
              0.5,
            ),
          )}
          name="median step"
        />
        <Tile value={String(records.filter(isException).length)} name="denied, changed or refused" />
        {tokens > 0 && <Tile value={tokens.toLocaleString('en')} name="tokens" />}
      </dl>
    </header>
  );
}
