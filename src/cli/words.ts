/** Small help with words. Pure. */

/** Letters to change to get from one word to the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}

/** The names, the ones most like the wanted one first. */
export const byLikeness = (wanted: string, names: readonly string[]): string[] =>
  [...names].sort((a, b) => distance(wanted, a) - distance(wanted, b) || a.localeCompare(b));

/** `maxSteps` -> `max-steps`. */
export const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Control characters of a page or a model must not reach the terminal. */
export const clean = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
