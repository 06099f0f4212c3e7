/** A person acts on the page under control: clicks and scrolls on its picture, types, and goes elsewhere. Each deed says what they saw. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Deed } from '../../hand.ts';
import type { PictureRef } from '../messages.ts';
import type { Link } from './link.ts';
import { PageDialog } from './page-dialog.tsx';
import type { View } from './view.ts';

/** What belongs together of a wheel's turning, ms. */
const TURN_MS = 150;
const SCROLL_PX = 500;
const KEYS = ['Enter', 'Tab', 'Backspace', 'ArrowDown', 'ArrowUp'] as const;

const doing =
  (link: Link) =>
  (action: Deed['action'], seq = link.shownSeq()) => {
    if (seq !== undefined) link.command({ kind: 'deed', deed: { seq, action } });
  };

interface HandLayerProps {
  readonly link: Link;
  /** The look whose picture lies below. */
  readonly seq: number;
  readonly picture: PictureRef;
}

/** Over the picture: a click and a turn of the wheel are done where they are. */
export function HandLayer({ link, seq, picture }: HandLayerProps) {
  const layer = useRef<HTMLButtonElement>(null);
  const now = useRef({ seq, picture });
  now.current = { seq, picture };
  const act = doing(link);
  const placeOf = ({ clientX, clientY }: MouseEvent) => {
    const { left, top, width, height } = layer.current!.getBoundingClientRect();
    const { cssWidthPx, cssHeightPx } = now.current.picture;
    return { xPx: ((clientX - left) / width) * cssWidthPx, yPx: ((clientY - top) / height) * cssHeightPx };
  };
  useEffect(() => {
    let turned: { dxPx: number; dyPx: number; target: ReturnType<typeof placeOf>; seq: number } | undefined;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { dxPx = 0, dyPx = 0 } = turned ?? {};
      if (!turned)
        setTimeout(() => {
          const { seq: of, ...scroll } = turned!;
          turned = undefined;
          act({ kind: 'ui-scroll', ...scroll }, of);
        }, TURN_MS);
      const by = { dxPx: dxPx + event.deltaX, dyPx: dyPx + event.deltaY };
      // Where it was turned last: the picture may be gone when it is done.
      turned = { ...by, target: placeOf(event), seq: now.current.seq };
    };
    // Or the page that is looked at would scroll.
    const button = layer.current!;
    button.addEventListener('wheel', onWheel, { passive: false });
    return () => button.removeEventListener('wheel', onWheel);
  }, [link]);
  return (
    <button
      ref={layer}
      type="button"
      class="hand-layer"
      aria-label="Click here on the page"
      onClick={(event) => {
        // A key pressed it, which has no place.
        if (event.detail === 0) return;
        act({ kind: 'ui-click', target: placeOf(event), button: 'left', count: 1 }, seq);
      }}
    />
  );
}

export function ByHand({ link, view }: { readonly link: Link; readonly view: View | undefined }) {
  const [text, setText] = useState('');
  const [isReplaced, setReplaced] = useState(false);
  const [url, setUrl] = useState('');
  const [mark, setMark] = useState('');
  const act = doing(link);
  const type = (submit: boolean) => {
    act({ kind: 'ui-type', text, clear: isReplaced, submit });
    setText('');
  };
  return (
    <section class="by-hand panel" aria-labelledby="by-hand-title">
      <h2 id="by-hand-title">By hand</h2>
      {view?.dialog && (
        <PageDialog key={JSON.stringify(view.dialog)} link={link} dialog={view.dialog} seq={view.index} />
      )}
      <p class="by">Click and scroll on the picture. Each deed goes through the same gate as a policy's.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          type(true);
        }}
      >
        <label>
          Text for the field that has the keyboard
          <input value={text} autocomplete="off" onInput={({ currentTarget }) => setText(currentTarget.value)} />
        </label>
        <label>
          <input
            type="checkbox"
            checked={isReplaced}
            onChange={({ currentTarget }) => setReplaced(currentTarget.checked)}
          />{' '}
          in place of what is there
        </label>
        <p class="row">
          <button type="button" disabled={text === ''} onClick={() => type(false)}>
            Type
          </button>
          <button type="submit" disabled={text === ''}>
            Type, then Enter
          </button>
        </p>
      </form>
      <p class="row">
        {KEYS.map((keys) => (
          <button type="button" key={keys} onClick={() => act({ kind: 'ui-key', keys })}>
            {keys}
          </button>
        ))}
        <button type="button" onClick={() => act({ kind: 'ui-scroll', dxPx: 0, dyPx: SCROLL_PX })}>
          Scroll down
        </button>
        <button type="button" onClick={() => act({ kind: 'ui-scroll', dxPx: 0, dyPx: -SCROLL_PX })}>
          Scroll up
        </button>
        <button type="button" onClick={() => act({ kind: 'ui-back' })}>
          Back
        </button>
      </p>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          act({ kind: 'ui-click', target: { markId: Number(mark) }, button: 'left', count: 1 });
          setMark('');
        }}
      >
        <label>
          Mark number
          <input
            value={mark}
            inputMode="numeric"
            pattern="[0-9]+"
            autocomplete="off"
            onInput={({ currentTarget }) => setMark(currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={!/^\d+$/.test(mark)}>
          Click it
        </button>
      </form>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          act({ kind: 'ui-navigate', url });
          setUrl('');
        }}
      >
        <label>
          Address
          <input value={url} autocomplete="off" onInput={({ currentTarget }) => setUrl(currentTarget.value)} />
        </label>
        <button type="submit" disabled={url === ''}>
          Go there
        </button>
      </form>
      <button type="button" onClick={() => act({ kind: 'done', outcome: 'success' })}>
        It is done
      </button>
    </section>
  );
}
