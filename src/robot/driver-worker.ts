/**
 * The thread that alone commands a body: one set-point a period, at absolute deadlines; what is late is skipped, never caught up with.
 * A change of the stop word wakes it at once. It has no event loop to be held up by: it needs nobody that lives. Runs from `dist`.
 */
import { setPriority } from 'node:os';
import { workerData } from 'node:worker_threads';
import { monotonicNowMs } from '../clock.ts';
import { openStopWord } from './boxes.ts';
import { IS_GONE, LIVES } from './driver-post.ts';
import { createTick, type TickParts } from './driver-tick.ts';

/** Of Linux: -20 first, 19 last. Chosen: before everything that was started as usual. */
const PRIORITY = -15;
/** Turns in which the body has to come to rest when the driver ends. Chosen: 5 s at 100 Hz. */
const LAST_TURNS = 500;

/** On Linux this is for this thread alone; elsewhere, and without the right to, things stay as they are. */
function hurry(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, PRIORITY);
  } catch {
    // It is a help, and no need.
  }
}

function drive(parts: TickParts): void {
  const { buffers, driver } = parts;
  const life = new Int32Array(buffers.life);
  const stopWord = openStopWord(buffers.stopWord);
  const tick = createTick(parts);
  const periodMs = 1000 / driver.commandRateHz;
  const beganMs = monotonicNowMs();
  let deadlineMs = beganMs;
  const nextTime = (): number => {
    // Looked at before the turn, so that a change during it ends the wait.
    stopWord.waitUntil(deadlineMs);
    const nowMs = monotonicNowMs();
    if (nowMs >= deadlineMs) deadlineMs = beganMs + (Math.floor((nowMs - beganMs) / periodMs) + 1) * periodMs;
    stopWord.read();
    return nowMs;
  };
  while (Atomics.load(life, 0) === LIVES) tick.turn(nextTime());
  for (let turns = 0; turns < LAST_TURNS && !tick.end(nextTime()); turns++);
  Atomics.store(life, 0, IS_GONE);
}

hurry();
drive(workerData as TickParts);
