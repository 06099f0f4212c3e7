/**
 * The person at the terminal: is asked for approvals, and takes over at a hand-over. Knows no run.
 * They see the action, the reasons and the picture that it goes by, as a file of their own: never the page under control, where a page
 * could imitate the question.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describeError } from '../errors.ts';
import type { Approver, Decision, Question } from '../ports.ts';
import { actionInWords } from '../record/report/words.ts';
import { readWrittenAction } from '../written-action.ts';
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
  let isClosed = false;
  let answer: ((line: string | undefined) => void) | undefined;
  let folder: string | undefined;
  const settle = (line: string | undefined) => {
    const waiting = answer;
    answer = undefined;
    waiting?.(line);
  };
  // Read from the beginning: what was entered before a question is no answer to it.
  const lines = createInterface({ input, terminal: false });
  lines.on('line', settle);
  lines.on('close', () => {
    isClosed = true;
    settle(undefined);
  });
  const line = (question: string): Promise<string | undefined> => {
    settle(undefined);
    say(question);
    if (isClosed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  /** Where the person finds the newest picture; a question without one is told as such. */
  const pictureOf = async ({ id, observation }: Question): Promise<string> => {
    const frame = observation.frames.reduce<(typeof observation.frames)[number] | undefined>(
      (newest, one) => (newest && newest.stampMs >= one.stampMs ? newest : one),
      undefined,
    );
    if (!frame) return 'none';
    try {
      folder ??= mkdtempSync(join(tmpdir(), 'pumice-ask-'));
      const isRaw = frame.encoding === 'rgb8';
      const file = join(folder, `${id}.${frame.encoding === 'jpeg' ? 'jpg' : 'png'}`);
      const data = isRaw ? await (await import('../vision/index.ts')).encodePng(frame) : frame.data;
      writeFileSync(file, data, { mode: 0o600 });
      return file;
    } catch (cause) {
      return `cannot be shown: ${describeError(cause)}`;
    }
  };
  /** Another action, as JSON, until one can be read; with nothing entered it is a no. */
  const edit = async ({ proposed }: Question): Promise<Decision> => {
    say(`  proposed: ${clean(JSON.stringify(proposed))}`);
    let question = '  What instead, as JSON like that? Enter: nothing';
    for (;;) {
      const said = (await line(question))?.trim();
      if (!said) return { kind: 'deny' };
      const action = readWrittenAction(said);
      if (typeof action !== 'string') return { kind: 'edit', action };
      question = `  ${clean(action)}. Again, or Enter: nothing`;
    }
  };
  const decide = async (question: Question, signal: AbortSignal): Promise<Decision> => {
    const { verdict, observation, canEdit } = question;
    const what = clean(actionInWords(verdict.action, observation.marks ?? []));
    say(`? ${what}`);
    for (const reason of verdict.reasons) say(`  because ${clean(reason)}`);
    say(`  picture: ${clean(await pictureOf(question))}`);
    // Nobody would end a question that is put when the asking is over.
    if (signal.aborted) return { kind: 'deny' };
    const said = await line(
      `  Allow it once? y, Enter: yes   ${canEdit ? 'e, Enter: something else   ' : ''}Enter: no`,
    );
    if (canEdit && /^\s*e(dit)?\s*$/i.test(said ?? '')) return edit(question);
    return { kind: /^\s*y(es)?\s*$/i.test(said ?? '') ? 'approve' : 'deny' };
  };
  return {
    line,
    approver: {
      name: 'person',
      ask: async (question, { signal }) => {
        const leave = () => settle(undefined);
        signal.addEventListener('abort', leave, { once: true });
        try {
          const decision = await decide(question, signal);
          return signal.aborted ? { kind: 'deny' } : decision;
        } finally {
          signal.removeEventListener('abort', leave);
        }
      },
    },
    [Symbol.dispose]: () => {
      isClosed = true;
      settle(undefined);
      lines.close();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
