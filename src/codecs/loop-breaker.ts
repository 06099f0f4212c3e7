/**
 * Tells when a model that is still writing has begun to repeat itself, so that the client can cut it off. A phrase of 32 characters or
 * more that comes four times running is a loop; so is anything that comes six times running and makes up 35 % of the text. Dashes of
 * a table are none: repetitions are counted of the smallest unit, and a unit without letter or digit needs more of them.
 */
export interface Loop {
  /** What is repeated; no shorter text repeated makes it. */
  readonly unit: string;
  readonly times: number;
  /** Where the repetition begins. */
  readonly at: number;
}

const LONG_UNIT_CHARS = 32;
const LONG_UNIT_TIMES = 4;
const SHARE_TIMES = 6;
const SHARE = 0.35;
/** Below this, repetition is style. */
const LEAST_RUN_CHARS = 32;
/** Rules and dots go on for a line or two in honest tables. */
const LEAST_RUN_OF_SIGNS_CHARS = 400;
/** Looked at from the end; a run that fills it is a loop however long the text is. */
const WINDOW_CHARS = 8192;
/** How often it is looked at, in characters. */
const STRIDE_CHARS = 16;

/** The loop that the text ends in. */
export function loopAtEnd(text: string): Loop | undefined {
  return loopIn(text.slice(-WINDOW_CHARS), text.length);
}

/** Looks at a text while it grows. Once there is a loop it stays. */
export function loopBreaker(): { feed(text: string): Loop | undefined } {
  let window = '';
  let totalChars = 0;
  let sinceLookChars = 0;
  let loop: Loop | undefined;
  return {
    feed(text) {
      if (loop) return loop;
      for (let at = 0; at < text.length && !loop; at += STRIDE_CHARS) {
        const piece = text.slice(at, at + STRIDE_CHARS);
        window = (window + piece).slice(-WINDOW_CHARS);
        totalChars += piece.length;
        sinceLookChars += piece.length;
        if (sinceLookChars < STRIDE_CHARS) continue;
        sinceLookChars = 0;
        loop = loopIn(window, totalChars);
      }
      return loop;
    },
  };
}

function loopIn(window: string, totalChars: number): Loop | undefined {
  const same = sameFromEnd(window);
  const longest = Math.floor(window.length / LONG_UNIT_TIMES);
  /** Periods that are made of no smaller one, with the length of their run. */
  const primitive: { readonly period: number; readonly runChars: number }[] = [];
  for (let period = 1; period <= longest; period += 1) {
    const runChars = period + same[period]!;
    const times = Math.floor(runChars / period);
    const isMade = primitive.some((smaller) => period % smaller.period === 0 && smaller.runChars >= period);
    if (times < 2 || isMade) continue;
    primitive.push({ period, runChars });
    const unit = window.slice(-period);
    if (times >= LONG_UNIT_TIMES && isLoop(unit, times, runChars, window.length, totalChars))
      return { unit, times, at: totalChars - runChars };
  }
  return undefined;
}

function isLoop(unit: string, times: number, runChars: number, windowChars: number, totalChars: number): boolean {
  if (runChars < (/[\p{L}\p{N}]/u.test(unit) ? LEAST_RUN_CHARS : LEAST_RUN_OF_SIGNS_CHARS)) return false;
  if (unit.length >= LONG_UNIT_CHARS) return true;
  const isWindowFull = runChars === windowChars && windowChars === WINDOW_CHARS;
  return times >= SHARE_TIMES && (runChars >= SHARE * totalChars || isWindowFull);
}

/** For each shift, how many characters from the end are the same as those that far before them (the Z function, read backwards). */
function sameFromEnd(text: string): Int32Array {
  const { length } = text;
  const same = new Int32Array(length + 1);
  const at = (index: number) => text.charCodeAt(length - 1 - index);
  for (let shift = 1, left = 0, right = 0; shift < length; shift += 1) {
    let count = shift < right ? Math.min(right - shift, same[shift - left]!) : 0;
    while (shift + count < length && at(count) === at(shift + count)) count += 1;
    same[shift] = count;
    if (shift + count > right) [left, right] = [shift, shift + count];
  }
  return same;
}
