/** A verdict, or what the body said, as a small coloured word with a sign. */
import type { Telling } from '../view.ts';

export function Pill({ telling }: { readonly telling: Telling }) {
  return (
    <span class={`pill verdict-${telling.colour}`}>
      <span aria-hidden="true">{telling.sign}</span> {telling.word}
    </span>
  );
}
