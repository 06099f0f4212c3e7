/** How far an evaluation is: one line that is written over on a terminal, a line now and then elsewhere. */
import { monotonicNowMs } from '../clock.ts';

export interface Progress {
  /** @param isFresh - it took time, unlike one that was done before. */
  readonly add: (success: boolean, isFresh: boolean) => void;
  /** Ends the line. */
  readonly end: () => void;
}

/** Lines of a whole evaluation where there is no terminal. Chosen: enough for a log. */
const PLAIN_LINES = 20;

/** What is counted, and what one that went well is. */
export interface ProgressWords {
  readonly things: string;
  readonly good: string;
}

export function createProgress(
  total: number,
  { things, good }: ProgressWords = { things: 'episodes', good: 'done' },
  stream: NodeJS.WriteStream = process.stderr,
): Progress {
  const startMs = monotonicNowMs();
  let done = 0;
  let fresh = 0;
  let successes = 0;
  const every = Math.ceil(total / PLAIN_LINES);
  const line = () => {
    const leftMs = fresh === 0 ? undefined : ((monotonicNowMs() - startMs) / fresh) * (total - done);
    const left = leftMs === undefined || done === total ? '' : `, ${durationOf(leftMs)} to go`;
    return `${done}/${total} ${things}, ${((100 * successes) / done).toFixed(1)} % ${good} so far${left}`;
  };
  return {
    add: (success, isFresh) => {
      done += 1;
      if (success) successes += 1;
      if (isFresh) fresh += 1;
      if (stream.isTTY) stream.write(`\r\u001b[K${line()}`);
      else if (isFresh && (done % every === 0 || done === total)) stream.write(`${line()}\n`);
    },
    end: () => {
      if (stream.isTTY && done > 0) stream.write('\n');
    },
  };
}

export function durationOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
