/** What the page under control asks, and the answer of who acts on it by hand: until there is one, the page stands still. */
import { useId, useState } from 'preact/hooks';
import type { UiState } from '../../types.ts';
import type { Link } from './link.ts';

export type OpenDialog = NonNullable<UiState['dialog']>;

const ASKS: Readonly<Record<string, string>> = {
  alert: 'The page says',
  beforeunload: 'The page asks whether to leave it',
};

interface PageDialogProps {
  readonly link: Link;
  readonly dialog: OpenDialog;
  /** The look that it was seen on. */
  readonly seq: number;
}

export function PageDialog({ link, dialog: { kind, message, defaultValue }, seq }: PageDialogProps) {
  const [text, setText] = useState(defaultValue ?? '');
  const title = useId();
  const isPrompt = kind === 'prompt';
  const answer = (accept: boolean) =>
    link.command({
      kind: 'deed',
      deed: { seq, action: { kind: 'ui-dialog', accept, ...(accept && isPrompt && { text }) } },
    });
  return (
    // The keyboard is not taken there: a key that is being pressed would answer.
    <div class="page-dialog" role="alert" aria-labelledby={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          answer(true);
        }}
      >
        <h3 id={title}>{ASKS[kind] ?? 'The page asks'}</h3>
        {message !== '' && <p class="outside words">{message}</p>}
        {isPrompt && (
          <label>
            Answer
            <input value={text} autocomplete="off" onInput={({ currentTarget }) => setText(currentTarget.value)} />
          </label>
        )}
        <p class="row">
          <button type="submit">{kind === 'alert' ? 'Close it' : 'Accept'}</button>
          {kind !== 'alert' && (
            <button type="button" onClick={() => answer(false)}>
              Dismiss
            </button>
          )}
        </p>
      </form>
    </div>
  );
}
