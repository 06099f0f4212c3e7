/** What happened beside the steps, the newest at the end, and followed unless the reader has scrolled up. */
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Note } from '../messages.ts';

/** Lines that are shown. Chosen: more is no longer read here. */
const MOST_LINES = 300;
const SIGNS = { info: '', warning: '! ', stop: '■ ' } as const;
const timeOf = (wallMs: number): string => new Date(wallMs).toLocaleTimeString('en-GB');

export function Log({ notes }: { readonly notes: readonly Note[] }) {
  const list = useRef<HTMLOListElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    if (isAtEnd.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [notes]);
  // Most of what comes is no note, and hundreds of lines are not gone through for it.
  const lines = useMemo(
    () =>
      notes.slice(-MOST_LINES).map(({ wallMs, level, text }) => (
        <li class={`note-${level}`}>
          <time>{timeOf(wallMs)}</time>{' '}
          <span class="outside">
            {SIGNS[level]}
            {text}
          </span>
        </li>
      )),
    [notes],
  );
  return (
    <section class="log panel" aria-labelledby="log-title">
      <h2 id="log-title">Log</h2>
      <ol
        ref={list}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        tabIndex={0}
        aria-labelledby="log-title"
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          isAtEnd.current = scrollHeight - scrollTop - clientHeight < 30;
        }}
      >
        {lines}
        {notes.length === 0 && <li class="by">Nothing yet</li>}
      </ol>
    </section>
  );
}
