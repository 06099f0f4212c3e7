/** What became of a step: what the body did, refused, or never got. */
import type { Mark, StepRecord } from '../../../types.ts';
import { prettyJson } from '../view.ts';
import { ActionView } from './action-view.tsx';

const WORDS = { done: 'Done', refused: 'Refused by the body', stopped: 'Stopped' } as const;

function withoutAct(record: StepRecord): string {
  if (record.verdict.kind === 'allow' || record.verdict.kind === 'modify') return 'No action of the body is on record.';
  return 'Nothing reached the body.';
}

export function Deed({ record, marks }: { readonly record: StepRecord; readonly marks: readonly Mark[] }) {
  const { act, human } = record;
  const isOther = act?.executed && prettyJson(act.executed) !== prettyJson(record.proposed);
  return (
    <section class="part deed">
      <h4>What happened</h4>
      {act ? (
        <p>
          <b class={`deed-${act.status}`}>{WORDS[act.status]}</b>
          {act.reason && <span class="outside">: {act.reason}</span>}
          {act.status === 'done' && !isOther && ' as proposed'}
        </p>
      ) : (
        <p>{withoutAct(record)}</p>
      )}
      {isOther && act?.executed && <ActionView action={act.executed} marks={marks} />}
      {human && (
        <p>
          A person had {Math.round(human.share * 100)} % of the command{human.intervention ? ' and took over' : ''}.
        </p>
      )}
    </section>
  );
}
