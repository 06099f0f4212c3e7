/**
 * Reads from a text, an icon's name or a sign which deed it stands for. Pure; knows nothing of elements or actions.
 * The text comes from a page: what hides letters (format characters, letters of two scripts in one word, spaced letters) is undone or
 * told as deceit, never skipped.
 */
import { DEED_ICONS, DEED_SIGNS, DEED_WORDS, type Deed, DISMISSALS, HARMLESS, MESSAGE_FIELDS } from './deed-words.ts';

/** A deed, and what said so. */
export interface FoundDeed {
  readonly deed: Deed;
  readonly said: string;
}

/** Words of a text, all in one form: no case, no accents, no format characters; `s p a c e d` letters are one word. */
export const wordsIn = (text: string): readonly string[] =>
  plain(text)
    .replace(/(?<![\p{L}\p{N}])(\p{L}[\s._*·-]+){2,}\p{L}(?![\p{L}\p{N}])/gu, (spaced) =>
      spaced.replace(/[^\p{L}]/gu, ''),
    )
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');

const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}]/gu, '')
    .replaceAll('ß', 'ss')
    .replaceAll('ı', 'i');

/** One line of words, with a space around each, so that whole words are found by `includes`. */
const lineOf = (text: string): string => ` ${wordsIn(text).join(' ')} `;

/** Scripts that put no spaces between words, or hang endings on them: their phrases are looked for within words too. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Hebrew}\p{Script=Arabic}]/u;

/** What may stand within a word loses the spaces around it. */
const tight = (line: string): string => (UNSPACED.test(line.normalize('NFC')) ? line.trim() : line);

interface Phrase {
  readonly deed: Deed;
  /** As `lineOf` writes it; without the spaces where it may stand within a word. */
  readonly line: string;
  readonly isWhole: boolean;
}

const listOf = (entries: string): readonly string[] => entries.split(',').map((entry) => entry.trim());
const linesOf = (entries: string): readonly string[] => listOf(entries).map(lineOf);
const phrasesOf = (deed: Deed, entries: string): readonly Phrase[] =>
  listOf(entries).map((entry) => ({ deed, line: tight(lineOf(entry)), isWhole: entry.startsWith('=') }));

const PHRASES = Object.entries(DEED_WORDS).flatMap(([deed, byLanguage]) =>
  Object.values(byLanguage).flatMap((entries) => phrasesOf(deed as Deed, entries)),
);
/** Those of whole words by their first one, so that a text is looked up by its own words; the others are tried one by one. */
const SPACED = new Map<string, Phrase[]>();
const WITHIN: Phrase[] = [];
for (const phrase of PHRASES) {
  const first = wordsIn(phrase.line)[0]!;
  if (!phrase.line.startsWith(' ')) WITHIN.push(phrase);
  else SPACED.set(first, [...(SPACED.get(first) ?? []), phrase]);
}
const ICONS = Object.entries(DEED_ICONS).flatMap(([deed, entries]) => phrasesOf(deed as Deed, entries));
const SIGNS = Object.entries(DEED_SIGNS) as [string, Deed][];
const HARMLESS_LINES = linesOf(HARMLESS);
const DISMISSAL_TEXTS: ReadonlySet<string> = new Set(listOf(DISMISSALS).map(faceOf));
const MESSAGE_LINES = linesOf(MESSAGE_FIELDS).map(tight);

/** What stands there, signs included: for comparing whole faces. */
function faceOf(text: string): string {
  return lineOf(text).trim() || text.trim();
}

/** The deed that a text speaks of, anywhere in it. `isFace`: it is all that stands on something, so that one ambiguous word is enough. */
export function deedIn(text: string, isFace = true): FoundDeed | undefined {
  const line = HARMLESS_LINES.reduce((left, harmless) => left.replaceAll(harmless, ' '), lineOf(text));
  const likely = line.split(' ').flatMap((word) => SPACED.get(word) ?? []);
  const possible = UNSPACED.test(line.normalize('NFC')) ? [...likely, ...WITHIN] : likely;
  const phrase = possible.find((one) =>
    one.isWhole ? isFace && line.trim() === one.line.trim() : line.includes(one.line),
  );
  if (phrase) return { deed: phrase.deed, said: phrase.line.trim().normalize('NFC') };
  const sign = SIGNS.find(([drawn]) => text.includes(drawn));
  return sign && { deed: sign[1], said: sign[0] };
}

/** The deed of an icon by its identifiers, classes and file names: `fa-trash-alt`, `IconPaperPlane`. */
export function deedOfIcon(markup: string): FoundDeed | undefined {
  const line = lineOf(markup.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2'));
  const icon = ICONS.find((one) => line.includes(one.line));
  return icon && { deed: icon.deed, said: icon.line.trim() };
}

/** Whether all that stands there says no, or goes back. */
export const isDismissal = (text: string): boolean => DISMISSAL_TEXTS.has(faceOf(text));

/** Whether a field of this name is for a message to others. */
export function isMessageField(name: string): boolean {
  const line = lineOf(name);
  return MESSAGE_LINES.some((one) => line.includes(one));
}

/** A word of letters of two scripts that look alike, such as `dеlete` with a Cyrillic letter in it: made to be read wrongly. */
export function disguisedWordIn(text: string): string | undefined {
  return text
    .normalize('NFKC')
    .match(/[\p{L}\p{M}]+/gu)
    ?.find((word) => /\p{Script=Latin}/u.test(word) && /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(word));
}
