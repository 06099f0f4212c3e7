/** What happened to the page since the step before, with the flag that would allow what was blocked. */
import type { Notice } from '../../../types.ts';

export function Notices({ notices }: { readonly notices: readonly Notice[] }) {
  if (notices.length === 0) return null;
  return (
    <section class="part notices">
      <h4>Notices</h4>
      <ul>
        {notices.map((notice) => (
          <li>
            <span class="tag">{notice.kind}</span> <span class="outside">{notice.text}</span>
            {notice.allowWith && (
              <div class="allow-with">
                To allow this: <code>{notice.allowWith}</code>
              </div>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
