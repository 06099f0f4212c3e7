/**
 * Passes every string of a value through a mask, so that secrets never reach the disk. Knows no secret: the mask is the caller's.
 * The fixed words of the format at their own places stay, or a secret that happens to read `allow` would make the file unreadable.
 */
import { ACTION_KINDS, OUTCOMES, SEVERITY } from '../types.ts';

/** Replaces what must not be written. */
export type Mask = (text: string) => string;

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

/** A copy of `value` with every string masked; bytes and numbers are left as they are. */
export function masked<T>(value: T, mask: Mask, field = ''): T {
  if (typeof value === 'string') return (OUR_WORDS[field]?.has(value) ? value : mask(value)) as T;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map((item) => masked(item, mask)) as T;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, masked(item, mask, key)])) as T;
}
