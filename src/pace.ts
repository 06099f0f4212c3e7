/**
 * When the next step begins. Knows nothing of what a step does.
 * `demand`: the next one follows when this one is over. (`rate` joins with the real-time work.)
 */
import { defer, type Observable, repeat } from 'rxjs';

export type Pace = <T>(step: () => Observable<T>) => Observable<T>;

export const demand: Pace = (step) => defer(step).pipe(repeat());
