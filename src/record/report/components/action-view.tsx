/** An action in words, and as it was written. */
import type { Action, Mark } from '../../../types.ts';
import { prettyJson, shorten } from '../view.ts';
import { actionInWords } from '../words.ts';

export function ActionView({ action, marks }: { readonly action: Action; readonly marks: readonly Mark[] }) {
  return (
    <>
      <p class="words outside">{actionInWords(action, marks)}</p>
      <Source title="JSON" text={prettyJson(action)} />
    </>
  );
}

/** Text as it came, folded away. */
export function Source({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <details class="source">
      <summary>{title}</summary>
      <pre>{shorten(text)}</pre>
    </details>
  );
}
