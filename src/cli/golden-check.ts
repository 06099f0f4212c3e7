/**
 * What a check of a fixture file is made of: rows, each of which passes or says what differs. A fixture file holds results of an
 * original program as JSON: an object with lists, each element of a known list being one row. Knows no format and no model.
 */

/** One element of a list of the file. No differences: it passes. */
export interface Row {
  readonly name: string;
  readonly differences: readonly string[];
}

/** Judges a whole file, whatever is in it. Lists that are absent give no rows. */
export type Check = (file: unknown) => Iterable<Row>;

/** An element of a list as it came from the file: any field may be absent. */
// biome-ignore lint/suspicious/noExplicitAny: results of foreign programs, whose shape each judge knows
export type Entry = Record<string, any>;

/**
 * A row for each element of `file[list]`. A judge that throws, since the entry is no such thing or the code under test broke its
 * promise, fails that row alone.
 */
export function* rowsOf(
  file: unknown,
  list: string,
  judge: (entry: Entry, at: number) => Iterable<string>,
): Generator<Row> {
  const entries = (file as Entry | null)?.[list];
  if (!Array.isArray(entries)) return;
  for (const [at, entry] of entries.entries()) yield { name: nameOf(list, entry, at), differences: judged(entry, at) };

  function judged(entry: Entry, at: number): string[] {
    try {
      return [...judge(entry, at)];
    } catch (error) {
      return [`the check threw: ${error instanceof Error ? error.message : String(error)}`];
    }
  }
}

function nameOf(list: string, entry: Entry | null, at: number): string {
  const said = entry?.name ?? entry?.kind;
  return `${list}[${at}]${typeof said === 'string' ? ` ${said}` : ''}`;
}

/** Tolerance of numbers that libraries compute in different orders. */
export const CLOSE = 1e-12;

/**
 * Where `got` is not `want`, as lines that name the place. All of `want` is compared and nothing else of an object: a fixture may say
 * less than we do; lists have to be of one length.
 *
 * @param tolerance - largest difference of two numbers; 0 for the same number (0 is -0).
 */
export function* differences(got: unknown, want: unknown, tolerance = 0, path = ''): Generator<string> {
  if (typeof want === 'number' && typeof got === 'number' ? isClose(got, want, tolerance) : got === want) return;
  const isPair = typeof got === 'object' && typeof want === 'object' && got !== null && want !== null;
  if (!isPair || Array.isArray(got) !== Array.isArray(want))
    return yield `${path || 'value'}: expected ${show(want)}, got ${show(got)}`;
  if (Array.isArray(want) && want.length !== (got as unknown[]).length)
    return yield `${path || 'value'}: expected ${want.length} items, got ${(got as unknown[]).length}: ${show(got)}`;
  for (const [key, value] of Object.entries(want))
    yield* differences(
      (got as Entry)[key],
      value,
      tolerance,
      Array.isArray(want) ? `${path}[${key}]` : join(path, key),
    );
}

const isClose = (got: number, want: number, tolerance: number) =>
  got === want || Math.abs(got - want) <= tolerance || (Number.isNaN(got) && Number.isNaN(want));
const join = (path: string, key: string) => (path === '' ? key : `${path}.${key}`);

/** Longest value that is shown, characters. */
const SHOWN_CHARS = 120;
function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
}
