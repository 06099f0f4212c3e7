/** What KOSMOS-2 answers to `<grounding><phrase> a cup</phrase>`: only what follows the phrase at once speaks of it. */
import { type NormBox, readKosmos2 } from 'pumice/codecs';

const OPEN = '<object>';
const CLOSE = '</object>';

/** Whether more text would change nothing: the box is there, or something else is. */
export const isSettled = (text: string): boolean =>
  text.includes(CLOSE) || !(text.startsWith(OPEN) || OPEN.startsWith(text));

/** The boxes as shares of the picture; none where the answer has no place, or one that cannot be. */
export function boxesOf(text: string): readonly NormBox[] {
  const end = text.indexOf(CLOSE);
  if (!text.startsWith(OPEN) || end < 0) return [];
  const reading = readKosmos2(`<grounding><phrase> it</phrase>${text.slice(0, end + CLOSE.length)}`);
  if (!reading.ok || reading.flags.suspect) return [];
  return reading.value.entities.flatMap(({ boxesNorm }) => boxesNorm);
}
