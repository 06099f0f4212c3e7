/** All steps as a strip of their verdicts, and a slider to go back through them while the run goes on. */
import { useMemo } from 'preact/hooks';
import { durationText, tellStep } from '../../record/report/view.ts';
import { actionInWords } from '../../record/report/words.ts';
import type { ShownStep } from '../messages.ts';
import { drivingOf } from './who-drives.ts';

interface TimelineProps {
  readonly steps: readonly ShownStep[];
  /** Position in `steps`; nothing while it follows the run. */
  readonly at: number | undefined;
  readonly onGo: (at: number | undefined) => void;
  readonly forgotten: number;
  readonly isRecording: boolean;
}

/** Steps above which one mark of the strip stands for several, the worst of them. Chosen: two pixels each. */
const MOST_MARKS = 400;
const RANK = ['allow', 'modify', 'ask', 'deny', 'halt'];

function marksOf(steps: readonly ShownStep[]): readonly string[] {
  const each = Math.ceil(steps.length / MOST_MARKS);
  const colours = steps.map(({ record }) => tellStep(record).colour);
  return Array.from({ length: Math.ceil(steps.length / Math.max(1, each)) }, (_, at) =>
    colours
      .slice(at * each, (at + 1) * each)
      .reduce((worst, one) => (RANK.indexOf(one) > RANK.indexOf(worst) ? one : worst), 'allow'),
  );
}

/** Who led the body in each mark of the strip, as far as persons may: a person who did in one of its steps is seen. */
function driversOf(steps: readonly ShownStep[]): readonly string[] {
  const each = Math.max(1, Math.ceil(steps.length / MOST_MARKS));
  const of = ({ record: { human } }: ShownStep) =>
    !human
      ? ''
      : human.isHeld === false
        ? human.mode === 'supervised'
          ? 'policy'
          : 'nobody'
        : human.isHeld && human.share < 1
          ? 'both'
          : 'person';
  const ranks = ['', 'nobody', 'policy', 'both', 'person'];
  return Array.from({ length: Math.ceil(steps.length / each) }, (_, at) =>
    steps
      .slice(at * each, (at + 1) * each)
      .map(of)
      .reduce((most, one) => (ranks.indexOf(one) > ranks.indexOf(most) ? one : most), ''),
  );
}

/** The strips alone: all steps are gone through when one comes, and not when anything else is drawn. */
function useStrips(steps: readonly ShownStep[]) {
  return useMemo(
    () => (
      <>
        <div class="strip" aria-hidden="true">
          {marksOf(steps).map((colour) => (
            <i class={`mark-${colour}`} />
          ))}
        </div>
        {steps.some(({ record }) => record.human) && (
          <div class="strip drivers" aria-hidden="true">
            {driversOf(steps).map((who) => (
              <i class={`by-${who}`} />
            ))}
          </div>
        )}
      </>
    ),
    [steps],
  );
}

export function Timeline({ steps, at, onGo, forgotten, isRecording }: TimelineProps) {
  const last = Math.max(0, steps.length - 1);
  const position = at ?? last;
  const step = steps[position]?.record;
  const text = step
    ? `Step ${step.index}, ${tellStep(step).word}: ${actionInWords(step.proposed, step.observation?.marks ?? [])}`
    : 'No step yet';
  const strips = useStrips(steps);
  const first = steps[0]?.record.stampMs ?? 0;
  return (
    <section class="timeline panel" aria-label="Timeline">
      <div class="scrub">
        <button
          type="button"
          aria-label="Step before"
          disabled={position === 0 || steps.length === 0}
          onClick={() => onGo(Math.max(0, position - 1))}
        >
          ‹
        </button>
        <div class="track">
          {strips}
          <input
            type="range"
            min={0}
            max={last}
            value={position}
            disabled={steps.length === 0}
            aria-label="Step"
            aria-valuetext={text}
            onInput={(event) => onGo(Number(event.currentTarget.value))}
          />
        </div>
        <button
          type="button"
          aria-label="Step after"
          disabled={position >= last}
          onClick={() => onGo(position + 1 >= last && !isRecording ? undefined : position + 1)}
        >
          ›
        </button>
        {!isRecording && (
          <button
            type="button"
            class={at === undefined ? 'live on' : 'live'}
            aria-pressed={at === undefined}
            onClick={() => onGo(undefined)}
          >
            <span aria-hidden="true">●</span> Live
          </button>
        )}
      </div>
      <p class="by outside">
        {text}
        {step?.human && ` · ${drivingOf('running', step).word}${step.human.intervention ? ', taken over' : ''}`}
        {step && ` · +${durationText(step.stampMs - first)}`}
        {forgotten > 0 && ` · ${forgotten} older entries are in the recording only`}
      </p>
    </section>
  );
}
