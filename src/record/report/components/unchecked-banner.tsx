/** Says at the top of the page which executed actions the recording cannot show to have been checked. */
import type { Unchecked } from '../../unchecked.ts';

/** Most steps named. Chosen: one is reason enough to distrust the episode. */
const MAX_NAMED = 10;

export function UncheckedBanner({ unchecked }: { readonly unchecked: readonly Unchecked[] }) {
  if (unchecked.length === 0) return null;
  const more = unchecked.length - MAX_NAMED;
  return (
    <div class="banner failed" role="alert">
      <p>
        <b>This report fails.</b> Of {unchecked.length} executed action{unchecked.length === 1 ? '' : 's'} the recording
        does not show that a check let {unchecked.length === 1 ? 'it' : 'them'} through:
      </p>
      <ul>
        {unchecked.slice(0, MAX_NAMED).map(({ index, lacks }) => (
          <li class="outside">
            <a href={`#step-${index}`}>step {index}</a> lacks {lacks.join('; ')}
          </li>
        ))}
        {more > 0 && <li>and {more} more</li>}
      </ul>
    </div>
  );
}
