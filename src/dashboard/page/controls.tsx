/** What a person does to a run: pause, go on, one step, another instruction, stop, hold control; and the stop button. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Phase, Status } from '../messages.ts';
import type { Link, Model } from './link.ts';

/** Between the two presses of Escape that are the stop button, ms. Chosen: nobody closes two dialogs so fast. */
const TWICE_MS = 600;

const PHASES: Readonly<Record<Phase, { readonly word: string; readonly sign: string; readonly colour: string }>> = {
  waiting: { word: 'ready', sign: '○', colour: 'modify' },
  running: { word: 'running', sign: '▶', colour: 'allow' },
  paused: { word: 'paused', sign: '❚❚', colour: 'ask' },
  over: { word: 'over', sign: '◼', colour: 'modify' },
};

export function PhasePill({ model }: { readonly model: Model }) {
  const { status, isConnected, isRecording } = model;
  const told = !isConnected
    ? { word: 'not connected', sign: '✕', colour: 'deny' }
    : isRecording
      ? { word: 'recording', sign: '●', colour: 'modify' }
      : status?.stop?.kind === 'latched'
        ? { word: 'stopped', sign: '■', colour: 'halt' }
        : status?.question || status?.handOver !== undefined
          ? { word: 'needs you', sign: '?', colour: 'ask' }
          : status?.phase === 'waiting' && !status.canStart
            ? { word: 'getting ready', sign: '○', colour: 'modify' }
            : PHASES[status?.phase ?? 'waiting'];
  return (
    <span class={`pill phase verdict-${told.colour}`} role="status">
      <span aria-hidden="true">{told.sign}</span> {told.word}
    </span>
  );
}

/** Two presses of Escape: on every keyboard, in every field, and typed by nobody. A key that is held counts once. */
function useEscapeTwice(press: () => void): void {
  const latest = useRef(press);
  latest.current = press;
  useEffect(() => {
    let lastMs = Number.NEGATIVE_INFINITY;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.repeat) return;
      if (event.timeStamp - lastMs < TWICE_MS) latest.current();
      lastMs = event.timeStamp;
    };
    // Before any dialog or field sees it.
    addEventListener('keydown', onKey, { capture: true });
    return () => removeEventListener('keydown', onKey, { capture: true });
  }, []);
}

export function StopButton({ link }: { readonly link: Link }) {
  useEscapeTwice(link.stop);
  return (
    <button type="button" class="estop" onClick={link.stop} aria-describedby="estop-note" aria-keyshortcuts="Escape">
      <b>E-STOP</b>
      <span id="estop-note">software stop · Esc Esc</span>
    </button>
  );
}

export function Controls({ link, model }: { readonly link: Link; readonly model: Model }) {
  const { status, viewer, watchers } = model;
  const isHeldHere = watchers.holder !== undefined && watchers.holder === viewer;
  const isLedElsewhere = watchers.holder !== undefined && !isHeldHere;
  const isGoing = status?.phase === 'running' || status?.phase === 'paused';
  const isDisabled = !isGoing || isLedElsewhere || !model.isConnected;
  const send = (kind: 'pause' | 'resume' | 'step' | 'stop') => () => link.command({ kind });
  return (
    <fieldset class="controls">
      <legend class="unseen">Run</legend>
      {status?.phase === 'paused' ? (
        <button type="button" class="main" disabled={isDisabled} onClick={send('resume')}>
          <span aria-hidden="true">▶</span> Resume
        </button>
      ) : (
        <button type="button" class="main" disabled={isDisabled} onClick={send('pause')}>
          <span aria-hidden="true">❚❚</span> Pause
        </button>
      )}
      <button type="button" disabled={isDisabled} onClick={send('step')}>
        <span aria-hidden="true">▸❘</span> Step
      </button>
      <button type="button" disabled={!isGoing || !model.isConnected} onClick={send('stop')}>
        <span aria-hidden="true">◼</span> Stop
      </button>
      <button
        type="button"
        class={isHeldHere ? 'held' : ''}
        aria-pressed={isHeldHere}
        disabled={isLedElsewhere || !model.isConnected}
        title="While you hold control nobody else commands, and the run stops when this page is hidden, busy or gone"
        onClick={() => link.takeControl(!isHeldHere)}
      >
        <span aria-hidden="true">{isHeldHere ? '◉' : '◎'}</span> {isHeldHere ? 'Release control' : 'Hold control'}
      </button>
    </fieldset>
  );
}

/** The instruction, which can be changed while the run goes on, and begins one where that is offered. */
export function Goal({ link, model }: { readonly link: Link; readonly model: Model }) {
  const { status, right, watchers, viewer } = model;
  const instruction = status?.instruction ?? '';
  const canStart = status?.canStart === true;
  const isGoing = status?.phase === 'running' || status?.phase === 'paused';
  const mayChange = right === 'control' && (watchers.holder === undefined || watchers.holder === viewer);
  const [draft, setDraft] = useState<string | undefined>(undefined);
  useEffect(() => setDraft(undefined), [instruction]);
  const isEditing = draft !== undefined || (canStart && mayChange);
  const text = draft ?? instruction;
  const isBlocked = status?.stop !== undefined;
  if (!isEditing || !mayChange)
    return (
      <div class="goal">
        <h1 class="outside">{instruction || 'Nothing to do yet'}</h1>
        {mayChange && isGoing && (
          <button type="button" class="quiet" onClick={() => setDraft(instruction)}>
            Change
          </button>
        )}
      </div>
    );
  const submit = (event: Event) => {
    event.preventDefault();
    if (text.trim() === '') return;
    link.command(canStart ? { kind: 'start', instruction: text } : { kind: 'instruct', instruction: text });
    setDraft(undefined);
  };
  return (
    <form class="goal editing" onSubmit={submit}>
      <h1 class="unseen">{instruction || 'Nothing to do yet'}</h1>
      <label class="unseen" for="instruction">
        Instruction
      </label>
      <input
        id="instruction"
        value={text}
        autocomplete="off"
        placeholder="What is to be done?"
        onInput={(event) => setDraft(event.currentTarget.value)}
      />
      <button type="submit" class="main" disabled={text.trim() === '' || (canStart && isBlocked)}>
        {canStart ? '▶ Start' : 'Change'}
      </button>
      {!canStart && (
        <button type="button" class="quiet" onClick={() => setDraft(undefined)}>
          Cancel
        </button>
      )}
    </form>
  );
}

/** A stop that is in force, and the way out of it: a second press, which says what it means. */
export function StopBanner({ link, status, mayCommand }: { link: Link; status: Status; mayCommand: boolean }) {
  const [isAsked, setAsked] = useState(false);
  const { stop, phase } = status;
  useEffect(() => setAsked(false), [stop?.cause]);
  if (!stop) return null;
  const isOver = phase === 'over' || phase === 'waiting';
  return (
    <div class="banner stop" role="alert">
      <p class="outside">
        <b>{stop.kind === 'latched' ? 'Stopped' : 'Protective stop'}:</b> {stop.cause}
      </p>
      {mayCommand && isOver && stop.kind === 'latched' && !isAsked && (
        <button type="button" onClick={() => setAsked(true)}>
          Clear the stop…
        </button>
      )}
      {isAsked && (
        <p class="confirm">
          <span>Is the cause gone, and is nobody near the body?</span>{' '}
          <button type="button" class="main" onClick={() => link.command({ kind: 'clear' })}>
            Yes, clear it
          </button>{' '}
          <button type="button" onClick={() => setAsked(false)}>
            No
          </button>
        </p>
      )}
    </div>
  );
}
