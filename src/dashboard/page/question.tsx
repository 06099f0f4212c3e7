/** What a person is asked: the action, why somebody asks, and the answers. It comes from the run, never from the page under control. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { durationText, prettyJson } from '../../record/report/view.ts';
import { actionInWords } from '../../record/report/words.ts';
import type { ShownQuestion } from '../messages.ts';
import type { Link, Model } from './link.ts';

function useSecondsLeft(untilWallMs: number): number {
  const left = () => Math.max(0, untilWallMs - Date.now());
  const [leftMs, setLeft] = useState(left);
  useEffect(() => {
    const timer = setInterval(() => setLeft(left()), 1000);
    return () => clearInterval(timer);
  }, [untilWallMs]);
  return leftMs;
}

interface QuestionProps {
  readonly link: Link;
  readonly model: Model;
  readonly question: ShownQuestion;
  readonly mayCommand: boolean;
}

export function Question({ link, model, question, mayCommand }: QuestionProps) {
  const { id, proposed, verdict, look, canEdit } = question;
  const [edited, setEdited] = useState<string | undefined>(undefined);
  const [reason, setReason] = useState('');
  const leftMs = useSecondsLeft(question.expiresWallMs);
  const title = useRef<HTMLHeadingElement>(null);
  // Who works by keyboard or by ear is taken to it; not to a button, where a key that is being pressed would answer.
  useEffect(() => title.current?.focus(), [id]);
  const answer = (given: Parameters<typeof link.command>[0] & { kind: 'answer' }) => link.command(given);
  const problem = model.refusal?.questionId === id ? model.refusal.text : undefined;
  return (
    <section
      class="question panel"
      role="alertdialog"
      aria-labelledby="question-title"
      aria-describedby="question-what"
    >
      <h2 id="question-title" tabIndex={-1} ref={title}>
        <span aria-hidden="true">?</span> May this be done?
      </h2>
      <p id="question-what" class="outside words">
        {actionInWords(verdict.action, look.observation.marks ?? [])}
      </p>
      <ul class="reasons">
        {verdict.reasons.map((why) => (
          <li class="outside">{why}</li>
        ))}
      </ul>
      {mayCommand && edited === undefined && (
        <>
          <div class="answers">
            <button
              type="button"
              class="yes"
              onClick={() => answer({ kind: 'answer', questionId: id, answer: { kind: 'approve' } })}
            >
              <span aria-hidden="true">✓</span> Approve once
            </button>
            <button
              type="button"
              class="no"
              onClick={() =>
                answer({
                  kind: 'answer',
                  questionId: id,
                  answer: { kind: 'deny', ...(reason.trim() && { reason: reason.trim() }) },
                })
              }
            >
              <span aria-hidden="true">✕</span> Deny
            </button>
            {canEdit && (
              <button type="button" onClick={() => setEdited(prettyJson(proposed))}>
                Edit…
              </button>
            )}
          </div>
          <label class="why">
            Why not, for the policy (may be left out)
            <input value={reason} autocomplete="off" onInput={(event) => setReason(event.currentTarget.value)} />
          </label>
        </>
      )}
      {mayCommand && edited !== undefined && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            answer({ kind: 'answer', questionId: id, answer: { kind: 'edit', json: edited } });
          }}
        >
          <label>
            What instead, as JSON like this
            <textarea
              rows={8}
              spellcheck={false}
              value={edited}
              onInput={(event) => setEdited(event.currentTarget.value)}
            />
          </label>
          {problem !== undefined && (
            <p class="problem outside" role="alert">
              {problem}
            </p>
          )}
          <div class="answers">
            <button type="submit" class="main">
              Propose this
            </button>
            <button type="button" onClick={() => setEdited(undefined)}>
              Back
            </button>
          </div>
        </form>
      )}
      <p class="by">
        {mayCommand
          ? `A yes counts once, for the same thing on what is there then. No answer in ${durationText(leftMs)} is a no.`
          : 'Somebody with the right to command has to answer.'}
      </p>
    </section>
  );
}
