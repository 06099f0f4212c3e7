/** How much waits for a page that reads slowly, or not at all; and what is kept of a run. */
import { describe, expect, it } from 'vitest';
import { createHistory } from '../../src/dashboard/history.ts';
import type { Entry, ToPage } from '../../src/dashboard/messages.ts';
import { createViewer, type ViewerSocket } from '../../src/dashboard/viewer.ts';

/** A socket whose other end reads when it is told to. */
function fakeSocket() {
  const sent: ToPage[] = [];
  const waiting: { bytes: number; done: () => void }[] = [];
  let isTerminated = false;
  const socket: ViewerSocket = {
    get bufferedAmount() {
      return waiting.reduce((sum, { bytes }) => sum + bytes, 0);
    },
    send: (text, done) => {
      sent.push(JSON.parse(text) as ToPage);
      waiting.push({ bytes: text.length, done });
    },
    terminate: () => {
      isTerminated = true;
    },
  };
  const read = () => {
    const next = waiting.shift();
    next?.done();
    return next !== undefined;
  };
  return { socket, sent, read, isTerminated: () => isTerminated };
}

const note = (text: string): Entry => ({ kind: 'note', note: { wallMs: 0, level: 'info', text } });
const long = (at: number) => note(`${at} ${'x'.repeat(2000)}`);
const textsOf = (messages: readonly ToPage[]) =>
  messages.flatMap((message) =>
    message.kind === 'entries'
      ? message.entries.map((entry) => (entry.kind === 'note' ? entry.note.text.split(' ')[0] : ''))
      : [],
  );

describe('a viewer', () => {
  const status = (): ToPage => ({
    kind: 'status',
    status: { phase: 'running', instruction: '', thought: '', canStart: false },
    watchers: { viewers: 1 },
  });

  it('that reads nothing makes no more than a bound wait, however long the run is', () => {
    const history = createHistory();
    const { socket, sent } = fakeSocket();
    const viewer = createViewer(socket, history, status);
    for (let at = 0; at < 3000; at++) {
      history.add(long(at));
      viewer.refresh();
    }
    expect(socket.bufferedAmount).toBeLessThan(2 ** 19);
    expect(textsOf(sent).length).toBeLessThan(300);
  });

  it('that reads late gets every step and note in order, and the newest status once', () => {
    const history = createHistory();
    const { socket, sent, read } = fakeSocket();
    const viewer = createViewer(socket, history, status);
    for (let at = 0; at < 1000; at++) {
      history.add(long(at));
      viewer.refresh();
    }
    const before = sent.filter(({ kind }) => kind === 'status').length;
    while (read());
    expect(textsOf(sent)).toEqual(Array.from({ length: 1000 }, (_, at) => String(at)));
    expect(sent.filter(({ kind }) => kind === 'status').length).toBeLessThanOrEqual(before + 1);
    expect(sent.at(-1)!.kind).toBe('status');
  });

  it('is told of stops and questions at once, whatever waits for it', () => {
    const history = createHistory();
    const { socket, sent } = fakeSocket();
    const viewer = createViewer(socket, history, status);
    for (let at = 0; at < 1000; at++) history.add(long(at));
    viewer.refresh();
    const { length } = sent;
    viewer.urgent();
    expect(sent.length).toBe(length + 1);
    expect(sent.at(-1)!.kind).toBe('status');
  });

  it('that never reads a byte is let go in the end', () => {
    const { socket, isTerminated } = fakeSocket();
    const big = (): ToPage => ({ kind: 'refused', text: 'x'.repeat(2 ** 20) });
    const viewer = createViewer(socket, createHistory(), big);
    for (let at = 0; at < 20 && !isTerminated(); at++) viewer.urgent();
    expect(isTerminated()).toBe(true);
  });

  it('begins anew with another episode', () => {
    const history = createHistory();
    const { socket, sent, read } = fakeSocket();
    const viewer = createViewer(socket, history, status);
    history.add(note('old'));
    viewer.refresh();
    history.begin();
    history.add(note('new'));
    viewer.refresh();
    while (read());
    expect(textsOf(sent)).toEqual(['old', 'new']);
    const generations = sent.flatMap((message) => (message.kind === 'entries' ? [message.generation] : []));
    expect(generations[0]).not.toBe(generations[1]);
  });
});

describe('what is kept', () => {
  const frame = (bytes: number) => ({
    ...{ data: new Uint8Array(bytes), encoding: 'jpeg' as const, widthPx: 1, heightPx: 1, stampMs: 0, camera: 'c' },
  });

  it('is bounded: the oldest entries and pictures go first, and it is known how many', () => {
    const history = createHistory({ mostEntries: 100, mostBytes: 1000 });
    for (let at = 0; at < 1000; at++) history.add(note(String(at)));
    expect(history.end()).toBe(1000);
    expect(history.forgotten()).toBeGreaterThan(850);
    expect(history.from(0, 1)).toMatchObject({ from: history.forgotten() });
    expect(history.from(999, 50).entries).toEqual([note('999')]);
    for (let id = 1; id <= 10; id++) history.addFrame(id, frame(200));
    expect([1, 5, 6, 10].map((id) => history.frame(id) !== undefined)).toEqual([false, false, true, true]);
    // One that is larger than all is shown all the same.
    history.addFrame(11, frame(5000));
    expect(history.frame(11)).toBeDefined();
    expect(history.frame(10)).toBeUndefined();
  });
});
