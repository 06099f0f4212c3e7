/** The page as a whole. Text of runs and pages is only ever text: nothing here makes markup of it. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Telling } from '../../record/report/view.ts';
import type { Status } from '../messages.ts';
import { ByHand } from './by-hand.tsx';
import { Controls, Goal, PhasePill, StopBanner, StopButton } from './controls.tsx';
import { Drive, useLead } from './drive.tsx';
import { Facts } from './facts.tsx';
import type { Link, Model } from './link.ts';
import { Log } from './log.tsx';
import { Now } from './now.tsx';
import type { Pilot } from './pilot.ts';
import { Question } from './question.tsx';
import { SpacePanel } from './space.tsx';
import { Stage } from './stage.tsx';
import { Timeline } from './timeline.tsx';
import { liveView, viewOfStep } from './view.ts';

function useModel(link: Link): Model {
  const [model, setModel] = useState(link.model);
  useEffect(() => link.subscribe(() => setModel(link.model())), [link]);
  return model;
}

/** Chosen: longer than a step of an arm. */
const SETTLED_MS = 700;

/**
 * The plots come after all else, and may fail alone: a drawing library must not keep a person from the stop button. It asks for the
 * browser's language as it is loaded, and some browsers name one that they do not know themselves.
 */
function usePlots() {
  const [Plots, setPlots] = useState<typeof import('./plots.tsx').Plots | undefined>(undefined);
  useEffect(() => {
    const load = async () => {
      try {
        Intl.getCanonicalLocales(navigator.language);
      } catch {
        Object.defineProperty(navigator, 'language', { value: 'en' });
      }
      const loaded = await import('./plots.tsx');
      setPlots(() => loaded.Plots);
    };
    void load().catch((error: unknown) => console.error('no plots', error));
  }, []);
  return Plots;
}

/**
 * The step in the making is shown once it takes longer than a glance, or somebody is asked about it. Where steps come fast the last one
 * that is over is shown, which has its verdict: else all would flicker.
 */
function useSettled(status: Status | undefined): Status | undefined {
  const step = status?.look?.index;
  const [settled, setSettled] = useState<number | undefined>(undefined);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(step), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [step]);
  // Whoever acts on it sees it as it is.
  if (!status || status.question || status.isByHand || step === undefined || step === settled) return status;
  const { look: _look, ...rest } = status;
  return rest;
}

/** Which step is looked at: an earlier one by its position, or the run as it goes on. */
function useScrub({ steps, isRecording }: Model) {
  const [at, setAt] = useState<number | undefined>(undefined);
  const position = at ?? (isRecording ? 0 : undefined);
  // Another episode has other steps.
  const shown = position !== undefined && position < steps.length ? position : undefined;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { target, key, ctrlKey, metaKey, altKey } = event;
      if (ctrlKey || metaKey || altKey || (target as Element).closest?.('input, textarea, [contenteditable]')) return;
      const now = shown ?? steps.length - 1;
      if (key === 'ArrowLeft' || key === 'k') setAt(Math.max(0, now - 1));
      else if (key === 'ArrowRight' || key === 'j')
        setAt(now + 1 < steps.length ? now + 1 : isRecording ? now : undefined);
      else if (key === 'l' && !isRecording) setAt(undefined);
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [shown, steps.length, isRecording]);
  return [shown, setAt] as const;
}

const OUTCOMES: Readonly<Record<string, Telling>> = {
  success: { word: 'success', sign: '✓', colour: 'allow' },
  failure: { word: 'failure', sign: '✕', colour: 'deny' },
  truncated: { word: 'truncated', sign: '…', colour: 'ask' },
  stopped: { word: 'stopped', sign: '■', colour: 'halt' },
  fault: { word: 'fault', sign: '!', colour: 'deny' },
};

function Ending({ status }: { readonly status: Status }) {
  const { end, phase } = status;
  if (phase !== 'over') return null;
  const told = (end && OUTCOMES[end.outcome]) ?? { word: 'cut off', sign: '…', colour: 'ask' as const };
  return (
    <section class="ending-now panel" aria-label="How it ended" role="status">
      <p>
        <span class={`pill verdict-${told.colour}`}>
          <span aria-hidden="true">{told.sign}</span> {told.word}
        </span>{' '}
        <span class="outside">{end?.reason ?? 'the recording ends here'}</span>
      </p>
      {end?.answer !== undefined && end.answer !== end.reason && <p class="outside answer">{end.answer}</p>}
    </section>
  );
}

function CopyLink({ link, model }: { readonly link: Link; readonly model: Model }) {
  const [said, setSaid] = useState('');
  const copy = (token: string, what: string) => async () => {
    const address = link.addressWith(token);
    try {
      // There is none where the page is not on this machine: then it is shown, to be copied by hand.
      await navigator.clipboard.writeText(address);
      setSaid(`${what} copied`);
    } catch {
      setSaid(address);
    }
  };
  return (
    <p class="links by">
      {model.viewToken !== undefined && (
        <button type="button" class="quiet" onClick={copy(model.viewToken, 'Read-only link')}>
          Copy read-only link
        </button>
      )}{' '}
      <button type="button" class="quiet" onClick={copy(link.token, 'Link')}>
        Copy this link
      </button>{' '}
      <span role="status" class="outside">
        {said}
      </span>
    </p>
  );
}

function Refused() {
  return (
    <main class="refused-page">
      <h1>This link is not valid here</h1>
      <p>Open the address that pumice printed, with all that stands after the #. Each run has its own.</p>
    </main>
  );
}

export function App({ link, pilot }: { readonly link: Link; readonly pilot: Pilot }) {
  const model = useModel(link);
  const [at, go] = useScrub(model);
  const Plots = usePlots();
  const { status, steps, right, watchers, viewer, isRecording } = model;
  useLead(pilot, model);
  const settled = useSettled(status);
  const live = useMemo(() => liveView(settled, steps), [settled, steps]);
  const view = at === undefined ? live : viewOfStep(steps[at]!);
  const isHolder = watchers.holder !== undefined && watchers.holder === viewer;
  const mayCommand = right === 'control' && (watchers.holder === undefined || isHolder);
  const isByHand = status?.isByHand === true && status.phase === 'running' && mayCommand;
  const hasControls = right === 'control' && !isRecording;
  useEffect(() => {
    document.title = status?.question
      ? '? pumice: a person is asked'
      : `pumice${status?.instruction ? `: ${status.instruction}` : ''}`;
  }, [status?.question, status?.instruction]);
  if (model.isRefused) return <Refused />;
  return (
    <>
      <header class="top">
        <div class="line">
          <PhasePill model={model} />
          <Goal link={link} model={model} />
          {hasControls && <Controls link={link} model={model} />}
          {hasControls && <StopButton link={link} />}
        </div>
        {right === 'view' && <p class="by look-on">You look on: this link cannot command.</p>}
        {!model.isConnected && (
          <p class="banner failed" role="alert">
            Not connected. What you see is old; it connects again by itself.
          </p>
        )}
        {model.refusal && model.refusal.questionId === undefined && (
          <p class="banner" role="alert">
            {model.refusal.text}{' '}
            <button type="button" class="quiet" onClick={link.forgetRefusal}>
              OK
            </button>
          </p>
        )}
        {status && <StopBanner link={link} status={status} mayCommand={mayCommand} />}
        {model.stopTaken && !status?.stop && (
          <p class="banner stop" role="alert">
            Stop sent{model.stopTaken.isWordWritten ? ', and written to the driver of the body' : ' to the run'}.
          </p>
        )}
      </header>
      <main class="board">
        <div class="left">
          <Stage
            link={link}
            view={view}
            isLive={at === undefined && !isRecording}
            marked={status?.marked}
            onLook={pilot.lookAt}
            isByHand={isByHand}
            onMark={isHolder ? pilot.goAbove : undefined}
          />
          <Timeline steps={steps} at={at} onGo={go} forgotten={model.forgotten} isRecording={isRecording} />
          <SpacePanel steps={steps} view={view} status={status} />
          {Plots && <Plots steps={steps} />}
        </div>
        <div class="right">
          {status?.question && (
            <Question
              key={status.question.id}
              link={link}
              model={model}
              question={status.question}
              mayCommand={mayCommand}
            />
          )}
          {status?.handOver !== undefined && (
            <section class="question panel" role="alert">
              <h2>Over to a person</h2>
              <p class="outside words">{status.handOver}</p>
              <p class="by">Do it, then press Resume.</p>
            </section>
          )}
          {status && <Ending status={status} />}
          {isByHand && <ByHand link={link} view={live} />}
          {status?.isPiloted && <Drive link={link} pilot={pilot} model={model} status={status} />}
          <Now
            status={status}
            view={view}
            last={at === undefined ? steps.at(-1)?.record : undefined}
            isLive={at === undefined && !isRecording}
          />
          <section class="panel" aria-label="Run">
            <Facts model={model} />
            <CopyLink link={link} model={model} />
          </section>
          {!isRecording && <Log notes={model.notes} />}
        </div>
      </main>
    </>
  );
}
