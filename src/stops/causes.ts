/** Stop sources joined to one stream of causes. Emitting, ending and failing all mean stop. Knows nothing of who stops what. */
import { catchError, concat, from, map, merge, type Observable, of, take } from 'rxjs';
import { describeError } from '../errors.ts';
import type { StopSource } from '../ports.ts';

export const causesOf = (sources: readonly StopSource[]): Observable<string> =>
  merge(
    ...sources.map(({ name, stop$ }) =>
      concat(from(stop$), of('ended')).pipe(
        take(1),
        catchError((cause) => of(`failed: ${describeError(cause)}`)),
        map((said) => `${name}: ${said}`),
      ),
    ),
  );
