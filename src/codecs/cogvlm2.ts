/**
 * CogVLM2-Video's answers: plain text that speaks of seconds, `from 3 to 7 seconds`, `3s-7s`, `00:03 - 00:07`, `at the 5th second`.
 * Finds those and puts them on the clock of the video; there is no published program to follow. Pure.
 */
import { PumiceError } from '../errors.ts';
import { type Cogvlm2Choice, cogvlm2TimeS } from './cogvlm2-frames.ts';
import { type FoundEvent, type Mode, type Reading, read, unread } from './reading.ts';

export interface Cogvlm2Event extends FoundEvent {
  /** As the model said it, and where in the text: UTF-16 code units, end exclusive. */
  readonly said: string;
  readonly span: readonly [start: number, end: number];
}

export interface Cogvlm2Answer {
  readonly text: string;
  /** In the order of the text. A moment is an event that ends where it starts. Times are seconds of the video. */
  readonly events: readonly Cogvlm2Event[];
}

export interface Cogvlm2Form {
  /** What the model was shown: its seconds are pictures of it. Absent: one picture a second, its seconds are ours. */
  readonly shown?: Pick<Cogvlm2Choice, 'frameS'>;
  /** `compat` gives what was found in spite of what is wrong with it, flagged; there is no original. */
  readonly mode?: Mode;
}

const CLOCK = String.raw`\d{1,2}:[0-5]\d(?::[0-5]\d)?(?:\.\d{1,3})?`;
const NUMBER = String.raw`\d{1,6}(?:\.\d{1,3})?`;
const UNIT = '(?:seconds?|secs?|s)(?![A-Za-z])';
const ORDINAL = '(?:st|nd|rd|th)';
/** Not in the middle of a longer number, word or date. */
const START = String.raw`(?<![\w:.]|\d[-–—,])`;
const END = String.raw`(?![\w:]|\.\d|,\d|\s[ap]\.?m)`;
const JOIN = String.raw`\s{0,3}(?:-|–|—|~|to|and|until|till|through)\s{0,3}`;
const SECOND = String.raw`(?:the\s)?(?:seconds?\s|t\s?=\s?)?`;
/** Each has `from` and, where there is an end, `to`. A bare number counts only where a unit says that it is a time. */
const FORMS = [
  String.raw`(?:starts?|begins?)\s(?:at|from)\s${SECOND}(?<from>${CLOCK}|${NUMBER})(?:\s?${UNIT})?,?\s(?:and\s)?(?:ends?|stops?|finish(?:es)?)\s(?:at|by)\s${SECOND}(?<to>${CLOCK}|${NUMBER})(?:\s?${UNIT}|${END})`,
  String.raw`${START}(?<from>${CLOCK})${JOIN}(?:the\s)?(?<to>${CLOCK})${END}`,
  String.raw`${START}(?<from>${NUMBER})(?:\s?${UNIT})?${JOIN}${SECOND}(?<to>${NUMBER})[\s-]?${UNIT}`,
  String.raw`${START}(?<from>${NUMBER})${ORDINAL}?(?:[\s-]?seconds?)?${JOIN}(?:the\s)?(?<to>${NUMBER})${ORDINAL}[\s-]second(?![A-Za-z])`,
  String.raw`(?<![A-Za-z])seconds?\s(?<from>${NUMBER})${JOIN}${SECOND}(?<to>${NUMBER})${END}`,
  `${START}(?<from>${CLOCK})${END}`,
  String.raw`${START}(?<from>${NUMBER})(?:${ORDINAL})?[\s-]?${UNIT}`,
  String.raw`(?<![A-Za-z])second\s(?<from>${NUMBER})${END}`,
];
const PATTERNS = FORMS.map((form) => new RegExp(form, 'gi'));
/** A length of time is no moment: "for 5 seconds", "lasts 3 s", "5 seconds long", "after 2 seconds" has no start that is known. */
const LENGTH_BEFORE =
  /(?:\bfor|\blasts?|\blasting|\bduration(?: of)?|\bevery|\btakes?|\babout every|\btotal of)\s(?:about\s|approximately\s|around\s|roughly\s|nearly\s|over\s)?$/i;
const LENGTH_AFTER = /^[\s-](?:long\b|in length\b|later\b|apart\b|video\b|clip\b)/i;

/**
 * The times in an answer. `strict` refuses an answer with no time in it, with an end before its start, or with a time that the model
 * was shown no picture of.
 */
export function readCogvlm2(text: string, { shown, mode = 'strict' }: Cogvlm2Form = {}): Reading<Cogvlm2Answer> {
  const said = timesIn(text);
  const events = said.map((event) => ({ ...event, ...onClock(event, shown) }));
  const answer: Cogvlm2Answer = { text, events: events.map(({ isSeen, ...event }) => event) };
  const unseen = events.find(({ isSeen }) => !isSeen);
  const inverted = events.find(({ startS, endS }) => endS < startS);
  const flags = unseen || inverted ? { suspect: true as const } : {};
  if (mode === 'compat') return read(answer, flags);
  if (events.length === 0) return unread(refusal('decode/empty', 'a text with no time in it'), flags, answer);
  if (inverted) return unread(refusal('decode/out-of-range', `'${inverted.said}', which ends first`), flags, answer);
  if (unseen) return unread(refusal('decode/out-of-range', `'${unseen.said}', of which it saw nothing`), flags, answer);
  return read(answer, flags);
}

const refusal = (code: 'decode/empty' | 'decode/out-of-range', what: string) =>
  new PumiceError(code, `expected times such as 'from 3 to 7 seconds', got ${what}`, {
    who: 'codec cogvlm2',
    hint: "Ask 'From which second to which second ...?', with one frame a second and 24 s at most",
  });

function onClock({ startS, endS }: FoundEvent, shown: Cogvlm2Form['shown']) {
  if (!shown) return { startS, endS, isSeen: true };
  const [start, end] = [cogvlm2TimeS(startS, shown), cogvlm2TimeS(endS, shown)];
  return { startS: start ?? startS, endS: end ?? endS, isSeen: start !== undefined && end !== undefined };
}

/** Every time of a text; where forms overlap, the one that comes first in the list. */
function timesIn(text: string): Cogvlm2Event[] {
  const found: Cogvlm2Event[] = [];
  const taken = new Uint8Array(text.length);
  for (const pattern of PATTERNS)
    for (const { 0: said, index, groups } of text.matchAll(pattern)) {
      const end = index + said.length;
      if (taken[index] || taken[end - 1] || isLength(text, index, end, groups?.to)) continue;
      taken.fill(1, index, end);
      const startS = secondsOf(groups!.from!);
      found.push({ startS, endS: groups!.to === undefined ? startS : secondsOf(groups!.to), said, span: [index, end] });
    }
  return found.sort((a, b) => a.span[0] - b.span[0]);
}

const isLength = (text: string, start: number, end: number, to: string | undefined): boolean =>
  to === undefined &&
  (LENGTH_BEFORE.test(text.slice(Math.max(0, start - 40), start)) || LENGTH_AFTER.test(text.slice(end, end + 12)));

/** `7`, `7.5`, `01:07.5`, `1:00:07` as seconds. */
const secondsOf = (time: string): number => time.split(':').reduce((total, part) => total * 60 + Number(part), 0);
