/**
 * A ring of rows of numbers in shared memory: one thread appends, any other reads the newest rows afterwards. For meters, not for control.
 */

/** Words of the head, 32 bits each: how many rows were appended, the length of a row. */
const APPENDED = 0;
const COLUMNS = 1;
const HEAD_BYTES = 8;

export interface Log {
  readonly append: (row: readonly number[]) => void;
  /** Rows appended so far; those beyond the room of the ring are gone. */
  readonly count: () => number;
  /** The rows that are still there, oldest first. */
  readonly rows: () => readonly (readonly number[])[];
}

export function createLog(rows: number, columns: number): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(HEAD_BYTES + 8 * rows * columns);
  new Int32Array(buffer, 0, 2)[COLUMNS] = columns;
  return buffer;
}

export function openLog(buffer: SharedArrayBuffer): Log {
  const head = new Int32Array(buffer, 0, 2);
  const numbers = new Float64Array(buffer, HEAD_BYTES);
  const columns = head[COLUMNS]!;
  const room = numbers.length / columns;
  const count = () => Atomics.load(head, APPENDED);
  return {
    append: (row) => {
      const at = count();
      numbers.set(row, (at % room) * columns);
      Atomics.store(head, APPENDED, at + 1);
    },
    count,
    rows: () => {
      const last = count();
      const copy = numbers.slice();
      // The writer may have gone round meanwhile, and be in the middle of one row more.
      const first = Math.max(0, count() + 1 - room);
      return Array.from({ length: Math.max(0, last - first) }, (_, index) => {
        const start = ((first + index) % room) * columns;
        return Array.from(copy.subarray(start, start + columns));
      });
    },
  };
}
