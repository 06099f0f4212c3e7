/** How long each phase of a step took: one bar of parts, and the same in numbers. */
import type { StepRecord } from '../../../types.ts';
import { durationText, PHASES, phaseMs } from '../view.ts';

export function Timings({ record }: { readonly record: StepRecord }) {
  const total = Math.max(
    phaseMs(record, 'total'),
    PHASES.reduce((sum, phase) => sum + phaseMs(record, phase), 0),
  );
  return (
    <section class="part timings">
      <h4>Time</h4>
      {total > 0 && (
        <div class="bar" aria-hidden="true">
          {PHASES.map((phase) => (
            <span
              class={`fill-${phase}`}
              style={{ width: `${((phaseMs(record, phase) / total) * 100).toFixed(2)}%` }}
            />
          ))}
        </div>
      )}
      <p class="numbers">
        {PHASES.map((phase) => (
          <span>
            <i class={`swatch fill-${phase}`} aria-hidden="true" />
            {phase} <b>{durationText(phaseMs(record, phase))}</b>
          </span>
        ))}
        <span>
          step <b>{durationText(phaseMs(record, 'total'))}</b>
        </span>
        {record.dropped > 0 && (
          <span>
            ticks dropped <b>{record.dropped}</b>
          </span>
        )}
      </p>
    </section>
  );
}
