/** Digits as Python takes them: its `\d`, `int()` and `float()` know those of all scripts. */

const DIGIT = /\p{Nd}/gu;

/** Digits of any script as those of ASCII. */
export const asciiDigits = (text: string): string =>
  text.replace(DIGIT, (char) => String(digitOf(char.codePointAt(0)!)));

/** Unicode lists the ten digits of a script one after the other, from zero on; some scripts' tens touch each other. */
function digitOf(code: number): number {
  let zero = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return (code - zero) % 10;
}
