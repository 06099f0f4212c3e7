/** What a dashboard tells its pages of a run, and a run of its pages, over real sockets and through its real thread. */
import { once } from 'node:events';
import { monotonicNowMs, type PilotInput, type Run, type RunEvent } from 'pumice';
import { from, Subject } from 'rxjs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Dashboard, dashboard } from '../../src/dashboard/index.ts';
import type { FromPage, ToPage } from '../../src/dashboard/messages.ts';
import { sampleFacts } from '../record/sample.ts';
import { until } from './stand.ts';

let board: Dashboard;
let socket: WebSocket;
let heard: ToPage[];
let events$: Subject<RunEvent>;
beforeEach(async () => {
  board = await dashboard();
  const { origin, hash } = new URL(board.url);
  socket = new WebSocket(`${origin.replace('http', 'ws')}/live`, ['pumice', `pumice.token.${hash.slice(1)}`], {
    origin,
  });
  heard = [];
  socket.on('message', (data) => heard.push(JSON.parse(String(data)) as ToPage));
  await once(socket, 'open');
  events$ = new Subject();
  board.watch({ events$ } as unknown as Run);
  events$.next({ kind: 'episode-start', facts: sampleFacts });
  await until(() => told().at(-1)?.phase === 'running', 'it is told that it runs');
});
afterEach(async () => {
  socket.terminate();
  await board.close();
});

const told = () => heard.flatMap((message) => (message.kind === 'status' ? [message.status] : []));
/** Whatever was told before has come. */
async function quiet(): Promise<void> {
  for (const [kind, phase] of [
    ['paused', 'paused'],
    ['resumed', 'running'],
  ] as const) {
    events$.next({ kind });
    await until(() => told().at(-1)?.phase === phase, `it is told that it is ${phase}`);
  }
}
const say = (message: FromPage) => socket.send(JSON.stringify(message));

it('what moves faster than people read is told now and then, the newest at the end', async () => {
  await quiet();
  const before = told().length;
  const STEPS = 500;
  for (let index = 0; index < STEPS; index++) events$.next({ kind: 'step-start', index });
  await until(() => told().at(-1)?.step === STEPS - 1, 'the newest is told');
  // The first at once, and the newest when its time has come.
  expect(told().length - before).toBeLessThanOrEqual(4);
});

it('a phase is told at once, and each of them', async () => {
  for (let times = 0; times < 5; times++) for (const kind of ['paused', 'resumed'] as const) events$.next({ kind });
  await until(() => told().filter(({ phase }) => phase === 'paused').length >= 5, 'each pause is told');
  expect(told().at(-1)?.phase).toBe('running');
});

it('entries bring no status with them', async () => {
  await quiet();
  const before = told().length;
  const notes = () => heard.flatMap((message) => (message.kind === 'entries' ? message.entries : [])).length;
  const known = notes();
  for (let at = 0; at < 50; at++) events$.next({ kind: 'warning', text: `warning ${at}` });
  await until(() => notes() - known === 50, 'all notes are there');
  expect(told().length).toBe(before);
});

it('a dead-man let go and pressed again while the main thread is busy was let go', async () => {
  const inputs: PilotInput[] = [];
  const listening = from(board.pilot.input$).subscribe((input) => void inputs.push(input));
  say({ kind: 'take-control' });
  let ping: { readonly nth: number; readonly atMs: number } | undefined;
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as ToPage;
    if (message.kind === 'ping') ping = { nth: message.ping, atMs: monotonicNowMs() };
  });
  await until(() => ping !== undefined, 'a ping');
  const sample = (isHeld: boolean) =>
    say({ kind: 'pilot', ping: ping!.nth, sinceMs: monotonicNowMs() - ping!.atMs, isHeld, mode: 'manual', share: 1 });
  const comesTo = (isSo: () => boolean) => until(isSo, 'it comes', 500).catch(() => {});
  let seen: readonly boolean[] = [];
  // A machine that is busy lets go of what is held for too long: then anew.
  for (let tries = 0; tries < 20 && seen.at(-1) !== true; tries++) {
    say({ kind: 'take-control' });
    sample(false);
    sample(true);
    await comesTo(() => inputs.at(-1)?.isHeld === true);
    const before = inputs.length;
    for (const isHeld of [true, false, true]) sample(isHeld);
    // Its thread has time to take all three in; none of them grows too old.
    for (const endMs = monotonicNowMs() + 60; monotonicNowMs() < endMs; );
    await comesTo(() => inputs.length >= before + 2);
    seen = inputs.slice(before).map(({ isHeld }) => isHeld);
  }
  expect(seen.at(-1)).toBe(true);
  expect(seen).toContain(false);
  listening.unsubscribe();
});
