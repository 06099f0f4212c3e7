/**
 * Ranges out of a training run's `dataset_statistics.json`, as OpenVLA writes it and Magma's and LIBERO's checkpoints carry it:
 * `{ key: { action: { q01, q99, mask, ... } } }`; also the `norm_stats` of a model's `config.json`, one data set alone, and the bare
 * ranges. Total: what is no such file is a problem that says why. Reads no file itself.
 */
import { PumiceError } from '../errors.ts';
import type { ActionStats } from './action-stats.ts';
import { type Reading, read, unread } from './reading.ts';

/** Numbers of one action that pumice's arms take. */
const ACTION_NUMBERS = 7;

/** @param key - the data set, where the file has more than one. */
export function readDatasetStatistics(text: string, key?: string): Reading<ActionStats> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    return unread(problem('decode/not-json', `expected JSON: ${error instanceof Error ? error.message : error}`));
  }
  const sets = setsOf(content);
  const keys = Object.keys(sets);
  if (keys.length === 0)
    return unread(problem('decode/schema', "expected data sets with 'action' and its 'q01' and 'q99'"));
  if (key === undefined && keys.length > 1)
    return unread(problem('config/invalid', `expected the key of one of ${keys.length} data sets (has: ${few(keys)})`));
  const name = key ?? keys[0]!;
  if (!Object.hasOwn(sets, name)) return unread(problem('config/invalid', `no data set '${name}' (has: ${few(keys)})`));
  return rangesOf(name, sets[name]!);
}

type Fields = Readonly<Record<string, unknown>>;

/** Data sets by key; the bare ranges are one without a name of its own. */
function setsOf(content: unknown): Record<string, Fields> {
  if (!isFields(content)) return {};
  if (isFields(content.norm_stats)) return setsOf(content.norm_stats);
  const alone = actionOf(content);
  if (alone) return { [typeof content.name === 'string' ? content.name : 'own']: alone };
  const sets: Record<string, Fields> = {};
  for (const [key, set] of Object.entries(content)) {
    const action = isFields(set) ? actionOf(set) : undefined;
    if (action) Object.defineProperty(sets, key, { value: action, enumerable: true });
  }
  return sets;
}

const actionOf = (set: Fields): Fields | undefined =>
  'q01' in set || 'q99' in set ? set : isFields(set.action) && 'q01' in set.action ? set.action : undefined;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function rangesOf(name: string, { q01, q99, mask }: Fields): Reading<ActionStats> {
  for (const [field, values] of Object.entries({ q01, q99 }))
    if (!isListOf(values, (value) => Number.isFinite(value)))
      return unread(
        problem(
          'decode/schema',
          `'${name}': expected ${ACTION_NUMBERS} finite numbers in ${field}, got ${shown(values)}`,
        ),
      );
  if (mask !== undefined && mask !== null && !isListOf(mask, (value) => typeof value === 'boolean'))
    return unread(
      problem('decode/schema', `'${name}': expected ${ACTION_NUMBERS} times true or false in mask, got ${shown(mask)}`),
    );
  const [low, high] = [q01 as number[], q99 as number[]];
  const axis = low.findIndex((value, at) => value > high[at]!);
  if (axis >= 0)
    return unread(
      problem('decode/schema', `'${name}': q01 is above q99 at number ${axis + 1}: ${low[axis]} > ${high[axis]}`),
    );
  return read({ name, q01: low, q99: high, ...(mask ? { mask: mask as boolean[] } : {}) });
}

const isListOf = (values: unknown, is: (value: unknown) => boolean) =>
  Array.isArray(values) && values.length === ACTION_NUMBERS && values.every(is);

const shown = (value: unknown) =>
  Array.isArray(value) && value.length !== ACTION_NUMBERS ? `${value.length}` : JSON.stringify(value)?.slice(0, 80);

/** Some of the keys: a mixture has dozens. */
const few = (keys: readonly string[]) => `${keys.slice(0, 8).join(', ')}${keys.length > 8 ? ', ...' : ''}`;

const problem = (code: 'decode/not-json' | 'decode/schema' | 'config/invalid', message: string) =>
  new PumiceError(code, message, {
    who: 'codec dataset-statistics',
    hint: "Take the file that lies beside the model's checkpoint, and name its data set behind #",
  });
