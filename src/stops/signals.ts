/** Signals to the process as a stop source: while it is listened to, they stop the body and nothing else. */
import { Observable } from 'rxjs';
import type { StopSource } from '../ports.ts';

/** What a terminal and a supervisor send to end a program. */
const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export const signals = (names: readonly NodeJS.Signals[] = SIGNALS): StopSource => ({
  name: 'signals',
  stop$: new Observable<string>((stops) => {
    const onSignal = (name: NodeJS.Signals) => stops.next(`${name} came`);
    for (const name of names) process.on(name, onSignal);
    return () => {
      for (const name of names) process.off(name, onSignal);
    };
  }),
});
