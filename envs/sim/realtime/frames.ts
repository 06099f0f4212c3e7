/**
 * Pictures in shared memory: one thread puts the newest picture of a camera there, any other takes a copy of it; nobody waits.
 * A picture comes whole or not at all: it is looked at again after the copy whether the writer has come back to its place.
 */

/** Words of the head, 32 bits each: how many pictures were begun and finished. */
const BEGUN = 0;
const FINISHED = 1;
const HEAD_BYTES = 8;
/** Chosen: at 30 pictures a second, a reader would have to take 60 ms for its copy to be disturbed. */
const SLOTS = 3;
/** Before the bytes: stamp, their count, position (3) and rotation (9) of the camera. */
const LABEL_NUMBERS = 14;
const LABEL_BYTES = 8 * LABEL_NUMBERS;

export interface Shot {
  /** When the world was as it is seen here, monotonic ms. */
  readonly stampMs: number;
  readonly positionM: readonly number[];
  readonly rotation: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface FrameBox {
  /** A picture with more bytes than there is room for is left out: answers with false. */
  readonly write: (shot: Shot) => boolean;
  readonly read: () => Shot | undefined;
  /** How many pictures there have been. */
  readonly count: () => number;
}

export const createFrameBox = (mostBytes: number): SharedArrayBuffer =>
  new SharedArrayBuffer(HEAD_BYTES + SLOTS * (LABEL_BYTES + 8 * Math.ceil(mostBytes / 8)));

export function openFrameBox(buffer: SharedArrayBuffer): FrameBox {
  const head = new Int32Array(buffer, 0, 2);
  const slotBytes = (buffer.byteLength - HEAD_BYTES) / SLOTS;
  const room = slotBytes - LABEL_BYTES;
  const slots = Array.from({ length: SLOTS }, (_, index) => {
    const start = HEAD_BYTES + index * slotBytes;
    return {
      label: new Float64Array(buffer, start, LABEL_NUMBERS),
      bytes: new Uint8Array(buffer, start + LABEL_BYTES, room),
    };
  });
  const finished = () => Atomics.load(head, FINISHED);

  return {
    count: finished,
    write: ({ stampMs, positionM, rotation, bytes }) => {
      if (bytes.length > room) return false;
      const seq = finished() + 1;
      Atomics.store(head, BEGUN, seq);
      const slot = slots[seq % SLOTS]!;
      slot.label.set([stampMs, bytes.length, ...positionM, ...rotation]);
      slot.bytes.set(bytes);
      Atomics.store(head, FINISHED, seq);
      return true;
    },
    read: () => {
      for (;;) {
        const seq = finished();
        if (seq === 0) return undefined;
        const { label, bytes } = slots[seq % SLOTS]!;
        const [stampMs, length, ...pose] = Array.from(label) as [number, number, ...number[]];
        const copy = bytes.slice(0, length);
        if (Atomics.load(head, BEGUN) - seq < SLOTS)
          return { stampMs, positionM: pose.slice(0, 3), rotation: pose.slice(3), bytes: copy };
      }
    },
  };
}
