/**
 * What an evaluation has done so far, in a file beside its result: the command in the first line, an episode in each further one.
 * The same command picks it up again; another one is refused.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { describeError, PumiceError } from '../errors.ts';

export interface Journal<T> {
  /** What was done before, by its key. */
  readonly done: ReadonlyMap<string, T>;
  readonly add: (key: string, value: T) => void;
  /** The result is safe: the journal is not needed any more. */
  readonly remove: () => void;
}

const who = 'pumice eval';

/** Without a file nothing is kept. */
export const noJournal = <T>(): Journal<T> => ({ done: new Map(), add: () => {}, remove: () => {} });

/**
 * @param command - all that the result hangs on, as plain data.
 * @throws PumiceError `cli/usage` for the journal of another command; `record/write-failed`.
 */
export function openJournal<T>(file: string, command: Readonly<Record<string, unknown>>): Journal<T> {
  const done = existsSync(file) ? read<T>(file, command) : new Map<string, T>();
  // Written anew: a line that was cut off must not run into the next one. Beside it first: who is killed here must lose nothing.
  const lines = [command, ...[...done].map(([key, value]) => ({ key, value }))];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  writing(file, () => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  });
  return {
    done,
    add: (key, value) => writing(file, () => appendFileSync(file, `${JSON.stringify({ key, value })}\n`)),
    remove: () => rmSync(file, { force: true }),
  };
}

function read<T>(file: string, command: Readonly<Record<string, unknown>>): Map<string, T> {
  const [head, ...lines] = readFileSync(file, 'utf8').split('\n').slice(0, -1).map(parsed);
  const begun = (head ?? {}) as Record<string, unknown>;
  const changed = [...new Set([...Object.keys(command), ...Object.keys(begun)])].filter(
    (key) => JSON.stringify(begun[key]) !== JSON.stringify(command[key]),
  );
  if (changed.length > 0) {
    const text = changed.map((key) => `${key} was ${JSON.stringify(begun[key])}, is ${JSON.stringify(command[key])}`);
    throw new PumiceError('cli/usage', `'${file}' was begun by another command: ${text.join('; ')}`, {
      who,
      hint: 'Give that command again to go on, another --json FILE, or delete the partial file',
    });
  }
  return new Map(
    (lines as ({ key: string; value: T } | undefined)[]).flatMap((line) => (line ? [[line.key, line.value]] : [])),
  );
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function writing(file: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw new PumiceError('record/write-failed', `could not write '${file}': ${describeError(cause)}`, {
      who,
      hint: 'Give another place with --json FILE',
      cause,
    });
  }
}
