/**
 * A verdict out of an answer: one of the words or letters that the question offered, or unknown. Never out of the thought, which
 * weighs them all, never out of an answer that was cut off, that is doubtful, or that says one and the other.
 */
import { PumiceError } from '../errors.ts';
import { type Reading, read, unread } from './reading.ts';
import type { Spoken } from './thought.ts';

const problem = (message: string) =>
  new PumiceError('decode/schema', message, { who: 'codec verdict', hint: 'Take it as unknown, or ask again' });
const quote = (text: string) => JSON.stringify(text.trim().slice(0, 60));

/**
 * Which of the choices the answer names: at its beginning and as a word by itself ("No, it has not", "**Yes**", "Answer: 3"), with
 * none of the others said anywhere as one. "Not safe" is not the choice "safe", and "No doubt" is no "no".
 */
export function readChoice(spoken: Reading<Spoken>, choices: readonly string[]): Reading<string> {
  if (!spoken.ok) return unread(spoken.problem, spoken.flags);
  const { flags, value } = spoken;
  const doubt = flags.truncated
    ? 'was cut off'
    : flags.looped
      ? 'repeats itself'
      : flags.suspect
        ? 'is doubtful'
        : undefined;
  if (doubt) return unread(problem(`expected a whole answer, this one ${doubt}: ${quote(value.answer)}`), flags);
  const text = plain(value.answer);
  const said = choices.filter((choice) => wordsOf(choice).some((word) => standsIn(text, word)));
  const first = choices.filter((choice) => wordsOf(choice).some((word) => leads(text, word)));
  if (first.length === 1 && said.every((choice) => choice === first[0])) return read(first[0]!, flags);
  const offered = choices.join(', ');
  return unread(
    said.length > 1
      ? problem(`expected one of ${offered}, got more than one: ${quote(value.answer)}`)
      : problem(`expected one of ${offered}, got ${quote(value.answer)}`),
    flags,
  );

  function wordsOf(choice: string): readonly string[] {
    const word = plain(choice);
    return word === '' ? [] : [word];
  }
}

export type YesNo = 'yes' | 'no' | 'unknown';

/** As {@link readChoice}; `unknown` is whatever is neither, for whatever reason. */
export function yesOrNo(spoken: Reading<Spoken>): YesNo {
  const reading = readChoice(spoken, ['yes', 'no']);
  return reading.ok ? (reading.value as YesNo) : 'unknown';
}

/** Without emphasis, in small letters, blanks as one space, lines kept. */
const plain = (text: string) =>
  text
    .replace(/[*_`"'“”‘’#>]/g, '')
    .replace(/[^\S\n]+/g, ' ')
    .trim()
    .toLowerCase();

const LEAD = /^(?:(?:the |my )?(?:final |correct |best )?(?:answer|verdict|option|choice)(?: is)? ?:? ?)/;
/** Where a word by itself ends. A point followed by a digit is part of a number. */
const END = /^(?: ?$|[,:—–](?!\d)|[;!\n)\]]|\.(?!\d)| [-—–(] ?(?!\d))/;

function leads(text: string, word: string): boolean {
  const bare = text.replace(LEAD, '');
  return bare.startsWith(word) && END.test(bare.slice(word.length));
}

/** Whether the word is said by itself: not as part of a word, and not before what it would be said of ("no obstacle"). */
function standsIn(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    const isStart = at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1]!);
    const rest = text.slice(at + word.length, at + word.length + 3);
    // "no" is said of things all the time; of any other word each mention counts.
    if (isStart && (word === 'no' ? END.test(rest) : !/^[\p{L}\p{N}]/u.test(rest))) return true;
  }
  return false;
}

/** Options by their letters, with their texts where these were told. */
export type Options = Readonly<Record<string, string | undefined>>;

/**
 * The letter of the option that the answer names: "B", "(B)", "B) Impossible", "The correct option is (B)", or the option's text.
 * More than one of them, or a letter that was not offered, is no answer.
 */
export function readOption(spoken: Reading<Spoken>, options: Options): Reading<string> {
  if (!spoken.ok) return unread(spoken.problem, spoken.flags);
  const { flags, value } = spoken;
  if (flags.truncated || flags.looped || flags.suspect)
    return unread(problem(`expected a whole answer, got ${quote(value.answer)}`), flags);
  const text = value.answer.replace(/[*_`]/g, '').trim();
  const named = new Set(lettersIn(text));
  for (const [letter, words] of Object.entries(options))
    if (words && plain(words) === plain(text).replace(/\.$/, '')) named.add(letter);
  const [letter] = named;
  if (named.size === 1 && Object.hasOwn(options, letter!)) return read(letter!, flags);
  const offered = Object.keys(options).join(', ');
  return unread(problem(`expected one of ${offered}, got ${named.size > 1 ? 'several: ' : ''}${quote(text)}`), flags);
}

function lettersIn(text: string): string[] {
  const alone = /^\(?([A-Za-z])[).]?$/.exec(text)?.[1];
  if (alone) return [alone.toUpperCase()];
  const leading = /^([A-Z])(?:[).:,]|\n)/.exec(text)?.[1];
  const inBrackets = [...text.matchAll(/\(([A-Z])\)/g)].map(([, letter]) => letter!);
  const called = [...text.matchAll(/\b(?:answer|option|choice)(?: is)?:? ([A-Z])(?![\w'’])/gi)].map(
    ([, letter]) => letter!,
  );
  const capitals = called.filter((letter) => letter === letter.toUpperCase());
  return [...(leading ? [leading] : []), ...inBrackets, ...capitals];
}
