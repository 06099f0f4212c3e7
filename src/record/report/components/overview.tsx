/** All steps as a strip of thumbnails with the colour and sign of their verdicts. */
import { durationText, type StepView, tellStep } from '../view.ts';
import { actionInWords } from '../words.ts';

function Tile({ step }: { readonly step: StepView }) {
  const { record, thumbnailSrc } = step;
  const { word, sign, colour } = tellStep(record);
  const words = actionInWords(record.proposed, record.observation?.marks);
  return (
    <li>
      <a
        class={`tile edge-${colour}`}
        href={`#step-${record.index}`}
        title={`${words} (${durationText(record.timings.totalMs)})`}
        aria-label={`Step ${record.index}, ${word}: ${words}`}
      >
        {thumbnailSrc ? (
          <img class={record.observation?.ui ? undefined : 'whole'} src={thumbnailSrc} alt="" loading="lazy" />
        ) : (
          <span class="blank" aria-hidden="true" />
        )}
        <span class="tile-foot" aria-hidden="true">
          <span>
            {record.index} <span class="verb">{words.split(' ', 1)[0]}</span>
          </span>
          <span class={`sign verdict-${colour}`}>{sign}</span>
        </span>
      </a>
    </li>
  );
}

export function Overview({ steps }: { readonly steps: readonly StepView[] }) {
  return (
    <nav class="overview" aria-label="All steps">
      <ol>
        {steps.map((step) => (
          <Tile step={step} />
        ))}
      </ol>
    </nav>
  );
}
