/** One step: what was seen, thought, proposed, judged and done. */
import { durationText, isException, prettyJson, type StepView, tellAct, tellStep, VERDICTS } from '../view.ts';
import { actionInWords } from '../words.ts';
import { Source } from './action-view.tsx';
import { Deed } from './deed.tsx';
import { Notices } from './notices.tsx';
import { Opinions } from './opinions.tsx';
import { Pill } from './pill.tsx';
import { Reasons } from './reasons.tsx';
import { Screenshot } from './screenshot.tsx';
import { Timings } from './timings.tsx';

interface StepCardProps {
  readonly step: StepView;
  /** Stamp that offsets are counted from. */
  readonly startStampMs: number;
}

const LEFT_OUT = 'The picture is left out to keep this page small; it is in the recording.';

/** Width up to which a picture would only show its pixels if it filled the card, CSS px. Such pictures stand side by side. */
const SMALL_PX = 400;

/** The second and later pictures are shown smaller, unless all are small. */
function Pictures({ step }: { readonly step: StepView }) {
  const [first, ...others] = step.pictures;
  if (!first) return <p class="no-picture">{step.leftOut > 0 ? LEFT_OUT : 'No picture'}</p>;
  return (
    <div class={first.cssWidthPx <= SMALL_PX ? 'pictures small' : 'pictures'}>
      <Screenshot record={step.record} picture={first} hasTarget isOneOfMany={others.length > 0} />
      {others.length > 0 && (
        <div class="other-pictures">
          {others.map((picture) => (
            <Screenshot record={step.record} picture={picture} hasTarget={false} isOneOfMany />
          ))}
        </div>
      )}
    </div>
  );
}

export function StepCard({ step, startStampMs }: StepCardProps) {
  const { record } = step;
  const marks = record.observation?.marks ?? [];
  const ui = record.observation?.ui;
  const verdict = VERDICTS[record.verdict.kind];
  const bodySays = tellAct(record);
  const proprio = record.observation?.proprio;
  return (
    <article
      class={`step edge-${tellStep(record).colour}`}
      id={`step-${record.index}`}
      tabIndex={-1}
      data-exception={isException(record) ? '' : undefined}
      aria-labelledby={`step-${record.index}-title`}
    >
      <header>
        <a class="number" href={`#step-${record.index}`} aria-label={`Link to step ${record.index}`}>
          {record.index}
        </a>
        <h3 id={`step-${record.index}-title`} class="outside">
          {actionInWords(record.proposed, marks)}
        </h3>
        <Pill telling={verdict} />
        {bodySays && <Pill telling={bodySays} />}
        <span class="offset">+{durationText(record.stampMs - startStampMs)}</span>
      </header>
      <div class="columns">
        <div>
          <Pictures step={step} />
          {ui && (
            <p class="address">
              <span class="outside">{ui.title}</span> <code class="outside">{ui.url}</code>
            </p>
          )}
          {proprio && (
            <Source
              title={`Own readings, gripper ${Math.round(proprio.gripperOpen * 100)} % open`}
              text={prettyJson(proprio)}
            />
          )}
        </div>
        <div class="parts">
          {record.thought && (
            <section class="part">
              <h4>Thought</h4>
              <blockquote class="outside">{record.thought}</blockquote>
            </section>
          )}
          <section class={`part verdict text-${record.verdict.kind}`}>
            <h4>Verdict</h4>
            <p>
              <Pill telling={verdict} /> <span class="by">decided by {record.verdict.by}</span>
            </p>
            <Reasons reasons={record.verdict.reasons} />
          </section>
          <Opinions record={record} />
          <Deed record={record} marks={marks} />
          <Notices notices={ui?.notices ?? []} />
          <Timings record={record} />
          {record.usage && (
            <p class="usage">
              {record.usage.inputTokens} tokens in, {record.usage.outputTokens} out
            </p>
          )}
          <div>
            {record.rawText && <Source title="What the model wrote" text={record.rawText} />}
            <Source title="Proposal as JSON" text={prettyJson(record.proposed)} />
          </div>
        </div>
      </div>
    </article>
  );
}
