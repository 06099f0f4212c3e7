/** Where Python and JavaScript disagree about numbers and blanks: as Python has it, since the original programs are Python. */

/** `round(x)`: halves go to the even neighbour. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** `f"{x:.1f}"` of a number that is not negative. The only exact halves of a tenth are .25, which goes down, and .75, which goes up. */
export const toTenths = (value: number): string =>
  value - Math.floor(value) === 0.25 ? `${Math.floor(value)}.2` : value.toFixed(1);

/** What `str.strip()` takes off: U+FEFF is no blank to Python, U+0085 and U+001C to U+001F are. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are blanks to Python
const BLANK = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** `str.strip()`. */
export function strip(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && BLANK.test(text[start]!)) start += 1;
  while (end > start && BLANK.test(text[end - 1]!)) end -= 1;
  return text.slice(start, end);
}
