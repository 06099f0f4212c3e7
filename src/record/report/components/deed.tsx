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
      {human && <ByPerson human={human} marks={marks} />}
    </section>
  );
}

interface ByPersonProps {
  readonly human: NonNullable<StepRecord['human']>;
  readonly marks: readonly Mark[];
}

/** What a person at the controls asked for, what the policy would have done, and whose it became. */
function ByPerson({ human, marks }: ByPersonProps) {
  const { share, intervention, mode, isHeld, inputAgeMs, help, refused, isLimited, command, policy } = human;
  const isLed = isHeld !== false;
  const facts = [
    mode && `mode ${mode}`,
    isHeld !== undefined && (isHeld ? 'dead-man held' : 'dead-man let go'),
    isLed && inputAgeMs !== undefined && `input ${Math.round(inputAgeMs)} ms old`,
    help && `led to ${help === 'descend' ? 'go down' : 'above a mark'}`,
    isLimited && 'made less by limits',
  ].filter(Boolean);
  return (
    <>
      <p>
        A person had {Math.round(share * 100)} % of the command{intervention ? ' and took over' : ''}
        {facts.length > 0 && ` (${facts.join(', ')})`}.
        {refused !== undefined && <span class="outside"> Not done: {refused}.</span>}
      </p>
      {command && isLed && (
        <div class="wish">
          They asked for <ActionView action={command} marks={marks} />
        </div>
      )}
      {policy && isLed && (
        <div class="wish">
          The policy would have done <ActionView action={policy} marks={marks} />
        </div>
      )}
    </>
  );
}
