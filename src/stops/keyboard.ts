/** The keyboard as a stop source: space, q, Escape and Ctrl-C stop. It takes the keys as they are pressed: no Enter. Knows no body. */
import { Observable } from 'rxjs';
import type { StopSource } from '../ports.ts';

/** By the byte that a terminal sends. An arrow key begins with Escape: whoever hits the keys in haste stops the body too. */
const KEYS: Readonly<Record<number, string>> = { 3: 'Ctrl-C', 27: 'Escape', 32: 'space', 113: 'q', 81: 'Q' };

/** What sends keys: a terminal is read key by key while somebody listens. */
export type KeyInput = NodeJS.ReadableStream & {
  readonly isTTY?: boolean;
  readonly isRaw?: boolean;
  readonly setRawMode?: (isRaw: boolean) => unknown;
};

export const keyboard = (input: KeyInput = process.stdin): StopSource => ({
  name: 'keyboard',
  stop$: new Observable<string>((stops) => {
    const wasRaw = input.isRaw ?? false;
    const onData = (data: Buffer | string) => {
      const key = [...Buffer.from(data)].find((byte) => byte in KEYS);
      if (key !== undefined) stops.next(`${KEYS[key]} was pressed`);
    };
    const onEnd = () => stops.complete();
    const onError = (error: Error) => stops.error(error);
    if (input.isTTY) input.setRawMode?.(true);
    input.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError);
    input.resume();
    return () => {
      input.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError);
      if (input.isTTY) input.setRawMode?.(wasRaw);
      // A terminal that is listened to keeps the process alive.
      input.pause();
    };
  }),
});
