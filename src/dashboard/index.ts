/**
 * The dashboard: one page on which people see a run, pause it, stop it, approve, and change what it is to do. It is served by a thread of
 * its own (`worker.ts`); this is the end of it in the main thread, which never waits for it.
 *
 *   run ── events ──▶ bounded, masked ──▶ thread of the dashboard ──▶ pages
 *   run ◀── pause, step, instruction, answers ── (checked) ◀─────────┘ │
 *   driver's stop word ◀── the stop button, and silence of who holds control
 */
import { Worker } from 'node:worker_threads';
import { concat, defer, EMPTY, finalize, of, Subject, type Subscription, throttleTime } from 'rxjs';
import { monotonicNowMs, monotonicScheduler, sleep, wallMs } from '../clock.ts';
import { PumiceError } from '../errors.ts';
import type { RunEvent } from '../events.ts';
import type { Deed, Hand } from '../hand.ts';
import {
  type Approver,
  type Decision,
  decisionSchema,
  type Env,
  type Pilot,
  type PilotInput,
  type StopSource,
} from '../ports.ts';
import type { Run } from '../run.ts';
import type { Frame } from '../types.ts';
import { readWrittenAction } from '../written-action.ts';
import { type BodyWatch, watchBody } from './body-watch.ts';
import type { Command, DashboardWorkerData, FromWorker, Status, Tokens, ToWorker } from './messages.ts';
import { newToken } from './security.ts';
import {
  IDLE,
  nextStatus,
  noteOf,
  numberPictures,
  shownQuestion,
  shownStep,
  type Tools,
  thinSteps,
  withDriver,
} from './shown.ts';

export interface DashboardOptions {
  /** Address to listen at: this machine alone, unless told otherwise. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** A recording to be shown instead of runs. */
  readonly recording?: string;
}

/** What is to be known of the body of a run that is watched. */
export interface WatchedBody {
  /** Puts the names of secrets in place of their values. */
  readonly mask?: (text: string) => string;
  /** Of its driver: the stop button writes it with nobody's help. */
  readonly stopWord?: SharedArrayBuffer | undefined;
  /** What its driver says of itself, and its newest pictures for who leads it (as of an `Env`). */
  readonly driverState?: Env['driverState'] | undefined;
  readonly frames?: Env['frames'] | undefined;
}

export interface Dashboard extends AsyncDisposable {
  /** Address with the token of who commands. Whoever has it can lead the run. */
  readonly url: string;
  /** Address with the token of who looks on. */
  readonly viewUrl: string;
  /** Shows a run from now on, in place of the one before; to be called in the turn in which it was made. */
  readonly watch: (run: Run, body?: WatchedBody) => void;
  /** Asks the people at the page. Where there is nobody it says no, after a moment for one whose page is being loaded again. */
  readonly approver: Approver;
  /** The stop button, and the silence of who holds control. */
  readonly stops: StopSource;
  /** The controls of who holds control. */
  readonly pilot: Pilot;
  /** What people do on the picture of a page. */
  readonly hand: Hand;
  /** Whether somebody is there who may command. */
  readonly isAttended: () => boolean;
  /** Resolves when nobody has been there for a moment, or the signal is aborted. */
  readonly left: (signal: AbortSignal) => Promise<void>;
  /**
   * Whether another run may begin: at once where no stop is in force, else when a person has cleared it. Not when the signal is aborted,
   * or nobody is there to do so.
   */
  readonly cleared: (signal: AbortSignal) => Promise<boolean>;
  /**
   * Offers to begin a run. @returns its instruction; nothing when the signal is aborted, or, without `isPatient`, nobody is there.
   */
  readonly nextStart: (instruction: string, options: NextStart) => Promise<string | undefined>;
  readonly close: () => Promise<void>;
}
export interface NextStart {
  readonly signal: AbortSignal;
  /** Waits for somebody to come. */
  readonly isPatient: boolean;
}

const WORKER = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/src/dashboard/worker.js', import.meta.url)
  : new URL('./worker.js', import.meta.url);

/** Pictures on their way to the thread above which one is left out. Chosen: two steps of four cameras. */
const MOST_FRAMES = 8;
/** Between two tellings of a status that is not urgent, ms. Chosen: as fast as one reads; an arm that is led begins a step in less. */
const STATUS_MS = 60;
/** How long nobody may be there before somebody counts as gone, ms. Chosen: a page that is loaded again needs less. */
const GONE_MS = 4000;
const GLANCE_MS = 100;
const LOOPBACK = '127.0.0.1';

/**
 * Opens a dashboard and waits until it can be reached. It keeps a process alive only while it shows a recording.
 *
 * @throws PumiceError `server/port-in-use`; `record/invalid` for a recording that cannot be read.
 */
export async function dashboard(options: DashboardOptions = {}): Promise<Dashboard> {
  const { host = LOOPBACK, port = 0, recording } = options;
  const tokens: Tokens = { control: newToken(), view: newToken() };
  const workerData: DashboardWorkerData = { host, port, tokens, ...(recording !== undefined && { recording }) };
  const worker = new Worker(WORKER, { workerData, execArgv: [] });
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  const post = (message: ToWorker) => worker.postMessage(message);

  let frames = 0;
  const onFrame = (id: number, frame: Frame) => {
    // A thread that does not keep up misses pictures, and nothing else.
    if (frames >= MOST_FRAMES) return;
    frames += 1;
    post({ kind: 'frame', id, frame });
  };
  let tools: Tools = {
    pictures: numberPictures(onFrame),
    mask: (text) => text,
    wallMs: (stampMs = monotonicNowMs()) => wallMs(stampMs),
  };

  let status: Status = IDLE;
  let attended = 0;
  let isHeld = false;
  let lastSeenMs = Number.NEGATIVE_INFINITY;
  let run: Run | undefined;
  let watching: Subscription | undefined;
  const stop$ = new Subject<string>();
  const deeds$ = new Subject<Deed>();
  const input$ = new Subject<PilotInput>();
  const starts$ = new Subject<string>();
  const cleared$ = new Subject<void>();
  const answers$ = new Subject<{ questionId: string; decision: Decision }>();
  const changed$ = new Subject<void>();

  const show = (next: Status, isUrgent = false) => {
    if (next === status) return;
    // What the silence of who leads has to stop is known to its thread at once.
    const isNow = isUrgent || next.phase !== status.phase;
    status = next;
    if (isNow) post({ kind: 'status', status, isUrgent });
    else changed$.next();
  };
  changed$
    .pipe(throttleTime(STATUS_MS, monotonicScheduler, { leading: true, trailing: true }))
    .subscribe(() => post({ kind: 'status', status, isUrgent: false }));

  /** The state of the controls as it was told last: who begins to listen has to know whether the dead-man is held. */
  let controls: PilotInput = { stampMs: 0, isHeld: false, mode: 'manual', share: 1 };
  const pilot: Pilot = {
    name: 'dashboard',
    input$: defer(() => {
      show({ ...status, isPiloted: true });
      // Another run begins with nobody who watches: the page says so if somebody does.
      const first = controls.isHeld ? EMPTY : of({ ...controls, mode: 'manual' as const, stampMs: monotonicNowMs() });
      return concat(first, input$).pipe(finalize(() => show({ ...status, isPiloted: false })));
    }),
  };
  const hand: Hand = {
    name: 'dashboard',
    listen: (take) => {
      show({ ...status, isByHand: true });
      const listening = deeds$.subscribe(take);
      return () => {
        listening.unsubscribe();
        show({ ...status, isByHand: false });
      };
    },
    refuse: (text) => post({ kind: 'refuse', text }),
  };
  const isShown = thinSteps();
  let isLiveBusy = false;
  const bodyWatch: BodyWatch = {
    status: () => status,
    onDriver: (driver) => show(withDriver(status, driver)),
    wantsPictures: () => isHeld && status.isPiloted === true && !isLiveBusy,
    onPictures: (pictures) => {
      isLiveBusy = true;
      post({ kind: 'live', pictures });
    },
    nextId: () => tools.pictures.nextId(),
  };

  const onEvent = (event: RunEvent) => {
    const note = noteOf(event, tools);
    if (event.kind === 'episode-start') post({ kind: 'episode' });
    if (note) post({ kind: 'entry', entry: { kind: 'note', note } });
    // A person's controls begin more steps than anybody can see; all of them are in the recording.
    if (event.kind === 'step-end' && !isShown(event.record)) return;
    if (event.kind === 'step-end')
      post({ kind: 'entry', entry: { kind: 'step', step: shownStep(event.record, tools.pictures, tools.mask) } });
    show(nextStatus(status, event, tools), URGENT.has(event.kind));
  };

  const onAnswer = ({ questionId, answer }: Extract<Command, { kind: 'answer' }>) => {
    if (answer.kind !== 'edit') return answers$.next({ questionId, decision: decisionSchema.parse(answer) });
    const action = readWrittenAction(answer.json);
    if (typeof action === 'string') post({ kind: 'refuse-edit', questionId, problem: action });
    else answers$.next({ questionId, decision: { kind: 'edit', action } });
  };
  const onCommand = (command: Command) => {
    switch (command.kind) {
      case 'answer':
        return onAnswer(command);
      case 'start':
        return status.canStart && !status.stop ? starts$.next(command.instruction) : undefined;
      case 'clear': {
        const { stop: _stop, ...unlatched } = status;
        if (!isOver(status)) return;
        show(unlatched, true);
        return cleared$.next();
      }
      case 'deed':
        if (status.phase === 'running' && deeds$.observed) return deeds$.next(command.deed);
        return post({ kind: 'refuse', text: 'Nothing is led by hand now.' });
      case 'instruct':
        return run?.setInstruction(command.instruction);
      case 'stop':
        return run?.stop('stopped at the dashboard');
      default:
        return run?.[command.kind]();
    }
  };
  const onStop = (cause: string) => {
    stop$.next(cause);
    // Nothing moves: what was pressed holds until a person clears it.
    if (isOver(status)) show({ ...status, stop: { kind: 'latched', cause } }, true);
  };

  const onWatchers = (told: Extract<FromWorker, { kind: 'watchers' }>) => {
    ({ attended, isHeld } = told);
    // Whoever has just left may be loading the page again.
    lastSeenMs = monotonicNowMs();
  };

  const listening = new Promise<number>((resolve, reject) => {
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'listening') resolve(message.port);
      else if (message.kind === 'failed')
        reject(
          new PumiceError(message.code, message.message, message.hint === undefined ? {} : { hint: message.hint }),
        );
      else if (message.kind === 'frame-taken') frames -= 1;
      else if (message.kind === 'live-taken') isLiveBusy = false;
      else if (message.kind === 'watchers') onWatchers(message);
      else if (message.kind === 'stop') onStop(message.cause);
      else if (message.kind === 'pilot') {
        controls = message.input;
        input$.next(controls);
        post({ kind: 'pilot-taken' });
      } else onCommand(message.command);
    });
    const gone = (what: string) => {
      reject(new PumiceError('server/port-in-use', what, { who: 'dashboard' }));
      attended = 0;
      if (!isClosing) process.emitWarning(`the dashboard is gone: ${what}`);
      input$.complete();
      // Whoever held control can lead no longer.
      if (!isClosing && isHeld) stop$.next(`the dashboard is gone: ${what}`);
    };
    worker.on('error', (error) => gone(error.message));
    worker.on('exit', (code) => gone(`its thread ended with code ${code}`));
  });
  let isClosing = false;

  const isGone = () => {
    if (attended > 0) lastSeenMs = monotonicNowMs();
    return monotonicNowMs() - lastSeenMs > GONE_MS;
  };
  const untilGone = async (signal: AbortSignal) => {
    while (!isGone()) await sleep(GLANCE_MS, signal);
  };
  const nextOf = <T>(values$: Subject<T>, take: (value: T) => boolean, end: AbortSignal): Promise<T | undefined> =>
    new Promise((resolve) => {
      const listening = values$.subscribe((value) => take(value) && settle(value));
      const settle = (value: T | undefined) => {
        listening.unsubscribe();
        end.removeEventListener('abort', leave);
        resolve(value);
      };
      const leave = () => settle(undefined);
      if (end.aborted) leave();
      else end.addEventListener('abort', leave, { once: true });
    });
  /** The first value, unless the signal is aborted or nobody is there any more. */
  const nextWhile = async <T>(values$: Subject<T>, take: (value: T) => boolean, signal: AbortSignal) => {
    const over = new AbortController();
    const end = AbortSignal.any([signal, over.signal]);
    void untilGone(end).then(
      () => over.abort(),
      () => {},
    );
    return nextOf(values$, take, end).finally(() => over.abort());
  };

  const approver: Approver = {
    name: 'person',
    ask: async (question, { signal }) => {
      show({ ...status, doing: 'asking', question: shownQuestion(question, status.step ?? 0, tools) }, true);
      const found = await nextWhile(answers$, ({ questionId }) => questionId === question.id, signal);
      const { question: _asked, ...unasked } = status;
      show(unasked, true);
      return found?.decision ?? { kind: 'deny', reason: 'nobody is at the dashboard' };
    },
  };

  const close = async () => {
    isClosing = true;
    watching?.unsubscribe();
    post({ kind: 'close' });
    const over = new AbortController();
    void sleep(GONE_MS, over.signal).then(
      () => worker.terminate(),
      () => {},
    );
    await exited;
    over.abort();
  };
  const bound = await listening.catch(async (error: unknown) => {
    isClosing = true;
    await worker.terminate();
    throw error;
  });
  // A run lives by itself; a recording is there as long as its page.
  if (recording === undefined) worker.unref();
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${bound}/`;
  return {
    url: `${address}#${tokens.control}`,
    viewUrl: `${address}#${tokens.view}`,
    watch: (watched, body = {}) => {
      const { stopWord, mask = (text: string) => text } = body;
      tools = { ...tools, mask };
      watching?.unsubscribe();
      run = watched;
      post({ kind: 'body', stopWord });
      watching = watchBody(body, bodyWatch);
      watching.add(watched.events$.subscribe({ next: onEvent, error: () => {} }));
    },
    approver,
    stops: { name: 'dashboard', stop$ },
    pilot,
    hand,
    isAttended: () => attended > 0,
    left: (signal) => untilGone(signal).catch(() => {}),
    cleared: async (signal) => {
      if (status.stop) await nextWhile(cleared$, () => true, signal);
      return !status.stop && !signal.aborted;
    },
    nextStart: async (instruction, { signal, isPatient }) => {
      const idle = status.phase === 'waiting' ? { ...status, instruction } : status;
      show({ ...idle, canStart: true });
      if (isPatient) worker.ref();
      const started = isPatient
        ? await nextOf(starts$, () => true, signal)
        : await nextWhile(starts$, () => true, signal);
      worker.unref();
      show({ ...status, canStart: false });
      return started;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What no viewer may miss, however much waits for it. */
const URGENT: ReadonlySet<RunEvent['kind']> = new Set([
  'hand-over',
  'paused',
  'resumed',
  'protective-stop',
  'stop-latched',
  'episode-end',
]);

const isOver = ({ phase }: Status): boolean => phase === 'waiting' || phase === 'over';
