/**
 * What the dashboard keeps of a run: steps and notes in their order, and pictures by number. Both are bounded, the oldest go first;
 * everything is in the recording.
 */
import type { Frame } from '../types.ts';
import type { Entry } from './messages.ts';

/** Steps and notes that are kept. Chosen: about 25 MB. */
const MOST_ENTRIES = 5000;
/** Bytes of pictures that are kept. Chosen: some thousand frames of an arm, or a thousand of a page. */
const MOST_BYTES = 256 << 20;

export interface History {
  /** Another one with each episode. */
  readonly generation: () => number;
  readonly begin: () => void;
  readonly add: (entry: Entry) => void;
  /** Number of the entry that comes next. */
  readonly end: () => number;
  readonly forgotten: () => number;
  /** Up to `most` entries from the given number on, or from the first that is still there. */
  readonly from: (start: number, most: number) => { readonly from: number; readonly entries: readonly Entry[] };
  readonly addFrame: (id: number, frame: Frame) => void;
  readonly frame: (id: number) => Frame | undefined;
}

export function createHistory({ mostEntries = MOST_ENTRIES, mostBytes = MOST_BYTES } = {}): History {
  let generation = 0;
  let entries: Entry[] = [];
  let forgotten = 0;
  let bytes = 0;
  const frames = new Map<number, Frame>();
  return {
    generation: () => generation,
    begin: () => {
      generation += 1;
      entries = [];
      forgotten = 0;
      frames.clear();
      bytes = 0;
    },
    add: (entry) => {
      entries.push(entry);
      // In portions: taking one off the front of a long list each time is slow.
      if (entries.length <= mostEntries * 1.1) return;
      const over = entries.length - mostEntries;
      entries = entries.slice(over);
      forgotten += over;
    },
    end: () => forgotten + entries.length,
    forgotten: () => forgotten,
    from: (start, most) => {
      const from = Math.max(start, forgotten);
      return { from, entries: entries.slice(from - forgotten, from - forgotten + most) };
    },
    addFrame: (id, frame) => {
      frames.set(id, frame);
      bytes += frame.data.length;
      for (const [oldest, { data }] of frames) {
        if (bytes <= mostBytes || oldest === id) break;
        frames.delete(oldest);
        bytes -= data.length;
      }
    },
    frame: (id) => frames.get(id),
  };
}
