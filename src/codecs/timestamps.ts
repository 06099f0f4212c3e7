/**
 * Times in a video as models write them: `00:02.80` (minutes, seconds), `00:00.100`, `1:02:03.5`, plain seconds as number or text,
 * `2.7s`, `2.7 seconds`, and any of them in angle brackets, which prompts put around the places to be filled in.
 */

const CLOCK = '(?:(\\d{1,3}):)?(\\d{1,3}):(\\d{1,2}(?:\\.\\d{1,9})?)';
const SECONDS = '(\\d{1,7}(?:\\.\\d{1,15})?)';
const UNIT = '(?:\\s?(?:s|secs?|seconds?)\\b)';
const WHOLE = new RegExp(`^<?\\s*(?:${CLOCK}|${SECONDS}${UNIT}?)\\s*>?$`, 'i');

/** Seconds, or undefined for what is no time: negative, not finite, 60 seconds of a minute or more. */
export function timeOf(said: unknown): number | undefined {
  if (typeof said === 'number') return Number.isFinite(said) && said >= 0 ? said : undefined;
  if (typeof said !== 'string' || said.length > 64) return undefined;
  const found = WHOLE.exec(said.trim());
  return found ? secondsOf(found) : undefined;
}

function secondsOf([, hours, minutes, ofMinute, plain]: readonly (string | undefined)[]): number | undefined {
  if (plain !== undefined) return Number(plain);
  const [hour, minute, second] = [Number(hours ?? 0), Number(minutes), Number(ofMinute)];
  if (second >= 60 || (hours !== undefined && minute >= 60)) return undefined;
  return hour * 3600 + minute * 60 + second;
}

const TIME = `<?\\s?(?:\\d{1,3}:\\d{1,3}:\\d{1,2}(?:\\.\\d{1,9})?|\\d{1,3}:\\d{1,2}(?:\\.\\d{1,9})?|\\d{1,7}(?:\\.\\d{1,15})?)${UNIT}?\\s?>?`;
const SPAN = new RegExp(
  `(\\bbetween\\s)?(?<![\\w.:])(${TIME})\\s?(-|–|—|\\bto\\b|\\band\\b|\\buntil\\b)\\s?(${TIME})(?![\\w:])`,
  'gi',
);
const LINE = new RegExp(
  `^\\s*(?:[-*•]\\s|\\d{1,3}[.)]\\s)?\\s*(${TIME})(?:\\s+|\\s?(?:-|–|—|to)\\s?)(${TIME})(?:[\\s:,.-]+(\\S.*))?$`,
  'i',
);

export interface Span {
  readonly startS: number;
  readonly endS: number;
}

/** Spans in prose: "(00:02-00:06)", "3s-7s", "from 3 to 7 seconds", "between 00:02 and 00:04". Plain numbers need a unit with one of them. */
export function spansIn(text: string): Span[] {
  const spans: Span[] = [];
  for (const [, between, start, joint, end] of text.matchAll(SPAN)) {
    const isTime = [start, end].some((time) => /[:s]/i.test(time!));
    // "at 2s and 5s" are two moments.
    const isSpan = isTime && (between !== undefined || joint!.toLowerCase() !== 'and');
    const span = isSpan ? spanOf(start, end) : undefined;
    if (span) spans.push(span);
  }
  return spans;
}

/** A line of the form `<start> <end> caption`, the caption optional. */
export function spanLine(line: string): (Span & { readonly caption?: string }) | undefined {
  const found = line.length > 10_000 ? null : LINE.exec(line);
  // "2 boxes", "2 3 boxes" are no times.
  const isTime = found && [found[1], found[2]].some((time) => /[:.<s]/i.test(time!));
  const span = isTime ? spanOf(found[1], found[2]) : undefined;
  return span && { ...span, ...(found![3] && { caption: found![3].trim() }) };
}

function spanOf(start: string | undefined, end: string | undefined): Span | undefined {
  const [startS, endS] = [timeOf(start), timeOf(end)];
  return startS === undefined || endS === undefined ? undefined : { startS, endS };
}
