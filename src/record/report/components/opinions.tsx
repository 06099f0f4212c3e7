/** What each critic said of a step, on what, how and how fast; and that rules alone judged it where none was asked. */
import type { GivenOpinion, StepRecord } from '../../../types.ts';
import { durationText, opinionsOn, VERDICTS } from '../view.ts';
import { Pill } from './pill.tsx';

/** Characters of a digest that tell two texts apart at a glance. */
const DIGEST_CHARS = 12;

function Opinion({ opinion }: { readonly opinion: GivenOpinion }) {
  const { critic, kind, reasons, evidence, confidence, tier, prompt, usage, tookMs } = opinion;
  const notes = [
    ...(evidence === undefined ? [] : [`evidence: ${evidence}`]),
    ...(confidence === undefined ? [] : [`${Math.round(confidence * 100)} % sure`]),
    ...(tier === undefined ? [] : [`asked ${tier}`]),
    ...(prompt === undefined ? [] : [`prompt ${prompt.name} (${prompt.sha256.slice(0, DIGEST_CHARS)})`]),
    ...(usage === undefined ? [] : [`${usage.inputTokens} tokens in, ${usage.outputTokens} out`]),
    `answered in ${durationText(tookMs)}`,
  ];
  return (
    <li>
      <p>
        <b class="outside">{critic}</b> <Pill telling={VERDICTS[kind]} />
      </p>
      <p class="by outside">{notes.join(' · ')}</p>
      {reasons.length > 0 && (
        <ul class="reasons">
          {reasons.map((reason) => (
            <li class="outside">{reason}</li>
          ))}
        </ul>
      )}
    </li>
  );
}

/** On what the verdict rests: how old the picture was, and for which chunk it was given. */
function basisOf({ judgedAgeMs, chunkId, lease }: StepRecord): string {
  const parts = [
    ...(judgedAgeMs === undefined ? [] : [`on a picture ${durationText(judgedAgeMs)} old`]),
    ...(chunkId === undefined ? [] : [`as part of chunk ${chunkId}`]),
    ...(lease ? [`under a lease given by ${lease.by?.join(', ') ?? 'rules'}`] : []),
  ];
  return parts.length > 0 ? `Judged ${parts.join(', ')}.` : '';
}

export function Opinions({ record }: { readonly record: StepRecord }) {
  const opinions = opinionsOn(record);
  const basis = basisOf(record);
  return (
    <section class="part opinions">
      <h4>Critics</h4>
      {opinions === undefined && <p>No critic was asked.</p>}
      {opinions?.length === 0 && <p>None: rules alone judged it.</p>}
      {opinions && opinions.length > 0 && (
        <ul class="said">
          {opinions.map((opinion) => (
            <Opinion opinion={opinion} />
          ))}
        </ul>
      )}
      {basis && <p class="by outside">{basis}</p>}
    </section>
  );
}
