/** What was asked for, how it ended, and the episode in a few numbers. */
import type { EpisodeFacts } from '../../../ports.ts';
import type { EpisodeEnd, StepRecord } from '../../../types.ts';
import { isExecuted, uncheckedOf } from '../../unchecked.ts';
import { durationText, isException, phaseMs, quantile } from '../view.ts';
import { Ending } from './ending.tsx';
import { UncheckedBanner } from './unchecked-banner.tsx';

interface HeadProps {
  readonly facts: EpisodeFacts;
  readonly startedText: string;
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

export function Head({ facts, startedText, end, isComplete, records }: HeadProps) {
  const first = records[0];
  const last = records.at(-1);
  const durationMs = first && last ? last.stampMs + phaseMs(last, 'total') - first.stampMs : 0;
  const tokens = records.reduce((sum, { usage }) => sum + (usage ? usage.inputTokens + usage.outputTokens : 0), 0);
  const agesMs = records.flatMap((record) => (isExecuted(record) ? (record.judgedAgeMs ?? []) : []));
  return (
    <header class="head">
      <p class="eyebrow">pumice report</p>
      <h1 class="outside">{facts.instruction}</h1>
      <p class="byline outside">
        {facts.policy} in {facts.env}, {startedText}
      </p>
      <Ending end={end} isComplete={isComplete} />
      <UncheckedBanner unchecked={uncheckedOf(records, facts.critics)} />
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
        {agesMs.length > 0 && (
          <Tile value={durationText(quantile(agesMs, 0.99))} name="oldest judged picture, 99 of 100 acts" />
        )}
        {tokens > 0 && <Tile value={tokens.toLocaleString('en')} name="tokens" />}
      </dl>
    </header>
  );
}
