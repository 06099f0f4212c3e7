/** The person at the terminal: is asked for approvals, and takes over at a hand-over. Knows no run. */
import { createInterface, type Interface } from 'node:readline';
import type { Approver } from '../ports.ts';
import { actionInWords } from '../record/report/words.ts';
import { clean } from './words.ts';

export interface Person extends Disposable {
  readonly approver: Approver;
  /** Resolves with the next line that they enter; with nothing when they close the input. */
  readonly line: (question: string) => Promise<string | undefined>;
}

export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly say: (text: string) => void;
}

export function personAt({ input, say }: Terminal): Person {
  let lines: Interface | undefined;
  let isClosed = false;
  let answer: ((line: string | undefined) => void) | undefined;
  const open = () => {
    if (lines || isClosed) return;
    lines = createInterface({ input, terminal: false });
    lines.on('line', (line) => settle(line));
    lines.on('close', () => {
      isClosed = true;
      settle(undefined);
    });
  };
  const settle = (line: string | undefined) => {
    const waiting = answer;
    answer = undefined;
    waiting?.(line);
  };
  const line = (question: string): Promise<string | undefined> => {
    open();
    say(question);
    if (isClosed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  return {
    line,
    approver: {
      name: 'person',
      ask: async ({ verdict, observation }, { signal }) => {
        const what = clean(actionInWords(verdict.action, observation.marks ?? []));
        signal.addEventListener('abort', () => settle(undefined), { once: true });
        const said = await line(`? ${what}: ${clean(verdict.reasons.join('; '))}. Allow it? y, Enter: yes   Enter: no`);
        return /^\s*y(es)?\s*$/i.test(said ?? '');
      },
    },
    [Symbol.dispose]: () => {
      isClosed = true;
      settle(undefined);
      lines?.close();
    },
  };
}
