/**
 * Changes every string of a value: masks secrets before they reach the disk, shortens what a page shows. Knows no secret.
 * The fixed words of the format stay at their own places, or a secret that happens to read `allow` would make a file unreadable.
 */
import { ACTION_KINDS, OUTCOMES, SEVERITY } from '../types.ts';

/** Words that are ours, by the name of the field they stand in. */
const OUR_WORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  kind: new Set([
    ...ACTION_KINDS,
    ...SEVERITY,
    ...['blocked', 'dialog', 'download', 'popup', 'crash', 'permission', 'navigation', 'warning'],
  ]),
  status: new Set(['done', 'refused', 'stopped']),
  outcome: new Set(OUTCOMES),
  encoding: new Set(['jpeg', 'png', 'rgb8']),
  ui: new Set(['unlimited']),
  motion: new Set(['unlimited']),
};

/** A copy of `value` with every string changed; bytes and numbers are left as they are. */
export function mapText<T>(value: T, change: (text: string) => string, field = ''): T {
  if (typeof value === 'string') return (OUR_WORDS[field]?.has(value) ? value : change(value)) as T;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map((item) => mapText(item, change)) as T;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapText(item, change, key)])) as T;
}
