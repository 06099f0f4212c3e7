/** The verdict of a step as a small coloured word with a sign. */
import type { VerdictKind } from '../../../types.ts';
import { VERDICTS } from '../view.ts';

export function VerdictPill({ kind }: { readonly kind: VerdictKind }) {
  const { word, sign } = VERDICTS[kind];
  return (
    <span class={`pill verdict-${kind}`}>
      <span aria-hidden="true">{sign}</span> {word}
    </span>
  );
}
