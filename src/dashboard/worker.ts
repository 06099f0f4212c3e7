/**
 * The thread of the dashboard. It is one of its own so that a stop gets through, and a silent holder of control is found out, while the
 * main thread is busy or hangs; and so that no viewer, however slow, costs the loop anything. Runs from `dist`.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { interval } from 'rxjs';
import type { WebSocket } from 'ws';
import { monotonicNowMs, monotonicScheduler } from '../clock.ts';
import { describeError, PumiceError } from '../errors.ts';
import type { PilotInput } from '../ports.ts';
import { openStopWord, type StopWord } from '../robot/boxes.ts';
import type { Frame } from '../types.ts';
import { encodeJpeg } from '../vision/index.ts';
import { createControl, PING_MS } from './control.ts';
import { createHistory } from './history.ts';
import {
  BUTTON_CATEGORY,
  type DashboardWorkerData,
  type FromPage,
  type FromWorker,
  fromPageSchema,
  type LivePicture,
  SILENCE_CATEGORY,
  type Status,
  type StopTaken,
  type Tokens,
  type ToPage,
  type ToWorker,
} from './messages.ts';
import { createPilotIntake, queued } from './pilot-intake.ts';
import { loadRecording } from './recording.ts';
import { createFlood } from './security.ts';
import { serveDashboard } from './server.ts';
import { createViewer, type Viewer } from './viewer.ts';

const { host, port, tokens, recording } = workerData as DashboardWorkerData;
const tell = (message: FromWorker) => parentPort!.postMessage(message);

const history = createHistory(recording === undefined ? {} : { mostEntries: Infinity, mostBytes: Infinity });
const control = createControl({ nowMs: monotonicNowMs });
const intake = createPilotIntake({ control, nowMs: monotonicNowMs });
const viewers = new Map<number, { readonly viewer: Viewer; readonly right: keyof Tokens }>();
let status: Status = { phase: 'waiting', instruction: '', thought: '', canStart: false };
/** Chosen: a third of a second of a camera at 30 Hz. */
const KEPT_SIGHTS = 10;
let word: StopWord | undefined;
let viewerCount = 0;

const holderOf = () => {
  const holder = control.holder();
  return holder === undefined ? {} : { holder };
};
const statusMessage = (): ToPage => ({
  kind: 'status',
  status,
  watchers: { viewers: viewers.size, ...holderOf() },
});
const tellWatchers = () =>
  tell({
    kind: 'watchers',
    attended: [...viewers.values()].filter(({ right }) => right === 'control').length,
    isHeld: control.holder() !== undefined,
  });
const refreshAll = () => {
  for (const { viewer } of viewers.values()) viewer.refresh();
};
const urgentAll = () => {
  for (const { viewer } of viewers.values()) viewer.urgent();
};

/** What waits while the main thread has one sample that it did not take yet. */
let isPiloting = false;
let waiting: readonly PilotInput[] = [];
const pilot = (input: PilotInput | undefined) => {
  if (input) waiting = queued(waiting, input);
  const [first, ...rest] = waiting;
  if (isPiloting || first === undefined) return;
  isPiloting = true;
  waiting = rest;
  tell({ kind: 'pilot', input: first });
};

/** The body first, whoever else is busy; then the run. */
const pressStop = (): StopTaken => {
  word?.stop(BUTTON_CATEGORY);
  tell({ kind: 'stop', cause: 'the stop button was pressed at the dashboard' });
  return { kind: 'stop-taken', isWordWritten: word !== undefined };
};
const loseControl = (cause: string | undefined) => {
  if (cause === undefined) return;
  pilot(intake.leave());
  const isMoving = status.phase === 'running' || status.phase === 'paused';
  if (isMoving) {
    word?.stop(SILENCE_CATEGORY);
    tell({ kind: 'stop', cause });
  }
  tellWatchers();
  urgentAll();
};

const onMessage = (id: number, { viewer, right }: { viewer: Viewer; right: keyof Tokens }, message: FromPage) => {
  if (message.kind === 'alive') return control.alive(id, message.ping);
  if (right !== 'control') return viewer.say({ kind: 'refused', text: 'This link only looks on.' });
  if (message.kind === 'pilot') return pilot(intake.take(id, message));
  if (message.kind !== 'command') {
    if (message.kind === 'release-control') {
      if (control.holder() === id) pilot(intake.leave());
      control.release(id);
    } else if (!control.take(id)) viewer.say({ kind: 'refused', text: 'Another viewer holds control.' });
    else sendPing();
    tellWatchers();
    return urgentAll();
  }
  const { command } = message;
  const holder = control.holder();
  // Whoever holds control leads alone; a stop is everybody's.
  if (holder !== undefined && holder !== id && command.kind !== 'stop')
    return viewer.say({
      kind: 'refused',
      text: 'Another viewer holds control.',
      ...(command.kind === 'answer' && { questionId: command.questionId }),
    });
  tell({ kind: 'command', command });
};

const readMessage = (data: string): FromPage | undefined => {
  try {
    return fromPageSchema.safeParse(JSON.parse(data)).data;
  } catch {
    return undefined;
  }
};

function onViewer(socket: WebSocket, right: keyof Tokens): void {
  const id = ++viewerCount;
  const viewer = createViewer(
    {
      get bufferedAmount() {
        return socket.bufferedAmount;
      },
      send: (text, done) => socket.send(text, () => done()),
      terminate: () => socket.terminate(),
    },
    history,
    statusMessage,
  );
  const own = { viewer, right };
  viewers.set(id, own);
  viewer.say({
    kind: 'hello',
    viewer: id,
    right,
    ...(right === 'control' && { viewToken: tokens.view }),
    isRecording: recording !== undefined,
    generation: history.generation(),
  });
  refreshAll();
  tellWatchers();
  const leave = () => {
    if (!viewers.delete(id)) return;
    loseControl(control.gone(id));
    refreshAll();
    tellWatchers();
  };
  /** Gone from now on: what still comes from there, and when it closes, is its own affair. */
  const shutOut = (why: string) => {
    leave();
    socket.close(1008, why);
  };
  const isBounded = createFlood(monotonicNowMs);
  socket.on('message', (data, isBinary) => {
    if (!viewers.has(id)) return;
    if (!isBounded()) return shutOut('too many messages');
    const message = isBinary ? undefined : readMessage(String(data));
    if (message) onMessage(id, own, message);
    // Who cannot speak to us is no page of ours.
    else shutOut('expected a message of the dashboard');
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', leave);
}

function onStopSocket(socket: WebSocket): void {
  // Whatever comes through it is the button.
  socket.on('message', () => socket.send(JSON.stringify(pressStop())));
  socket.on('error', () => socket.terminate());
}

/** Pictures of this moment, each kept for a moment more: a page may be asking for it. */
let live: readonly (readonly LivePicture[])[] = [];
const onLive = (pictures: readonly LivePicture[]) => {
  live = [pictures, ...live.slice(0, KEPT_SIGHTS - 1)];
  tell({ kind: 'live-taken' });
  const holder = control.holder();
  if (holder !== undefined)
    viewers.get(holder)?.viewer.glance({ kind: 'live', pictures: pictures.map(({ ref }) => ref) });
};

const shown = async (id: number): Promise<Frame | undefined> => {
  const frame = live.flat().find(({ ref }) => ref.id === id)?.frame ?? history.frame(id);
  return frame?.encoding === 'rgb8' ? encodeJpeg(frame) : frame;
};

parentPort!.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'episode':
      return history.begin();
    case 'frame':
      history.addFrame(message.id, message.frame);
      return tell({ kind: 'frame-taken' });
    case 'entry':
      history.add(message.entry);
      for (const { viewer } of viewers.values()) viewer.more();
      return;
    case 'status':
      status = message.status;
      return message.isUrgent ? urgentAll() : refreshAll();
    case 'body':
      word = message.stopWord && openStopWord(message.stopWord);
      return;
    case 'refuse-edit': {
      const { questionId, problem } = message;
      for (const { viewer } of viewers.values()) viewer.say({ kind: 'refused', text: problem, questionId });
      return;
    }
    case 'refuse': {
      for (const { viewer, right } of viewers.values())
        if (right === 'control') viewer.say({ kind: 'refused', text: message.text });
      return;
    }
    case 'live':
      return onLive(message.pictures);
    case 'pilot-taken':
      isPiloting = false;
      return pilot(undefined);
    case 'close':
      return void server?.close().then(() => process.exit(0));
  }
});

function sendPing(): void {
  const holder = control.holder();
  if (holder === undefined) return;
  const ping: ToPage = { kind: 'ping', ping: control.ping(), nowMs: monotonicNowMs(), pilot: intake.state() };
  viewers.get(holder)?.viewer.say(ping);
}
interval(PING_MS, monotonicScheduler).subscribe(() => {
  loseControl(control.lost());
  pilot(intake.lapse());
  sendPing();
});

let server: Awaited<ReturnType<typeof serveDashboard>> | undefined;
try {
  if (recording !== undefined) status = await loadRecording(recording, history);
  server = await serveDashboard({
    ...{ host, port, tokens, onViewer, onStopSocket },
    frame: shown,
    onStop: pressStop,
  });
  tell({ kind: 'listening', port: server.port });
} catch (error) {
  const known = PumiceError.is(error) ? { code: error.code, message: error.message, hint: error.hint } : undefined;
  tell({ kind: 'failed', ...(known ?? { code: 'server/port-in-use', message: describeError(error) }) });
}
