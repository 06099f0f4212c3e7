/**
 * What threads share that never wait for each other: mailboxes, in which the newest message is all there is, and the stop word.
 * A box has one writer at a time and any number of readers. Every word is moved by an atomic operation, so that a message is read
 * whole or not at all, whatever the processor; a writer that dies in the middle leaves the message before it.
 * Knows nothing of what the numbers mean.
 */
import { monotonicNowMs } from '../clock.ts';
import { PumiceError } from '../errors.ts';
import type { StopCategory } from '../ports.ts';

/** Words of the head: how many messages were begun and finished, who writes, how many writers were refused, who has opened it. */
const BEGUN = 0;
const FINISHED = 1;
const WRITER = 2;
const REFUSED = 3;
const OPENED = 4;
const HEAD_WORDS = 8;
/** Copies of the message. Chosen: a reader begins again only when three messages are written while it reads one. */
const SLOTS = 4;
/** Chosen: so often begun again, a reader is being kept from reading, and must not be kept from its other work. */
const MOST_TRIES = 100;

export interface Message {
  /** Counts the messages of this box, from 1. */
  readonly seq: number;
  readonly values: Float64Array;
}

export interface Box {
  /**
   * Puts a message in place of the one before. The first who writes is the writer until it gives the box up.
   *
   * @throws PumiceError `body/driver` for a second writer, which is counted; `config/invalid` for the wrong number of values.
   */
  readonly write: (values: ArrayLike<number>) => void;
  /** The newest message; none when nothing was written yet. */
  readonly read: () => Message | undefined;
  /** Blocks this thread until there is a message newer than `seq`, or the time of the clock has come. */
  readonly waitForNext: (seq: number, untilMs: number) => Message | undefined;
  /** The same without blocking, for a thread that has an event loop to run. */
  readonly nextAfter: (seq: number, untilMs: number) => Promise<Message | undefined>;
  /** Lets another one write, if it was this one that wrote. */
  readonly giveUp: () => void;
  /** Whether another one writes to it. */
  readonly isTaken: () => boolean;
  /** Messages that were refused because they came from a second writer. */
  readonly refused: () => number;
}

/** @param fields - how many numbers a message has, or their names. */
export function createBox(fields: readonly string[] | number): SharedArrayBuffer {
  const count = typeof fields === 'number' ? fields : fields.length;
  if (!Number.isInteger(count) || count < 1)
    throw new PumiceError('config/invalid', `a message needs one number or more, not ${count}`, { who: 'box' });
  return new SharedArrayBuffer(4 * (HEAD_WORDS + 2 * SLOTS * count));
}

export function openBox(buffer: SharedArrayBuffer): Box {
  const words = new Int32Array(buffer);
  const fieldWords = (words.length - HEAD_WORDS) / SLOTS;
  const numbers = new Float64Array(fieldWords / 2);
  const copy = new Int32Array(numbers.buffer);
  /** Who this is, among those who have opened the box. */
  const self = Atomics.add(words, OPENED, 1) + 1;
  const startOf = (seq: number) => HEAD_WORDS + (seq % SLOTS) * fieldWords;

  const claim = () => {
    const writer = Atomics.compareExchange(words, WRITER, 0, self);
    if (writer === 0 || writer === self) return;
    Atomics.add(words, REFUSED, 1);
    throw new PumiceError('body/driver', 'this box has a writer already', {
      who: 'box',
      hint: 'Let one thing command the body; close the other one first',
    });
  };
  const read = (): Message | undefined => {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const seq = Atomics.load(words, FINISHED);
      if (seq === 0) return undefined;
      const start = startOf(seq);
      for (let i = 0; i < fieldWords; i++) copy[i] = Atomics.load(words, start + i);
      // Whoever has begun the message that comes into this slot next may have written over what was read.
      if (Atomics.load(words, BEGUN) - seq < SLOTS) return { seq, values: numbers.slice() };
    }
    return undefined;
  };
  const isNewer = (message: Message | undefined, seq: number) => message !== undefined && message.seq !== seq;

  return {
    write: (values) => {
      if (values.length !== numbers.length)
        throw new PumiceError('config/invalid', `expected ${numbers.length} numbers, got ${values.length}`, {
          who: 'box',
        });
      claim();
      numbers.set(values);
      const seq = Atomics.load(words, FINISHED) + 1;
      Atomics.store(words, BEGUN, seq);
      const start = startOf(seq);
      for (let i = 0; i < fieldWords; i++) Atomics.store(words, start + i, copy[i]!);
      Atomics.store(words, FINISHED, seq);
      Atomics.notify(words, FINISHED);
    },
    read,
    waitForNext: (seq, untilMs) => {
      for (;;) {
        const newest = Atomics.load(words, FINISHED);
        const leftMs = untilMs - monotonicNowMs();
        if (newest !== seq || leftMs <= 0) {
          const message = read();
          return isNewer(message, seq) ? message : undefined;
        }
        Atomics.wait(words, FINISHED, newest, leftMs);
      }
    },
    nextAfter: async (seq, untilMs) => {
      for (;;) {
        const newest = Atomics.load(words, FINISHED);
        const leftMs = untilMs - monotonicNowMs();
        if (newest !== seq || leftMs <= 0) {
          const message = read();
          return isNewer(message, seq) ? message : undefined;
        }
        await Atomics.waitAsync(words, FINISHED, newest, leftMs).value;
      }
    },
    giveUp: () => void Atomics.compareExchange(words, WRITER, self, 0),
    isTaken: () => ![0, self].includes(Atomics.load(words, WRITER)),
    refused: () => Atomics.load(words, REFUSED),
  };
}

/** Lowest two bits: 0 no stop, else 3 less the category, so that more is stricter. The rest: the epoch. */
const LEVEL_BITS = 2;
const LEVEL_MASK = (1 << LEVEL_BITS) - 1;

/**
 * One number that anyone may make stricter at any time, with nobody's help. It holds the category of the stop and the epoch together,
 * so that a stop which comes while another one is being cleared is never lost.
 */
export interface StopWord {
  /** Begins a stop and wakes whoever waits: idempotent, only ever stricter. */
  readonly stop: (category: StopCategory) => void;
  /** The category of the stop that is in force. */
  readonly read: () => StopCategory | undefined;
  /** For a person alone: ends the stop, and with it the epoch. A stricter stop that comes meanwhile stays. */
  readonly clear: () => void;
  /** Rises with every clear: what was decided before is void. */
  readonly epoch: () => number;
  /** How often a stop was begun, also where one was in force already: what a person does meanwhile ends with the next. */
  readonly stops: () => number;
  /** Blocks this thread until the word changes, somebody wakes it, or the time of the clock has come. */
  readonly waitUntil: (deadlineMs: number) => void;
  /** Wakes whoever waits, with nothing changed. */
  readonly wake: () => void;
}

export const createStopWord = (): SharedArrayBuffer => new SharedArrayBuffer(8);

export function openStopWord(buffer: SharedArrayBuffer): StopWord {
  const words = new Int32Array(buffer);
  const load = () => Atomics.load(words, 0);
  /** The last value that this thread has looked at: a change since then must not be slept over. */
  let seen = load();
  const levelOf = (word: number) => word & LEVEL_MASK;
  return {
    stop: (category) => {
      const level = 3 - category;
      for (let word = load(); levelOf(word) < level; word = load())
        if (Atomics.compareExchange(words, 0, word, (word & ~LEVEL_MASK) | level) === word) break;
      Atomics.add(words, 1, 1);
      Atomics.notify(words, 0);
    },
    read: () => {
      seen = load();
      const level = levelOf(seen);
      return level === 0 ? undefined : ((3 - level) as StopCategory);
    },
    clear: () => {
      const word = load();
      const next = ((word >> LEVEL_BITS) + 1) << LEVEL_BITS;
      Atomics.compareExchange(words, 0, word, next);
      Atomics.notify(words, 0);
    },
    epoch: () => load() >> LEVEL_BITS,
    stops: () => Atomics.load(words, 1),
    waitUntil: (deadlineMs) => {
      const leftMs = deadlineMs - monotonicNowMs();
      if (leftMs > 0) Atomics.wait(words, 0, seen, leftMs);
    },
    wake: () => void Atomics.notify(words, 0),
  };
}
