/** Ranges of actions by what a user writes: the name of those that are shipped, or a file of their own and a data set in it. */
import { readFileSync } from 'node:fs';
import { type ActionStats, actionStats, readDatasetStatistics } from '../codecs/index.ts';
import { PumiceError } from '../errors.ts';

/**
 * `bridge_orig`; `runs/mine/dataset_statistics.json`; `runs/mine/dataset_statistics.json#my_set`, where it has more than one set.
 *
 * @throws PumiceError `config/invalid`; `decode/not-json` or `decode/schema` for a file that is no such thing.
 */
export function loadActionStats(spec: string): ActionStats {
  const [, path, key] = /^(.*?\.json)(?:#(.+))?$/s.exec(spec) ?? [];
  if (path === undefined) return actionStats(spec);
  const reading = readDatasetStatistics(textOf(path), key);
  if (reading.ok) return reading.value;
  const { code, message, hint } = reading.problem;
  throw new PumiceError(code, message, { who: path, ...(hint !== undefined && { hint }), cause: reading.problem });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new PumiceError('config/invalid', 'cannot be read', {
      who: path,
      hint: 'Name a file, or ranges that are shipped: bridge_orig, google_robot',
      cause,
    });
  }
}
